// wasi_cli.h: what a command imports of wasi:cli and wasi:io, by hand in the
// canonical ABI; wasi/imports.h tells how and why.
#ifndef WASI_CLI_H
#define WASI_CLI_H

#include "wasi/imports.h"

struct cli_string {
    uint8_t *data;
    size_t size;
};

struct cli_strings {
    struct cli_string *data;
    size_t size;
};

struct cli_pairs {
    struct cli_string (*data)[2];
    size_t size;
};

struct cli_optional_handle {
    bool some;
    int32_t handle;
};

// result<_, stream-error> and result<list<u8>, stream-error>.
enum { CLI_LAST_OPERATION_FAILED, CLI_CLOSED };

struct cli_stream_error {
    uint8_t tag;
    int32_t error; // ours to drop, with CLI_LAST_OPERATION_FAILED
};

struct cli_written {
    bool failed;
    struct cli_stream_error error;
};

struct cli_read {
    bool failed;
    union {
        struct cli_string bytes;
        struct cli_stream_error error;
    };
};

IMPORT("wasi:cli/environment@0.2.0", "get-arguments")
void cli_get_arguments(struct cli_strings *arguments);
IMPORT("wasi:cli/environment@0.2.0", "get-environment")
void cli_get_environment(struct cli_pairs *variables);
IMPORT("wasi:cli/exit@0.2.0", "exit-with-code") void cli_exit_with_code(int32_t code);
IMPORT("wasi:cli/stdin@0.2.0", "get-stdin") int32_t cli_get_stdin(void);
IMPORT("wasi:cli/stdout@0.2.0", "get-stdout") int32_t cli_get_stdout(void);
IMPORT("wasi:cli/stderr@0.2.0", "get-stderr") int32_t cli_get_stderr(void);
IMPORT("wasi:cli/terminal-stdin@0.2.0", "get-terminal-stdin")
void cli_get_terminal_stdin(struct cli_optional_handle *terminal);
IMPORT("wasi:cli/terminal-stdout@0.2.0", "get-terminal-stdout")
void cli_get_terminal_stdout(struct cli_optional_handle *terminal);
IMPORT("wasi:cli/terminal-stderr@0.2.0", "get-terminal-stderr")
void cli_get_terminal_stderr(struct cli_optional_handle *terminal);
IMPORT("wasi:cli/terminal-input@0.2.0", "[resource-drop]terminal-input")
void cli_drop_terminal_input(int32_t terminal);
IMPORT("wasi:cli/terminal-output@0.2.0", "[resource-drop]terminal-output")
void cli_drop_terminal_output(int32_t terminal);
IMPORT("wasi:io/streams@0.2.0", "[method]input-stream.blocking-read")
void cli_blocking_read(int32_t stream, uint64_t size, struct cli_read *read);
IMPORT("wasi:io/streams@0.2.0", "[method]output-stream.blocking-write-and-flush")
void cli_blocking_write(int32_t stream, const uint8_t *bytes, size_t size,
                        struct cli_written *written);
IMPORT("wasi:io/error@0.2.0", "[resource-drop]error") void cli_drop_error(int32_t error);

#endif
