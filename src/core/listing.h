// listing.h: the keys of a bucket, page by page, in bounded memory. Buckets are
// listed in the same way, with the root's directories in place of keys' files.
//
// Order is by a 64-bit hash of the key, and a cursor is the hash of the last
// key on the page. So a key that is there from the first page to the last is
// listed exactly once, whatever is added or removed meanwhile, and a cursor
// works in another instance or after a restart.
//
// One scan of the directory keeps the keys with the smallest hashes after the
// cursor, as many as fit into the blocks, and the following pages are taken
// from them; when they are used up, the next page scans again. The keys that are
// kept may be out of date: scan.h says when they may still be served.
#ifndef LISTING_H
#define LISTING_H

#include "buffer.h"
#include "path.h"
#include "walk.h"

enum {
    listing_page_keys = 1000,        // keys on a page, plus those that share the last hash
    listing_block_bytes = 64 * 1024, // memory is taken in blocks of this size
    listing_blocks_max = 128,        // 8 MiB of keys
};

// A scan and how far it was served. All zero is an empty one.
struct listing {
    uint8_t *blocks[listing_blocks_max]; // records: hash, key size, key
    uint32_t used[listing_blocks_max];   // bytes of each block
    uint32_t block_count;
    uint32_t blocks_most; // as many as there was memory for, once that has run out; else 0
    uint32_t filling;     // the block that takes the next record
    uint32_t key_count;   // records kept
    uint64_t limit;       // keys with larger hashes were left out
    bool complete;        // none were
    uint32_t *heap;       // places of the records not yet served, smallest hash on top
    uint32_t heap_count;
    bool serving;      // a page was served,
    uint64_t served;   // and this is its cursor
    uint64_t modified; // the directory's, when it was scanned; 0: not to be relied on
    uint64_t scanned;  // when that ended, by the monotonic clock,
    uint64_t took;     // and how long it took
};

struct page {
    struct buffer *keys; // owned, as is each of them
    size_t key_count;
    bool more;       // another page may follow
    uint64_t cursor; // where, if so
};

// The hash that orders keys: FNV-1a, finished as MurmurHash3 finishes so that
// every bit counts. Part of the format: cursors outlive an instance.
uint64_t listing_hash(struct bytes key);

// True if the page after `cursor` can be taken from what was kept.
bool listing_has(const struct listing *listing, const uint64_t *cursor);

// Scans the directory at `path` for what is of this kind, read by `names`, and
// keeps what comes after `cursor`, or from the first on where it is NULL.
// STATUS_NO_SUCH_STORE if there is no directory. What was kept before is freed;
// after a failure nothing is kept.
enum status listing_scan(struct listing *listing, struct port *port, const struct path *path,
                         enum port_kind kind, enum names names, const uint64_t *cursor);

// Takes a page from what was kept. The caller frees it. A failure frees what was
// kept, as does the last page.
enum status listing_take(struct listing *listing, struct page *page);

void page_free(struct page *page);

// Frees all memory; the listing is empty again.
void listing_free(struct listing *listing);

#endif
