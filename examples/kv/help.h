// help.h: kv's commands, and what it tells about them.
#ifndef HELP_H
#define HELP_H

#include "tool/command.h"
#include "tool/output.h"

// Those that work on what wasi:keyvalue gives.
static const struct command_tool kv_tool = {"kv", (1 << (COMMAND_IMPORT + 1)) - 1};

// Prints the help on one command, or on all of them for COMMAND_HELP.
void help_print(enum command_verb verb, struct output *output);

#endif
