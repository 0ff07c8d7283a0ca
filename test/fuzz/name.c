// Every name has at most one file name, plain and portable, decoding gives it back,
// and no other file name decodes to it; a portable one is safe on every disk.
#include "core/name.h"
#include "core/utf8.h"
#include "fuzz.h"

#include <stdlib.h>

static void check_plain(const uint8_t *file, size_t size)
{
    MUST(size > 0 && size <= name_bytes_max && file[0] != '.');
    MUST(memchr(file, '/', size) == NULL && memchr(file, '\\', size) == NULL);
    MUST(memchr(file, '\0', size) == NULL);
}

static void check_portable(const uint8_t *file, size_t size)
{
    check_plain(file, size);
    for (size_t i = 0; i < size; i++) {
        MUST(file[i] >= ' ' && file[i] < 0x7F && !(file[i] >= 'A' && file[i] <= 'Z'));
        MUST(strchr("\"*/:<>?\\|~$", file[i]) == NULL);
    }
    MUST(file[0] != ' ' && file[size - 1] != ' ' && file[size - 1] != '.');
}

static void check_mapping(enum names names, struct bytes input)
{
    // From the heap, so that the sanitizer sees a write beyond the end.
    uint8_t *file = malloc(name_bytes_max);
    uint8_t *name = malloc(name_bytes_max);
    MUST(file != NULL && name != NULL);
    size_t file_size;
    size_t name_size;
    size_t expected = name_encoded_size(names, input);
    if (name_encode(names, input, file, &file_size) == STATUS_OK) {
        MUST(file_size == expected);
        (names == NAMES_PLAIN ? check_plain : check_portable)(file, file_size);
        // A key is a string, so always UTF-8; other bytes are no key on disk either.
        bool decoded = name_decode(names, (struct bytes){file, file_size}, name, &name_size);
        MUST(decoded == utf8_valid(input));
        MUST(!decoded || bytes_equal(input, (struct bytes){name, name_size}));
    } else {
        MUST(expected > name_bytes_max);
    }
    if (name_decode(names, input, name, &name_size)) {
        MUST(utf8_valid((struct bytes){name, name_size}));
        MUST(name_encode(names, (struct bytes){name, name_size}, file, &file_size) == STATUS_OK);
        MUST(bytes_equal(input, (struct bytes){file, file_size}));
    }
    free(file);
    free(name);
}

void fuzz_name(struct bytes input)
{
    check_mapping(NAMES_PLAIN, input);
    check_mapping(NAMES_PORTABLE, input);
}
