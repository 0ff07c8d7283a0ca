#include "store.h"

#include "change.h"
#include "failure.h"
#include "hex.h"
#include "mark.h"
#include "read.h"
#include "scan.h"

#include <stdlib.h>

// ---- The store and its buckets ----

void store_init(struct store *store, struct port *port)
{
    *store = (struct store){.port = port};
}

void store_free(struct store *store)
{
    bucket_forget(store);
    while (store->buckets != NULL) {
        struct bucket *bucket = store->buckets;
        store->buckets = bucket->next;
        bucket_free(bucket);
    }
    listing_free(&store->list);
}

struct store *store_of(const struct bucket *bucket)
{
    return bucket->store;
}

static struct bytes bucket_name(struct bytes identifier)
{
    return identifier.size == 0 ? BYTES("default") : identifier;
}

// Finds the directory of the bucket `name`, or makes it.
static enum status find_directory(struct store *store, const char *operation, struct bytes name,
                                  const struct path *path, bool create)
{
    char text[store_message_bytes_max];
    struct message why = {text, sizeof text - 1, 0};
    enum status status = bucket_find(store, path, create, &why);
    text[why.size] = '\0';
    return status == STATUS_OK
               ? STATUS_OK
               : store_fail(store, operation, &name, NULL, status, why.size > 0 ? text : NULL);
}

// The record is made first, so that running out of memory leaves nothing on the disk.
enum status store_open(struct store *store, struct bytes identifier, struct bucket **bucket)
{
    struct bytes name = bucket_name(identifier);
    struct path path;
    enum status status = bucket_path(store, name, &path);
    struct bucket *found = status == STATUS_OK ? bucket_known(store, &path) : NULL;
    struct bucket *made = NULL;
    if (status == STATUS_OK && found == NULL) {
        status = bucket_new(store, name, &path, &made);
    }
    if (status != STATUS_OK) {
        return store_fail(store, "open", &name, NULL, status, NULL);
    }
    status = find_directory(store, "open", name, &path, store->settings.create_buckets);
    if (status != STATUS_OK) {
        if (made != NULL) {
            bucket_free(made);
        }
        return status;
    }
    if (made != NULL) {
        bucket_link(made);
        found = made;
    }
    found->handles++;
    *bucket = found;
    return STATUS_OK;
}

void store_close(struct bucket *bucket)
{
    bucket_release(bucket);
}

enum status store_create_bucket(struct store *store, struct bytes identifier)
{
    struct bytes name = bucket_name(identifier);
    struct path path;
    enum status status = bucket_path(store, name, &path);
    if (status != STATUS_OK) {
        return store_fail(store, "create-bucket", &name, NULL, status, NULL);
    }
    return find_directory(store, "create-bucket", name, &path, true);
}

// ---- Batches ----

void store_batch_begin(struct bucket *bucket, const char *operation, size_t count)
{
    enum { worth_it_from = 3 }; // calls, for the two that opening the directory takes
    bucket->store->batch = operation;
    bucket->unsynced = false;
    bucket_forget(bucket->store); // what was opened before may be another bucket by now
    if (count >= worth_it_from) {
        bucket_keep(bucket);
    }
}

enum status store_batch_end(struct bucket *bucket, enum status status)
{
    struct store *store = bucket->store;
    if (bucket->unsynced) {
        enum status synced = bucket_sync(bucket);
        if (status == STATUS_OK) {
            status = failure_of_bucket(bucket, store->batch, synced);
        }
    }
    store->batch = NULL;
    if (store->changed != bucket && store->kept == bucket) {
        bucket_forget(store); // it was opened for reading alone
    }
    return status;
}

// ---- Reading ----

// Ends a read: what is no file is absent.
static enum status finish_read(struct bucket *bucket, const char *operation, struct bytes key,
                               enum status status, bool *found)
{
    if (status == STATUS_OK || read_is_absent(status)) {
        *found = status == STATUS_OK;
        return STATUS_OK;
    }
    return failure_of_key(bucket, operation, key, status);
}

// Reads go by path, since they have no commit that would prove an open directory
// to be the bucket's; but those of a batch are one call.
static struct place read_place(const struct bucket *bucket, const struct path *path)
{
    return bucket->store->batch != NULL ? bucket_place(bucket, path) : path_place(path);
}

