// program.h: a program of the command line: kv, or kv_transfer. main.c has what
// they share: words, streams, help and the exit code.
#ifndef PROGRAM_H
#define PROGRAM_H

#include "cli/session.h"

struct program {
    struct command_tool tool;
    const char *in_front; // of each message: the name
    // Prints the help on one command, or on all of them for COMMAND_HELP.
    void (*help)(enum command_verb verb, struct output *output);
    enum command_exit (*run)(const struct command *command, struct output *out, struct output *err);
};

// The one that is linked.
extern const struct program program;

// Runs the command that the words after the program's name are, and gives its exit
// code. The words are moved about.
int program_run(struct bytes *words, size_t count);

#endif
