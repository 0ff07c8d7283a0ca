#include "change.h"

#include "read.h"

enum {
    tries_max = 100,                 // of one change; each but the last was revoked
    write_bytes_max = 1024 * 1024,   // in one call; hosts copy what they are given
    in_series_bytes_max = 64 * 1024, // of a value that is written while it is our turn
};

// The letter of a change's patience: what syncs under its turn takes longer, and
// so does what was revoked before.
static unsigned letter_of(const struct bucket *bucket, bool syncs, unsigned tries)
{
    bool slow = syncs && bucket->store->settings.durable != DURABLE_NONE;
    return (slow ? patience_letter_sync : 0) + tries;
}

static struct turn_try try_of(struct bucket *bucket, unsigned letter)
{
    return (struct turn_try){.turn = &bucket->turn,
                             .port = bucket->store->port,
                             .bucket = &bucket->path,
                             .kept = port_root,
                             .letter = letter};
}

// The end of every change: the bucket's directory is worth keeping open, and what a
// listing has kept is out of date.
static enum status changed(struct bucket *bucket)
{
    struct store *store = bucket->store;
    if (store->list_bucket == bucket) {
        listing_free(&store->list);
    }
    if (store->changed == bucket && bucket->turn.series) {
        bucket_keep(bucket);
    }
    store->changed = bucket;
    bucket->unsynced = true;
    return store->batch != NULL ? STATUS_OK : bucket_sync(bucket);
}

// Does a try again for as long as its turn gets revoked.
static enum status again(struct bucket *bucket, enum status status, unsigned *tries)
{
    if (status != STATUS_LOST) {
        return status;
    }
    bucket->turn.series = false;
    bucket_forget(bucket->store);
    return ++*tries < tries_max ? STATUS_LOST : STATUS_BUSY;
}

// ---- Writing ----

// A file under way.
struct writing {
    struct turn_try try;
    port_handle file;
    bool open;
};

static enum status write_all(struct store *store, port_handle file, struct bytes value)
{
    size_t total = 0;
    while (total < value.size) {
        size_t left = value.size - total;
        size_t size = left < write_bytes_max ? left : write_bytes_max;
        size_t written;
        enum status status =
            port_write(store->port, file, value.data + total, size, total, &written);
        if (status != STATUS_OK) {
            return status;
        }
        if (written == 0) {
            return STATUS_IO; // a host that breaks its promise must not hang us
        }
        total += written;
    }
    return store->settings.durable != DURABLE_NONE ? port_sync(store->port, file) : STATUS_OK;
}

static enum status close_file(struct writing *writing)
{
    if (!writing->open) {
        return STATUS_OK;
    }
    writing->open = false;
    return port_close(writing->try.port, writing->file);
}

static enum status fill(struct writing *writing, const struct change *change)
{
    enum status status = write_all(change->bucket->store, writing->file, change->value);
    enum status closed = close_file(writing);
    return status != STATUS_OK ? status : closed;
}

static enum status open_file(struct writing *writing)
{
    enum status status = turn_open_file(&writing->try, &writing->file);
    writing->open = status == STATUS_OK;
    return status;
}

// True for a value that is written before the turn is taken: a known one whose
// writing may take long. A small one goes into a series in place.
static bool is_prepared(const struct change *change)
{
    return change->known && (change->value.size > in_series_bytes_max ||
                             change->bucket->store->settings.durable != DURABLE_NONE);
}

// Makes the change's file and takes the turn, in the order that suits the value.
static enum status begin(struct writing *writing, struct change *change)
{
    struct turn_try *try = &writing->try;
    change->place = path_place(&change->key);
    if (is_prepared(change)) {
        try->single = true;
        turn_end_series(try);
    } else if (turn_resume(try)) {
        try->kept = bucket_kept(change->bucket);
        change->place = bucket_place(change->bucket, &change->key);
        enum status status = turn_lost(try, open_file(writing));
        if (status != STATUS_LOST) {
            return status;
        }
        turn_put_aside(try);
        change->place = path_place(&change->key);
    }
    bucket_forget_own(change->bucket);
    enum status status = turn_make(try);
    if (status == STATUS_OK) {
        status = turn_lost(try, open_file(writing));
    }
    if (status == STATUS_OK && change->known) {
        status = turn_lost(try, fill(writing, change));
    }
    return status == STATUS_OK ? turn_take(try) : status;
}

static enum status commit(struct writing *writing, struct change *change)
{
    struct path file;
    turn_path(&writing->try, &file);
    enum status status = port_rename(writing->try.port, path_place(&file), change->place);
    return turn_lost(&writing->try, status);
}

