// utf8.h: what is valid UTF-8 (RFC 3629: no overlong forms, no surrogates,
// nothing above U+10FFFF).
#ifndef UTF8_H
#define UTF8_H

#include "bytes.h"

// The size of the sequence that the bytes, at least one, begin with; 0 if it is
// not valid.
size_t utf8_size(struct bytes bytes);

bool utf8_valid(struct bytes bytes);

#endif
