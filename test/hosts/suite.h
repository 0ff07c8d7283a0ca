// suite.h: what the checks of the hosts' suite are written in.
//
// The suite is a command that imports wasi:keyvalue in one draft; the build
// makes one of each from the same checks. It is called with the name of a group
// of checks and, to go on behind one that ended the run, the number of checks to
// pass over; a third word is the bucket, in the place of the default one, and a
// fourth the number of checks to make at most. For each it prints its
// name, and then `ok` or what was different:
//
//   open: ok
//   delete: differs: delete: other: ...
//
// A check says what it wants, and goes on when that is not so; the first
// difference is the one that is told.
#ifndef SUITE_H
#define SUITE_H

#include "component.h"
#include "core/bytes.h"

typedef store_borrow_bucket_t bucket_handle;

struct check {
    const char *name; // the row in docs/hosts.md
    void (*run)(bucket_handle bucket);
};

struct checks {
    const struct check *list;
    size_t count;
};

// ---- Calls: true if it succeeded, else `said` has the error ----

enum answer { ANSWER_OK, ANSWER_NO_SUCH_STORE, ANSWER_ACCESS_DENIED, ANSWER_OTHER };

struct said {
    enum answer answer;
    char text[2048]; // of ANSWER_OTHER, ended by a NUL
};
extern struct said said;

// Takes the error over from the bindings. Returns false, for the caller to return.
bool say(store_error_t *error);

// The bindings take what they do not change through pointers to non-const.
component_string_t string_of(struct bytes bytes);
component_list_u8_t list_of(struct bytes bytes);
struct bytes text(const char *text);

bool call_open(const char *identifier, store_own_bucket_t *bucket);
bool call_set(bucket_handle bucket, struct bytes key, struct bytes value);
bool call_set_many(bucket_handle bucket, const struct bytes *keys, const struct bytes *values,
                   size_t count);
bool call_get_many(bucket_handle bucket, const struct bytes *keys, size_t count,
                   component_list_option_tuple2_string_list_u8_t *slots);
bool call_delete_many(bucket_handle bucket, const struct bytes *keys, size_t count);

// The bucket that the checks of the contract work on.
extern const char *suite_bucket;

// ---- What the drafts have different: draft.c and draft2.c ----

struct cursor {
    bool some;
    uint64_t number;  // draft
    uint8_t text[64]; // draft2
    size_t size;
};

// Asks for the page behind `cursor`, which becomes the next page's.
bool draft_list(bucket_handle bucket, struct cursor *cursor, component_list_string_t *keys);

// A cursor of our own form behind which no key is.
extern const struct cursor draft_last_cursor;

// Numbers are u64 in draft and pass through as two's complement.
bool draft_increment(bucket_handle bucket, struct bytes key, int64_t delta, int64_t *sum);

extern const int64_t draft_largest;
extern const struct checks draft_checks;

// ---- Wishes ----

// Remembers `what` as the check's difference, unless `truth`.
void want(bool truth, const char *what);

// The call succeeded.
void want_ok(bool ok, const char *call);

// The call failed in this way; for ANSWER_OTHER, with `part` in its text.
void want_error(bool ok, enum answer answer, const char *part);

void want_set(bucket_handle bucket, const char *key, const char *value);
void want_bytes(bucket_handle bucket, struct bytes key, struct bytes value);
void want_value(bucket_handle bucket, const char *key, const char *value);
void want_absent(bucket_handle bucket, const char *key);
void want_delete(bucket_handle bucket, const char *key);
void want_sum(bucket_handle bucket, const char *key, int64_t delta, int64_t sum);

#endif
