// consumer.c: the component that the tests call large values through. It makes
// the pattern of a seed and writes it by a call of wasi:keyvalue, or reads it
// by one and compares; see the world `consumer` in wit/worlds.wit.
#include "consumer.h"

#include <stdlib.h>
#include <string.h>

enum {
    pattern_bytes = 65521, // a prime, so that no shift by whole host calls goes unseen
};

// Byte `i` of the pattern is byte `i % pattern_bytes` of this. Its Python twin
// is in test_values.py.
static void fill(uint8_t *data, size_t size, uint32_t seed)
{
    uint32_t state = seed;
    for (size_t i = 0; i < size && i < pattern_bytes; i++) {
        state = state * 1664525 + 1013904223;
        data[i] = (uint8_t)(state >> 24);
    }
    for (size_t i = pattern_bytes; i < size; i++) {
        data[i] = data[i - pattern_bytes];
    }
}

typedef wasi_keyvalue_0_2_0_draft2_store_error_t store_error;
typedef wasi_keyvalue_0_2_0_draft2_store_borrow_bucket_t bucket_handle;

// Ends an export with a failure in words.
static bool fail(consumer_string_t *err, const char *text)
{
    consumer_string_dup(err, text);
    return false;
}

// Ends an export with the store's own error, whose text is handed on.
static bool fail_store(consumer_string_t *err, const store_error *error)
{
    if (error->tag == WASI_KEYVALUE_0_2_0_DRAFT2_STORE_ERROR_OTHER) {
        *err = error->val.other;
        return false;
    }
    return fail(err, error->tag == WASI_KEYVALUE_0_2_0_DRAFT2_STORE_ERROR_ACCESS_DENIED
                         ? "access-denied"
                         : "no-such-store");
}

static bool write_single(bucket_handle bucket, consumer_string_t *key, consumer_list_u8_t *value,
                         consumer_string_t *err)
{
    store_error error;
    if (!wasi_keyvalue_0_2_0_draft2_store_method_bucket_set(bucket, key, value, &error)) {
        return fail_store(err, &error);
    }
    return true;
}

static bool write_batch(bucket_handle bucket, consumer_string_t *key, consumer_list_u8_t *value,
                        consumer_string_t *err)
{
    consumer_tuple2_string_list_u8_t pair = {*key, *value};
    consumer_list_tuple2_string_list_u8_t pairs = {&pair, 1};
    store_error error;
    if (!wasi_keyvalue_0_2_0_draft2_batch_set_many(bucket, &pairs, &error)) {
        return fail_store(err, &error);
    }
    return true;
}

static bool write_atomic(bucket_handle bucket, consumer_string_t *key, consumer_list_u8_t *value,
                         consumer_string_t *err)
{
    wasi_keyvalue_0_2_0_draft2_atomics_own_cas_t cas;
    store_error error;
    if (!wasi_keyvalue_0_2_0_draft2_atomics_static_cas_new(bucket, key, &cas, &error)) {
        return fail_store(err, &error);
    }
    wasi_keyvalue_0_2_0_draft2_atomics_cas_error_t failed;
    if (wasi_keyvalue_0_2_0_draft2_atomics_swap(cas, value, &failed)) {
        return true;
    }
    if (failed.tag == WASI_KEYVALUE_0_2_0_DRAFT2_ATOMICS_CAS_ERROR_STORE_ERROR) {
        return fail_store(err, &failed.val.store_error);
    }
    wasi_keyvalue_0_2_0_draft2_atomics_cas_drop_own(failed.val.cas_failed);
    return fail(err, "cas-failed");
}

// Reads into `ret`; `*err` is set where that fails.
static bool read_single(bucket_handle bucket, consumer_string_t *key,
                        consumer_option_list_u8_t *ret, consumer_string_t *err)
{
    store_error error;
    if (!wasi_keyvalue_0_2_0_draft2_store_method_bucket_get(bucket, key, ret, &error)) {
        return fail_store(err, &error);
    }
    return true;
}

