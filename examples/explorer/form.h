// form.h: parses a query (`name=value&name=value`) into fields.
#ifndef FORM_H
#define FORM_H

#include "core/bytes.h"

enum { form_fields_max = 16 };

struct form_field {
    struct bytes name;
    struct bytes value;
};

// The fields point into the text that was parsed.
struct form {
    struct form_field fields[form_fields_max];
    size_t count;
};

// Decodes `text` in place: `+` is a blank, `%` and two hex digits are a byte. False if a
// field is not valid UTF-8, or there are too many fields.
bool form_parse(uint8_t *text, size_t size, struct form *form);

// The first field of that name; NULL if there is none.
const struct bytes *form_get(const struct form *form, const char *name);

// A field's value; empty if there is none.
struct bytes form_value(const struct form *form, const char *name);

#endif
