#include "bucket.h"

#include "mark.h"
#include "read.h"

#include <stdlib.h>

// ---- Paths ----

void bucket_root(const struct store *store, struct path *path)
{
    path_start(path, (struct bytes){store->settings.root, store->settings.root_size});
}

static enum status push_encoded(const struct store *store, struct bytes name, struct path *path)
{
    uint8_t file[name_bytes_max];
    size_t file_size;
    enum status status = name_encode(store->settings.names, name, file, &file_size);
    if (status == STATUS_OK) {
        path_push(path, (struct bytes){file, file_size});
    }
    return status;
}

enum status bucket_path(const struct store *store, struct bytes name, struct path *path)
{
    bucket_root(store, path);
    return push_encoded(store, name, path);
}

enum status bucket_key(const struct bucket *bucket, struct bytes key, struct path *path)
{
    path_copy(path, &bucket->path);
    return push_encoded(bucket->store, key, path);
}

port_handle bucket_kept(const struct bucket *bucket)
{
    return bucket->store->kept == bucket ? bucket->store->kept_directory : port_root;
}

struct place bucket_place(const struct bucket *bucket, const struct path *key)
{
    struct place place = path_place(key);
    if (bucket_kept(bucket) != port_root) {
        place.directory = bucket_kept(bucket);
        place.path.data += bucket->path.size + 1;
        place.path.size -= bucket->path.size + 1;
    }
    return place;
}

// ---- The directory that is kept open ----

// Closes the bucket's directory that was kept open, if there is one.
void bucket_forget(struct store *store)
{
    if (store->kept != NULL) {
        (void)port_close(store->port, store->kept_directory); // nothing was written
        store->kept = NULL;
    }
}

void bucket_forget_own(struct bucket *bucket)
{
    if (bucket->store->kept == bucket) {
        bucket_forget(bucket->store);
    }
}

void bucket_keep(struct bucket *bucket)
{
    struct store *store = bucket->store;
    if (store->kept != bucket) {
        bucket_forget(store);
        enum status status =
            port_open(store->port, path_place(&bucket->path), PORT_LIST, &store->kept_directory);
        store->kept = status == STATUS_OK ? bucket : NULL;
    }
}

// ---- Syncs ----

static enum status sync_directory(struct port *port, const struct path *path)
{
    port_handle directory;
    enum status status = port_open(port, path_place(path), PORT_LIST, &directory);
    if (status != STATUS_OK) {
        return status;
    }
    status = port_sync(port, directory);
    enum status closed = port_close(port, directory);
    return status != STATUS_OK ? status : closed;
}

// The root comes after the bucket: on file systems with a journal the second of
// the two then has nothing left to write.
static enum status sync_path_and_root(struct store *store, const struct path *path)
{
    struct path root;
    bucket_root(store, &root);
    enum status status = sync_directory(store->port, path);
    return status == STATUS_OK ? sync_directory(store->port, &root) : status;
}

enum status bucket_sync(struct bucket *bucket)
{
    struct store *store = bucket->store;
    if (store->settings.durable != DURABLE_ALL) {
        return STATUS_OK;
    }
    enum status status;
    if (!bucket->durable) {
        // The writer that made the bucket may have died before it synced it.
        status = sync_path_and_root(store, &bucket->path);
        bucket->durable = status == STATUS_OK;
    } else if (store->kept == bucket) {
        status = port_sync(store->port, store->kept_directory);
    } else {
        status = sync_directory(store->port, &bucket->path);
    }
    bucket->unsynced = status != STATUS_OK;
    return status;
}

// ---- Finding and making ----

static enum status no_root_if_gone(enum status status)
{
    return status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY ? STATUS_NO_ROOT : status;
}

static enum status find_root(struct store *store, const struct path *root)
{
    if (store->settings.root_size == 0) {
        return STATUS_OK; // the port has it open
    }
    struct port_stat stat;
    enum status status = read_stat_followed(store->port, path_place(root), &stat);
    if (status == STATUS_OK && stat.kind != PORT_DIRECTORY) {
        status = STATUS_NOT_DIRECTORY;
    }
    return no_root_if_gone(status);
}

