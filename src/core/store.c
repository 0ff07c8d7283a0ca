#include "store.h"

#include "hex.h"
#include "mark.h"
#include "message.h"

#include <stdlib.h>

enum {
    losses_max = 1000,             // claims lost in a row before a change gives up: some 2 s
    write_bytes_max = 1024 * 1024, // in one call; hosts copy what they are given
};

struct bucket {
    struct store *store;
    struct bucket *next; // used before this one
    unsigned handles;    // openings not closed yet
    struct claim claim;
    struct path path;
    struct buffer identifier; // as it was asked for, for messages
};

// ---- Failures ----

enum status store_fail(struct store *store, const char *operation, const struct bytes *bucket,
                       const struct bytes *key, enum status status, const char *detail)
{
    struct message message = {store->message, store_message_bytes_max, 0};
    message_text(&message, store->batch != NULL ? store->batch : operation);
    if (bucket != NULL) {
        message_text(&message, ": bucket ");
        message_quoted(&message, *bucket);
    }
    if (key != NULL) {
        message_text(&message, ", key ");
        message_quoted(&message, *key);
    }
    message_text(&message, ": ");
    message_text(&message, detail != NULL ? detail : status_text(status));
    if (status == STATUS_NAME_TOO_LONG) {
        struct bytes name = key != NULL ? *key : *bucket;
        message_text(&message, ": ");
        message_number(&message, name.size);
        message_text(&message, " bytes, ");
        message_number(&message, name_encoded_size(store->settings.names, name));
        message_text(&message, " as a file name, of which at most ");
        message_number(&message, name_bytes_max);
        message_text(&message, " fit; use a shorter one");
    }
    store->message_size = message.size;
    return status;
}

// Ends an operation on a key: a failure gets its message.
static enum status finish(struct bucket *bucket, const char *operation, struct bytes key,
                          enum status status)
{
    if (status == STATUS_OK || status == STATUS_CHANGED) {
        return status;
    }
    struct bytes identifier = buffer_bytes(&bucket->identifier);
    return store_fail(bucket->store, operation, &identifier, &key, status, NULL);
}

// ---- The store and its buckets ----

void store_init(struct store *store, struct port *port)
{
    *store = (struct store){.port = port};
}

// Closes the bucket's directory that was kept open, if there is one.
static void forget_directory(struct store *store)
{
    if (store->kept != NULL) {
        (void)store->port->close(store->port, store->kept_directory); // nothing was written
        store->kept = NULL;
    }
}

static void bucket_free(struct bucket *bucket)
{
    if (bucket->store->list_bucket == bucket) {
        listing_free(&bucket->store->list);
        bucket->store->list_bucket = NULL;
    }
    buffer_free(&bucket->identifier);
    free(bucket);
}

void store_free(struct store *store)
{
    forget_directory(store);
    while (store->buckets != NULL) {
        struct bucket *bucket = store->buckets;
        store->buckets = bucket->next;
        bucket_free(bucket);
    }
    listing_free(&store->list);
}

static void root_path(const struct store *store, struct path *path)
{
    path_start(path, (struct bytes){store->settings.root, store->settings.root_size});
}

// Syncs a directory's entries, where the setting asks for it.
static enum status sync_directory(struct store *store, const struct path *path)
{
    if (!store->settings.durable) {
        return STATUS_OK;
    }
    port_handle directory;
    enum status status =
        store->port->open(store->port, port_root, path_bytes(path), PORT_LIST, &directory);
    if (status != STATUS_OK) {
        return status;
    }
    status = store->port->sync(store->port, directory);
    enum status closed = store->port->close(store->port, directory);
    return status != STATUS_OK ? status : closed;
}

static enum status no_root_if_gone(enum status status)
{
    return status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY ? STATUS_NO_ROOT : status;
}

