// keys.h: a bucket's keys in order, a page at a time.
//
// A store lists its keys in an order of its own. So every page scans the whole listing
// and keeps only the keys that it shows: memory is bounded, whatever the size of the
// bucket. A page begins after a key, not at a position, so keys that are added or removed
// meanwhile shift nothing. A listing of more than keys_scanned_max keys is shown in
// sections, each of them sorted.
#ifndef KEYS_H
#define KEYS_H

#include "store.h"

enum {
    keys_page_max = 100,
    keys_scanned_max = 100 * 1000, // a section ends with the store's page that reaches this
};

struct keys_query {
    struct bytes prefix;
    const struct bytes *after;  // the page begins after this key; or NULL
    const struct bytes *before; // the page ends before this key; or NULL
    const uint64_t *section;    // the store's cursor where the section begins; or NULL
};

struct keys {
    struct bytes names[keys_page_max]; // in order; each of malloc
    size_t count;
    uint64_t matching; // keys with the prefix in this section
    uint64_t skipped;  // of them, before the page
    bool more;         // another section follows
    uint64_t cursor;   // where
};

// Call keys_free even if it fails.
bool keys_list(const struct bucket *bucket, const struct keys_query *query, struct keys *keys,
               struct failure *failure);
void keys_free(struct keys *keys);

#endif
