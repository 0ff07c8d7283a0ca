#include "fold.h"

#include "core/utf8.h"

#include <stdlib.h>

struct folding {
    uint32_t code;
    const char *becomes;
};

static const struct folding table[] = {
#include "fold_table.inc"
};

static int compare(const void *key, const void *element)
{
    uint32_t code = *(const uint32_t *)key;
    uint32_t other = ((const struct folding *)element)->code;
    return (code > other) - (code < other);
}

// What the UTF-8 sequence becomes.
static struct bytes fold_sequence(struct bytes sequence)
{
    uint32_t code = sequence.data[0] & (0xFFu >> (sequence.size + 1));
    for (size_t i = 1; i < sequence.size; i++) {
        code = code << 6 | (sequence.data[i] & 0x3Fu);
    }
    const struct folding *found =
        bsearch(&code, table, sizeof table / sizeof table[0], sizeof table[0], compare);
    return found == NULL ? sequence
                         : (struct bytes){(const uint8_t *)found->becomes, strlen(found->becomes)};
}

static bool is_device(struct bytes name)
{
    static const char *const devices[] = {"con",    "prn",    "aux",    "nul",
                                          "clock$", "conin$", "conout$"};
    const uint8_t *dot = memchr(name.data, '.', name.size);
    name.size = dot != NULL ? (size_t)(dot - name.data) : name.size;
    while (name.size > 0 && name.data[name.size - 1] == ' ') {
        name.size--;
    }
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        if (bytes_equal(name, (struct bytes){(const uint8_t *)devices[i], strlen(devices[i])})) {
            return true;
        }
    }
    return name.size == 4 && name.data[3] >= '0' && name.data[3] <= '9' &&
           (memcmp(name.data, "com", 3) == 0 || memcmp(name.data, "lpt", 3) == 0);
}

enum status fold_name(struct bytes name, uint8_t *folded, size_t room, size_t *size)
{
    *size = 0;
    for (size_t at = 0; at < name.size;) {
        struct bytes rest = {name.data + at, name.size - at};
        struct bytes one = {rest.data, utf8_size(rest)};
        if (one.size == 0 || one.data[0] < ' ' ||
            (one.size == 1 && strchr("\"*:<>?\\|", one.data[0]) != NULL)) {
            return STATUS_BAD_NAME;
        }
        at += one.size;
        uint8_t small = one.data[0];
        if (one.size > 1) {
            one = fold_sequence(one);
        } else if (small >= 'A' && small <= 'Z') {
            small = (uint8_t)(small - 'A' + 'a');
            one.data = &small;
        }
        if (*size + one.size > room) {
            return STATUS_BAD_NAME;
        }
        memcpy(folded + *size, one.data, one.size);
        *size += one.size;
    }
    while (*size > 0 && (folded[*size - 1] == '.' || folded[*size - 1] == ' ')) {
        --*size;
    }
    return *size == 0 || is_device((struct bytes){folded, *size}) ? STATUS_BAD_NAME : STATUS_OK;
}

// Divides a file's name at its last dot.
static void divide(struct bytes name, struct bytes *base, struct bytes *type)
{
    size_t at = name.size;
    while (at > 0 && name.data[at - 1] != '.') {
        at--;
    }
    *base = (struct bytes){name.data, at > 0 ? at - 1 : name.size};
    *type = (struct bytes){name.data + at, at > 0 ? name.size - at : 0};
}

bool fold_is_short_name(struct bytes name, struct bytes file)
{
    struct bytes base, type, file_base, file_type;
    divide(name, &base, &type);
    divide(file, &file_base, &file_type);
    if (base.size < 3 || base.data[base.size - 2] != '~') {
        return false;
    }
    uint8_t start[6];
    size_t size = 0;
    bool fits = file_base.size <= 8 && file_type.size <= 3;
    for (size_t i = 0; i < file_base.size; i++) {
        uint8_t byte = file_base.data[i];
        if (byte == ' ' || byte == '.') {
            fits = false;
        } else if (size < sizeof start) {
            start[size++] = strchr("+,;=[]", byte) != NULL || byte > 0x7F ? '_' : byte;
        }
    }
    file_type.size = file_type.size < 3 ? file_type.size : 3;
    return !fits &&
           bytes_equal((struct bytes){start, size}, (struct bytes){base.data, base.size - 2}) &&
           bytes_equal(type, file_type);
}
