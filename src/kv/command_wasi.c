// The streams and the environment of a command; store_wasi.c has kv's store.
#include "host.h"
#include "streams_wasi.h"
#include "wasi_cli.h"

// The handles are the instance's to the end.
int32_t streams_wasi(enum host_stream stream)
{
    static int32_t handles[HOST_ERR + 1];
    static bool open[HOST_ERR + 1];
    if (!open[stream]) {
        open[stream] = true;
        handles[stream] = stream == HOST_IN    ? cli_get_stdin()
                          : stream == HOST_OUT ? cli_get_stdout()
                                               : cli_get_stderr();
    }
    return handles[stream];
}

bool host_is_terminal(enum host_stream stream)
{
    struct cli_optional_handle terminal;
    if (stream == HOST_IN) {
        cli_get_terminal_stdin(&terminal);
    } else if (stream == HOST_OUT) {
        cli_get_terminal_stdout(&terminal);
    } else {
        cli_get_terminal_stderr(&terminal);
    }
    if (terminal.some && stream == HOST_IN) {
        cli_drop_terminal_input(terminal.handle);
    } else if (terminal.some) {
        cli_drop_terminal_output(terminal.handle);
    }
    return terminal.some;
}

// ---- The environment ----

bool host_environment(const char *name, struct bytes *value)
{
    static struct cli_pairs variables;
    static bool read;
    if (!read) {
        read = true;
        cli_get_environment(&variables);
    }
    for (size_t i = 0; i < variables.size; i++) {
        const struct cli_string *variable = variables.data[i];
        if (variable[0].size == strlen(name) &&
            memcmp(variable[0].data, name, variable[0].size) == 0 && variable[1].size > 0) {
            *value = (struct bytes){variable[1].data, variable[1].size};
            return true;
        }
    }
    return false;
}
