// counter.h: how to read a counter's bytes, and how to add to them.
//
// A counter is 8 bytes, little-endian, or decimal text: an optional '-', digits,
// at most one line end (LF or CR LF). Text stays text and keeps its line end;
// but text of 8 bytes is never written: it loses its line end or gains one, since
// 8 bytes of text are not a counter: they could be a number in either form.
// Pure functions, no I/O, no allocation.
#ifndef COUNTER_H
#define COUNTER_H

#include "bytes.h"
#include "status.h"

enum {
    counter_bytes_max = 64, // longer content is refused, not read
};

enum counter_sign {
    COUNTER_UNSIGNED, // u64, wasi:keyvalue@0.2.0-draft
    COUNTER_SIGNED,   // s64, wasi:keyvalue@0.2.0-draft2
};

enum counter_form {
    COUNTER_BINARY,
    COUNTER_TEXT,
};

struct counter {
    uint8_t bytes[counter_bytes_max]; // the file's new content
    size_t size;
    uint64_t value; // two's complement where signed
};

// Adds `delta` (two's complement where signed) to the counter whose file holds
// `content`. NULL if there is no file: then it counts from 0, in form `made`.
// STATUS_NOT_COUNTER, STATUS_COUNTER_AMBIGUOUS, STATUS_COUNTER_RANGE or
// STATUS_COUNTER_OVERFLOW where it is refused.
enum status counter_add(const struct bytes *content, uint64_t delta, enum counter_sign sign,
                        enum counter_form made, struct counter *counter);

#endif
