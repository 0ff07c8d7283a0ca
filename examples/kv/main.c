// kv: the store on the command line, a wasi:cli command that imports
// wasi:keyvalue. This file has what is wasi:cli's: arguments, the standard
// streams, and the exit code. tool/command.h says what is asked for,
// operations.h does it, tool/output.h prints it.
#include "help.h"
#include "operations.h"

#include <stdlib.h>

static enum command_exit run(struct bytes *words, size_t count, struct stream *out,
                             struct stream *err)
{
    char text[512];
    struct message why = {text, sizeof text, 0};
    struct command command;
    bool understood = command_parse(&help_tool, words, count, &command, &why);
    out->output.json = command.json;
    err->output.json = command.json;
    if (!understood) {
        print_error(&err->output, "usage", (struct bytes){(const uint8_t *)text, why.size});
        return COMMAND_FAILED;
    }
    if (command.help) {
        help_print(command.verb, &out->output);
        return COMMAND_DONE;
    }
    return operations_run(&command, out, err);
}

// The arguments behind the program's own name.
static struct bytes *get_words(const kv_list_string_t *arguments, size_t *count)
{
    *count = arguments->len > 0 ? arguments->len - 1 : 0;
    struct bytes *words = calloc(*count + 1, sizeof *words);
    if (words != NULL) {
        for (size_t i = 0; i < *count; i++) {
            words[i] = (struct bytes){arguments->ptr[i + 1].ptr, arguments->ptr[i + 1].len};
        }
    }
    return words;
}

static enum command_exit run_on_streams(const kv_list_string_t *arguments)
{
    static struct stream out; // static for the buffers' sake: the stack is small
    static struct stream err;
    stream_open(&out, wasi_cli_stdout_get_stdout(), help_in_front);
    stream_open(&err, wasi_cli_stderr_get_stderr(), help_in_front);
    size_t count;
    struct bytes *words = get_words(arguments, &count);
    enum command_exit code = COMMAND_FAILED;
    if (words != NULL) {
        code = run(words, count, &out, &err);
        free(words);
    } else {
        print_error(&err.output, "other", BYTES("out of memory"));
    }
    if (!stream_close(&out)) {
        print_error(&err.output, "other", BYTES("standard output cannot be written"));
        code = COMMAND_FAILED;
    }
    // With nowhere left to say so, a failure here stays unsaid.
    (void)stream_close(&err);
    return code;
}

bool exports_wasi_cli_run_run(void)
{
    kv_list_string_t arguments;
    wasi_cli_environment_get_arguments(&arguments);
    enum command_exit code = run_on_streams(&arguments);
    kv_list_string_free(&arguments);
    if (code != COMMAND_DONE) {
        wasi_cli_exit_exit_with_code((uint8_t)code); // does not come back
    }
    return code == COMMAND_DONE;
}
