// store.h: calls the wasi:keyvalue@0.2.0-draft of the host or the composition.
//
// Names have to be valid UTF-8. A failure has the store's own words.
#ifndef STORE_CLIENT_H
#define STORE_CLIENT_H

#include "explorer.h"
#include "failure.h"

struct bucket {
    wasi_keyvalue_0_2_0_draft_store_own_bucket_t handle;
};

bool store_open(struct bytes name, struct bucket *bucket, struct failure *failure);
void store_close(struct bucket *bucket);

// A value that was read; without `found`, the key does not exist.
struct value {
    bool found;
    struct bytes bytes;
};

bool store_get(const struct bucket *bucket, struct bytes key, struct value *value,
               struct failure *failure);
void store_free(struct value *value);

bool store_exists(const struct bucket *bucket, struct bytes key, bool *exists,
                  struct failure *failure);
bool store_set(const struct bucket *bucket, struct bytes key, struct bytes value,
               struct failure *failure);
bool store_delete(const struct bucket *bucket, struct bytes key, struct failure *failure);
bool store_increment(const struct bucket *bucket, struct bytes key, uint64_t delta,
                     struct failure *failure);

// A page of keys in the order of the store.
struct listed {
    explorer_list_string_t keys;
    bool more;
    uint64_t cursor; // if there are more
};

// `cursor` is NULL for the first page.
bool store_list(const struct bucket *bucket, const uint64_t *cursor, struct listed *listed,
                struct failure *failure);
void store_free_listed(struct listed *listed);

#endif
