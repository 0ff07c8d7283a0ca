// names.h: a list of names in memory, sorted.
#ifndef NAMES_H
#define NAMES_H

#include "core/store.h"

struct names_list {
    struct buffer *names; // owned, as is each of them
    size_t count;
    size_t room;
};

// All zero is an empty list. Collects the names that begin with `prefix`: the
// bucket's keys, or where that is NULL the store's buckets; sorts them by their
// bytes. What was collected before a failure is freed.
enum status names_collect(struct store *store, struct bucket *bucket, struct bytes prefix,
                          struct names_list *list);

// Below, at or above 0, as memcmp says it.
typedef int names_compare(struct bytes a, struct bytes b);

int names_compare_bytes(struct bytes a, struct bytes b);

// Sorts in place, in time that grows little faster than the list. (A heap: the C
// library's qsort is larger than all of this file.)
void names_sort(struct names_list *list, names_compare *compare);

void names_free(struct names_list *list);

#endif
