// help.h: what kv tells about its commands.
#ifndef HELP_H
#define HELP_H

#include "cli/command.h"
#include "cli/output.h"

// Prints the help on one command, or on all of them for COMMAND_HELP.
void help_print(enum command_verb verb, struct output *output);

#endif