// Makes the bucket's directory if that is wanted and the root is there.
static enum status make_bucket(struct store *store, const struct path *path, bool wanted)
{
    struct port *port = store->port;
    struct path root;
    root_path(store, &root);
    if (store->settings.root_size > 0) {
        struct port_stat look;
        enum status status = port->look(port, port_root, path_bytes(&root), &look);
        // A link is followed on the way to a bucket, so it can be a root.
        if (status == STATUS_OK && look.kind != PORT_DIRECTORY && look.kind != PORT_SYMLINK) {
            status = STATUS_NOT_DIRECTORY;
        }
        if (status != STATUS_OK) {
            return no_root_if_gone(status);
        }
    }
    if (!wanted) {
        return STATUS_NO_SUCH_STORE;
    }
    enum status status = port->make_directory(port, path_bytes(path));
    if (status != STATUS_OK && status != STATUS_EXISTS) {
        return no_root_if_gone(status);
    }
    return sync_directory(store, &root);
}

// Sees to it that there is a directory at `path`; `create` says to make it.
static enum status find_bucket(struct store *store, const struct path *path, bool create)
{
    struct port_stat look;
    enum status status = store->port->look(store->port, port_root, path_bytes(path), &look);
    if (status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY) {
        return make_bucket(store, path, create);
    }
    if (status != STATUS_OK) {
        return status;
    }
    return look.kind == PORT_DIRECTORY ? STATUS_OK : STATUS_NOT_BUCKET;
}

// The bucket at `path` if this store has it already, moved to the front.
static struct bucket *known_bucket(struct store *store, const struct path *path)
{
    for (struct bucket **link = &store->buckets; *link != NULL; link = &(*link)->next) {
        struct bucket *bucket = *link;
        if (bytes_equal(path_bytes(&bucket->path), path_bytes(path))) {
            *link = bucket->next;
            bucket->next = store->buckets;
            store->buckets = bucket;
            return bucket;
        }
    }
    return NULL;
}

static enum status new_bucket(struct store *store, struct bytes identifier, const struct path *path,
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
    made->next = store->buckets;
    store->buckets = made;
    *bucket = made;
    return STATUS_OK;
}

// The path of the bucket `name`, once there is a directory.
static enum status bucket_path(struct store *store, struct bytes name, bool create,
                               struct path *path)
{
    uint8_t file[name_bytes_max];
    size_t file_size;
    enum status status = name_encode(store->settings.names, name, file, &file_size);
    if (status != STATUS_OK) {
        return status;
    }
    root_path(store, path);
    path_push(path, (struct bytes){file, file_size});
    status = find_bucket(store, path, create);
    if (status == STATUS_OK) {
        store->names_settled = true; // of a root that is there
    }
    return status;
}

// Sees to it, before the store's first use, that the root has the names that the
// settings ask for. A failure gets its message.
static enum status settle_names(struct store *store, const char *operation,
                                const struct bytes *bucket)
{
    if (store->names_settled) {
        return STATUS_OK;
    }
    struct path root;
    root_path(store, &root);
    char text[store_message_bytes_max];
    struct message why = {text, sizeof text - 1, 0};

    enum status status = mark_check(store->port, &root, store->settings.names, &why);
    text[why.size] = '\0';
    return status == STATUS_OK
               ? STATUS_OK
               : store_fail(store, operation, bucket, NULL, status, why.size > 0 ? text : NULL);
}

static struct bytes bucket_name(struct bytes identifier)
{
    return identifier.size == 0 ? BYTES("default") : identifier;
}

enum status store_open(struct store *store, struct bytes identifier, struct bucket **bucket)
{
    struct bytes name = bucket_name(identifier);
    struct path path;
    struct bucket *found = NULL;
    enum status status = settle_names(store, "open", &name);
    if (status != STATUS_OK) {
        return status;
    }
    status = bucket_path(store, name, store->settings.create_buckets, &path);
    if (status == STATUS_OK) {
        found = known_bucket(store, &path);
        status = found != NULL ? STATUS_OK : new_bucket(store, name, &path, &found);
    }
    if (status != STATUS_OK) {
        return store_fail(store, "open", &name, NULL, status, NULL);
    }
    found->handles++;
    *bucket = found;
    return STATUS_OK;
}

