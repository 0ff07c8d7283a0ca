// Every name has at most one file name, decoding gives it back, and no other file
// name decodes to it.
#include "name.h"
#include "fuzz.h"
#include "utf8.h"

#include <stdlib.h>

static void check_file_name(const uint8_t *file, size_t size)
{
    MUST(size > 0 && size <= name_bytes_max && file[0] != '.');
    MUST(memchr(file, '/', size) == NULL && memchr(file, '\\', size) == NULL);
    MUST(memchr(file, '\0', size) == NULL);
}

void fuzz_name(struct bytes input)
{
    // From the heap, so that the sanitizer sees a write beyond the end.
    uint8_t *file = malloc(name_bytes_max);
    uint8_t *name = malloc(name_bytes_max);
    MUST(file != NULL && name != NULL);
    size_t file_size;
    size_t name_size;
    size_t expected = name_encoded_size(input);
    if (name_encode(input, file, &file_size) == STATUS_OK) {
        MUST(file_size == expected);
        check_file_name(file, file_size);
        // A key is a string, so always UTF-8; other bytes are no key on disk either.
        bool decoded = name_decode((struct bytes){file, file_size}, name, &name_size);
        MUST(decoded == utf8_valid(input));
        MUST(!decoded || bytes_equal(input, (struct bytes){name, name_size}));
    } else {
        MUST(expected > name_bytes_max);
    }
    if (name_decode(input, name, &name_size)) {
        MUST(name_encode((struct bytes){name, name_size}, file, &file_size) == STATUS_OK);
        MUST(bytes_equal(input, (struct bytes){file, file_size}));
    }
    free(file);
    free(name);
}
