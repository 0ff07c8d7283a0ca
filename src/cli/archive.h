// archive.h: a bucket as one stream of bytes, or all buckets, as `kv export` writes
// it and `kv import` reads it. docs/export.md tells what it looks like.
//
// Both ends are told what to do piece by piece and do no input or output of their
// own, but for the writer's `output`. The format has one form for given keys and
// values: what the reader takes, the writer gives back byte for byte.
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "core/buffer.h"
#include "output.h"

#define ARCHIVE_FIRST_LINE "kv-export 1"
#define ARCHIVE_FIRST_LINE_OF_ALL "kv-export 2"

enum {
    archive_crc_digits = 8,
    archive_line_bytes_max = 64,    // over the longest line that the format has
    archive_size_max = INT32_MAX,   // of a key and its value together
    archive_step_bytes = 64 * 1024, // room is made for this much before it is there
};

// CRC-32 as in zlib, gzip and PNG, over bytes that follow those of `crc`, 0 being
// none.
uint32_t archive_crc(uint32_t crc, struct bytes bytes);

// ---- Writing: begin, each key, end; of all buckets, each bucket before its keys ----

struct archive_writer {
    struct output *output;
    uint32_t crc;  // of all that was written
    uint64_t keys; // that were written
};

void archive_begin(struct archive_writer *writer, struct output *output);
void archive_begin_all(struct archive_writer *writer, struct output *output);
void archive_bucket(struct archive_writer *writer, struct bytes bucket);
void archive_add(struct archive_writer *writer, struct bytes key, struct bytes value);
void archive_end(struct archive_writer *writer);

// ---- Reading ----

enum archive_event {
    ARCHIVE_HUNGRY,    // the input is used up
    ARCHIVE_BEGUN,     // the first line is right
    ARCHIVE_BUCKET,    // with `takes_all`: what comes is of the bucket that archive_key names
    ARCHIVE_KEY,       // a key with its value, whole and checked: archive_key, archive_value
    ARCHIVE_ENDED,     // the end, and all that it says of the stream is right
    ARCHIVE_WRONG,     // `wrong` says what, for good
    ARCHIVE_NO_MEMORY, // for the key or value at hand, for good
};

// All zero is one that has read nothing, and wants an export of one bucket. It keeps room for the
// largest key and value so far, and none on the word of a size alone: room grows with the bytes
// that are there, to no more than twice as many and a step.
struct archive_reader {
    int state;
    bool takes_all; // set by the caller: what is wanted is an export of all buckets
    bool in_bucket; // one of them was named
    bool is_bucket; // what is read is a bucket's name
    uint8_t line[archive_line_bytes_max];
    size_t line_size;
    size_t key_size;
    size_t value_size;
    struct buffer body; // key, line break, value, line break, so far; or a bucket's name
    size_t room;        // for it
    uint32_t crc;       // of all that was read
    uint64_t keys;      // that were read
    uint64_t at;        // bytes that were read
    const char *wrong;  // a static string
};

// Takes bytes off the front of `input` up to the next event. Behind ARCHIVE_ENDED
// any byte is wrong.
enum archive_event archive_read(struct archive_reader *reader, struct bytes *input);

// Call it where the input ends: ARCHIVE_ENDED if that is right there, else
// ARCHIVE_WRONG.
enum archive_event archive_cut(struct archive_reader *reader);

// The key and value of the last event, until the next call. They are `body`'s.
struct bytes archive_key(const struct archive_reader *reader);
struct bytes archive_value(const struct archive_reader *reader);

void archive_free(struct archive_reader *reader);

#endif
