// child.h: a test in a process of its own, so that one that crashes, hangs or leaks
// fails alone.
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>

// Calls `run` in a new process, whose current directory is a fresh one in `parent`, with
// `context` and that directory's name. True if the process ended with 0 within so many
// seconds. What it has left running is killed, and the directory removed.
bool child_passes(const char *parent, unsigned seconds,
                  void (*run)(const void *context, const char *name), const void *context);

#endif
