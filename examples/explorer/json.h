// json.h: JSON for people to read.
#ifndef JSON_H
#define JSON_H

#include "html.h"

enum {
    json_depth_max = 512,
    json_indent_max = 40, // levels
};

// True if `text` is a JSON object or array (RFC 8259), nested no deeper than that.
bool json_valid(struct bytes text);

// Prints valid JSON indented, with a <span> around each name, string, number and word.
// Strings and numbers stay exactly as they are written.
void json_print(struct page *page, struct bytes text);

#endif
