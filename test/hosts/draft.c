// draft.c: wasi:keyvalue@0.2.0-draft: cursors are numbers, counters unsigned.
#include "suite.h"

const struct cursor draft_last_cursor = {.some = true, .number = UINT64_MAX};
const int64_t draft_largest = -1; // all 64 bits

bool draft_list(bucket_handle bucket, struct cursor *cursor, component_list_string_t *keys)
{
    store_key_response_t response;
    store_error_t error;
    *keys = (component_list_string_t){NULL, 0};
    if (!store_method_bucket_list_keys(bucket, cursor->some ? &cursor->number : NULL, &response,
                                       &error)) {
        return say(&error);
    }
    *keys = response.keys;
    *cursor = (struct cursor){.some = response.cursor.is_some, .number = response.cursor.val};
    return true;
}

bool draft_increment(bucket_handle bucket, struct bytes key, int64_t delta, int64_t *sum)
{
    component_string_t string = string_of(key);
    uint64_t got = 0;
    store_error_t error;
    bool ok = atomics_increment(bucket, &string, (uint64_t)delta, &got, &error) || say(&error);
    *sum = (int64_t)got;
    return ok;
}

const struct checks draft_checks = {NULL, 0};
