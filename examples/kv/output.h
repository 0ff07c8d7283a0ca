// output.h: results and errors, as text for people and scripts or as JSON.
//
// A front end embeds `struct output` as its first member and sets `write`;
// where the bytes go, and what to do when they do not get there, is its own.
// Each command has one print function, or a begin, an item and an end.
//
// Text: a value alone is printed as it is, byte by byte. Where keys or values
// share lines they are escaped (escape.h). JSON: one object on one line; a value
// that is valid UTF-8 is a string, another one {"base64": "..."}, and one that
// is not there is null.
#ifndef OUTPUT_H
#define OUTPUT_H

#include "bytes.h"

struct output {
    void (*write)(struct output *output, struct bytes bytes);
    bool json;
};

void print_text(struct output *output, const char *text);

// set, delete and their batches: silence, or {"ok": true}.
void print_done(struct output *output);

// get: the value, or {"value": ...}.
void print_value(struct output *output, bool found, struct bytes value);

// exists: true or false, or {"exists": ...}.
void print_exists(struct output *output, bool exists);

// increment: the number, or {"value": ...}.
void print_number(struct output *output, int64_t number);

// swap: silence, or {"swapped": true}, or {"swapped": false, "current": ...}
// with what the key has.
void print_swapped(struct output *output);
void print_not_swapped(struct output *output, bool found, struct bytes current);

// list: a key on each line, or {"keys": [...]}.
void print_keys_begin(struct output *output);
void print_key(struct output *output, bool first, struct bytes key);
void print_keys_end(struct output *output);

// get-many: KEY, a tab and VALUE on each line, KEY alone where there is none;
// or {"entries": [{"key": ..., "value": ...}, ...]}.
void print_entries_begin(struct output *output);
void print_entry(struct output *output, bool first, struct bytes key, bool found,
                 struct bytes value);
void print_entries_end(struct output *output);

// An error: "kv: " and the message, or {"error": {"kind": ..., "message": ...}}.
void print_error(struct output *output, const char *kind, struct bytes message);

#endif
