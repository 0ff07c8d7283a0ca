#include "escape.h"

#include "core/hex.h"
#include "core/utf8.h"

static struct bytes after(struct bytes bytes, size_t size)
{
    return (struct bytes){bytes.data + size, bytes.size - size};
}

// Control characters, those of U+0080 to U+009F included: a terminal obeys them.
static bool is_control(struct bytes bytes)
{
    uint8_t byte = bytes.data[0];
    return byte < 0x20 || byte == 0x7F || (byte == 0xC2 && bytes.size > 1 && bytes.data[1] < 0xA0);
}

// How many bytes need no escape, from the first on.
static size_t plain_size(struct bytes bytes)
{
    struct bytes rest = bytes;
    while (rest.size > 0) {
        size_t size = utf8_size(rest);
        if (size == 0 || is_control(rest) || rest.data[0] == '\\') {
            break;
        }
        rest = after(rest, size);
    }
    return bytes.size - rest.size;
}

static void print_escape(struct output *output, uint8_t byte)
{
    switch (byte) {
    case '\\':
        print_text(output, "\\\\");
        return;
    case '\n':
        print_text(output, "\\n");
        return;
    case '\t':
        print_text(output, "\\t");
        return;
    case '\r':
        print_text(output, "\\r");
        return;
    default: {
        uint8_t escape[4] = {'\\', 'x', hex_digit(byte >> 4), hex_digit(byte & 15)};
        output->write(output, (struct bytes){escape, sizeof escape});
    }
    }
}

void escape_print(struct output *output, struct bytes bytes)
{
    while (bytes.size > 0) {
        size_t plain = plain_size(bytes);
        output->write(output, (struct bytes){bytes.data, plain});
        bytes = after(bytes, plain);
        if (bytes.size > 0) {
            print_escape(output, bytes.data[0]);
            bytes = after(bytes, 1);
        }
    }
}

// Reads the escape behind a backslash; gives the bytes it took, 0 if it is none.
static size_t read_escape(struct bytes bytes, uint8_t *byte)
{
    if (bytes.size == 0) {
        return 0;
    }
    switch (bytes.data[0]) {
    case '\\':
        *byte = '\\';
        return 1;
    case 'n':
        *byte = '\n';
        return 1;
    case 't':
        *byte = '\t';
        return 1;
    case 'r':
        *byte = '\r';
        return 1;
    case 'x':
        if (bytes.size >= 3 && hex_value(bytes.data[1]) < 16 && hex_value(bytes.data[2]) < 16) {
            *byte = (uint8_t)(hex_value(bytes.data[1]) << 4 | hex_value(bytes.data[2]));
            return 3;
        }
        return 0;
    default:
        return 0;
    }
}

bool escape_undo(uint8_t *bytes, size_t *size)
{
    size_t kept = 0;
    for (size_t at = 0; at < *size;) {
        if (bytes[at] != '\\') {
            bytes[kept++] = bytes[at++];
            continue;
        }
        size_t taken = read_escape((struct bytes){bytes + at + 1, *size - at - 1}, &bytes[kept]);
        if (taken == 0) {
            return false;
        }
        kept++;
        at += 1 + taken;
    }
    *size = kept;
    return true;
}
