#include "kind.h"

#include "core/utf8.h"
#include "json.h"

// Tells text by UTF-8 and by its control characters.
static void tell_text(struct bytes value, struct kind *kind)
{
    size_t breaks = 0;
    size_t returns = 0; // in front of a line break
    size_t alone = 0;
    kind->text = utf8_valid(value);
    for (size_t i = 0; i < value.size; i++) {
        uint8_t byte = value.data[i];
        if (byte == '\n') {
            breaks++;
        } else if (byte == '\r') {
            bool before_break = i + 1 < value.size && value.data[i + 1] == '\n';
            returns += before_break ? 1 : 0;
            alone += before_break ? 0 : 1;
        } else if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
            kind->text = false;
        }
    }
    kind->returns = returns > 0 && returns == breaks;
    kind->editable = kind->text && alone == 0 && (returns == 0 || returns == breaks);
}

static void tell_number(struct bytes value, struct kind *kind)
{
    size_t digits = 0;
    while (digits < value.size && value.data[digits] >= '0' && value.data[digits] <= '9') {
        digits++;
    }
    struct bytes rest = {value.data + digits, value.size - digits};
    kind->decimal =
        digits > 0 && digits <= 20 &&
        (rest.size == 0 || bytes_equal(rest, BYTES("\n")) || bytes_equal(rest, BYTES("\r\n")));
    kind->counter = value.size == 8 && !kind->text;
    for (size_t i = 8; kind->counter && i > 0; i--) {
        kind->count = kind->count << 8 | value.data[i - 1];
    }
}

static bool begins(struct bytes value, size_t at, struct bytes text)
{
    return value.size >= at + text.size &&
           bytes_equal((struct bytes){value.data + at, text.size}, text);
}

// Only formats that a browser shows without running anything. SVG is not one: it is a
// document that may have scripts.
static const char *tell_picture(struct bytes value)
{
    if (begins(value, 0, BYTES("\x89PNG\r\n\x1A\n"))) {
        return "image/png";
    }
    if (begins(value, 0, BYTES("\xFF\xD8\xFF"))) {
        return "image/jpeg";
    }
    if (begins(value, 0, BYTES("GIF87a")) || begins(value, 0, BYTES("GIF89a"))) {
        return "image/gif";
    }
    if (begins(value, 0, BYTES("RIFF")) && begins(value, 8, BYTES("WEBP"))) {
        return "image/webp";
    }
    if (begins(value, 4, BYTES("ftypavif"))) {
        return "image/avif";
    }
    return NULL;
}

void kind_tell(struct bytes value, struct kind *kind)
{
    *kind = (struct kind){.picture = tell_picture(value)};
    tell_text(value, kind);
    tell_number(value, kind);
    kind->json = kind->text && json_valid(value);
}

uint64_t kind_hash(struct bytes value)
{
    uint64_t hash = 0xCBF29CE484222325;
    for (size_t i = 0; i < value.size; i++) {
        hash = (hash ^ value.data[i]) * 0x100000001B3;
    }
    return hash;
}
