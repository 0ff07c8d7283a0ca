// help.h: a component's commands, and what it tells about them. help.c has kv's,
// kv_transfer.c its own.
#ifndef HELP_H
#define HELP_H

#include "cli/command.h"
#include "cli/output.h"

extern const struct command_tool help_tool;
extern const char help_in_front[];          // of each message: the name
extern const char help_on_missing_bucket[]; // what to do, behind what is wrong

// Prints the help on one command, or on all of them for COMMAND_HELP.
void help_print(enum command_verb verb, struct output *output);

#endif
