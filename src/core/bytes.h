// bytes.h: a borrowed run of bytes. Nothing in the core relies on a NUL.
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    const uint8_t *data; // may be NULL where size is 0
    size_t size;
};

// Wraps a string literal (not a pointer).
#define BYTES(literal) ((struct bytes){(const uint8_t *)(literal), sizeof(literal) - 1})

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

// Where the first such byte is; `size` if there is none. (memchr is faster, and
// costs the component ten times the code.)
static inline size_t bytes_find(struct bytes bytes, uint8_t byte)
{
    size_t at = 0;
    while (at < bytes.size && bytes.data[at] != byte) {
        at++;
    }
    return at;
}

#endif
