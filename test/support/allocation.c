#include "allocation.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// Stands before each block, as large as the strictest alignment asks.
struct allocation {
    _Alignas(max_align_t) struct allocation *next;
    struct allocation *previous;
    struct allocation_owner *owner;
};

static struct allocation_owner *current;

void allocation_switch(struct allocation_owner *owner)
{
    current = owner;
}

void allocation_fail_at(unsigned n)
{
    current->made = 0;
    current->fail_at = n;
    current->failed = false;
}

bool allocation_failed(void)
{
    return current->failed;
}

void *allocation_malloc(size_t size)
{
    current->made++;
    if (current->made == current->fail_at || (current->failed && current->fail_for_good)) {
        current->failed = true;
        return NULL;
    }
    struct allocation *made = malloc(sizeof *made + size);
    if (made == NULL) {
        abort();
    }
    *made = (struct allocation){current->first, NULL, current};
    if (made->next != NULL) {
        made->next->previous = made;
    }
    current->first = made;
    current->blocks++;
    return made + 1;
}

void *allocation_calloc(size_t count, size_t size)
{
    assert(size == 0 || count <= SIZE_MAX / size);
    void *block = allocation_malloc(count * size);
    return block != NULL ? memset(block, 0, count * size) : NULL;
}

void allocation_free(void *block)
{
    if (block == NULL) {
        return;
    }
    struct allocation *freed = (struct allocation *)block - 1;
    struct allocation_owner *owner = freed->owner;
    assert(owner != NULL && "freed once");
    *(freed->previous != NULL ? &freed->previous->next : &owner->first) = freed->next;
    if (freed->next != NULL) {
        freed->next->previous = freed->previous;
    }
    owner->blocks--;
    freed->owner = NULL;
    free(freed);
}

void allocation_drop(struct allocation_owner *owner)
{
    while (owner->first != NULL) {
        allocation_free(owner->first + 1);
    }
}