void store_close(struct bucket *bucket)
{
    struct store *store = bucket->store;
    bucket->handles--;
    if (bucket->handles == 0 && store->changed == bucket) {
        store->changed = NULL;
    }
    if (bucket->handles == 0 && store->kept == bucket) {
        forget_directory(store);
    }
    // An idle bucket keeps its claim, which the next change then need not take;
    // but only so many, the longest unused one going first.
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

enum status store_create_bucket(struct store *store, struct bytes identifier)
{
    struct bytes name = bucket_name(identifier);
    struct path path;
    enum status status = settle_names(store, "create-bucket", &name);
    if (status != STATUS_OK) {
        return status;
    }
    status = bucket_path(store, name, true, &path);
    return status == STATUS_OK ? STATUS_OK
                               : store_fail(store, "create-bucket", &name, NULL, status, NULL);
}

struct store *store_of(const struct bucket *bucket)
{
    return bucket->store;
}

// ---- Reading ----

static enum status key_path(const struct bucket *bucket, struct bytes key, struct path *path)
{
    uint8_t file[name_bytes_max];
    size_t file_size;
    enum status status = name_encode(bucket->store->settings.names, key, file, &file_size);
    if (status != STATUS_OK) {
        return status;
    }
    path_copy(path, &bucket->path);
    path_push(path, (struct bytes){file, file_size});
    return STATUS_OK;
}

// A path, and the directory that it is relative to.
struct place {
    port_handle directory;
    struct bytes path;
};

static struct place from_root(const struct path *path)
{
    return (struct place){port_root, path_bytes(path)};
}

// Looks for a value. STATUS_NO_ENTRY, or what is there instead of a file.
static enum status look_for_value(struct port *port, struct place place, uint64_t *size)
{
    struct port_stat look;
    enum status status = port->look(port, place.directory, place.path, &look);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_DIRECTORY ? STATUS_NO_SUCH_STORE : status;
    }
    switch (look.kind) {
    case PORT_FILE:
        *size = look.size;
        return STATUS_OK;
    case PORT_DIRECTORY:
        return STATUS_IS_DIRECTORY;
    case PORT_SYMLINK:
        return STATUS_IS_SYMLINK;
    case PORT_PIPE:
        return STATUS_IS_PIPE;
    case PORT_SPECIAL:
    case PORT_UNKNOWN:
        return STATUS_IS_SPECIAL;
    }
    return STATUS_IS_SPECIAL;
}

// To a reader, what is no file is not there.
static bool is_absent(enum status status)
{
    return status == STATUS_NO_ENTRY || status == STATUS_IS_DIRECTORY ||
           status == STATUS_IS_SYMLINK || status == STATUS_IS_PIPE || status == STATUS_IS_SPECIAL;
}

// Reads an open file whole. `size` is what a look said; the file may be another
// one by now. Room is made for one byte more, so that a read that comes back
// one short shows the end without another call; but not on a host that was seen
// to give less than there is.
static enum status read_all(struct port *port, port_handle file, size_t size, struct buffer *value)
{
    size_t room = size + 1;
    uint8_t *data = malloc(room);
    if (data == NULL) {
        return STATUS_NO_MEMORY;
    }
    size_t total = 0;
    bool full_reads = true;
    for (;;) {
        if (total == room) {
            uint8_t *larger = room > SIZE_MAX / 2 ? NULL : buffer_grow(data, room, room * 2);
            if (larger == NULL) {
                free(data);
                return STATUS_NO_MEMORY;
            }
            data = larger;
            room *= 2;
        }
        size_t asked = room - total < port_read_bytes_max ? room - total : port_read_bytes_max;
        size_t got;
        enum status status = port->read(port, file, data + total, asked, total, &got);
        if (status != STATUS_OK) {
            free(data);
            return status;
        }
        total += got;
        if (got == 0 || (got < asked && total == size && full_reads)) {
            *value = (struct buffer){data, total};
            return STATUS_OK;
        }
        full_reads = full_reads && got == asked;
    }
}

