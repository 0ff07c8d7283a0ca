// operations.h: kv's commands, done through wasi:keyvalue.
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "cli/command.h"
#include "streams.h"

// How a command ended, as its exit code.
enum command_exit {
    COMMAND_DONE = 0,
    COMMAND_NOT_FOUND = 1,
    COMMAND_CONFLICT = 2, // swap: the value was not the expected one
    COMMAND_FAILED = 3,   // usage errors included
};

// Does what `command` asks for (not help), prints what comes of it to `out` and
// what a person should know to `err`.
enum command_exit operations_run(const struct command *command, struct stream *out,
                                 struct stream *err);

#endif
