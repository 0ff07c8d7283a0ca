// consumer.c: the side that goes through wasi:keyvalue, as a component times it
// from the inside. Composed with the store, and with the floor.
#include "bench.h"
#include "cases.h"

#include <stdlib.h>

// A bucket's handle, as what cases.h passes around.
static void *from_handle(store_own_bucket_t handle)
{
    return (void *)(uintptr_t)handle.__handle; // never 0
}

static store_borrow_bucket_t to_handle(void *bucket)
{
    return (store_borrow_bucket_t){(int32_t)(uintptr_t)bucket};
}

// The bindings take strings they do not change through pointers to non-const.
static bench_string_t string_of(struct bytes bytes)
{
    return (bench_string_t){(uint8_t *)(uintptr_t)bytes.data, bytes.size};
}

static bench_list_u8_t list_of(struct bytes bytes)
{
    return (bench_list_u8_t){(uint8_t *)(uintptr_t)bytes.data, bytes.size};
}

// Passes a call's success on. An error's text is not asked for: the run is off.
static bool passed(bool ok, store_error_t *error)
{
    if (!ok) {
        store_error_free(error);
    }
    return ok;
}

static void *wasm_open(struct bytes name)
{
    bench_string_t string = string_of(name);
    store_own_bucket_t bucket;
    store_error_t error;
    return passed(store_open(&string, &bucket, &error), &error) ? from_handle(bucket) : NULL;
}

static void wasm_close(void *bucket)
{
    store_bucket_drop_own((store_own_bucket_t){to_handle(bucket).__handle});
}

static bool wasm_get(void *bucket, struct bytes key, size_t size)
{
    bench_string_t string = string_of(key);
    bench_option_list_u8_t value;
    store_error_t error;
    if (!passed(store_method_bucket_get(to_handle(bucket), &string, &value, &error), &error)) {
        return false;
    }
    bool ok = value.is_some ? value.val.len == size : size == SIZE_MAX;
    bench_option_list_u8_free(&value);
    return ok;
}

static bool wasm_set(void *bucket, const struct pair *pair)
{
    bench_string_t key = string_of(pair->key);
    bench_list_u8_t value = list_of(pair->value);
    store_error_t error;
    return passed(store_method_bucket_set(to_handle(bucket), &key, &value, &error), &error);
}

static bool wasm_remove(void *bucket, struct bytes key)
{
    bench_string_t string = string_of(key);
    store_error_t error;
    return passed(store_method_bucket_delete(to_handle(bucket), &string, &error), &error);
}

static bool wasm_exists(void *bucket, struct bytes key)
{
    bench_string_t string = string_of(key);
    bool found;
    store_error_t error;
    return passed(store_method_bucket_exists(to_handle(bucket), &string, &found, &error), &error) &&
           found;
}

static bool wasm_increment(void *bucket, struct bytes key)
{
    bench_string_t string = string_of(key);
    int64_t value;
    store_error_t error;
    return passed(atomics_increment(to_handle(bucket), &string, 1, &value, &error), &error) &&
           value > 0;
}

static bool wasm_get_many(void *bucket, const struct pair *pairs, size_t count)
{
    bench_string_t keys[case_many];
    for (size_t i = 0; i < count; i++) {
        keys[i] = string_of(pairs[i].key);
    }
    bench_list_string_t list = {keys, count};
    bench_list_option_tuple2_string_list_u8_t slots;
    store_error_t error;
    if (!passed(batch_get_many(to_handle(bucket), &list, &slots, &error), &error)) {
        return false;
    }
    bool ok = slots.len == count;
    for (size_t i = 0; i < slots.len && ok; i++) {
        ok = slots.ptr[i].is_some && slots.ptr[i].val.f1.len == pairs[i].value.size;
    }
    bench_list_option_tuple2_string_list_u8_free(&slots);
    return ok;
}

static bool wasm_set_many(void *bucket, const struct pair *pairs, size_t count)
{
    bench_tuple2_string_list_u8_t given[case_many];
    for (size_t i = 0; i < count; i++) {
        given[i] =
            (bench_tuple2_string_list_u8_t){string_of(pairs[i].key), list_of(pairs[i].value)};
    }
    bench_list_tuple2_string_list_u8_t list = {given, count};
    store_error_t error;
    return passed(batch_set_many(to_handle(bucket), &list, &error), &error);
}

static bool wasm_list(void *bucket, size_t count)
{
    bench_option_string_t cursor = {.is_some = false};
    size_t listed = 0;
    do {
        store_key_response_t page;
        store_error_t error;
        bool ok = passed(store_method_bucket_list_keys(
                             to_handle(bucket), cursor.is_some ? &cursor.val : NULL, &page, &error),
                         &error);
        bench_option_string_free(&cursor);
        if (!ok) {
            return false;
        }
        listed += page.keys.len;
        bench_list_string_free(&page.keys);
        cursor = page.cursor;
    } while (cursor.is_some);
    return listed == count;
}

static const struct side side = {
    .now = wasi_clocks_monotonic_clock_now,
    .open = wasm_open,
    .close = wasm_close,
    .get = wasm_get,
    .set = wasm_set,
    .remove = wasm_remove,
    .exists = wasm_exists,
    .increment = wasm_increment,
    .get_many = wasm_get_many,
    .set_many = wasm_set_many,
    .list = wasm_list,
};

bool exports_bench_run(bench_string_t *name, uint32_t size, uint32_t count, uint32_t turns,
                       uint64_t *ret, bench_string_t *err)
{
    struct order order = {{name->ptr, name->len}, size, count, turns};
    bool ok = case_run(&side, &order, ret);
    if (!ok) {
        bench_string_dup(err, "the operation failed, or there is no such case");
    }
    bench_string_free(name);
    return ok;
}
