// Taking the turn (turn.h): who has it, how long to wait, and when to revoke it.
#include "scratch.h"
#include "turn.h"

enum {
    empties_max = 16, // times in a row that the turn is nobody's and cannot be had
    stale_max = 16,   // looks in a row that end in an input/output error
};

static const uint64_t wait_max = (uint64_t)600 * 1000 * 1000 * 1000; // nanoseconds

static const struct bytes turn_name = {(const uint8_t *)"turn", 4};

static struct bytes id_of(const struct turn_try *try)
{
    return (struct bytes){try->id, turn_id_bytes};
}

// The letter at the end of a token; 0 for any other name.
static unsigned letter_of(const struct scratch_name *name)
{
    uint8_t last = name->size > 0 ? name->bytes[name->size - 1] : 0;
    bool is_letter = last >= 'a' && last <= 'a' + patience_letter_max;
    return is_letter ? (unsigned)(last - 'a') : 0;
}

// The result of a look at `.kv/turn`.
enum found {
    FOUND_NOBODY,
    FOUND_IDLE, // an idle series, which is removed by now
    FOUND_BUSY,
    FOUND_OURSELVES,
};

struct holder {
    struct scratch_name entry;
    struct scratch_name inner; // of an entry that is a directory
};

static bool is_ours(const struct turn_try *try, const struct scratch_name *entry)
{
    return entry->size >= turn_id_bytes && memcmp(entry->bytes, try->id, turn_id_bytes) == 0;
}

static void push_name(struct path *path, const struct scratch_name *name)
{
    path_push(path, (struct bytes){name->bytes, name->size});
}

