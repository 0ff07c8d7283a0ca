// exports.c: wasi:keyvalue, both drafts.
//
// The bindings have a set of names and types for each draft. What they share is
// written here once; exports_draft.h holds the exported functions and is
// included once for each draft, with DRAFT() naming which; what one draft has
// and the other has not follows at the end.
//
// Every export owns its arguments, but for borrowed handles, and frees them on
// every path. What it returns is the caller's, who frees it through the
// bindings' post-return functions: those free nothing of size 0.
#include "component.h"
#include "hex.h"
#include "instance.h"

#include <stdlib.h>

static struct bytes string_bytes(const component_string_t *string)
{
    return (struct bytes){string->ptr, string->len};
}

static struct bytes list_bytes(const component_list_u8_t *list)
{
    return (struct bytes){list->ptr, list->len};
}

// Hands a value over to the caller.
static component_list_u8_t give(struct value value)
{
    if (value.size == 0) {
        value_free(&value);
    }
    return (component_list_u8_t){value.data, value.size};
}

static component_option_list_u8_t give_option(bool found, struct value value)
{
    component_option_list_u8_t option = {.is_some = found};
    if (found) {
        option.val = give(value);
    }
    return option;
}

// A page's keys, as the list of strings they are to become.
static component_list_string_t give_keys(struct page *page)
{
    _Static_assert(sizeof(component_string_t) == sizeof(struct value) &&
                       offsetof(component_string_t, len) == offsetof(struct value, size),
                   "a value can be handed over as a string");
    for (size_t i = 0; i < page->key_count; i++) {
        if (page->keys[i].size == 0) {
            value_free(&page->keys[i]);
        }
    }
    if (page->key_count == 0) {
        page_free(page);
    }
    return (component_list_string_t){(component_string_t *)(void *)page->keys, page->key_count};
}

// Turns a status into what the bindings return; on failure fills the error in:
// its tag, and its text where it is `other`. Both drafts number them alike.
static bool answer(const struct store *store, enum status status, uint8_t *tag,
                   component_string_t *other)
{
    if (status == STATUS_OK) {
        return true;
    }
    if (status == STATUS_NO_SUCH_STORE) {
        *tag = EXPORTS_DRAFT_STORE_ERROR_NO_SUCH_STORE;
    } else if (status == STATUS_ACCESS) {
        *tag = EXPORTS_DRAFT_STORE_ERROR_ACCESS_DENIED;
    } else {
        *tag = EXPORTS_DRAFT_STORE_ERROR_OTHER;
        struct value text = {NULL, 0};
        // Without memory for its text, an error is still an error.
        (void)value_copy((struct bytes){(const uint8_t *)store->message, store->message_size},
                         &text);
        *other = (component_string_t){text.data, text.size};
    }
    return false;
}

static enum status open_bucket(struct bytes identifier, struct store **store,
                               struct bucket **bucket)
{
    const char *why;
    enum status status = instance_store(store, &why);
    if (status != STATUS_OK) {
        return store_fail(*store, "open", &identifier, NULL, status, why);
    }
    return store_open(*store, identifier, bucket);
}

// ---- Batches: each key on its own, and the rest left undone after a failure ----

// Frees a key and its value. The bindings' own function leaves the value.
static void free_pair(component_tuple2_string_list_u8_t *pair)
{
    component_string_free(&pair->f0);
    component_list_u8_free(&pair->f1);
}

static void free_slots(component_list_option_tuple2_string_list_u8_t *slots)
{
    for (size_t i = 0; i < slots->len; i++) {
        if (slots->ptr[i].is_some) {
            free_pair(&slots->ptr[i].val);
        }
    }
    free(slots->ptr);
    *slots = (component_list_option_tuple2_string_list_u8_t){NULL, 0};
}