// Reads the value at `place`. STATUS_NO_ENTRY, or what is there instead of it.
// More than `most` bytes are STATUS_TOO_LARGE.
static enum status read_value(struct port *port, struct place place, uint64_t most,
                              struct buffer *value)
{
    uint64_t size;
    enum status status = look_for_value(port, place, &size);
    if (status != STATUS_OK) {
        return status;
    }
    if (size > most) {
        return STATUS_TOO_LARGE;
    }
    port_handle file;
    status = port->open(port, place.directory, place.path, PORT_READ, &file);
    if (status != STATUS_OK) {
        return status;
    }
    struct buffer made;
    status = read_all(port, file, (size_t)size, &made);
    // Nothing was written, so whatever close says, the value is what was read.
    (void)port->close(port, file);
    if (status == STATUS_OK) {
        *value = made;
    } else if (status == STATUS_NO_ENTRY || status == STATUS_IS_SYMLINK) {
        // Of an open file these say nothing about the key: a counter must not
        // start again from 0.
        status = STATUS_IO;
    }
    return status;
}

enum { value_bytes_max = INT32_MAX }; // half of what a 32-bit memory can hold

enum status store_get(struct bucket *bucket, struct bytes key, bool *found, struct buffer *value)
{
    struct path path;
    enum status status = key_path(bucket, key, &path);
    if (status == STATUS_OK) {
        status = read_value(bucket->store->port, from_root(&path), value_bytes_max, value);
    }
    if (status == STATUS_OK || is_absent(status)) {
        *found = status == STATUS_OK;
        return STATUS_OK;
    }
    return finish(bucket, "get", key, status);
}

enum status store_exists(struct bucket *bucket, struct bytes key, bool *found)
{
    struct path path;
    enum status status = key_path(bucket, key, &path);
    if (status == STATUS_OK) {
        uint64_t size;
        status = look_for_value(bucket->store->port, from_root(&path), &size);
    }
    if (status == STATUS_OK || is_absent(status)) {
        *found = status == STATUS_OK;
        return STATUS_OK;
    }
    return finish(bucket, "exists", key, status);
}

// ---- Changing ----

// What a change does between the claim and its commit. Each step that finds
// the claim gone returns STATUS_LOST and is done again from the start.
struct change {
    enum status (*step)(struct bucket *bucket, struct change *change);
    struct path *path;  // of the key
    struct bytes value; // to write
    struct cas *cas;    // swap: what is expected,
    struct buffer seen; // and what was found instead,
    bool found;         // if anything
    struct counter *counter;
    uint64_t delta;
    enum counter_sign sign;
    unsigned losses; // of the claim so far,
    uint64_t waited; // and nanoseconds spent waiting behind them
};

// Takes the claim. Changes that are to be durable need a bucket that is: whoever
// made its directory may not have synced the root, or died before.
static enum status take(struct bucket *bucket)
{
    struct store *store = bucket->store;
    enum status status = claim_take(store->port, &bucket->path, &bucket->claim);
    if (status == STATUS_OK) {
        struct path root;
        root_path(store, &root);
        status = sync_directory(store, &root);
        bucket->claim.held = status == STATUS_OK;
    }
    return status;
}

// Keeps the directory of a bucket open that was changed twice in a row, in place of
// any other's: a host takes a path from there with fewer calls of its own. Only
// behind a commit, where it is a directory: hosts block for ever in opening a pipe.
// A person may move the directory away and make another one meanwhile. So
// whatever was done in it counts only once a call that goes by path, from the
// root, has found our claim: that is in the same directory, or it is lost.
static void keep_directory(struct bucket *bucket)
{
    struct store *store = bucket->store;
    if (store->changed == bucket && store->kept != bucket) {
        forget_directory(store);
        enum status status = store->port->open(store->port, port_root, path_bytes(&bucket->path),
                                               PORT_LIST, &store->kept_directory);
        // Without it all goes by path.
        store->kept = status == STATUS_OK ? bucket : NULL;
    }
    store->changed = bucket;
}

// Where a change finds what the path in its bucket names.
static struct place from_kept(const struct bucket *bucket, const struct path *path)
{
    struct place place = from_root(path);
    if (bucket->store->kept == bucket) {
        place.directory = bucket->store->kept_directory;
        place.path.data += bucket->path.size + 1;
        place.path.size -= bucket->path.size + 1;
    }
    return place;
}

