#include "form.h"

#include "core/hex.h"
#include "core/utf8.h"

// The value of a hex digit of either case; over 15 if it is none.
static unsigned digit_value(uint8_t digit)
{
    return hex_value(digit >= 'a' && digit <= 'f' ? (uint8_t)(digit - 'a' + 'A') : digit);
}

// Decodes in place; a `%` that does not begin an escape stays.
static struct bytes decode(uint8_t *text, size_t size)
{
    size_t to = 0;
    for (size_t at = 0; at < size; at++, to++) {
        text[to] = text[at] == '+' ? ' ' : text[at];
        if (text[at] == '%' && size - at > 2) {
            unsigned high = digit_value(text[at + 1]);
            unsigned low = digit_value(text[at + 2]);
            if (high < 16 && low < 16) {
                text[to] = (uint8_t)(high << 4 | low);
                at += 2;
            }
        }
    }
    return (struct bytes){text, to};
}

bool form_parse(uint8_t *text, size_t size, struct form *form)
{
    *form = (struct form){.count = 0};
    for (size_t at = 0; at < size;) {
        size_t length = bytes_find((struct bytes){text + at, size - at}, '&');
        size_t name_size = bytes_find((struct bytes){text + at, length}, '=');
        if (length > 0) {
            if (form->count == form_fields_max) {
                return false;
            }
            size_t value_at = name_size < length ? name_size + 1 : length;
            struct form_field *field = &form->fields[form->count++];
            field->name = decode(text + at, name_size);
            field->value = decode(text + at + value_at, length - value_at);
            if (!utf8_valid(field->name) || !utf8_valid(field->value)) {
                return false;
            }
        }
        at += length + 1;
    }
    return true;
}

const struct bytes *form_get(const struct form *form, const char *name)
{
    struct bytes wanted = {(const uint8_t *)name, strlen(name)};
    for (size_t i = 0; i < form->count; i++) {
        if (bytes_equal(form->fields[i].name, wanted)) {
            return &form->fields[i].value;
        }
    }
    return NULL;
}

struct bytes form_value(const struct form *form, const char *name)
{
    const struct bytes *value = form_get(form, name);
    return value != NULL ? *value : BYTES("");
}