static enum status try_write(struct change *change, unsigned letter)
{
    struct writing writing = {.try = try_of(change->bucket, letter)};
    enum status status = begin(&writing, change);
    if (status == STATUS_OK) {
        status = change->decide(change);
    }
    if (status == STATUS_OK && writing.open) {
        status = turn_lost(&writing.try, fill(&writing, change));
    }
    if (status == STATUS_OK) {
        status = commit(&writing, change);
    }
    if (status == STATUS_OK) {
        turn_committed(&writing.try);
        return STATUS_OK;
    }
    (void)close_file(&writing); // the failure to tell is the first one
    return turn_abandon(&writing.try, status);
}

enum status change_write(struct change *change)
{
    unsigned tries = 0;
    enum status status;
    do {
        status = try_write(change, letter_of(change->bucket, !change->known, tries));
        status = again(change->bucket, status, &tries);
    } while (status == STATUS_LOST);
    return status == STATUS_OK ? changed(change->bucket) : status;
}

// ---- Deleting ----

// A key that is not there needs no removing, but its bucket must be there.
static enum status nothing_to_delete(struct bucket *bucket)
{
    struct port_stat stat;
    enum status status = read_stat_followed(bucket->store->port, path_place(&bucket->path), &stat);
    if (status == STATUS_OK && stat.kind == PORT_DIRECTORY) {
        // Another writer may have taken the key away and not have synced that yet.
        bucket->unsynced = true;
        return bucket->store->batch != NULL ? STATUS_OK : bucket_sync(bucket);
    }
    return status == STATUS_OK || status == STATUS_NO_ENTRY ? STATUS_NO_SUCH_STORE : status;
}

// Moves the key into the turn: the commit of a deletion. That our entry is found
// by path proves `key` to be in the same bucket, if the entry was there before
// that bucket's directory was opened.
static enum status move(struct turn_try *try, const struct change *change)
{
    struct path file;
    turn_path(try, &file);
    enum status status = port_rename(try->port, change->place, path_place(&file));
    if (status == STATUS_NO_ENTRY) {
        // Either the key is gone, or our entry.
        struct port_stat stat;
        status = port_stat(try->port, path_place(&change->key), &stat);
        return status == STATUS_OK ? STATUS_LOST : status;
    }
    return turn_lost(try, status);
}

// Looks at what was moved. Something else than a file, which a person put in the
// key's place meanwhile, goes back there.
static enum status settle(struct turn_try *try, struct place key)
{
    struct path file;
    struct port_stat stat;
    turn_path(try, &file);
    enum status status = read_stat(try->port, path_place(&file), &stat);
    if (status == STATUS_NO_ENTRY) {
        return STATUS_OK; // revoked by now, and removed as we would have
    }
    if (!read_is_absent(status)) {
        // The key is gone. Where this fails, others remove the file as one whose
        // writer died.
        (void)port_remove_file(try->port, path_place(&file));
        return STATUS_OK;
    }
    enum status back = port_rename(try->port, path_place(&file), key);
    return back == STATUS_OK ? status : STATUS_SCRATCH;
}

// Decides under the turn whether to delete, and does it.
static enum status decide_and_move(struct turn_try *try, struct change *change)
{
    enum status status = change->decide != NULL ? change->decide(change) : STATUS_OK;
    return status == STATUS_OK ? move(try, change) : status;
}

static enum status try_delete(struct change *change, unsigned letter)
{
    struct turn_try try = try_of(change->bucket, letter);
    enum status status = STATUS_LOST;
    if (turn_resume(&try)) {
        change->place = bucket_place(change->bucket, &change->key);
        status = decide_and_move(&try, change);
        if (status == STATUS_LOST) {
            turn_put_aside(&try);
        }
    }
    if (status == STATUS_LOST) {
        try.deletes = true;
        change->place = path_place(&change->key);
        bucket_forget_own(change->bucket);
        status = turn_make(&try);
        if (status == STATUS_OK) {
            status = turn_take(&try);
        }
        if (status == STATUS_OK) {
            status = decide_and_move(&try, change);
        } else if (status == STATUS_NO_ENTRY) {
            status = STATUS_LOST; // it says nothing about the key
        }
    }
    if (status != STATUS_OK) {
        return turn_abandon(&try, status);
    }
    status = settle(&try, change->place);
    turn_committed(&try);
    return status;
}

enum status change_delete(struct change *change)
{
    struct bucket *bucket = change->bucket;
    unsigned tries = 0;
    enum status status;
    do {
        struct port_stat stat;
        status = read_stat(bucket->store->port, path_place(&change->key), &stat);
        if (status == STATUS_NO_ENTRY) {
            return nothing_to_delete(bucket);
        }
        if (status == STATUS_OK) {
            status = try_delete(change, letter_of(bucket, false, tries));
        }
        status = again(bucket, status, &tries);
    } while (status == STATUS_LOST);
    if (status == STATUS_NO_ENTRY) {
        return nothing_to_delete(bucket); // it went between the stat and our turn
    }
    return status == STATUS_OK ? changed(bucket) : status;
}
