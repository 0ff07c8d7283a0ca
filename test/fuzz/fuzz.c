#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *what)
{
    fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    abort();
}

struct bytes fuzz_take(struct bytes *input, size_t size)
{
    struct bytes taken = {input->data, size < input->size ? size : input->size};
    if (taken.size > 0) {
        input->data += taken.size;
        input->size -= taken.size;
    }
    return taken;
}

uint8_t fuzz_byte(struct bytes *input)
{
    struct bytes taken = fuzz_take(input, 1);
    return taken.size > 0 ? taken.data[0] : 0;
}

uint64_t fuzz_u64(struct bytes *input)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value |= (uint64_t)fuzz_byte(input) << (8 * i);
    }
    return value;
}
