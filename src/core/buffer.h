// value.h: an owned run of bytes, from malloc.
#ifndef VALUE_H
#define VALUE_H

#include "bytes.h"
#include "status.h"

// `data` is never NULL where a value was made, even an empty one.
struct value {
    uint8_t *data;
    size_t size;
};

// Copies; STATUS_NO_MEMORY.
enum status value_copy(struct bytes bytes, struct value *value);

// A larger place for what `old` has, of which `used` bytes are kept; frees `old`.
// NULL for want of memory, and `old` is as it was. It stands in for realloc,
// whose code is larger than this whole file's.
void *value_moved(void *old, size_t used, size_t size);

// Frees and empties.
void value_free(struct value *value);

static inline struct bytes value_bytes(const struct value *value)
{
    return (struct bytes){value->data, value->size};
}

#endif