// Does a change under a claim, again for as long as the claim gets lost.
static enum status run(struct bucket *bucket, struct change *change)
{
    struct port *port = bucket->store->port;
    while (change->losses++ < losses_max) {
        enum status status = STATUS_OK;
        if (!bucket->claim.held) {
            status = take(bucket);
        }
        if (status == STATUS_OK) {
            status = change->step(bucket, change);
        }
        if (status != STATUS_LOST) {
            return status;
        }
        bucket->claim.held = false;
        forget_directory(bucket->store);
        change->waited += claim_wait(port, change->losses);
    }
    return STATUS_BUSY;
}

// Ends a change of a key: as finish() does, but whoever gives up says after what.
static enum status finish_change(struct bucket *bucket, const char *operation, struct bytes key,
                                 enum status status, const struct change *change)
{
    if (status != STATUS_BUSY) {
        return finish(bucket, operation, key, status);
    }
    char text[160];
    struct message detail = {text, sizeof text - 1, 0};
    message_text(&detail, "other writers took the bucket ");
    message_number(&detail, losses_max);
    message_text(&detail, " times in a row, over ");
    message_number(&detail, change->waited / (1000 * 1000));
    message_text(&detail, " ms; nothing was changed; try again later or with fewer writers");
    text[detail.size] = '\0';
    struct bytes identifier = buffer_bytes(&bucket->identifier);
    return store_fail(bucket->store, operation, &identifier, &key, status, text);
}

// A file inside the claim's directory, through which a commit goes.
static struct path scratch_file(const struct bucket *bucket, struct bytes name)
{
    struct path path;
    claim_path(&bucket->claim, &bucket->path, &path);
    path_push(&path, name);
    return path;
}

static enum status lost_if_gone(enum status status)
{
    return status == STATUS_NO_ENTRY ? STATUS_LOST : status;
}

// Writes and, where the setting says so, syncs.
static enum status write_all(struct store *store, port_handle file, struct bytes value)
{
    struct port *port = store->port;
    size_t total = 0;
    while (total < value.size) {
        size_t left = value.size - total;
        size_t size = left < write_bytes_max ? left : write_bytes_max;
        size_t written;
        enum status status = port->write(port, file, value.data + total, size, total, &written);
        if (status != STATUS_OK) {
            return status;
        }
        if (written == 0) {
            return STATUS_IO; // a host that breaks its promise must not hang us
        }
        total += written;
    }
    return store->settings.durable ? port->sync(port, file) : STATUS_OK;
}

// Renames the new value over the key: the commit.
static enum status commit(struct bucket *bucket, const struct path *scratch, struct change *change)
{
    struct store *store = bucket->store;
    struct place place = from_kept(bucket, change->path);
    enum status status = lost_if_gone(
        store->port->rename(store->port, path_bytes(scratch), place.directory, place.path));
    if (status == STATUS_OK && store->kept != bucket) {
        status = sync_directory(store, &bucket->path);
    } else if (status == STATUS_OK && store->settings.durable) {
        status = store->port->sync(store->port, place.directory);
    }
    if (status == STATUS_OK) {
        keep_directory(bucket);
    }
    return status;
}

// The new value of an update, computed from what the key has now.
typedef enum status (*change_compute)(struct bucket *bucket, struct change *change);

// Creates the new file, computes and writes the value, and commits. The file is
// created before the key is read: then the claim stood when it was read.
static enum status write_step(struct bucket *bucket, struct change *change, change_compute compute)
{
    struct port *port = bucket->store->port;
    struct path scratch = scratch_file(bucket, BYTES("new"));
    struct place place = from_kept(bucket, &scratch);
    port_handle file;
    enum status status =
        lost_if_gone(port->open(port, place.directory, place.path, PORT_CREATE, &file));
    if (status != STATUS_OK) {
        return status;
    }
    status = compute(bucket, change);
    if (status == STATUS_OK) {
        status = write_all(bucket->store, file, change->value);
    }
    enum status closed = port->close(port, file);
    if (status == STATUS_OK) {
        status = closed;
    }
    if (status == STATUS_OK) {
        return commit(bucket, &scratch, change);
    }
    // Not to leave litter; where this fails, the next change overwrites it. But
    // what is refused, is refused under a claim.
    enum status removed = port->remove_file(port, path_bytes(&scratch));
    return removed == STATUS_NO_ENTRY ? STATUS_LOST : status;
}

