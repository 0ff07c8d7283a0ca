// json.h: strings and values as JSON.
#ifndef JSON_H
#define JSON_H

#include "output.h"

// Text that is valid UTF-8, as a string.
void json_string(struct output *output, struct bytes text);

// A value: a string if it is valid UTF-8, else {"base64": "..."}; null if there is none.
void json_value(struct output *output, bool found, struct bytes value);

#endif