static enum status get_many(struct bucket *bucket, component_list_string_t *keys,
                            component_list_option_tuple2_string_list_u8_t *result)
{
    struct store *store = store_of(bucket);
    component_list_option_tuple2_string_list_u8_t slots = {calloc(keys->len + 1, sizeof *slots.ptr),
                                                           keys->len};
    store->batch = "get-many";
    enum status status = STATUS_OK;
    if (slots.ptr == NULL) {
        slots.len = 0;
        status = store_fail(store, "get-many", NULL, NULL, STATUS_NO_MEMORY, NULL);
    }
    for (size_t i = 0; i < keys->len && status == STATUS_OK; i++) {
        bool found = false;
        struct value value;
        status = store_get(bucket, string_bytes(&keys->ptr[i]), &found, &value);
        if (status == STATUS_OK && found) {
            // The argument's key becomes the result's.
            slots.ptr[i].is_some = true;
            slots.ptr[i].val.f0 = keys->ptr[i];
            slots.ptr[i].val.f1 = give(value);
            keys->ptr[i] = (component_string_t){NULL, 0};
        }
    }
    store->batch = NULL;
    component_list_string_free(keys);
    if (status != STATUS_OK || slots.len == 0) {
        free_slots(&slots);
    }
    if (status == STATUS_OK) {
        *result = slots;
    }
    return status;
}

static enum status set_many(struct bucket *bucket, component_list_tuple2_string_list_u8_t *pairs)
{
    struct store *store = store_of(bucket);
    store->batch = "set-many";
    enum status status = STATUS_OK;
    for (size_t i = 0; i < pairs->len && status == STATUS_OK; i++) {
        status = store_set(bucket, string_bytes(&pairs->ptr[i].f0), list_bytes(&pairs->ptr[i].f1));
    }
    store->batch = NULL;
    for (size_t i = 0; i < pairs->len; i++) {
        free_pair(&pairs->ptr[i]);
    }
    if (pairs->len > 0) {
        free(pairs->ptr);
    }
    return status;
}

static enum status delete_many(struct bucket *bucket, component_list_string_t *keys)
{
    struct store *store = store_of(bucket);
    store->batch = "delete-many";
    enum status status = STATUS_OK;
    for (size_t i = 0; i < keys->len && status == STATUS_OK; i++) {
        status = store_delete(bucket, string_bytes(&keys->ptr[i]));
    }
    store->batch = NULL;
    component_list_string_free(keys);
    return status;
}

// ---- The exports both drafts have ----

#define DRAFT(name) exports_draft_##name
#include "exports_draft.h"
#undef DRAFT

#define DRAFT(name) exports_draft2_##name
#include "exports_draft.h"
#undef DRAFT

// ---- What differs ----

bool exports_draft_store_method_bucket_list_keys(exports_draft_store_borrow_bucket_t self,
                                                 uint64_t *maybe_cursor,
                                                 exports_draft_store_key_response_t *ret,
                                                 exports_draft_store_error_t *err)
{
    struct page page;
    enum status status = store_list((struct bucket *)self, maybe_cursor, &page);
    if (status == STATUS_OK) {
        ret->cursor.is_some = page.more;
        ret->cursor.val = page.cursor;
        ret->keys = give_keys(&page);
    }
    return answer(store_of((struct bucket *)self), status, &err->tag, &err->val.other);
}

bool exports_draft2_store_method_bucket_list_keys(exports_draft2_store_borrow_bucket_t self,
                                                  component_string_t *maybe_cursor,
                                                  exports_draft2_store_key_response_t *ret,
                                                  exports_draft2_store_error_t *err)
{
    enum { cursor_bytes = 16 };
    struct bytes text = {NULL, 0};
    if (maybe_cursor != NULL) {
        text = string_bytes(maybe_cursor);
    }
    // The next page's cursor first: with the page in hand, nothing may fail.
    struct page page = {NULL, 0, false, 0};
    uint8_t *cursor = malloc(cursor_bytes);
    enum status status =
        cursor == NULL
            ? store_fail(store_of((struct bucket *)self), "list-keys", NULL, NULL, STATUS_NO_MEMORY,
                         NULL)
            : store_list_text((struct bucket *)self, maybe_cursor != NULL ? &text : NULL, &page);
    ret->cursor.is_some = page.more;
    if (page.more) {
        hex_write_u64(page.cursor, cursor);
        ret->cursor.val = (component_string_t){cursor, cursor_bytes};
    } else {
        free(cursor);
    }
    if (status == STATUS_OK) {
        ret->keys = give_keys(&page);
    }
    if (maybe_cursor != NULL) {
        component_string_free(maybe_cursor);
    }
    return answer(store_of((struct bucket *)self), status, &err->tag, &err->val.other);
}

