// progress.h: tells on a terminal how far long work is, on one line.
#ifndef PROGRESS_H
#define PROGRESS_H

#include "output.h"

struct progress {
    const char *verb;      // "exported"
    struct output *output; // NULL where nobody would see it
    uint64_t keys;
    uint64_t bytes;
    bool shown;         // the line is there
    uint64_t next_keys; // when to tell again
    uint64_t next_bytes;
};

// Tells on `output` if that is a terminal, and not with --json.
void progress_begin(struct progress *progress, const char *verb, struct output *output);

// Counts a key that is done.
void progress_step(struct progress *progress, size_t bytes);

// Takes the line back, so that what comes next has it to itself: until there is
// more to tell, or for good.
void progress_hide(struct progress *progress);
void progress_end(struct progress *progress);

// Appends the verb and the number of keys.
void progress_amount(const struct progress *progress, struct message *message);

#endif
