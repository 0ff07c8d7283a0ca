#include "name.h"

#include "hex.h"
#include "utf8.h"

// The bytes that are escaped wherever they stand, '.' aside.
static bool always_escaped(uint8_t byte)
{
    return byte == '/' || byte == '\\' || byte == '\0';
}

// How many bytes from `at` on stand for themselves in names and file names,
// whatever is around them, a leading '.' aside. Most names are one such run.
static size_t plain_bytes(struct bytes text, size_t at)
{
    size_t end = at;
    while (end < text.size && text.data[end] != '%' && !always_escaped(text.data[end])) {
        end++;
    }
    return end - at;
}

// True if `text` begins, at `at`, with an escape that name_encode would write
// there; `byte` is what it stands for.
static bool escape_at(struct bytes text, size_t at, uint8_t *byte)
{
    if (text.size - at < 3 || text.data[at] != '%') {
        return false;
    }
    unsigned high = hex_value(text.data[at + 1]);
    unsigned low = hex_value(text.data[at + 2]);
    if (high > 15 || low > 15) {
        return false;
    }
    uint8_t value = (uint8_t)(high << 4 | low);
    if (!always_escaped(value) && value != '%' && !(value == '.' && at == 0)) {
        return false;
    }
    *byte = value;
    return true;
}

static bool escaped_at(struct bytes name, size_t at)
{
    uint8_t byte = name.data[at];
    if (byte == '%') {
        // What follows is read as it stands in `name`: where that is escaped
        // in the file name it begins with '%', which is no hex digit.
        uint8_t ignored;
        return name.size == 1 || escape_at(name, at, &ignored);
    }
    return always_escaped(byte) || (byte == '.' && at == 0);
}

size_t name_encoded_size(struct bytes name)
{
    size_t size = name.size == 0 ? 1 : 0;
    for (size_t at = 0; at < name.size; at++) {
        size += escaped_at(name, at) ? 3 : 1;
    }
    return size;
}

enum status name_encode(struct bytes name, uint8_t *file, size_t *file_size)
{
    if (name.size == 0) {
        file[0] = '%';
        *file_size = 1;
        return STATUS_OK;
    }
    size_t size = 0;
    for (size_t at = 0; at < name.size;) {
        bool escaped = escaped_at(name, at);
        size_t run = escaped ? 1 : 1 + plain_bytes(name, at + 1);
        if (run > name_bytes_max || size + (escaped ? 3 : run) > name_bytes_max) {
            return STATUS_NAME_TOO_LONG;
        }
        if (escaped) {
            file[size++] = '%';
            file[size++] = hex_digit(name.data[at] >> 4);
            file[size++] = hex_digit(name.data[at] & 15);
        } else {
            memcpy(file + size, name.data + at, run);
            size += run;
        }
        at += run;
    }
    *file_size = size;
    return STATUS_OK;
}

bool name_decode(struct bytes file, uint8_t *name, size_t *name_size)
{
    if (file.size == 0 || file.size > name_bytes_max || file.data[0] == '.' || !utf8_valid(file)) {
        return false;
    }
    if (plain_bytes(file, 0) == file.size) {
        memcpy(name, file.data, file.size);
        *name_size = file.size;
        return true;
    }
    if (bytes_equal(file, BYTES("%"))) {
        *name_size = 0;
        return true;
    }
    size_t size = 0;
    for (size_t at = 0; at < file.size; size++) {
        uint8_t byte = file.data[at];
        at += escape_at(file, at, &byte) ? 3 : 1;
        name[size] = byte;
    }
    uint8_t again[name_bytes_max];
    size_t again_size;
    if (name_encode((struct bytes){name, size}, again, &again_size) != STATUS_OK ||
        !bytes_equal(file, (struct bytes){again, again_size})) {
        return false;
    }
    *name_size = size;
    return true;
}
