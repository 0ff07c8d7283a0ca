// A component's start.
#include "main_wasi.h"

#include "program.h"
#include "wasi_cli.h"

#include <stdlib.h>

int32_t main_wasi(void)
{
    struct cli_strings arguments;
    cli_get_arguments(&arguments);
    size_t count = arguments.size > 0 ? arguments.size - 1 : 0;
    struct bytes *words = calloc(count + 1, sizeof *words);
    int code = COMMAND_FAILED;
    if (words != NULL) {
        for (size_t i = 0; i < count; i++) {
            words[i] = (struct bytes){arguments.data[i + 1].data, arguments.data[i + 1].size};
        }
        code = program_run(words, count);
    }
    // The instance ends here: what it has is not worth being freed.
    if (code != COMMAND_DONE) {
        cli_exit_with_code(code); // does not come back
    }
    return code;
}
