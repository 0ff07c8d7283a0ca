// heap.h: allocates memory in a region that grows at its end.
//
// Small, since it is part of what is downloaded, and exact up to the last byte of
// a 32-bit memory, where the C library's hands out what is not there, or aborts.
//
// A block has a header with its size and its neighbour below; what is freed joins
// its free neighbours. Free blocks are kept in bins, one for each power of two.
#ifndef HEAP_H
#define HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    heap_bins = 8 * sizeof(size_t),
};

struct heap {
    // Makes the region longer by at least so many bytes. How many it gave, or 0.
    size_t (*more)(struct heap *heap, size_t bytes);
    struct block *end; // the header behind the last block
    struct block *bins[heap_bins];
};

enum {
    heap_start_bytes_min = 16 * sizeof(void *),
};

// Begins with the region of `size` bytes at `place`, heap_start_bytes_min at the
// least; a few are lost to alignment. `more` has been set, all else is zero.
void heap_start(struct heap *heap, void *place, size_t size);

// NULL for want of memory. Aligned for every type.
void *heap_allocate(struct heap *heap, size_t size);

// Gives a block back; NULL is none.
void heap_free(struct heap *heap, void *allocated);

// The bytes that an allocation has room for, at least what was asked for.
size_t heap_room(const void *allocated);

#endif
