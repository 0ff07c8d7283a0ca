// kind.h: what a value looks like, to choose how to show it. wasi:keyvalue stores bytes
// without types, so this is a guess from the bytes.
#ifndef KIND_H
#define KIND_H

#include "core/bytes.h"

struct kind {
    bool text;           // UTF-8 without control characters other than tabs and line breaks
    bool returns;        // each of its line breaks is CR LF
    bool editable;       // a browser's text field returns it byte for byte
    bool json;           // an object or an array
    bool counter;        // 8 bytes that are not text, as increment writes them
    bool decimal;        // text that increment takes: digits, and at most one line end
    uint64_t count;      // of a counter
    const char *picture; // its media type; NULL if it is not a picture
};

void kind_tell(struct bytes value, struct kind *kind);

// A hash of a value, to see later whether it has changed (64-bit FNV-1a).
uint64_t kind_hash(struct bytes value);

#endif
