// program.h: what a writer of a world (world.h) does. The operations of its program
// act on the bucket "b", one after the other, and each is written down in the history.
#ifndef PROGRAM_H
#define PROGRAM_H

#include "world.h"

// Runs a writer's program.
void program_run(struct writer *writer);

// One operation on a bucket that is open.
void program_step(struct writer *writer, struct bucket *bucket, struct step step);

// Counts an operation's error; the world has failed where none is allowed.
void program_note_error(struct writer *writer, enum status status);

// Fails the world where a writer that has closed its store still holds something.
void program_check_released(struct writer *writer);

#endif
