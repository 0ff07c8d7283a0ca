// keys.h: a bucket's keys in order, a page at a time.
//
// A store lists its keys in an order of its own. So for each page all of them are
// looked at, and as many kept as the page takes: memory is bounded, whatever the size
// of the bucket, and the next page begins at a key, whatever was added or removed
// meanwhile. A listing over keys_scanned_max keys is shown in sections, each sorted.
#ifndef KEYS_H
#define KEYS_H

#include "store.h"

enum {
    keys_page_max = 100,
    keys_scanned_max = 100 * 1000, // then the store's page is the section's last
};

struct keys_query {
    struct bytes prefix;
    const struct bytes *after;  // keys behind this one: a page forwards. Or NULL
    const struct bytes *before; // keys before this one: a page backwards. Or NULL
    const uint64_t *section;    // the store's cursor where the section begins. Or NULL
};

struct keys {
    struct bytes names[keys_page_max]; // in order; each of malloc
    size_t count;
    uint64_t matching; // keys with the prefix in this section
    uint64_t skipped;  // of them, before the page
    bool more;         // another section follows
    uint64_t cursor;   // where
};

// Keep `keys` for keys_free, even where it fails.
bool keys_list(const struct bucket *bucket, const struct keys_query *query, struct keys *keys,
               struct failure *failure);
void keys_free(struct keys *keys);

#endif
