// command.h: what the native sides have in common.
#ifndef COMMAND_H
#define COMMAND_H

#include "cases.h"

// CLOCK_MONOTONIC, in nanoseconds.
uint64_t command_now(void);

// Runs the case that the arguments name, behind the directory that the caller
// has opened, and prints the nanoseconds:
//
//     PROGRAM DIRECTORY CASE SIZE COUNT TURNS
//
// Returns the exit code.
int command_run(const struct side *side, int argument_count, char **arguments);

#endif
