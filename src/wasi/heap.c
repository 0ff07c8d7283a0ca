#include "heap.h"

struct block {
    size_t size;         // in bytes, with the header; the lowest bit says that it is used
    struct block *below; // the neighbour before it; NULL: it is the first
    // The header ends here. Of a free block:
    struct block *next;
    struct block **link; // what points to it
};

_Static_assert(sizeof(size_t) == sizeof(unsigned long), "what __builtin_clzl takes");

enum {
    header = offsetof(struct block, next),
    unit = sizeof(struct block), // of sizes and of the alignment
    used = 1,
};

static struct block *above(struct block *block)
{
    return (struct block *)((uint8_t *)block + (block->size & ~(size_t)used));
}

// The bin of a size: the number of its highest bit.
static unsigned bin_of(size_t size)
{
    return heap_bins - 1 - (unsigned)__builtin_clzl(size);
}

static void unlink_block(struct block *block)
{
    *block->link = block->next;
    if (block->next != NULL) {
        block->next->link = block->link;
    }
}

// Makes a block free, one with its free neighbours.
static void release(struct heap *heap, struct block *block)
{
    block->size &= ~(size_t)used;
    struct block *next = above(block);
    if ((next->size & used) == 0) {
        unlink_block(next);
        block->size += next->size;
    }
    struct block *below = block->below;
    if (below != NULL && (below->size & used) == 0) {
        unlink_block(below);
        below->size += block->size;
        block = below;
    }
    above(block)->below = block;
    block->link = &heap->bins[bin_of(block->size)];
    block->next = *block->link;
    if (block->next != NULL) {
        block->next->link = &block->next;
    }
    *block->link = block;
}

// The region now ends at `size` bytes from `block`, which is the old end.
static void extend(struct heap *heap, struct block *block, size_t size)
{
    struct block *end = (struct block *)((uint8_t *)block + size);
    block->size = size | used;
    end->size = used; // never free, so nothing joins it
    end->below = block;
    heap->end = end;
    release(heap, block);
}

void heap_start(struct heap *heap, void *place, size_t size)
{
    // A header is half a unit, so that what follows it is aligned.
    uintptr_t from = ((uintptr_t)place + header + unit - 1) / unit * unit - header;
    size_t lost = from - (uintptr_t)place + header; // with the header at the end
    struct block *first = (struct block *)((uint8_t *)place + (from - (uintptr_t)place));
    first->below = NULL;
    extend(heap, first, (size - lost) / unit * unit);
}

// A free block of at least this size; NULL if there is none.
static struct block *find(struct heap *heap, size_t size)
{
    for (unsigned bin = bin_of(size); bin < heap_bins; bin++) {
        for (struct block *block = heap->bins[bin]; block != NULL; block = block->next) {
            if (block->size >= size) {
                return block;
            }
        }
    }
    return NULL;
}

static bool grow(struct heap *heap, size_t size)
{
    struct block *last = heap->end->below;
    size_t there = (last->size & used) == 0 ? last->size : 0;
    size_t more = heap->more(heap, size - there);
    if (more != 0) {
        extend(heap, heap->end, more / unit * unit);
    }
    return more != 0;
}

// Takes what is needed of a free block, and leaves the rest free.
static void take(struct heap *heap, struct block *block, size_t size)
{
    unlink_block(block);
    size_t rest = block->size - size;
    if (rest > 0) {
        block->size = size;
        struct block *cut = above(block);
        cut->size = rest | used;
        cut->below = block;
        above(cut)->below = cut;
        block->size |= used; // or the two would join
        release(heap, cut);
    }
    block->size |= used;
}

void *heap_allocate(struct heap *heap, size_t size)
{
    if (size > SIZE_MAX - 2 * unit) {
        return NULL;
    }
    size_t whole = (size + header + unit - 1) / unit * unit;
    struct block *block = find(heap, whole);
    if (block == NULL && grow(heap, whole)) {
        block = find(heap, whole);
    }
    if (block == NULL) {
        return NULL;
    }
    take(heap, block, whole);
    return (uint8_t *)block + header;
}

void heap_free(struct heap *heap, void *allocated)
{
    if (allocated != NULL) {
        release(heap, (struct block *)((uint8_t *)allocated - header));
    }
}

size_t heap_room(const void *allocated)
{
    const struct block *block = (const struct block *)((const uint8_t *)allocated - header);
    return (block->size & ~(size_t)used) - header;
}
