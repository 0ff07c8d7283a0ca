// floor.c: a provider of wasi:keyvalue that touches no file. What a call of it
// costs, the host's crossing and copying costs: a get gives as many bytes as
// the key says (see cases.h), a set takes its value and forgets it, and a
// listing gives made-up keys, as long as those of a real bucket and as many as
// the bucket's name says.
#include "floor.h"
#include "core/bytes.h"
#include "core/hex.h"
#include "core/listing.h"

#include <stdlib.h>

static struct bytes string_bytes(const floor_string_t *string)
{
    return (struct bytes){string->ptr, string->len};
}

// The number that a name ends with.
static size_t number_of(struct bytes name)
{
    size_t number = 0;
    for (size_t at = 0; at < name.size; at++) {
        uint8_t byte = name.data[at];
        number = byte >= '0' && byte <= '9' ? number * 10 + (size_t)(byte - '0') : 0;
    }
    return number;
}

// A value, of whatever bytes the memory has.
static floor_list_u8_t value_of(size_t size)
{
    floor_list_u8_t value = {malloc(size + 1), size};
    if (value.ptr == NULL) {
        abort();
    }
    return value;
}

static bool is_absent(struct bytes key)
{
    return key.size > 0 && key.data[0] == 'a';
}

// ---- store ----

// A bucket is the number of its keys, and one so that none is a null pointer.
bool exports_store_open(floor_string_t *identifier, exports_store_own_bucket_t *ret,
                        exports_store_error_t *err)
{
    (void)err;
    uintptr_t bucket = number_of(string_bytes(identifier)) + 1;
    *ret = exports_store_bucket_new((exports_store_bucket_t *)bucket);
    floor_string_free(identifier);
    return true;
}

void exports_store_bucket_destructor(exports_store_bucket_t *rep)
{
    (void)rep;
}

bool exports_store_method_bucket_get(exports_store_borrow_bucket_t self, floor_string_t *key,
                                     floor_option_list_u8_t *ret, exports_store_error_t *err)
{
    (void)self;
    (void)err;
    ret->is_some = !is_absent(string_bytes(key));
    if (ret->is_some) {
        ret->val = value_of(number_of(string_bytes(key)));
    }
    floor_string_free(key);
    return true;
}

bool exports_store_method_bucket_set(exports_store_borrow_bucket_t self, floor_string_t *key,
                                     floor_list_u8_t *value, exports_store_error_t *err)
{
    (void)self;
    (void)err;
    floor_string_free(key);
    floor_list_u8_free(value);
    return true;
}

bool exports_store_method_bucket_delete(exports_store_borrow_bucket_t self, floor_string_t *key,
                                        exports_store_error_t *err)
{
    (void)self;
    (void)err;
    floor_string_free(key);
    return true;
}

bool exports_store_method_bucket_exists(exports_store_borrow_bucket_t self, floor_string_t *key,
                                        bool *ret, exports_store_error_t *err)
{
    (void)self;
    (void)err;
    *ret = !is_absent(string_bytes(key));
    floor_string_free(key);
    return true;
}

// A key of 10 bytes, as bench.py makes them.
static floor_string_t key_at(size_t number)
{
    enum { key_bytes = 10, digits_from = 4 };
    floor_list_u8_t key = value_of(key_bytes);
    memcpy(key.ptr, "key-", digits_from);
    for (size_t at = key_bytes; at > digits_from; number /= 10) {
        key.ptr[--at] = (uint8_t)('0' + number % 10);
    }
    return (floor_string_t){key.ptr, key_bytes};
}

bool exports_store_method_bucket_list_keys(exports_store_borrow_bucket_t self,
                                           floor_string_t *maybe_cursor,
                                           exports_store_key_response_t *ret,
                                           exports_store_error_t *err)
{
    (void)err;
    enum { cursor_bytes = 16 };
    size_t left = (size_t)(uintptr_t)self - 1;
    uint64_t at = 0;
    if (maybe_cursor != NULL) {
        (void)hex_read_u64(maybe_cursor->ptr, maybe_cursor->len, &at);
        left -= (size_t)at;
        floor_string_free(maybe_cursor);
    }
    size_t count = left < listing_page_keys ? left : listing_page_keys;
    floor_list_u8_t room = value_of(count * sizeof(floor_string_t));
    ret->keys = (floor_list_string_t){(floor_string_t *)(void *)room.ptr, count};
    for (size_t i = 0; i < count; i++) {
        ret->keys.ptr[i] = key_at((size_t)at + i);
    }
    ret->cursor.is_some = left > count;
    if (ret->cursor.is_some) {
        floor_list_u8_t cursor = value_of(cursor_bytes);
        hex_write_u64(at + count, cursor.ptr);
        ret->cursor.val = (floor_string_t){cursor.ptr, cursor.len};
    }
    return true;
}

// ---- atomics ----

bool exports_atomics_increment(exports_atomics_borrow_bucket_t bucket, floor_string_t *key,
                               int64_t delta, int64_t *ret, exports_atomics_error_t *err)
{
    (void)bucket;
    (void)err;
    *ret = delta;
    floor_string_free(key);
    return true;
}

// No case swaps.

bool exports_atomics_static_cas_new(exports_atomics_borrow_bucket_t bucket, floor_string_t *key,
                                    exports_atomics_own_cas_t *ret, exports_atomics_error_t *err)
{
    (void)bucket;
    (void)key;
    (void)ret;
    (void)err;
    abort();
}

bool exports_atomics_method_cas_current(exports_atomics_borrow_cas_t self,
                                        floor_option_list_u8_t *ret, exports_atomics_error_t *err)
{
    (void)self;
    (void)ret;
    (void)err;
    abort();
}

bool exports_atomics_swap(exports_atomics_own_cas_t cas, floor_list_u8_t *value,
                          exports_atomics_cas_error_t *err)
{
    (void)cas;
    (void)value;
    (void)err;
    abort();
}

void exports_atomics_cas_destructor(exports_atomics_cas_t *rep)
{
    (void)rep;
}

// ---- batch ----

bool exports_batch_get_many(exports_batch_borrow_bucket_t bucket, floor_list_string_t *keys,
                            floor_list_option_tuple2_string_list_u8_t *ret,
                            exports_batch_error_t *err)
{
    (void)bucket;
    (void)err;
    ret->ptr = calloc(keys->len, sizeof *ret->ptr);
    ret->len = keys->len;
    if (ret->ptr == NULL) {
        abort();
    }
    for (size_t i = 0; i < keys->len; i++) {
        ret->ptr[i].is_some = true;
        ret->ptr[i].val.f0 = keys->ptr[i];
        ret->ptr[i].val.f1 = value_of(number_of(string_bytes(&keys->ptr[i])));
    }
    free(keys->ptr); // its strings are the result's now
    return true;
}

bool exports_batch_set_many(exports_batch_borrow_bucket_t bucket,
                            floor_list_tuple2_string_list_u8_t *key_values,
                            exports_batch_error_t *err)
{
    (void)bucket;
    (void)err;
    floor_list_tuple2_string_list_u8_free(key_values);
    return true;
}

bool exports_batch_delete_many(exports_batch_borrow_bucket_t bucket, floor_list_string_t *keys,
                               exports_batch_error_t *err)
{
    (void)bucket;
    (void)err;
    floor_list_string_free(keys);
    return true;
}
