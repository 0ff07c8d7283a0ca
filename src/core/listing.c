#include "listing.h"

#include "name.h"

#include <stdlib.h>

enum {
    hash_bytes = 8,
    record_head_bytes = hash_bytes + 1, // then the key's size, below 256
    page_keys_step = 64,                // more room for keys that share the last hash
};

uint64_t listing_hash(struct bytes key)
{
    uint64_t hash = 0xCBF29CE484222325; // FNV-1a's offset and prime for 64 bits
    for (size_t i = 0; i < key.size; i++) {
        hash = (hash ^ key.data[i]) * 0x100000001B3;
    }
    hash ^= hash >> 33;
    hash *= 0xFF51AFD7ED558CCD;
    hash ^= hash >> 33;
    hash *= 0xC4CEB9FE1A85EC53;
    hash ^= hash >> 33;
    return hash;
}

void listing_free(struct listing *listing)
{
    for (unsigned i = 0; i < listing->block_count; i++) {
        free(listing->blocks[i]);
    }
    free(listing->heap);
    *listing = (struct listing){.block_count = 0};
}

void page_free(struct page *page)
{
    for (size_t i = 0; i < page->key_count; i++) {
        buffer_free(&page->keys[i]);
    }
    free(page->keys);
    *page = (struct page){NULL, 0, false, 0};
}

static uint8_t *record_at(const struct listing *listing, uint32_t place)
{
    return listing->blocks[place / listing_block_bytes] + place % listing_block_bytes;
}

static uint64_t record_hash(const uint8_t *record)
{
    uint64_t hash;
    memcpy(&hash, record, hash_bytes);
    return hash;
}

static uint32_t record_size(const uint8_t *record)
{
    return record_head_bytes + (uint32_t)record[hash_bytes];
}

// Room for a record of this size at the end of what is used; NULL where it
// would take one more block than there is.
static uint8_t *record_room(struct listing *listing, uint32_t size)
{
    uint32_t *used = &listing->used[listing->filling];
    if (*used + size > listing_block_bytes) {
        listing->filling++;
        used++;
    }
    if (listing->filling == listing->block_count) {
        return NULL;
    }
    uint8_t *room = listing->blocks[listing->filling] + *used;
    *used += size;
    listing->key_count++;
    return room;
}

// Drops the records in the upper half of the hashes that are still kept. Hashes
// are spread evenly, so this drops about half of them and needs no sorting. A
// record moves towards the front or stays, so it is done in place.
static void halve(struct listing *listing, const uint64_t *cursor)
{
    uint64_t low = cursor != NULL ? *cursor : 0;
    listing->limit = low + (listing->limit - low) / 2;
    listing->complete = false;

    uint32_t used[listing_blocks_max];
    memcpy(used, listing->used, sizeof used);
    memset(listing->used, 0, sizeof listing->used);
    listing->filling = 0;
    listing->key_count = 0;
    for (uint32_t block = 0; block < listing->block_count; block++) {
        uint32_t size;
        for (uint32_t byte = 0; byte < used[block]; byte += size) {
            const uint8_t *record = listing->blocks[block] + byte;
            size = record_size(record);
            if (record_hash(record) <= listing->limit) {
                memmove(record_room(listing, size), record, size);
            }
        }
    }
}

// One block more, unless there are as many as there may be, or as memory allows.
static bool add_block(struct listing *listing)
{
    uint32_t most = listing->blocks_most > 0 ? listing->blocks_most : listing_blocks_max;
    uint8_t *block = listing->block_count < most ? malloc(listing_block_bytes) : NULL;
    if (block == NULL) {
        listing->blocks_most = listing->block_count;
        return false;
    }
    listing->blocks[listing->block_count++] = block;
    return true;
}

// Keeps a key, if its hash is between the cursor and the limit. When all blocks
// are full, the limit comes down.
static enum status keep(struct listing *listing, const uint64_t *cursor, struct bytes key)
{
    uint64_t hash = listing_hash(key);
    uint32_t size = record_head_bytes + (uint32_t)key.size;
    uint8_t *record = NULL;
    while (record == NULL) {
        if (hash > listing->limit || (cursor != NULL && hash <= *cursor)) {
            return STATUS_OK;
        }
        record = record_room(listing, size);
        if (record != NULL) {
            break;
        }
        if (add_block(listing)) {
            continue;
        }
        if (listing->block_count == 0) {
            return STATUS_NO_MEMORY;
        }
        if (listing->limit == (cursor != NULL ? *cursor + 1 : 0)) {
            return STATUS_NO_MEMORY; // more keys of one hash than there is room for
        } else {
            halve(listing, cursor);
        }
    }
    memcpy(record, &hash, hash_bytes);
    record[hash_bytes] = (uint8_t)key.size;
    memcpy(record + record_head_bytes, key.data, key.size);
    return STATUS_OK;
}

