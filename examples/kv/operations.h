// operations.h: kv's commands, done through wasi:keyvalue.
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "command.h"

// Does what `command` asks for (not help), prints what comes of it to `out` and
// what a person should know to `err`.
enum command_exit operations_run(const struct command *command, struct output *out,
                                 struct output *err);

#endif
