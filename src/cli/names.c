#include "names.h"

#include <stdlib.h>

void names_free(struct names_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        buffer_free(&list->names[i]);
    }
    free(list->names);
    *list = (struct names_list){NULL, 0, 0};
}

static bool begins_with(const struct buffer *name, struct bytes prefix)
{
    return prefix.size <= name->size &&
           bytes_equal((struct bytes){name->data, prefix.size}, prefix);
}

// Moves the names of a page over; those that are not wanted go with the page.
static enum status add_page(struct names_list *list, struct page *page, struct bytes prefix)
{
    if (page->key_count > list->room - list->count) {
        size_t room = list->room * 2 + page->key_count;
        struct buffer *names =
            room > SIZE_MAX / sizeof *names
                ? NULL
                : buffer_grow(list->names, list->count * sizeof *names, room * sizeof *names);
        if (names == NULL) {
            return STATUS_NO_MEMORY;
        }
        list->names = names;
        list->room = room;
    }
    for (size_t i = 0; i < page->key_count; i++) {
        if (begins_with(&page->keys[i], prefix)) {
            list->names[list->count++] = page->keys[i];
            page->keys[i] = (struct buffer){NULL, 0};
        }
    }
    return STATUS_OK;
}

// Moves the name at the top of a heap down to where it belongs.
static void sift(struct buffer *names, size_t top, size_t count, names_compare *compare)
{
    struct buffer moved = names[top];
    for (size_t child = 2 * top + 1; child < count; child = 2 * top + 1) {
        if (child + 1 < count &&
            compare(buffer_bytes(&names[child]), buffer_bytes(&names[child + 1])) < 0) {
            child++;
        }
        if (compare(buffer_bytes(&moved), buffer_bytes(&names[child])) >= 0) {
            break;
        }
        names[top] = names[child];
        top = child;
    }
    names[top] = moved;
}

void names_sort(struct names_list *list, names_compare *compare)
{
    for (size_t top = list->count / 2; top > 0; top--) {
        sift(list->names, top - 1, list->count, compare);
    }
    for (size_t last = list->count; last > 1; last--) {
        struct buffer largest = list->names[0];
        list->names[0] = list->names[last - 1];
        list->names[last - 1] = largest;
        sift(list->names, 0, last - 1, compare);
    }
}

int names_compare_bytes(struct bytes a, struct bytes b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    int order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

enum status names_collect(struct store *store, struct bucket *bucket, struct bytes prefix,
                          struct names_list *list)
{
    enum status status = STATUS_OK;
    uint64_t cursor = 0;
    bool more = true;
    for (bool first = true; more && status == STATUS_OK; first = false) {
        struct page page;
        const uint64_t *from = first ? NULL : &cursor;
        status = bucket != NULL ? store_list(bucket, from, &page)
                                : store_list_buckets(store, from, &page);
        if (status == STATUS_OK) {
            more = page.more;
            cursor = page.cursor;
            status = add_page(list, &page, prefix);
            page_free(&page);
            if (status == STATUS_NO_MEMORY) {
                (void)store_fail(store, "list", NULL, NULL, status, NULL);
            }
        }
    }
    if (status != STATUS_OK) {
        names_free(list);
        return status;
    }
    names_sort(list, names_compare_bytes);
    return STATUS_OK;
}
