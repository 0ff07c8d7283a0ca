// memory.h: the memory that the host writes to.
//
// What a call of the host gives, a read's bytes or a name, it allocates in our
// memory with cabi_realloc. A landing place, set before the call, makes that
// allocation land where the bytes are wanted, so that they are not copied again.
//
//     memory_land(place, size);
//     ... one call of the host ...
//     memory_landed();
//
// It serves one call, and one list in it. What does not fit is allocated, and is
// then the caller's to free.
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void memory_land(void *place, size_t size);
void memory_landed(void);

// Frees a list or string that the host gave: there is none where its size is 0.
void memory_free(const void *list, size_t size);

#endif
