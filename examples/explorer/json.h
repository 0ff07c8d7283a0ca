// json.h: JSON for people to read.
#ifndef JSON_H
#define JSON_H

#include "html.h"

enum { json_depth_max = 512 };

// True if `text` is one JSON object or array (RFC 8259), no deeper than that.
bool json_valid(struct bytes text);

// Prints what json_valid said yes to on lines of its own, indented, with a <span> around
// each name, string, number and word. Strings and numbers stay as they are written.
void json_print(struct page *page, struct bytes text);

#endif
