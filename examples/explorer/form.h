// form.h: the fields of a query (`?name=value&name=value`), decoded.
#ifndef FORM_H
#define FORM_H

#include "core/bytes.h"

enum { form_fields_max = 16 };

struct form_field {
    struct bytes name;
    struct bytes value;
};

// The fields are slices of the text that was parsed.
struct form {
    struct form_field fields[form_fields_max];
    size_t count;
};

// Decodes `text` in place: `+` is a blank, `%` and two hex digits a byte. False if a
// field is not valid UTF-8 then, or there are too many fields.
bool form_parse(uint8_t *text, size_t size, struct form *form);

// The first field of that name; NULL if there is none.
const struct bytes *form_get(const struct form *form, const char *name);

// A field's value, and nothing where there is none.
struct bytes form_value(const struct form *form, const char *name);

#endif
