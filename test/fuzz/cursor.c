// A cursor's text is read if it is the 16 digits that are written for some number,
// and never else.
#include "core/hex.h"
#include "fuzz.h"

#include <stdlib.h>

void fuzz_cursor(struct bytes input)
{
    uint8_t *digits = malloc(16); // from the heap, for the sanitizer
    MUST(digits != NULL);
    uint64_t value;
    if (hex_read_u64(input.data, input.size, &value)) {
        hex_write_u64(value, digits);
        MUST(bytes_equal(input, (struct bytes){digits, 16}));
    } else {
        size_t good = 0;
        while (good < input.size && memchr("0123456789ABCDEF", input.data[good], 16) != NULL) {
            good++;
        }
        MUST(good < input.size || input.size != 16);
    }
    uint64_t number = fuzz_u64(&input);
    hex_write_u64(number, digits);
    MUST(hex_read_u64(digits, 16, &value) && value == number);
    free(digits);
}
