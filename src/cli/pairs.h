// pairs.h: keys and values from lines of text, as get-many prints them.
#ifndef PAIRS_H
#define PAIRS_H

#include "core/buffer.h"
#include "core/message.h"
#include "core/status.h"

struct pair {
    struct bytes key;
    struct bytes value;
};

// Reads a pair from each line of `text`: KEY, a tab, VALUE, escaped as escape.h
// tells; empty lines are left out. The pairs lie in `text`, which is changed and
// must outlive them; the caller frees the array. STATUS_NO_MEMORY, or
// STATUS_BAD_NAME with the reason in `why`.
enum status pairs_read(struct buffer *text, struct pair **pairs, size_t *count,
                       struct message *why);

#endif
