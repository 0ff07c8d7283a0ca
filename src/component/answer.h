// answer.h: what an export returns, in the layout of the canonical ABI, which is
// also C's layout on wasm32.
#ifndef ANSWER_H
#define ANSWER_H

#include "core/buffer.h"

#include <stddef.h>

// tuple<string, list<u8>>
struct pair {
    struct buffer key;
    struct buffer value;
};

// option<tuple<string, list<u8>>>
struct slot {
    bool found;
    struct pair pair;
};

struct slots {
    struct slot *slots;
    size_t count;
};

// variant error. The text is the store's message, and is not freed.
struct failure {
    uint8_t tag;
    struct bytes text;
};

enum { failure_no_such_store, failure_access_denied, failure_other };

// result<T, error>, for every T except those with 64-bit numbers, which have a larger
// offset.
struct answer {
    bool failed;
    union {
        struct failure failure;
        int32_t handle;
        bool exists;
        struct {
            bool found;
            struct buffer value;
        } option;
        struct slots slots;
        struct {
            struct pair_slot *slots;
            size_t count;
        } pair_slots;
        struct {
            struct buffer *keys;
            size_t key_count;
            bool more;
            struct bytes cursor;
        } page;
        // result<_, cas-error>
        struct {
            uint8_t tag;
            union {
                struct failure store_error;
                int32_t cas_failed;
            };
        } cas_error;
    };
};

enum { cas_error_store_error, cas_error_cas_failed };

struct wide_answer {
    bool failed;
    union {
        struct failure failure;
        uint64_t number;
        struct {
            struct buffer *keys;
            size_t key_count;
            bool more;
            uint64_t cursor;
        } page;
    };
};

_Static_assert(offsetof(struct answer, failure) == 4 && sizeof(struct failure) == 12 &&
                   offsetof(struct wide_answer, failure) == 8 && sizeof(struct slot) == 20 &&
                   offsetof(struct wide_answer, page.cursor) == 24,
               "the canonical ABI's layout");

#endif
