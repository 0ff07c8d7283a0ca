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

void listing_free(struct listing *list)
{
    for (unsigned i = 0; i < list->block_count; i++) {
        free(list->blocks[i]);
    }
    free(list->heap);
    *list = (struct listing){.block_count = 0};
}

void page_free(struct page *page)
{
    for (size_t i = 0; i < page->key_count; i++) {
        buffer_free(&page->keys[i]);
    }
    free(page->keys);
    *page = (struct page){NULL, 0, false, 0};
}

static uint8_t *record_at(const struct listing *list, uint32_t place)
{
    return list->blocks[place / listing_block_bytes] + place % listing_block_bytes;
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
static uint8_t *record_room(struct listing *list, uint32_t size)
{
    uint32_t *used = &list->used[list->filling];
    if (*used + size > listing_block_bytes) {
        list->filling++;
        used++;
    }
    if (list->filling == list->block_count) {
        return NULL;
    }
    uint8_t *room = list->blocks[list->filling] + *used;
    *used += size;
    list->key_count++;
    return room;
}

// Drops the records in the upper half of the hashes that are still kept. Hashes
// are spread evenly, so this drops about half of them and needs no sorting. A
// record moves towards the front or stays, so it is done in place.
static void halve(struct listing *list, const uint64_t *cursor)
{
    uint64_t low = cursor != NULL ? *cursor : 0;
    list->limit = low + (list->limit - low) / 2;
    list->complete = false;

    uint32_t used[listing_blocks_max];
    memcpy(used, list->used, sizeof used);
    memset(list->used, 0, sizeof list->used);
    list->filling = 0;
    list->key_count = 0;
    for (uint32_t block = 0; block < list->block_count; block++) {
        uint32_t size;
        for (uint32_t byte = 0; byte < used[block]; byte += size) {
            const uint8_t *record = list->blocks[block] + byte;
            size = record_size(record);
            if (record_hash(record) <= list->limit) {
                memmove(record_room(list, size), record, size);
            }
        }
    }
}

// Keeps a key, if its hash is between the cursor and the limit. When all blocks
// are full, the limit comes down.
static enum status keep(struct listing *list, const uint64_t *cursor, struct bytes key)
{
    uint64_t hash = listing_hash(key);
    uint32_t size = record_head_bytes + (uint32_t)key.size;
    uint8_t *record = NULL;
    while (record == NULL) {
        if (hash > list->limit || (cursor != NULL && hash <= *cursor)) {
            return STATUS_OK;
        }
        record = record_room(list, size);
        if (record != NULL) {
            break;
        }
        if (list->block_count < listing_blocks_max) {
            uint8_t *block = malloc(listing_block_bytes);
            if (block == NULL) {
                return STATUS_NO_MEMORY;
            }
            list->blocks[list->block_count++] = block;
        } else if (list->limit == (cursor != NULL ? *cursor + 1 : 0)) {
            return STATUS_NO_MEMORY; // more keys of one hash than there is room for
        } else {
            halve(list, cursor);
        }
    }
    memcpy(record, &hash, hash_bytes);
    record[hash_bytes] = (uint8_t)key.size;
    memcpy(record + record_head_bytes, key.data, key.size);
    return STATUS_OK;
}

static void sift_down(struct listing *list, uint32_t at)
{
    uint32_t *heap = list->heap;
    uint32_t moved = heap[at];
    uint64_t hash = record_hash(record_at(list, moved));
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= list->heap_count) {
            break;
        }
        uint64_t child_hash = record_hash(record_at(list, heap[child]));
        if (child + 1 < list->heap_count) {
            uint64_t other_hash = record_hash(record_at(list, heap[child + 1]));
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

static enum status build_heap(struct listing *list)
{
    list->heap = malloc((list->key_count + 1) * sizeof *list->heap);
    if (list->heap == NULL) {
        return STATUS_NO_MEMORY;
    }
    for (uint32_t block = 0; block < list->block_count; block++) {
        uint32_t byte = 0;
        while (byte < list->used[block]) {
            list->heap[list->heap_count++] = block * listing_block_bytes + byte;
            byte += record_size(list->blocks[block] + byte);
        }
    }
    for (uint32_t at = list->heap_count / 2; at > 0; at--) {
        sift_down(list, at - 1);
    }
    return STATUS_OK;
}

static enum status scan(struct listing *list, struct port *port, const struct path *bucket,
                        enum port_kind kind, enum names names, const uint64_t *cursor)
{
    listing_free(list);
    list->limit = UINT64_MAX;
    list->complete = true;
    struct walk walk;
    enum status status = walk_start(&walk, port, bucket, kind);
    if (status != STATUS_OK) {
        return status;
    }
    struct bytes file;
    while ((status = walk_next(&walk, &file)) == STATUS_OK) {
        uint8_t key[name_bytes_max];
        size_t size;
        if (name_decode(names, file, key, &size)) {
            status = keep(list, cursor, (struct bytes){key, size});
        }
        if (status != STATUS_OK) {
            break;
        }
    }
    status = walk_end(&walk, status);
    return status != STATUS_OK ? status : build_heap(list);
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
static enum status fill(struct listing *list, struct page *page)
{
    size_t room = list->heap_count < listing_page_keys ? list->heap_count : listing_page_keys;
    page->keys = malloc((room + 1) * sizeof *page->keys);
    if (page->keys == NULL) {
        return STATUS_NO_MEMORY;
    }
    while (list->heap_count > 0) {
        const uint8_t *record = record_at(list, list->heap[0]);
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
        list->heap[0] = list->heap[--list->heap_count];
        if (list->heap_count > 0) {
            sift_down(list, 0);
        }
    }
    return STATUS_OK;
}

enum status listing_page(struct listing *list, struct port *port, const struct path *bucket,
                         enum port_kind kind, enum names names, const uint64_t *cursor,
                         struct page *page)
{
    struct page made = {NULL, 0, false, 0};
    bool kept = list->serving && cursor != NULL && *cursor == list->served && list->heap_count > 0;
    enum status status = kept ? STATUS_OK : scan(list, port, bucket, kind, names, cursor);
    // A limit that came down below every key leaves nothing: go on above it.
    while (status == STATUS_OK && list->heap_count == 0 && !list->complete) {
        uint64_t limit = list->limit;
        status = scan(list, port, bucket, kind, names, &limit);
    }
    if (status == STATUS_OK) {
        status = fill(list, &made);
    }
    if (status != STATUS_OK) {
        page_free(&made);
        listing_free(list);
        return status;
    }
    made.more = list->heap_count > 0 || !list->complete;
    list->serving = made.more;
    list->served = made.cursor;
    if (!made.more) {
        listing_free(list); // the last page: nothing to keep
    }
    *page = made;
    return STATUS_OK;
}