// Looks whose turn it is, and puts an idle series aside.
static enum status look(const struct turn_try *try, struct holder *holder, enum found *found)
{
    struct path path;
    scratch_inside(try->bucket, turn_name, &path);
    holder->inner.size = 0;
    enum status status = scratch_first(try->port, &path, &holder->entry);
    if (status == STATUS_NO_ENTRY || (status == STATUS_OK && holder->entry.size == 0)) {
        *found = FOUND_NOBODY;
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (is_ours(try, &holder->entry)) {
        *found = FOUND_OURSELVES; // the host said that the rename failed, and did it
        return STATUS_OK;
    }
    *found = FOUND_BUSY;
    if (holder->entry.kind != PORT_DIRECTORY && holder->entry.kind != PORT_UNKNOWN) {
        return STATUS_OK;
    }
    push_name(&path, &holder->entry);
    status = port_remove_directory(try->port, path_place(&path));
    if (status == STATUS_OK || status == STATUS_NO_ENTRY) {
        *found = FOUND_IDLE;
    } else if (status != STATUS_NOT_DIRECTORY) {
        // Not empty, in whatever words. What is empty by now is looked at again;
        // if it stays and cannot be removed, the revocation tells.
        enum status listed = scratch_first(try->port, &path, &holder->inner);
        if (listed != STATUS_OK && listed != STATUS_NO_ENTRY) {
            bool plain = status == STATUS_NOT_EMPTY || status == STATUS_EXISTS;
            return listed == STATUS_SCRATCH && !plain ? status : listed;
        }
    }
    return STATUS_OK;
}

// Ends a change that does not move on: its commit will find nothing.
static enum status revoke(const struct turn_try *try, const struct holder *holder)
{
    struct path path;
    scratch_inside(try->bucket, turn_name, &path);
    push_name(&path, &holder->entry);
    if (holder->inner.size > 0) {
        struct path inner;
        path_copy(&inner, &path);
        push_name(&inner, &holder->inner);
        enum status status = scratch_remove(try->port, try->bucket, &inner);
        if (status != STATUS_OK) {
            return status;
        }
        status = port_remove_directory(try->port, path_place(&path));
        // There may be more in it, or its writer lives and goes on: look again.
        (void)status;
    } else {
        enum status status = scratch_remove(try->port, try->bucket, &path);
        if (status != STATUS_OK) {
            return status;
        }
    }
    scratch_clean(try->port, try->bucket, id_of(try));
    return STATUS_OK;
}

// A pause before the next look, unless that has gone on for too long.
static enum status rest(const struct turn_try *try, struct patience *patience, uint64_t now)
{
    if (patience_waited(patience, now) > wait_max) {
        return STATUS_BUSY;
    }
    port_pause(try->port, patience_pause(patience, port_random(try->port)));
    return STATUS_OK;
}

// Waits a little for the owner of the turn; revokes it when patience ends.
static enum status wait(const struct turn_try *try, const struct holder *holder,
                        struct patience *patience, uint64_t before)
{
    uint64_t now = port_now(try->port);
    uint64_t seen = patience_hash(0, (struct bytes){holder->entry.bytes, holder->entry.size});
    seen = patience_hash(seen, (struct bytes){holder->inner.bytes, holder->inner.size});
    unsigned letter = letter_of(holder->inner.size > 0 ? &holder->inner : &holder->entry);
    if (patience_ends(patience, before, now, seen, letter)) {
        return revoke(try, holder);
    }
    return rest(try, patience, now);
}

// The rename failed with `failed`, and the turn is nobody's. Most often it was
// somebody's a moment ago. A file system that does not rename a directory over
// an empty one needs that one removed; if all that does not help, `failed` is
// what keeps us from it, unless it says that somebody is there.
static enum status nobody_there(const struct turn_try *try, struct patience *patience,
                                unsigned empties, enum status failed)
{
    if (empties == 1) {
        return STATUS_OK;
    }
    struct path path;
    scratch_inside(try->bucket, turn_name, &path);
    enum status removed = port_remove_directory(try->port, path_place(&path));
    if (removed == STATUS_NOT_DIRECTORY) {
        return STATUS_SCRATCH;
    }
    if (empties < empties_max) {
        return STATUS_OK;
    }
    bool plain = failed == STATUS_NOT_EMPTY || failed == STATUS_EXISTS;
    return plain ? rest(try, patience, port_now(try->port)) : failed;
}

enum status turn_take(struct turn_try *try)
{
    struct path own, turn;
    scratch_inside(try->bucket, id_of(try), &own);
    scratch_inside(try->bucket, turn_name, &turn);
    struct patience patience = {0};
    unsigned empties = 0, stale = 0;
    for (;;) {
        enum status failed = port_rename(try->port, path_place(&own), path_place(&turn));
        if (failed == STATUS_OK) {
            break;
        }
        uint64_t before = port_now(try->port);
        if (patience.began == 0) {
            patience_begin(&patience, before);
        }
        struct holder holder;
        enum found found = FOUND_NOBODY;
        enum status status = failed == STATUS_NO_ENTRY ? turn_lost(try, failed) : STATUS_OK;
        if (failed == STATUS_NOT_DIRECTORY) {
            status = STATUS_SCRATCH; // a file, or a link whose directory is not ours to empty
        }
        if (status == STATUS_OK) {
            status = look(try, &holder, &found);
        }
        if (status == STATUS_OK) {
            empties = found == FOUND_NOBODY ? empties + 1 : 0;
        }
        if (status == STATUS_OK && found == FOUND_NOBODY) {
            status = nobody_there(try, &patience, empties, failed);
        } else if (status == STATUS_OK && found == FOUND_BUSY) {
            status = wait(try, &holder, &patience, before);
        }
        // Hosts say this of a directory that was removed while it was looked at, or
        // while what is in it was revoked.
        if (status == STATUS_IO && ++stale < stale_max) {
            port_pause(try->port, patience_pause(&patience, port_random(try->port)));
            continue;
        }
        if (status != STATUS_OK) {
            return status;
        }
        stale = 0;
        if (found == FOUND_OURSELVES) {
            break;
        }
    }
    try->taken = true;
    return STATUS_OK;
}
