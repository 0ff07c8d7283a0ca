// allocation.h: the core's malloc in the simulator, by way of -Dmalloc=... .
//
// Counts what each writer holds, so that a byte lost is seen without a process
// ending; frees what a crashed writer held; and fails the nth allocation.
#ifndef ALLOCATION_H
#define ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

void *allocation_malloc(size_t size);
void *allocation_calloc(size_t count, size_t size);
void allocation_free(void *block);

struct allocation_owner {
    struct allocation *first; // what it holds
    unsigned blocks;          // how many
    unsigned made;            // since the start
    unsigned fail_at;         // the nth allocation fails, from 1; 0: none does
    bool fail_for_good;       // and every later one
    bool failed;              // one did
};

// Whose the allocations from here on are; must not be NULL when the core runs.
void allocation_switch(struct allocation_owner *owner);

// Frees all that an owner holds.
void allocation_drop(struct allocation_owner *owner);

#endif