static bool read_batch(bucket_handle bucket, consumer_string_t *key, consumer_option_list_u8_t *ret,
                       consumer_string_t *err)
{
    consumer_list_string_t keys = {key, 1};
    consumer_list_option_tuple2_string_list_u8_t slots;
    store_error error;
    if (!wasi_keyvalue_0_2_0_draft2_batch_get_many(bucket, &keys, &slots, &error)) {
        return fail_store(err, &error);
    }
    if (slots.len != 1) {
        consumer_list_option_tuple2_string_list_u8_free(&slots);
        return fail(err, "not one slot for one key");
    }
    ret->is_some = slots.ptr[0].is_some;
    if (ret->is_some) {
        ret->val = slots.ptr[0].val.f1;
        slots.ptr[0].val.f1 = (consumer_list_u8_t){NULL, 0};
    }
    consumer_list_option_tuple2_string_list_u8_free(&slots);
    return true;
}

static bool read_atomic(bucket_handle bucket, consumer_string_t *key,
                        consumer_option_list_u8_t *ret, consumer_string_t *err)
{
    wasi_keyvalue_0_2_0_draft2_atomics_own_cas_t cas;
    store_error error;
    if (!wasi_keyvalue_0_2_0_draft2_atomics_static_cas_new(bucket, key, &cas, &error)) {
        return fail_store(err, &error);
    }
    bool ok = wasi_keyvalue_0_2_0_draft2_atomics_method_cas_current(
        wasi_keyvalue_0_2_0_draft2_atomics_borrow_cas(cas), ret, &error);
    wasi_keyvalue_0_2_0_draft2_atomics_cas_drop_own(cas);
    return ok ? true : fail_store(err, &error);
}

static bool compare(const consumer_option_list_u8_t *read, const consumer_list_u8_t *expected,
                    consumer_string_t *err)
{
    if (!read->is_some) {
        return fail(err, "absent");
    }
    if (read->val.len != expected->len) {
        return fail(err, read->val.len < expected->len ? "too short" : "too long");
    }
    if (expected->len > 0 && memcmp(read->val.ptr, expected->ptr, expected->len) != 0) {
        return fail(err, "other bytes");
    }
    return true;
}

typedef bool (*write_call)(bucket_handle, consumer_string_t *, consumer_list_u8_t *,
                           consumer_string_t *);
typedef bool (*read_call)(bucket_handle, consumer_string_t *, consumer_option_list_u8_t *,
                          consumer_string_t *);

static const write_call writes[] = {write_single, write_batch, write_atomic};
static const read_call reads[] = {read_single, read_batch, read_atomic};

bool exports_consumer_write(consumer_string_t *bucket, consumer_string_t *key, uint32_t size,
                            uint32_t seed, consumer_way_t way, consumer_string_t *err)
{
    consumer_list_u8_t value = {malloc((size_t)size + 1), size};
    wasi_keyvalue_0_2_0_draft2_store_own_bucket_t opened;
    store_error error;
    bool ok = value.ptr != NULL;
    if (!ok) {
        (void)fail(err, "out of memory");
    } else if (!wasi_keyvalue_0_2_0_draft2_store_open(bucket, &opened, &error)) {
        ok = fail_store(err, &error);
    } else {
        fill(value.ptr, value.len, seed);
        ok = writes[way](wasi_keyvalue_0_2_0_draft2_store_borrow_bucket(opened), key, &value, err);
        wasi_keyvalue_0_2_0_draft2_store_bucket_drop_own(opened);
    }
    free(value.ptr);
    consumer_string_free(bucket);
    consumer_string_free(key);
    return ok;
}

bool exports_consumer_verify(consumer_string_t *bucket, consumer_string_t *key, uint32_t size,
                             uint32_t seed, consumer_way_t way, consumer_string_t *err)
{
    consumer_list_u8_t expected = {malloc((size_t)size + 1), size};
    wasi_keyvalue_0_2_0_draft2_store_own_bucket_t opened;
    store_error error;
    bool ok = expected.ptr != NULL;
    if (!ok) {
        (void)fail(err, "out of memory");
    } else if (!wasi_keyvalue_0_2_0_draft2_store_open(bucket, &opened, &error)) {
        ok = fail_store(err, &error);
    } else {
        consumer_option_list_u8_t read = {.is_some = false};
        fill(expected.ptr, expected.len, seed);
        ok = reads[way](wasi_keyvalue_0_2_0_draft2_store_borrow_bucket(opened), key, &read, err) &&
             compare(&read, &expected, err);
        consumer_option_list_u8_free(&read);
        wasi_keyvalue_0_2_0_draft2_store_bucket_drop_own(opened);
    }
    free(expected.ptr);
    consumer_string_free(bucket);
    consumer_string_free(key);
    return ok;
}
