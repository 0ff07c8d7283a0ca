// allocation.h: the core's malloc in the native tests and the simulator, by way of
// -Dmalloc=... (tools/rules.mk).
//
// Counts what its owner holds, a test or a simulated writer, so that a byte lost is
// seen without a process ending; frees what a crashed writer held; and fails the nth
// allocation.
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

// Lets the current owner's `n`th allocation from here on fail, from 1; 0: none.
void allocation_fail_at(unsigned n);

// True if that one was asked for.
bool allocation_failed(void);

// Frees all that an owner holds.
void allocation_drop(struct allocation_owner *owner);

#endif
