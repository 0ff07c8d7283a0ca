// kind.h: what a value is, for showing it. wasi:keyvalue keeps bytes and no types,
// so all of this is told from the bytes.
#ifndef KIND_H
#define KIND_H

#include "core/bytes.h"

struct kind {
    bool text;           // UTF-8 without control characters other than tabs and line breaks
    bool returns;        // each of its line breaks is CR LF
    bool editable;       // a browser's text field gives it back byte for byte
    bool json;           // an object or an array
    bool counter;        // 8 bytes that are no text, as increment writes a number
    bool decimal;        // text that increment takes: digits, and at most one line end
    uint64_t count;      // of a counter
    const char *picture; // its media type; NULL where it is none
};

void kind_tell(struct bytes value, struct kind *kind);

// A number for a value, to see whether it is still the same one (FNV-1a of 64 bits).
uint64_t kind_hash(struct bytes value);

#endif