// Makes the bucket's directory, in a root that is there and has the right names.
static enum status make_bucket(struct store *store, const struct path *path, struct message *why)
{
    struct path root;
    bucket_root(store, &root);
    enum status status = mark_check(store->port, &root, store->settings.names, true, why);
    if (status != STATUS_OK) {
        return status;
    }
    store->names_settled = true;
    status = port_make_directory(store->port, path_place(path));
    if (status != STATUS_OK && status != STATUS_EXISTS) {
        return no_root_if_gone(status);
    }
    return store->settings.durable == DURABLE_ALL ? sync_path_and_root(store, path) : STATUS_OK;
}

enum status bucket_find(struct store *store, const struct path *path, bool create,
                        struct message *why)
{
    struct path root;
    bucket_root(store, &root);
    struct port_stat stat;
    enum status status = read_stat_followed(store->port, path_place(path), &stat);
    if (status == STATUS_OK) {
        if (stat.kind != PORT_DIRECTORY) {
            return STATUS_NOT_BUCKET;
        }
        if (!store->names_settled) {
            status = mark_check(store->port, &root, store->settings.names, true, why);
            store->names_settled = status == STATUS_OK;
        }
        return status;
    }
    if (status != STATUS_NO_ENTRY && status != STATUS_NOT_DIRECTORY) {
        return status;
    }
    // A link that leads nowhere is no bucket, and in the way of one; but another
    // writer may have made the bucket by now.
    if (port_stat(store->port, path_place(path), &stat) == STATUS_OK &&
        stat.kind != PORT_DIRECTORY) {
        return STATUS_NOT_BUCKET;
    }
    status = find_root(store, &root);
    if (status == STATUS_OK && !create && !store->names_settled) {
        status = mark_check(store->port, &root, store->settings.names, false, why);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return create ? make_bucket(store, path, why) : STATUS_NO_SUCH_STORE;
}

// ---- Records ----

struct bucket *bucket_known(struct store *store, const struct path *path)
{
    for (struct bucket **link = &store->buckets; *link != NULL; link = &(*link)->next) {
        struct bucket *bucket = *link;
        if (bytes_equal(path_bytes(&bucket->path), path_bytes(path))) {
            *link = bucket->next;
            bucket_link(bucket);
            return bucket;
        }
    }
    return NULL;
}

void bucket_link(struct bucket *bucket)
{
    bucket->next = bucket->store->buckets;
    bucket->store->buckets = bucket;
}

enum status bucket_new(struct store *store, struct bytes identifier, const struct path *path,
                       struct bucket **bucket)
{
    struct bucket *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = buffer_copy(identifier, &made->identifier);
    if (status != STATUS_OK) {
        free(made);
        return status;
    }
    made->store = store;
    path_copy(&made->path, path);
    *bucket = made;
    return STATUS_OK;
}

void bucket_free(struct bucket *bucket)
{
    if (bucket->store->list_bucket == bucket) {
        listing_free(&bucket->store->list);
        bucket->store->list_bucket = NULL;
    }
    buffer_free(&bucket->identifier);
    free(bucket);
}

void bucket_release(struct bucket *bucket)
{
    struct store *store = bucket->store;
    bucket->handles--;
    if (bucket->handles == 0 && store->changed == bucket) {
        store->changed = NULL;
    }
    if (bucket->handles == 0) {
        bucket_forget_own(bucket);
    }
    unsigned idle = 0;
    struct bucket **last_idle = NULL;
    for (struct bucket **link = &store->buckets; *link != NULL; link = &(*link)->next) {
        if ((*link)->handles == 0) {
            idle++;
            last_idle = link;
        }
    }
    if (idle > store_idle_buckets_max) {
        struct bucket *freed = *last_idle;
        *last_idle = freed->next;
        bucket_free(freed);
    }
}
