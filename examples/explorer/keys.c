#include "keys.h"

#include <stdlib.h>

static int compare(struct bytes a, struct bytes b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    int order = size > 0 ? memcmp(a.data, b.data, size) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

// Where the name belongs among those kept; `found` if it is there already: a store may
// list a key twice.
static size_t place_of(const struct keys *keys, struct bytes name, bool *found)
{
    size_t low = 0;
    size_t high = keys->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(name, keys->names[middle]);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static void free_name(struct bytes name)
{
    free((uint8_t *)(uintptr_t)name.data);
}

// Makes room in a full page by dropping its last name, or its first when going
// backwards. False if that would be the new name, at `at`.
static bool drop_one(struct keys *keys, size_t *at, bool backwards)
{
    if (*at == (backwards ? 0 : keys->count)) {
        return false;
    }
    free_name(keys->names[backwards ? 0 : keys->count - 1]);
    keys->count--;
    if (backwards) {
        memmove(keys->names, keys->names + 1, keys->count * sizeof *keys->names);
        --*at;
    }
    return true;
}

static bool keep(struct keys *keys, struct bytes name, bool backwards)
{
    bool found;
    size_t at = place_of(keys, name, &found);
    if (found || (keys->count == keys_page_max && !drop_one(keys, &at, backwards))) {
        return true;
    }
    uint8_t *copy = malloc(name.size + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, name.data, name.size);
    memmove(keys->names + at + 1, keys->names + at, (keys->count - at) * sizeof *keys->names);
    keys->names[at] = (struct bytes){copy, name.size};
    keys->count++;
    return true;
}

static bool take(struct keys *keys, const struct keys_query *query, struct bytes name)
{
    if (name.size < query->prefix.size ||
        !bytes_equal((struct bytes){name.data, query->prefix.size}, query->prefix)) {
        return true;
    }
    keys->matching++;
    if (query->after != NULL && compare(name, *query->after) <= 0) {
        keys->skipped++;
        return true;
    }
    if (query->before != NULL) {
        if (compare(name, *query->before) >= 0) {
            return true;
        }
        keys->skipped++; // those that stay on the page are subtracted at the end
    }
    return keep(keys, name, query->before != NULL);
}

bool keys_list(const struct bucket *bucket, const struct keys_query *query, struct keys *keys,
               struct failure *failure)
{
    *keys = (struct keys){.count = 0};
    const uint64_t *cursor = query->section;
    uint64_t scanned = 0;
    do {
        struct listed listed;
        if (!store_list(bucket, cursor, &listed, failure)) {
            return false;
        }
        bool kept = true;
        for (size_t i = 0; kept && i < listed.keys.len; i++) {
            kept =
                take(keys, query, (struct bytes){listed.keys.ptr[i].ptr, listed.keys.ptr[i].len});
        }
        scanned += listed.keys.len;
        keys->more = listed.more;
        keys->cursor = listed.cursor;
        cursor = &keys->cursor;
        store_free_listed(&listed);
        if (!kept) {
            return fail_for_memory(failure);
        }
    } while (keys->more && scanned < keys_scanned_max);
    keys->skipped -= query->before != NULL ? keys->count : 0;
    return true;
}

void keys_free(struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        free_name(keys->names[i]);
    }
    keys->count = 0;
}
