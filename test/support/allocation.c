#include "allocation.h"

#include <stdlib.h>

static unsigned left; // allocations until the one that fails; 0: none does
static bool failed;

void allocation_fail_at(unsigned n)
{
    left = n;
    failed = false;
}

bool allocation_failed(void)
{
    return failed;
}

static bool fails(void)
{
    if (left == 0 || --left > 0) {
        return false;
    }
    failed = true;
    return true;
}

void *test_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

void *test_calloc(size_t count, size_t size)
{
    return fails() ? NULL : calloc(count, size);
}
