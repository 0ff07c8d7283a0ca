// transfer.h: buckets as a stream (archive.h), out of a store and into it.
//
// Nothing but list, get and set is called, so any implementation of wasi:keyvalue
// can be at either end: kv has the store itself there (verbs_transfer.c), and
// kv_transfer what its host serves. Memory is bounded by a page of keys and the
// largest value.
//
// Where standard error is a terminal, and not with --json, one line there tells how
// far it is.
#ifndef TRANSFER_H
#define TRANSFER_H

#include "archive.h"
#include "progress.h"

enum {
    transfer_reason_bytes_max = 2048, // of what a store says about a failure
};

// Why a call failed.
struct transfer_error {
    const char *kind;      // "no-such-store", "access-denied" or "other"
    struct message reason; // in words, for "other"
};

// A page of keys, until the next call.
struct transfer_page {
    const struct bytes *keys;
    size_t count;
    bool more;
};

// A bucket that is open. A front end embeds it as its first member. Each call
// returns false where it failed, with the reason in `error`.
struct transfer_end {
    bool (*list)(struct transfer_end *end, struct transfer_page *page,
                 struct transfer_error *error);
    // The value is good until the next call.
    bool (*get)(struct transfer_end *end, struct bytes key, bool *found, struct bytes *value,
                struct transfer_error *error);
    bool (*set)(struct transfer_end *end, struct bytes key, struct bytes value,
                struct transfer_error *error);
};

// ---- Export: begin, each bucket, end ----

struct transfer_export {
    struct output *out;
    struct output *err;
    struct archive_writer writer;
    struct progress progress;
    uint64_t vanished; // keys that were listed and gone when they were read
    uint64_t left_out; // entries that are no keys, where the front end counts them
};

void transfer_export_begin(struct transfer_export *export, struct output *out, struct output *err,
                           bool all);

// Writes a bucket's keys. False if it failed, which was printed.
bool transfer_export_bucket(struct transfer_export *export, struct transfer_end *end);

// Prints that the export is not whole, and why.
void transfer_export_fail(struct transfer_export *export, const struct bytes *key,
                          struct transfer_error *error);

// Writes the end, and tells how many keys there were where somebody wants to know.
void transfer_export_end(struct transfer_export *export);

// ---- Import ----

struct transfer_import {
    struct output *out;
    struct output *err;
    bool all; // what is wanted: an export of all buckets, or of one
    enum status (*next_input)(struct bytes *piece);
    // Gives the bucket to import into: the one that was asked for, once the first
    // line is right, or with `all` the one that is named, each time. NULL where it
    // cannot be opened, which was printed.
    struct transfer_end *(*open)(void *context, const struct bytes *bucket);
    void *context;
    struct transfer_end *end;
    struct archive_reader reader;
    struct progress progress;
};

// Reads the input and sets each key as soon as it is whole and checked. Tells what
// was imported, however it ends. False if it failed, which was printed.
bool transfer_import(struct transfer_import *import);

#endif
