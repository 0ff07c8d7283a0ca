// memory.h: the memory that the host writes to.
//
// The host allocates its results, such as a read's bytes or a name, in our memory
// with cabi_realloc. A landing place, set before the call, makes that allocation
// return the memory where the bytes are wanted, so that they are not copied again.
//
//     memory_land(place, size);
//     ... one call of the host ...
//     memory_landed();
//
// It serves one call, and one list in it. A result that does not fit is allocated,
// and the caller frees it.
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void memory_land(void *place, size_t size);
void memory_landed(void);

// Frees a list or string that the host returned; one of size 0 has no memory.
void memory_free(const void *list, size_t size);

#endif