static void sift_down(struct listing *listing, uint32_t at)
{
    uint32_t *heap = listing->heap;
    uint32_t moved = heap[at];
    uint64_t hash = record_hash(record_at(listing, moved));
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= listing->heap_count) {
            break;
        }
        uint64_t child_hash = record_hash(record_at(listing, heap[child]));
        if (child + 1 < listing->heap_count) {
            uint64_t other_hash = record_hash(record_at(listing, heap[child + 1]));
            if (other_hash < child_hash) {
                child++;
                child_hash = other_hash;
            }
        }
        if (hash <= child_hash) {
            break;
        }
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moved;
}

static enum status build_heap(struct listing *listing)
{
    listing->heap = malloc((listing->key_count + 1) * sizeof *listing->heap);
    if (listing->heap == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t block = 0; block < listing->block_count; block++) {
        uint32_t byte = 0;
        while (byte < listing->used[block]) {
            listing->heap[listing->heap_count++] = block * listing_block_bytes + byte;
            byte += record_size(listing->blocks[block] + byte);
        }
    }
    for (uint32_t at = listing->heap_count / 2; at > 0; at--) {
        sift_down(listing, at - 1);
    }
    return STATUS_OK;
}

static enum status scan_once(struct listing *listing, struct port *port, const struct path *path,
                             enum port_kind kind, enum names names, const uint64_t *cursor)
{
    uint32_t most = listing->blocks_most;
    listing_free(listing);
    listing->blocks_most = most;
    listing->limit = UINT64_MAX;
    listing->complete = true;
    struct walk walk;
    enum status status = walk_start(&walk, port, path, kind);
    if (status != STATUS_OK) {
        return status;
    }
    struct bytes file;
    while ((status = walk_next(&walk, &file)) == STATUS_OK) {
        uint8_t key[name_bytes_max];
        size_t size;
        if (name_decode(names, file, key, &size)) {
            status = keep(listing, cursor, (struct bytes){key, size});
        }
        if (status != STATUS_OK) {
            break;
        }
    }
    status = walk_end(&walk, status);
    return status != STATUS_OK ? status : build_heap(listing);
}

bool listing_has(const struct listing *listing, const uint64_t *cursor)
{
    return listing->serving && cursor != NULL && *cursor == listing->served &&
           listing->heap_count > 0;
}

enum status listing_scan(struct listing *listing, struct port *port, const struct path *path,
                         enum port_kind kind, enum names names, const uint64_t *cursor)
{
    enum status status = scan_once(listing, port, path, kind, names, cursor);
    // A limit that came down below every key leaves nothing: go on above it.
    while (status == STATUS_OK && listing->heap_count == 0 && !listing->complete) {
        uint64_t limit = listing->limit;
        status = scan_once(listing, port, path, kind, names, &limit);
    }
    if (status != STATUS_OK) {
        listing_free(listing);
    }
    return status;
}

static enum status page_push(struct page *page, size_t *room, struct bytes key)
{
    if (page->key_count == *room) {
        size_t more = *room + page_keys_step;
        struct buffer *keys = buffer_grow(page->keys, *room * sizeof *keys, more * sizeof *keys);
        if (keys == NULL) {
            return STATUS_NO_MEMORY;
        }
        page->keys = keys;
        *room = more;
    }
    enum status status = buffer_copy(key, &page->keys[page->key_count]);
    if (status == STATUS_OK) {
        page->key_count++;
    }
    return status;
}

// Moves keys from the top of the heap to the page, until it is full.
static enum status fill(struct listing *listing, struct page *page)
{
    size_t room = listing->heap_count < listing_page_keys ? listing->heap_count : listing_page_keys;
    page->keys = malloc((room + 1) * sizeof *page->keys);
    if (page->keys == NULL) {
        return STATUS_NO_MEMORY;
    }
    while (listing->heap_count > 0) {
        const uint8_t *record = record_at(listing, listing->heap[0]);
        uint64_t hash = record_hash(record);
        if (page->key_count >= listing_page_keys && hash != page->cursor) {
            break;
        }
        struct bytes key = {record + record_head_bytes, record[hash_bytes]};
        enum status status = page_push(page, &room, key);
        if (status != STATUS_OK) {
            return status;
        }
        page->cursor = hash;
        listing->heap[0] = listing->heap[--listing->heap_count];
        if (listing->heap_count > 0) {
            sift_down(listing, 0);
        }
    }
    return STATUS_OK;
}

enum status listing_take(struct listing *listing, struct page *page)
{
    struct page made = {NULL, 0, false, 0};
    enum status status = fill(listing, &made);
    if (status != STATUS_OK) {
        page_free(&made);
        listing_free(listing);
        return status;
    }
    made.more = listing->heap_count > 0 || !listing->complete;
    listing->serving = made.more;
    listing->served = made.cursor;
    if (!made.more) {
        listing_free(listing); // the last page: nothing to keep
    }
    *page = made;
    return STATUS_OK;
}
