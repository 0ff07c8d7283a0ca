// malloc.c: the C library's allocation, on a heap that takes all memory there is.
// In the component it takes the place of the library's own.
#include "heap.h"

#include <stdlib.h>
#include <string.h>

enum {
    page_bytes = 64 * 1024,
    // One page less than there can be: no address of ours is beyond 2^32 - 1.
    pages_max = 65535,
};

extern uint8_t __heap_base; // by the linker: what is before it is stack and static data

static size_t more(struct heap *heap, size_t bytes)
{
    (void)heap;
    size_t pages = bytes / page_bytes + (bytes % page_bytes != 0);
    size_t before = __builtin_wasm_memory_size(0);
    if (pages > pages_max - before || __builtin_wasm_memory_grow(0, pages) != before) {
        return 0;
    }
    return pages * page_bytes;
}

static struct heap heap = {.more = more};

// Not malloc itself for calloc: the compiler would make a call of calloc of it.
static void *allocate(size_t size)
{
    if (heap.end == NULL) {
        uint8_t *base = &__heap_base;
        size_t left = __builtin_wasm_memory_size(0) * page_bytes - (uintptr_t)base;
        if (left < heap_start_bytes_min) {
            left += more(&heap, heap_start_bytes_min);
        }
        if (left < heap_start_bytes_min) {
            return NULL;
        }
        heap_start(&heap, base, left);
    }
    return heap_allocate(&heap, size);
}

void *malloc(size_t size)
{
    return allocate(size);
}

void *calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        return NULL;
    }
    void *made = allocate(bytes);
    return made != NULL ? memset(made, 0, bytes) : NULL;
}

// The library's own would look for its own bookkeeping before the block.
void *realloc(void *old, size_t size)
{
    void *made = allocate(size);
    if (made != NULL && old != NULL) {
        size_t room = heap_room(old);
        memcpy(made, old, room < size ? room : size);
        heap_free(&heap, old);
    }
    return made;
}

void free(void *allocated)
{
    heap_free(&heap, allocated);
}
