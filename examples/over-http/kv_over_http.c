// kv_transfer over HTTP: what its host is there (src/kv/host.h).
#include "kv/host.h"
#include "kv/program.h"
#include "kv/streams_wasi.h"
#include "kv/wasi_cli.h"

#include <stdlib.h>

// Of over_http.c, as that has them.
struct handle {
    int32_t number;
};

void over_http_arguments(struct cli_strings *arguments);
struct handle over_http_input(void);
struct handle over_http_output(void);
bool exports_wasi_cli_run_run(void);

int32_t streams_wasi(enum host_stream stream)
{
    return stream == HOST_IN    ? over_http_input().number
           : stream == HOST_OUT ? over_http_output().number
                                : cli_get_stderr();
}

bool host_is_terminal(enum host_stream stream)
{
    (void)stream;
    return false;
}

bool host_environment(const char *name, struct bytes *value)
{
    (void)name;
    (void)value;
    return false;
}

bool exports_wasi_cli_run_run(void)
{
    struct cli_strings arguments;
    struct bytes words[8];
    size_t count = 0;
    over_http_arguments(&arguments);
    for (size_t i = 1; i < arguments.size && count < sizeof words / sizeof words[0]; i++) {
        words[count++] = (struct bytes){arguments.data[i].data, arguments.data[i].size};
    }
    bool done = program_run(words, count) == COMMAND_DONE;
    for (size_t i = 0; i < arguments.size; i++) {
        free(arguments.data[i].data);
    }
    free(arguments.data);
    return done;
}