enum status store_get(struct bucket *bucket, struct bytes key, bool *found, struct buffer *value)
{
    struct path path;
    enum status status = bucket_key(bucket, key, &path);
    if (status == STATUS_OK) {
        status = read_value(bucket->store->port, read_place(bucket, &path), value_bytes_max, value);
    }
    return finish_read(bucket, "get", key, status, found);
}

enum status store_exists(struct bucket *bucket, struct bytes key, bool *found)
{
    struct path path;
    struct port_stat stat;
    enum status status = bucket_key(bucket, key, &path);
    if (status == STATUS_OK) {
        status = read_stat(bucket->store->port, read_place(bucket, &path), &stat);
    }
    return finish_read(bucket, "exists", key, status, found);
}

// ---- Set and delete ----

// There is nothing to compute; but a key that is no file is refused.
static enum status set_decide(struct change *change)
{
    struct port_stat stat;
    enum status status = read_stat(change->bucket->store->port, change->place, &stat);
    return status == STATUS_NO_ENTRY ? STATUS_OK : status;
}

enum status store_set(struct bucket *bucket, struct bytes key, struct bytes value)
{
    struct change change = {.bucket = bucket, .value = value, .known = true, .decide = set_decide};
    enum status status =
        value.size > value_bytes_max ? STATUS_TOO_LARGE : bucket_key(bucket, key, &change.key);
    if (status == STATUS_OK) {
        status = change_write(&change);
    }
    return failure_of_key(bucket, "set", key, status);
}

enum status store_delete(struct bucket *bucket, struct bytes key)
{
    struct change change = {.bucket = bucket};
    enum status status = bucket_key(bucket, key, &change.key);
    if (status == STATUS_OK) {
        status = change_delete(&change);
    }
    return failure_of_key(bucket, "delete", key, status);
}

// ---- Increment ----

struct increment {
    struct change change;
    uint64_t delta;
    enum counter_sign sign;
    struct counter counter;
};

static enum status increment_decide(struct change *change)
{
    struct increment *increment = (struct increment *)change;
    struct store *store = change->bucket->store;
    struct buffer content = {NULL, 0};
    enum status status = read_value(store->port, change->place, counter_bytes_max, &content);
    struct bytes bytes = buffer_bytes(&content);
    if (status == STATUS_OK || status == STATUS_NO_ENTRY) {
        status = counter_add(status == STATUS_OK ? &bytes : NULL, increment->delta, increment->sign,
                             store->settings.counters, &increment->counter);
        change->value = (struct bytes){increment->counter.bytes, increment->counter.size};
    } else if (status == STATUS_TOO_LARGE) {
        status = STATUS_NOT_COUNTER;
    }
    buffer_free(&content);
    return status;
}

enum status store_increment(struct bucket *bucket, struct bytes key, uint64_t delta,
                            enum counter_sign sign, uint64_t *value)
{
    struct increment increment = {
        .change = {.bucket = bucket, .decide = increment_decide}, .delta = delta, .sign = sign};
    enum status status = bucket_key(bucket, key, &increment.change.key);
    if (status == STATUS_OK) {
        status = change_write(&increment.change);
    }
    if (status == STATUS_OK) {
        *value = increment.counter.value;
    }
    return failure_of_key(bucket, "increment", key, status);
}

// ---- Compare and swap ----

enum status store_cas(struct bucket *bucket, struct bytes key, struct cas *cas)
{
    struct cas made = {.bucket = bucket};
    struct path path;
    enum status status = bucket_key(bucket, key, &path);
    if (status == STATUS_OK) {
        status = buffer_copy(key, &made.key);
    }
    if (status == STATUS_OK) {
        status = read_value(bucket->store->port, path_place(&path), value_bytes_max, &made.value);
        made.found = status == STATUS_OK;
    }
    if (status != STATUS_OK && !read_is_absent(status)) {
        buffer_free(&made.key);
        return failure_of_key(bucket, "cas", key, status);
    }
    bucket->handles++;
    *cas = made;
    return STATUS_OK;
}

void store_cas_free(struct cas *cas)
{
    buffer_free(&cas->key);
    buffer_free(&cas->value);
    store_close(cas->bucket);
}

struct swap {
    struct change change;
    const struct cas *cas;
    bool found;         // instead of what was expected; it counts only once the turn
    struct buffer seen; // is known to have stood, so the swap may be decided again
};

