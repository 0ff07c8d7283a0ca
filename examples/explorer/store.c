#include "store.h"

#include <stdlib.h>

#define STORE(name) wasi_keyvalue_0_2_0_draft_store_##name
#define ATOMICS(name) wasi_keyvalue_0_2_0_draft_atomics_##name

static explorer_string_t string_of(struct bytes text)
{
    return (explorer_string_t){(uint8_t *)(uintptr_t)text.data, text.size};
}

static STORE(borrow_bucket_t) borrow(const struct bucket *bucket)
{
    return STORE(borrow_bucket)(bucket->handle);
}

// Copies the store's error and frees it.
static bool fail_with(struct failure *failure, STORE(error_t) * error)
{
    switch (error->tag) {
    case WASI_KEYVALUE_0_2_0_DRAFT_STORE_ERROR_NO_SUCH_STORE:
        fail(failure, 404, "There is no such bucket.");
        failure->no_bucket = true;
        break;
    case WASI_KEYVALUE_0_2_0_DRAFT_STORE_ERROR_ACCESS_DENIED:
        fail(failure, 403, "The store denies access to this bucket.");
        break;
    default: {
        fail(failure, 500, "The store says: ");
        struct bytes reason = {error->val.other.ptr, error->val.other.len};
        size_t room = sizeof failure->text - failure->size;
        reason.size = reason.size < room ? reason.size : room;
        memcpy(failure->text + failure->size, reason.data, reason.size);
        failure->size += reason.size;
        break;
    }
    }
    STORE(error_free)(error);
    return false;
}

bool store_open(struct bytes name, struct bucket *bucket, struct failure *failure)
{
    explorer_string_t identifier = string_of(name);
    STORE(error_t) error;
    return STORE(open)(&identifier, &bucket->handle, &error) || fail_with(failure, &error);
}

void store_close(struct bucket *bucket)
{
    STORE(bucket_drop_own)(bucket->handle);
}

bool store_get(const struct bucket *bucket, struct bytes key, struct value *value,
               struct failure *failure)
{
    explorer_string_t name = string_of(key);
    explorer_option_list_u8_t got;
    STORE(error_t) error;
    if (!STORE(method_bucket_get)(borrow(bucket), &name, &got, &error)) {
        return fail_with(failure, &error);
    }
    *value = (struct value){.found = got.is_some};
    if (got.is_some) {
        value->bytes = (struct bytes){got.val.ptr, got.val.len};
    }
    return true;
}

void store_free(struct value *value)
{
    if (value->bytes.size > 0) {
        free((uint8_t *)(uintptr_t)value->bytes.data);
    }
    *value = (struct value){.found = false};
}

bool store_exists(const struct bucket *bucket, struct bytes key, bool *exists,
                  struct failure *failure)
{
    explorer_string_t name = string_of(key);
    STORE(error_t) error;
    return STORE(method_bucket_exists)(borrow(bucket), &name, exists, &error) ||
           fail_with(failure, &error);
}

bool store_set(const struct bucket *bucket, struct bytes key, struct bytes value,
               struct failure *failure)
{
    explorer_string_t name = string_of(key);
    explorer_list_u8_t bytes = {(uint8_t *)(uintptr_t)value.data, value.size};
    STORE(error_t) error;
    return STORE(method_bucket_set)(borrow(bucket), &name, &bytes, &error) ||
           fail_with(failure, &error);
}

bool store_delete(const struct bucket *bucket, struct bytes key, struct failure *failure)
{
    explorer_string_t name = string_of(key);
    STORE(error_t) error;
    return STORE(method_bucket_delete)(borrow(bucket), &name, &error) || fail_with(failure, &error);
}

bool store_increment(const struct bucket *bucket, struct bytes key, uint64_t delta,
                     struct failure *failure)
{
    explorer_string_t name = string_of(key);
    uint64_t sum;
    STORE(error_t) error;
    return ATOMICS(increment)(borrow(bucket), &name, delta, &sum, &error) ||
           fail_with(failure, &error);
}

bool store_list(const struct bucket *bucket, const uint64_t *cursor, struct listed *listed,
                struct failure *failure)
{
    uint64_t from = cursor != NULL ? *cursor : 0;
    STORE(key_response_t) response;
    STORE(error_t) error;
    if (!STORE(method_bucket_list_keys)(borrow(bucket), cursor != NULL ? &from : NULL, &response,
                                        &error)) {
        return fail_with(failure, &error);
    }
    *listed = (struct listed){response.keys, response.cursor.is_some, 0};
    if (listed->more) {
        listed->cursor = response.cursor.val;
    }
    return true;
}

void store_free_listed(struct listed *listed)
{
    explorer_list_string_free(&listed->keys);
}
