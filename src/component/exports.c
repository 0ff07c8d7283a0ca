// exports.c: wasi:keyvalue, both drafts, in the canonical ABI itself.
//
// The bindings of an exported function cost more than the function: they copy
// every answer twice, check what to free after every call, and do it all again
// for the second draft. So the exports are written here, as the imports are in
// wasi/imports.h; `wasm-tools component new` checks their types against the
// WIT. What the two drafts share is written once; exports_draft.h
// gives it their names and is included once for each; what one draft has and
// the other has not follows at the end.
//
// Arguments come as the ABI flattens them: a list or string as its place and
// size, in memory that is the callee's to free, of which there is none where
// the size is 0; a borrowed handle of our own resource as its representation.
// An answer is a static struct in the ABI's layout of the WIT's type, which is
// also C's layout on wasm32. What it points to belongs to `given` until the
// caller has copied it and calls the post-return function.
#include "answer.h"
#include "core/hex.h"
#include "instance.h"
#include "wasi/memory.h"

#include <stdlib.h>

static struct answer answer;
static struct wide_answer wide_answer;

// What the last answer points to.
static struct {
    struct buffer value;
    struct page page;
    struct slots slots;
    uint8_t cursor[16];
} given;

// Fills the error in where there is one: its tag, and its text where it is
// `other`. Whether there is one.
static bool fails(const struct store *store, enum status status, struct failure *failure)
{
    if (status == STATUS_NO_SUCH_STORE) {
        failure->tag = failure_no_such_store;
    } else if (status == STATUS_ACCESS) {
        failure->tag = failure_access_denied;
    } else {
        failure->tag = failure_other;
        failure->text = (struct bytes){(const uint8_t *)store->message, store->message_size};
    }
    return status != STATUS_OK;
}

// Ends a call in a bucket: whether it failed, and how. Not repeated in each export.
__attribute__((noinline)) static struct answer *finish(const struct bucket *bucket,
                                                       enum status status)
{
    answer.failed = status != STATUS_OK && fails(store_of(bucket), status, &answer.failure);
    return &answer;
}

static struct wide_answer *finish_wide(const struct bucket *bucket, enum status status)
{
    wide_answer.failed =
        status != STATUS_OK && fails(store_of(bucket), status, &wide_answer.failure);
    return &wide_answer;
}

static void free_slots(struct slots *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        struct slot *slot = &slots->slots[i];
        memory_free(slot->pair.key.data, slot->pair.key.size);
        free(slot->pair.value.data);
    }
    free(slots->slots);
    *slots = (struct slots){NULL, 0};
}

// The post-return function of all that give memory away.
static void take_back(void)
{
    buffer_free(&given.value);
    page_free(&given.page);
    free_slots(&given.slots);
}

// ---- What both drafts have ----

static struct answer *export_open(uint8_t *name, size_t size, int32_t (*new)(struct bucket *))
{
    struct store *store;
    struct bucket *bucket = NULL;
    struct bytes identifier = {name, size};
    const char *why;
    enum status status = instance_store(&store, &why);
    if (status == STATUS_OK) {
        status = store_open(store, identifier, &bucket);
    } else {
        (void)store_fail(store, "open", &identifier, NULL, status, why);
    }
    memory_free(name, size);
    answer.failed = status != STATUS_OK && fails(store, status, &answer.failure);
    if (status == STATUS_OK) {
        // The bucket itself is the handle's representation, in either draft.
        answer.handle = new(bucket);
    }
    return &answer;
}

static struct answer *give_option(const struct bucket *bucket, enum status status, bool found)
{
    answer.option.found = found;
    answer.option.value = given.value;
    return finish(bucket, status);
}

static struct answer *export_get(struct bucket *bucket, uint8_t *key, size_t size)
{
    bool found = false;
    enum status status = store_get(bucket, (struct bytes){key, size}, &found, &given.value);
    memory_free(key, size);
    return give_option(bucket, status, found);
}

static struct answer *export_set(struct bucket *bucket, uint8_t *key, size_t size, uint8_t *value,
                                 size_t value_size)
{
    enum status status =
        store_set(bucket, (struct bytes){key, size}, (struct bytes){value, value_size});
    memory_free(key, size);
    memory_free(value, value_size);
    return finish(bucket, status);
}

static struct answer *export_delete(struct bucket *bucket, uint8_t *key, size_t size)
{
    enum status status = store_delete(bucket, (struct bytes){key, size});
    memory_free(key, size);
    return finish(bucket, status);
}

static struct answer *export_exists(struct bucket *bucket, uint8_t *key, size_t size)
{
    bool found = false;
    enum status status = store_exists(bucket, (struct bytes){key, size}, &found);
    memory_free(key, size);
    answer.exists = found;
    return finish(bucket, status);
}

