// output.h: results and errors, as text for people and scripts or as JSON.
//
// A front end embeds `struct output` as its first member and fills it in; where
// the bytes go, and what to do when they do not get there, is its own. Each
// command has one print function, or a begin, an item and an end.
//
// Text: where keys or values share lines they are escaped (escape.h). JSON: one
// object on one line; a value that is valid UTF-8 is a string, another one
// {"base64": "..."}, and one that is not there is null. On a terminal a value
// ends with a line break, whether or not it has one.
#ifndef OUTPUT_H
#define OUTPUT_H

#include "core/bytes.h"
#include "core/message.h"

struct output {
    void (*write)(struct output *output, struct bytes bytes);
    void (*flush)(struct output *output); // NULL where nothing is buffered
    bool json;
    bool raw;         // a value alone is printed byte by byte, not for a person to see
    bool terminal;    // a person sees it at once
    bool colour;      // and in colours
    bool failed;      // what is written is lost
    const char *done; // what a change says that has nothing else to say
    const char *name; // goes before an error: the tool's, and ": "
};

// The colours that are in use, by what they are for.
enum print_colour {
    PRINT_PLAIN, // ends the others
    PRINT_DIM,   // about the data, where data are beside it
    PRINT_RED,   // an error
    PRINT_AMBER, // a warning
};

void print_colour(struct output *output, enum print_colour colour);

void print_text(struct output *output, const char *text);
void print_message(struct output *output, const struct message *message);
void print_flush(struct output *output);

// A number without a sign, in at least `width` columns.
void print_unsigned(struct output *output, uint64_t number, size_t width);

// Nanoseconds since 1970 as 2026-11-26T00:40:10Z, in seconds; "-" for 0.
void print_time(struct output *output, uint64_t nanoseconds);

// set, delete and their batches: `done`, or {"ok": true}.
void print_done(struct output *output);

// get: the value, or {"value": ...}. Unless `raw`, a value that is not text (valid
// UTF-8 without control characters but tabs and line breaks) is told by its size
// and its first bytes in hex, and by the count if it may be a counter.
void print_value(struct output *output, bool found, struct bytes value);

// What kind of value it is, as print_value tells them apart.
bool print_is_text(struct bytes value);

// exists: true or false, or {"exists": ...}.
void print_exists(struct output *output, bool exists);

// increment: the number, or {"value": ...}.
void print_number(struct output *output, int64_t number);

// swap: silence, or {"swapped": true}, or {"swapped": false, "current": ...}
// with what the key has.
void print_swapped(struct output *output);
void print_not_swapped(struct output *output, bool found, struct bytes current);

// list, buckets: a name on each line, or {"keys": [...]} or {"buckets": [...]}.
void print_names_begin(struct output *output, const char *what);
void print_name(struct output *output, bool first, struct bytes name);
void print_names_end(struct output *output);

// list --long: the size, the time and the key on each line, or an object for each.
void print_name_long(struct output *output, bool first, struct bytes name, uint64_t size,
                     uint64_t modified);

// info, stat: NAME: VALUE on each line, or {"name": "value", ...}.
void print_facts_begin(struct output *output);
void print_fact(struct output *output, bool first, const char *name, struct bytes value);
void print_fact_number(struct output *output, bool first, const char *name, int64_t number);
void print_fact_time(struct output *output, bool first, const char *name, uint64_t nanoseconds);
void print_facts_end(struct output *output);

// get-many: KEY, a tab and VALUE on each line, KEY alone where there is none;
// or {"entries": [{"key": ..., "value": ...}, ...]}.
void print_entries_begin(struct output *output);
void print_entry(struct output *output, bool first, struct bytes key, bool found,
                 struct bytes value);
void print_entries_end(struct output *output);

// An error: the message on a line, or {"error": {"kind": ..., "message": ...}}.
void print_error(struct output *output, const char *kind, struct bytes message);

// The errors that every front end words alike.
void print_no_key(struct output *output, struct bytes key, struct bytes bucket);
void print_no_bucket(struct output *output, struct bytes bucket, const char *advice);
void print_denied(struct output *output, struct bytes bucket);

// An error of a bucket, and a key if there is one: BEFORE "KEY" BETWEEN "BUCKET" AFTER.
void print_about(struct output *output, const char *kind, const char *before,
                 const struct bytes *key, const char *between, struct bytes bucket,
                 const char *after);

#endif