// There is nothing to compute; but a key that is no file is refused.
static enum status set_compute(struct bucket *bucket, struct change *change)
{
    uint64_t size;
    enum status status =
        look_for_value(bucket->store->port, from_kept(bucket, change->path), &size);
    return status == STATUS_NO_ENTRY ? STATUS_OK : status;
}

static enum status set_step(struct bucket *bucket, struct change *change)
{
    return write_step(bucket, change, set_compute);
}

enum status store_set(struct bucket *bucket, struct bytes key, struct bytes value)
{
    struct path path;
    struct change change = {.step = set_step, .path = &path, .value = value};
    enum status status = key_path(bucket, key, &path);
    if (status == STATUS_OK) {
        status = run(bucket, &change);
    }
    return finish_change(bucket, "set", key, status, &change);
}

// A key that is not there needs no removing, but its bucket must be there.
static enum status nothing_to_delete(struct bucket *bucket)
{
    struct port_stat look;
    enum status status =
        bucket->store->port->look(bucket->store->port, port_root, path_bytes(&bucket->path), &look);
    if (status == STATUS_OK && look.kind == PORT_DIRECTORY) {
        // Another writer may have taken the key away and not have synced that yet.
        return sync_directory(bucket->store, &bucket->path);
    }
    return status == STATUS_OK || status == STATUS_NO_ENTRY ? STATUS_NO_SUCH_STORE : status;
}

static enum status delete_step(struct bucket *bucket, struct change *change)
{
    struct port *port = bucket->store->port;
    struct path scratch = scratch_file(bucket, BYTES("old"));
    enum status status =
        port->rename(port, path_bytes(change->path), port_root, path_bytes(&scratch));
    if (status == STATUS_NO_ENTRY) {
        // Either the key or the claim is gone.
        struct path claim;
        claim_path(&bucket->claim, &bucket->path, &claim);
        struct port_stat look;
        status = lost_if_gone(port->look(port, port_root, path_bytes(&claim), &look));
        return status == STATUS_OK ? sync_directory(bucket->store, &bucket->path) : status;
    }
    if (status == STATUS_OK) {
        status = sync_directory(bucket->store, &bucket->path);
        // The key is gone. Should this fail, the next delete replaces the file
        // and the next writer removes it.
        (void)port->remove_file(port, path_bytes(&scratch));
    }
    return status;
}

enum status store_delete(struct bucket *bucket, struct bytes key)
{
    struct path path;
    struct change change = {.step = delete_step, .path = &path};
    enum status status = key_path(bucket, key, &path);
    if (status == STATUS_OK) {
        uint64_t size;
        status = look_for_value(bucket->store->port, from_root(&path), &size);
    }
    if (status == STATUS_OK) {
        status = run(bucket, &change);
    } else if (status == STATUS_NO_ENTRY) {
        status = nothing_to_delete(bucket);
    }
    return finish_change(bucket, "delete", key, status, &change);
}

static enum status increment_compute(struct bucket *bucket, struct change *change)
{
    struct buffer content = {NULL, 0};
    enum status status = read_value(bucket->store->port, from_kept(bucket, change->path),
                                    counter_bytes_max, &content);
    struct bytes bytes = buffer_bytes(&content);
    if (status == STATUS_OK || status == STATUS_NO_ENTRY) {
        status = counter_add(status == STATUS_OK ? &bytes : NULL, change->delta, change->sign,
                             change->counter);
        change->value = (struct bytes){change->counter->bytes, change->counter->size};
    } else if (status == STATUS_TOO_LARGE) {
        status = STATUS_NOT_COUNTER;
    }
    buffer_free(&content);
    return status;
}

static enum status increment_step(struct bucket *bucket, struct change *change)
{
    return write_step(bucket, change, increment_compute);
}

enum status store_increment(struct bucket *bucket, struct bytes key, uint64_t delta,
                            enum counter_sign sign, uint64_t *value)
{
    struct counter counter;
    struct path path;
    struct change change = {
        .step = increment_step, .path = &path, .counter = &counter, .delta = delta, .sign = sign};
    enum status status = key_path(bucket, key, &path);
    if (status == STATUS_OK) {
        status = run(bucket, &change);
    }
    if (status == STATUS_OK) {
        *value = counter.value;
    }
    return finish_change(bucket, "increment", key, status, &change);
}