static struct wide_answer *export_increment(struct bucket *bucket, uint8_t *key, size_t size,
                                            uint64_t delta, enum counter_sign sign)
{
    enum status status =
        store_increment(bucket, (struct bytes){key, size}, delta, sign, &wide_answer.number);
    memory_free(key, size);
    return finish_wide(bucket, status);
}

// ---- Batches: each key on its own, and the rest left undone after a failure ----

static void free_keys(struct buffer *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        memory_free(keys[i].data, keys[i].size);
    }
    memory_free(keys, count);
}

static struct answer *export_get_many(struct bucket *bucket, struct buffer *keys, size_t count)
{
    struct store *store = store_of(bucket);
    store_batch_begin(bucket, "get-many", count);
    enum status status = STATUS_OK;
    given.slots = (struct slots){calloc(count + 1, sizeof *given.slots.slots), count};
    if (given.slots.slots == NULL) {
        given.slots.count = 0;
        status = store_fail(store, "get-many", NULL, NULL, STATUS_NO_MEMORY, NULL);
    }
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct slot *slot = &given.slots.slots[i];
        status = store_get(bucket, buffer_bytes(&keys[i]), &slot->found, &slot->pair.value);
        // The argument's key becomes the result's. In a slot that is none, nobody reads it.
        slot->pair.key = keys[i];
        keys[i].size = 0;
    }
    status = store_batch_end(bucket, status);
    free_keys(keys, count);
    if (status != STATUS_OK) {
        free_slots(&given.slots);
    }
    answer.slots = given.slots;
    return finish(bucket, status);
}

static struct answer *export_set_many(struct bucket *bucket, struct pair *pairs, size_t count)
{
    store_batch_begin(bucket, "set-many", count);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count; i++) {
        struct pair *pair = &pairs[i];
        if (status == STATUS_OK) {
            status = store_set(bucket, buffer_bytes(&pair->key), buffer_bytes(&pair->value));
        }
        memory_free(pair->key.data, pair->key.size);
        memory_free(pair->value.data, pair->value.size);
    }
    status = store_batch_end(bucket, status);
    memory_free(pairs, count);
    return finish(bucket, status);
}

static struct answer *export_delete_many(struct bucket *bucket, struct buffer *keys, size_t count)
{
    store_batch_begin(bucket, "delete-many", count);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = store_delete(bucket, buffer_bytes(&keys[i]));
    }
    status = store_batch_end(bucket, status);
    free_keys(keys, count);
    return finish(bucket, status);
}

// ---- The exports both drafts have alike ----

// Defines an exported function.
#define EXPORT(name, type, function, ...)                                                          \
    __attribute__((export_name(name))) type function(__VA_ARGS__);                                 \
    type function(__VA_ARGS__)

// Defines the one that is called once its answer is read.
#define AFTER(name, function)                                                                      \
    EXPORT("cabi_post_" name, void, function, const void *taken)                                   \
    {                                                                                              \
        (void)taken;                                                                               \
        take_back();                                                                               \
    }

// Declares what the host has for a resource of ours.
#define RESOURCE(interface, name)                                                                  \
    __attribute__((import_module("[export]" interface), import_name(name)))

#define DRAFT(name) draft_##name
#define INTERFACE(name) "wasi:keyvalue/" name "@0.2.0-draft"
#include "exports_draft.h"
#undef DRAFT
#undef INTERFACE

#define DRAFT(name) draft2_##name
#define INTERFACE(name) "wasi:keyvalue/" name "@0.2.0-draft2"
#include "exports_draft.h"

// ---- What differs ----

#define DRAFT_STORE "wasi:keyvalue/store@0.2.0-draft#"
#define DRAFT_ATOMICS "wasi:keyvalue/atomics@0.2.0-draft#"
#define DRAFT2_STORE "wasi:keyvalue/store@0.2.0-draft2#"
#define DRAFT2_ATOMICS "wasi:keyvalue/atomics@0.2.0-draft2"
#define DRAFT_BATCH "wasi:keyvalue/batch@0.2.0-draft"
#define DRAFT2_BATCH "wasi:keyvalue/batch@0.2.0-draft2"

EXPORT(DRAFT_STORE "[method]bucket.list-keys", struct wide_answer *, draft_list_keys,
       struct bucket *bucket, int32_t has_cursor, uint64_t cursor)
{
    enum status status = store_list(bucket, has_cursor ? &cursor : NULL, &given.page);
    wide_answer.page.keys = given.page.keys;
    wide_answer.page.key_count = given.page.key_count;
    wide_answer.page.more = given.page.more;
    wide_answer.page.cursor = given.page.cursor;
    return finish_wide(bucket, status);
}

