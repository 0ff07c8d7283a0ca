// buffer.h: an owned run of bytes, from malloc.
#ifndef BUFFER_H
#define BUFFER_H

#include "bytes.h"
#include "status.h"

// `data` is never NULL where a value was made, even an empty one.
struct buffer {
    uint8_t *data;
    size_t size;
};

// Copies; STATUS_NO_MEMORY.
enum status buffer_copy(struct bytes bytes, struct buffer *value);

// A larger block with the first `used` bytes of `old`; frees `old`. NULL if there
// is no memory, and `old` is unchanged. It replaces realloc, whose code is larger
// than this whole file's.
void *buffer_grow(void *old, size_t used, size_t size);

// Frees and empties.
void buffer_free(struct buffer *value);

static inline struct bytes buffer_bytes(const struct buffer *value)
{
    return (struct bytes){value->data, value->size};
}

#endif
