#include "name.h"

#include "hex.h"
#include "utf8.h"

// What stays as it is in portable names, beside letters and digits. Missing are
// what Windows forbids (" * / : < > ? \ |), '~' (user~1 is another name of
// user:123 there), '$' (CONIN$, and what NTFS keeps in its root) and '%'.
static const struct bytes portable_others = {(const uint8_t *)" !#&'()+,-.;=@[]^_`{}", 21};

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

// The bytes that are escaped wherever they stand; a plain '%' is another matter.
static bool plain_escapes(uint8_t byte)
{
    return byte == '/' || byte == '\\' || byte == '\0';
}

static bool portable_escapes(uint8_t byte)
{
    return !(byte >= 'a' && byte <= 'z') && !is_digit(byte) &&
           bytes_find(portable_others, byte) == portable_others.size;
}

static bool always_escaped(enum names names, uint8_t byte)
{
    return names == NAMES_PLAIN ? plain_escapes(byte) : portable_escapes(byte);
}

// A device of Windows, with any suffix after a dot: "con", "nul.txt", "com1 .log".
// Capitals do not occur here, since they are escaped.
static bool is_device(struct bytes name)
{
    static const char devices[][4] = {"con", "prn", "aux", "nul", "com", "lpt"};
    size_t size = bytes_find(name, '.');
    while (size > 0 && name.data[size - 1] == ' ') {
        size--;
    }
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        bool numbered = i >= 4;
        if (size == (numbered ? 4 : 3) && memcmp(name.data, devices[i], 3) == 0) {
            return !numbered || is_digit(name.data[3]);
        }
    }
    return false;
}

// True for a byte that is escaped for being the last one.
static bool escaped_at_end(enum names names, uint8_t byte)
{
    return names == NAMES_PORTABLE && (byte == '.' || byte == ' ');
}

// How many bytes from `at` on stand for themselves in names and file names,
// whatever is around them, the first one aside. Most names are one such run.
static size_t plain_bytes(enum names names, struct bytes text, size_t at)
{
    const uint8_t *data = text.data;
    size_t end = at;
    if (names == NAMES_PLAIN) {
        while (end < text.size && data[end] != '%' && !plain_escapes(data[end])) {
            end++;
        }
        return end - at;
    }
    while (end < text.size && !portable_escapes(data[end])) {
        end++;
    }
    if (end > at && end == text.size && escaped_at_end(names, data[end - 1])) {
        end--;
    }
    return end - at;
}

// True if `text` begins, at `at`, with an escape that name_encode could write
// there; `byte` is what it stands for. Of portable escapes, capital digits are
// taken too: that they are not what name_encode writes is seen later.
static bool escape_at(enum names names, struct bytes text, size_t at, uint8_t *byte)
{
    if (text.size - at < 3 || text.data[at] != '%') {
        return false;
    }
    uint8_t digits[2] = {text.data[at + 1], text.data[at + 2]};
    for (int i = 0; i < 2 && names == NAMES_PORTABLE; i++) {
        digits[i] = digits[i] >= 'a' ? (uint8_t)(digits[i] - 'a' + 'A') : digits[i];
    }
    unsigned high = hex_value(digits[0]);
    unsigned low = hex_value(digits[1]);
    if (high > 15 || low > 15) {
        return false;
    }
    uint8_t value = (uint8_t)(high << 4 | low);
    if (names == NAMES_PLAIN && !always_escaped(names, value) && value != '%' &&
        !(value == '.' && at == 0)) {
        return false;
    }
    *byte = value;
    return true;
}

static bool escaped_at(enum names names, struct bytes name, size_t at)
{
    uint8_t byte = name.data[at];
    if (names == NAMES_PLAIN && byte == '%') {
        // What follows is read as it stands in `name`: where that is escaped
        // in the file name it begins with '%', which is no hex digit.
        uint8_t ignored;
        return name.size == 1 || escape_at(names, name, at, &ignored);
    }
    if (always_escaped(names, byte) || (at + 1 == name.size && escaped_at_end(names, byte))) {
        return true;
    }
    return at == 0 &&
           (byte == '.' || (names == NAMES_PORTABLE && (byte == ' ' || is_device(name))));
}

size_t name_encoded_size(enum names names, struct bytes name)
{
    size_t size = name.size == 0 ? 1 : 0;
    for (size_t at = 0; at < name.size; at++) {
        size += escaped_at(names, name, at) ? 3 : 1;
    }
    return size;
}

// A hex digit as the mapping writes it. The bit makes a capital a small letter
// and is set in a decimal digit.
static uint8_t escape_digit(enum names names, unsigned value)
{
    return (uint8_t)(hex_digit(value) | (names == NAMES_PORTABLE ? 0x20 : 0));
}

enum status name_encode(enum names names, struct bytes name, uint8_t *file, size_t *file_size)
{
    if (name.size == 0) {
        file[0] = '%';
        *file_size = 1;
        return STATUS_OK;
    }
    size_t size = 0;
    for (size_t at = 0; at < name.size;) {
        bool escaped = escaped_at(names, name, at);
        size_t run = escaped ? 1 : 1 + plain_bytes(names, name, at + 1);
        if (run > name_bytes_max || size + (escaped ? 3 : run) > name_bytes_max) {
            return STATUS_NAME_TOO_LONG;
        }
        if (escaped) {
            file[size++] = '%';
            file[size++] = escape_digit(names, name.data[at] >> 4);
            file[size++] = escape_digit(names, name.data[at] & 15);
        } else {
            memcpy(file + size, name.data + at, run);
            size += run;
        }
        at += run;
    }
    *file_size = size;
    return STATUS_OK;
}

bool name_decode(enum names names, struct bytes file, uint8_t *name, size_t *name_size)
{
    if (file.size == 0 || file.size > name_bytes_max || file.data[0] == '.' || !utf8_valid(file)) {
        return false;
    }
    if (plain_bytes(names, file, 0) == file.size &&
        (names == NAMES_PLAIN || !escaped_at(names, file, 0))) {
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
        at += escape_at(names, file, at, &byte) ? 3 : 1;
        name[size] = byte;
    }
    struct bytes decoded = {name, size};
    uint8_t again[name_bytes_max];
    size_t again_size;
    if (!utf8_valid(decoded) || name_encode(names, decoded, again, &again_size) != STATUS_OK ||
        !bytes_equal(file, (struct bytes){again, again_size})) {
        return false;
    }
    *name_size = size;
    return true;
}