// ---- Compare and swap ----

enum status store_cas(struct bucket *bucket, struct bytes key, struct cas *cas)
{
    struct cas made = {.bucket = bucket};
    struct path path;
    enum status status = key_path(bucket, key, &path);
    if (status == STATUS_OK) {
        status = buffer_copy(key, &made.key);
    }
    if (status == STATUS_OK) {
        status = read_value(bucket->store->port, from_root(&path), value_bytes_max, &made.value);
        made.found = status == STATUS_OK;
    }
    if (status != STATUS_OK && !is_absent(status)) {
        buffer_free(&made.key);
        return finish(bucket, "cas", key, status);
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

static enum status swap_compute(struct bucket *bucket, struct change *change)
{
    const struct cas *cas = change->cas;
    struct buffer seen = {NULL, 0};
    enum status status =
        read_value(bucket->store->port, from_kept(bucket, change->path), value_bytes_max, &seen);
    if (status != STATUS_OK && status != STATUS_NO_ENTRY) {
        return status;
    }
    bool found = status == STATUS_OK;
    if (found == cas->found && bytes_equal(buffer_bytes(&seen), buffer_bytes(&cas->value))) {
        buffer_free(&seen);
        return STATUS_OK;
    }
    buffer_free(&change->seen);
    change->seen = seen;
    change->found = found;
    return STATUS_CHANGED;
}

static enum status swap_step(struct bucket *bucket, struct change *change)
{
    return write_step(bucket, change, swap_compute);
}

enum status store_swap(struct cas *cas, struct bytes value)
{
    struct path path;
    struct change change = {.step = swap_step, .path = &path, .cas = cas, .value = value};
    struct bytes key = buffer_bytes(&cas->key);
    enum status status = key_path(cas->bucket, key, &path);
    if (status == STATUS_OK) {
        status = run(cas->bucket, &change);
    }
    if (status == STATUS_CHANGED) {
        buffer_free(&cas->value);
        cas->value = change.seen;
        cas->found = change.found;
    } else {
        buffer_free(&change.seen);
    }
    return finish_change(cas->bucket, "swap", key, status, &change);
}

// ---- Listing ----

static enum status finish_list(struct bucket *bucket, enum status status)
{
    struct bytes identifier = buffer_bytes(&bucket->identifier);
    return status == STATUS_OK
               ? STATUS_OK
               : store_fail(bucket->store, "list-keys", &identifier, NULL, status, NULL);
}

// Gets a page of `owner`'s listing, the root's where that is NULL; what was kept
// for another is dropped.
static enum status next_page(struct store *store, const struct bucket *owner,
                             const struct path *path, enum port_kind kind, const uint64_t *cursor,
                             struct page *page)
{
    if (store->list_bucket != owner) {
        listing_free(&store->list);
        store->list_bucket = owner;
    }
    return listing_page(&store->list, store->port, path, kind, store->settings.names, cursor, page);
}

enum status store_list(struct bucket *bucket, const uint64_t *cursor, struct page *page)
{
    return finish_list(bucket,
                       next_page(bucket->store, bucket, &bucket->path, PORT_FILE, cursor, page));
}

enum status store_list_buckets(struct store *store, const uint64_t *cursor, struct page *page)
{
    enum status status = settle_names(store, "buckets", NULL);
    if (status != STATUS_OK) {
        return status;
    }
    struct path root;
    root_path(store, &root);
    status = next_page(store, NULL, &root, PORT_DIRECTORY, cursor, page);
    if (status == STATUS_NO_SUCH_STORE) {
        status = STATUS_NO_ROOT;
    }
    return status == STATUS_OK ? STATUS_OK : store_fail(store, "buckets", NULL, NULL, status, NULL);
}

enum status store_list_text(struct bucket *bucket, const struct bytes *cursor, struct page *page)
{
    uint64_t value = 0;
    if (cursor != NULL && !hex_read_u64(cursor->data, cursor->size, &value)) {
        return finish_list(bucket, STATUS_BAD_CURSOR);
    }
    return store_list(bucket, cursor != NULL ? &value : NULL, page);
}