static enum status swap_decide(struct change *change)
{
    struct swap *swap = (struct swap *)change;
    struct buffer seen = {NULL, 0};
    enum status status =
        read_value(change->bucket->store->port, change->place, value_bytes_max, &seen);
    if (status != STATUS_OK && status != STATUS_NO_ENTRY) {
        return status;
    }
    bool found = status == STATUS_OK;
    if (found == swap->cas->found &&
        bytes_equal(buffer_bytes(&seen), buffer_bytes(&swap->cas->value))) {
        buffer_free(&seen);
        return STATUS_OK;
    }
    buffer_free(&swap->seen);
    swap->seen = seen;
    swap->found = found;
    return STATUS_CHANGED;
}

// Ends a change that was to be made only if the key was unchanged: what was found
// instead becomes what `cas` saw.
static enum status swap_end(struct swap *swap, struct cas *cas, const char *operation,
                            enum status status)
{
    if (status == STATUS_CHANGED) {
        buffer_free(&cas->value);
        cas->value = swap->seen;
        cas->found = swap->found;
    } else {
        buffer_free(&swap->seen);
    }
    return failure_of_key(cas->bucket, operation, buffer_bytes(&cas->key), status);
}

enum status store_swap(struct cas *cas, struct bytes value)
{
    struct swap swap = {
        .change = {.bucket = cas->bucket, .value = value, .known = true, .decide = swap_decide},
        .cas = cas};
    enum status status = value.size > value_bytes_max
                             ? STATUS_TOO_LARGE
                             : bucket_key(cas->bucket, buffer_bytes(&cas->key), &swap.change.key);
    if (status == STATUS_OK) {
        status = change_write(&swap.change);
    }
    return swap_end(&swap, cas, "swap", status);
}

enum status store_remove(struct cas *cas)
{
    struct swap swap = {.change = {.bucket = cas->bucket, .decide = swap_decide}, .cas = cas};
    enum status status = bucket_key(cas->bucket, buffer_bytes(&cas->key), &swap.change.key);
    if (status == STATUS_OK) {
        status = change_delete(&swap.change);
    }
    return swap_end(&swap, cas, "delete", status);
}

// ---- Listing ----

// Makes the store's listing that of `owner`, the root's where that is NULL.
static void own_listing(struct store *store, const struct bucket *owner)
{
    if (store->list_bucket != owner) {
        listing_free(&store->list);
        store->list_bucket = owner;
    }
}

enum status store_list(struct bucket *bucket, const uint64_t *cursor, struct page *page)
{
    struct store *store = bucket->store;
    own_listing(store, bucket);
    enum status status;
    if (!scan_still_good(bucket, cursor, &status) && status == STATUS_OK) {
        status = scan_bucket(bucket, cursor);
    }
    if (status == STATUS_OK) {
        status = listing_take(&store->list, page);
    }
    return failure_of_bucket(bucket, "list-keys", status);
}

enum status store_list_text(struct bucket *bucket, const struct bytes *cursor, struct page *page)
{
    uint64_t value = 0;
    if (cursor != NULL && !hex_read_u64(cursor->data, cursor->size, &value)) {
        return failure_of_bucket(bucket, "list-keys", STATUS_BAD_CURSOR);
    }
    return store_list(bucket, cursor != NULL ? &value : NULL, page);
}

// Buckets come and go by hands, so this is a scan as it comes, each time.
enum status store_list_buckets(struct store *store, const uint64_t *cursor, struct page *page)
{
    struct path root;
    bucket_root(store, &root);
    own_listing(store, NULL);
    char text[store_message_bytes_max];
    struct message why = {text, sizeof text - 1, 0};
    enum status status = store->names_settled
                             ? STATUS_OK
                             : mark_check(store->port, &root, store->settings.names, false, &why);
    text[why.size] = '\0';
    if (status == STATUS_OK && !listing_has(&store->list, cursor)) {
        status = listing_scan(&store->list, store->port, &root, PORT_DIRECTORY,
                              store->settings.names, cursor);
    }
    if (status == STATUS_OK) {
        status = listing_take(&store->list, page);
    }
    if (status == STATUS_NO_SUCH_STORE) {
        status = STATUS_NO_ROOT;
    }
    return status == STATUS_OK
               ? STATUS_OK
               : store_fail(store, "buckets", NULL, NULL, status, why.size > 0 ? text : NULL);
}