bool exports_draft_atomics_increment(exports_draft_atomics_borrow_bucket_t bucket,
                                     component_string_t *key, uint64_t delta, uint64_t *ret,
                                     exports_draft_atomics_error_t *err)
{
    enum status status =
        store_increment((struct bucket *)bucket, string_bytes(key), delta, COUNTER_UNSIGNED, ret);
    component_string_free(key);
    return answer(store_of((struct bucket *)bucket), status, &err->tag, &err->val.other);
}

bool exports_draft2_atomics_increment(exports_draft2_atomics_borrow_bucket_t bucket,
                                      component_string_t *key, int64_t delta, int64_t *ret,
                                      exports_draft2_atomics_error_t *err)
{
    uint64_t value = 0;
    enum status status = store_increment((struct bucket *)bucket, string_bytes(key),
                                         (uint64_t)delta, COUNTER_SIGNED, &value);
    *ret = (int64_t)value;
    component_string_free(key);
    return answer(store_of((struct bucket *)bucket), status, &err->tag, &err->val.other);
}

bool exports_draft2_atomics_static_cas_new(exports_draft2_atomics_borrow_bucket_t bucket,
                                           component_string_t *key,
                                           exports_draft2_atomics_own_cas_t *ret,
                                           exports_draft2_atomics_error_t *err)
{
    struct store *store = store_of((struct bucket *)bucket);
    struct cas *cas = malloc(sizeof *cas);
    enum status status = cas == NULL ? store_fail(store, "cas", NULL, NULL, STATUS_NO_MEMORY, NULL)
                                     : store_cas((struct bucket *)bucket, string_bytes(key), cas);
    component_string_free(key);
    if (status == STATUS_OK) {
        *ret = exports_draft2_atomics_cas_new((exports_draft2_atomics_cas_t *)cas);
    } else {
        free(cas);
    }
    return answer(store, status, &err->tag, &err->val.other);
}

bool exports_draft2_atomics_method_cas_current(exports_draft2_atomics_borrow_cas_t self,
                                               component_option_list_u8_t *ret,
                                               exports_draft2_atomics_error_t *err)
{
    const struct cas *cas = (const struct cas *)self;
    struct value value = {NULL, 0};
    enum status status = STATUS_OK;
    if (cas->found && value_copy(value_bytes(&cas->value), &value) != STATUS_OK) {
        struct bytes key = value_bytes(&cas->key);
        status = store_fail(store_of(cas->bucket), "current", NULL, &key, STATUS_NO_MEMORY, NULL);
    } else {
        *ret = give_option(cas->found, value);
    }
    return answer(store_of(cas->bucket), status, &err->tag, &err->val.other);
}

bool exports_draft2_atomics_swap(exports_draft2_atomics_own_cas_t cas, component_list_u8_t *value,
                                 exports_draft2_atomics_cas_error_t *err)
{
    struct cas *held = (struct cas *)exports_draft2_atomics_cas_rep(cas);
    struct store *store = store_of(held->bucket);
    enum status status = store_swap(held, list_bytes(value));
    component_list_u8_free(value);
    if (status == STATUS_CHANGED) {
        // The handle goes back, brought up to date.
        err->tag = EXPORTS_DRAFT2_ATOMICS_CAS_ERROR_CAS_FAILED;
        err->val.cas_failed = cas;
        return false;
    }
    exports_draft2_atomics_cas_drop_own(cas);
    err->tag = EXPORTS_DRAFT2_ATOMICS_CAS_ERROR_STORE_ERROR;
    return answer(store, status, &err->val.store_error.tag, &err->val.store_error.val.other);
}

void exports_draft2_atomics_cas_destructor(exports_draft2_atomics_cas_t *rep)
{
    struct cas *cas = (struct cas *)rep;
    store_cas_free(cas);
    free(cas);
}