EXPORT(DRAFT2_STORE "[method]bucket.list-keys", struct answer *, draft2_list_keys,
       struct bucket *bucket, int32_t has_cursor, uint8_t *cursor, size_t size)
{
    struct bytes text = {cursor, size};
    enum status status = store_list_text(bucket, has_cursor ? &text : NULL, &given.page);
    if (has_cursor) {
        memory_free(cursor, size);
    }
    hex_write_u64(given.page.cursor, given.cursor);
    answer.page.keys = given.page.keys;
    answer.page.key_count = given.page.key_count;
    answer.page.more = given.page.more;
    answer.page.cursor = (struct bytes){given.cursor, sizeof given.cursor};
    return finish(bucket, status);
}

AFTER(DRAFT_STORE "[method]bucket.list-keys", draft_after_list_keys)
AFTER(DRAFT2_STORE "[method]bucket.list-keys", draft2_after_list_keys)

EXPORT(DRAFT_ATOMICS "increment", struct wide_answer *, draft_increment, struct bucket *bucket,
       uint8_t *key, size_t size, uint64_t delta)
{
    return export_increment(bucket, key, size, delta, COUNTER_UNSIGNED);
}

EXPORT(DRAFT2_ATOMICS "#increment", struct wide_answer *, draft2_increment, struct bucket *bucket,
       uint8_t *key, size_t size, uint64_t delta)
{
    return export_increment(bucket, key, size, delta, COUNTER_SIGNED);
}

EXPORT(DRAFT_BATCH "#get-many", struct answer *, draft_get_many, struct bucket *bucket,
       struct buffer *keys, size_t count)
{
    return export_get_many(bucket, keys, count);
}

AFTER(DRAFT_BATCH "#get-many", draft_after_get_many)

#ifdef GET_MANY_PAIRS
#include "exports_pairs.h"
#else
EXPORT(DRAFT2_BATCH "#get-many", struct answer *, draft2_get_many, struct bucket *bucket,
       struct buffer *keys, size_t count)
{
    return export_get_many(bucket, keys, count);
}

AFTER(DRAFT2_BATCH "#get-many", draft2_after_get_many)
#endif

// ---- Compare and swap ----

RESOURCE(DRAFT2_ATOMICS, "[resource-new]cas") int32_t draft2_cas_handle(struct cas *cas);
RESOURCE(DRAFT2_ATOMICS, "[resource-rep]cas") struct cas *draft2_cas_of(int32_t handle);
RESOURCE(DRAFT2_ATOMICS, "[resource-drop]cas") void draft2_cas_drop(int32_t handle);

EXPORT(DRAFT2_ATOMICS "#[static]cas.new", struct answer *, draft2_cas_new, struct bucket *bucket,
       uint8_t *key, size_t size)
{
    struct cas *cas = malloc(sizeof *cas);
    enum status status =
        cas == NULL ? store_fail(store_of(bucket), "cas", NULL, NULL, STATUS_NO_MEMORY, NULL)
                    : store_cas(bucket, (struct bytes){key, size}, cas);
    memory_free(key, size);
    if (status == STATUS_OK) {
        answer.handle = draft2_cas_handle(cas);
    } else {
        free(cas);
    }
    return finish(bucket, status);
}

EXPORT(DRAFT2_ATOMICS "#[method]cas.current", struct answer *, draft2_cas_current,
       const struct cas *cas)
{
    enum status status = STATUS_OK;
    if (cas->found && buffer_copy(buffer_bytes(&cas->value), &given.value) != STATUS_OK) {
        struct bytes key = buffer_bytes(&cas->key);
        status = store_fail(store_of(cas->bucket), "current", NULL, &key, STATUS_NO_MEMORY, NULL);
    }
    return give_option(cas->bucket, status, cas->found);
}

AFTER(DRAFT2_ATOMICS "#[method]cas.current", draft2_after_cas_current)

EXPORT(DRAFT2_ATOMICS "#swap", struct answer *, draft2_swap, int32_t handle, uint8_t *value,
       size_t size)
{
    struct cas *cas = draft2_cas_of(handle);
    struct store *store = store_of(cas->bucket);
    enum status status = store_swap(cas, (struct bytes){value, size});
    memory_free(value, size);
    answer.failed = status != STATUS_OK;
    if (status == STATUS_CHANGED) {
        // The handle goes back, brought up to date.
        answer.cas_error.tag = cas_error_cas_failed;
        answer.cas_error.cas_failed = handle;
        return &answer;
    }
    draft2_cas_drop(handle);
    answer.cas_error.tag = cas_error_store_error;
    (void)fails(store, status, &answer.cas_error.store_error);
    return &answer;
}

EXPORT(DRAFT2_ATOMICS "#[dtor]cas", void, draft2_cas_destructor, struct cas *cas)
{
    store_cas_free(cas);
    free(cas);
}
