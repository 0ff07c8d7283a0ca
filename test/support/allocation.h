// allocation.h: the core's malloc and calloc in the native tests
// (native.mk puts them in place), of which a test can make one fail.
#ifndef ALLOCATION_H
#define ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

// Lets the `n`th allocation from here on fail, from 1; 0: none.
void allocation_fail_at(unsigned n);

// True if that one was asked for.
bool allocation_failed(void);

void *test_malloc(size_t size);
void *test_calloc(size_t count, size_t size);

#endif
