// Taking the turn (turn.h): who has it, how long to wait, and when to revoke it.
#include "scratch.h"
#include "turn.h"

enum {
    empties_max = 16, // times in a row that the turn is nobody's and cannot be had
    stale_max = 16,   // looks in a row that end in an input/output error
};

static const uint64_t wait_max = (uint64_t)600 * 1000 * 1000 * 1000; // nanoseconds

// A look takes many calls. Until this long after one the writer only tries again.
static const uint64_t look_lasts = 10 * 1000 * 1000; // nanoseconds

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

// One wait for the turn.
struct wait {
    struct patience patience;
    struct holder holder; // seen by the last look
    uint64_t looked;      // when that was; 0: not yet
    unsigned empties;     // looks in a row that found nobody,
    unsigned stale;       // or ended in an input/output error
};

static bool is_ours(const struct turn_try *try, const struct scratch_name *entry)
{
    return entry->size >= turn_id_bytes && memcmp(entry->bytes, try->id, turn_id_bytes) == 0;
}

static void push_name(struct path *path, const struct scratch_name *name)
{
    path_push(path, (struct bytes){name->bytes, name->size});
}

// True of a call that failed since a directory is not empty: of our rename, the turn
// is somebody's. Some hosts say it in other words.
static bool is_taken(enum status failed)
{
    return failed == STATUS_NOT_EMPTY || failed == STATUS_EXISTS;
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
            return listed == STATUS_SCRATCH && !is_taken(status) ? status : listed;
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
        // There may be more in it, or its writer lives and goes on: then it is looked at again.
        (void)port_remove_directory(try->port, path_place(&path));
    } else {
        enum status status = scratch_remove(try->port, try->bucket, &path);
        if (status != STATUS_OK) {
            return status;
        }
    }
    scratch_clean(try->port, try->bucket, id_of(try));
    return STATUS_OK;
}

// A pause before the next try, unless the wait has gone on for too long.
static enum status rest(const struct turn_try *try, const struct wait *wait)
{
    if (patience_waited(&wait->patience, port_now(try->port)) > wait_max) {
        return STATUS_BUSY;
    }
    port_pause(try->port, patience_pause(&wait->patience, port_random(try->port)));
    return STATUS_OK;
}

// Waits a little for the owner of the turn; revokes it when patience ends.
static enum status wait_for(const struct turn_try *try, struct wait *wait)
{
    const struct holder *holder = &wait->holder;
    uint64_t seen = patience_hash(0, (struct bytes){holder->entry.bytes, holder->entry.size});
    seen = patience_hash(seen, (struct bytes){holder->inner.bytes, holder->inner.size});
    wait->patience.series = holder->inner.size > 0;
    unsigned letter = letter_of(wait->patience.series ? &holder->inner : &holder->entry);
    uint64_t now = port_now(try->port);
    if (patience_ends(&wait->patience, wait->looked, now, seen, letter)) {
        return revoke(try, holder);
    }
    return rest(try, wait);
}

// Between two looks: a series that the last one saw is put aside if it is idle now.
static enum status wait_on(const struct turn_try *try, const struct wait *wait)
{
    if (wait->holder.inner.size > 0) {
        struct path path;
        scratch_inside(try->bucket, turn_name, &path);
        push_name(&path, &wait->holder.entry);
        if (port_remove_directory(try->port, path_place(&path)) == STATUS_OK) {
            return STATUS_OK;
        }
    }
    return rest(try, wait);
}

// The rename failed with `failed`, and the turn is nobody's. Most often it was
// somebody's a moment ago. A file system that does not rename a directory over
// an empty one needs that one removed; if all that does not help, `failed` is
// what keeps us from it, unless it says that somebody is there.
static enum status nobody_there(const struct turn_try *try, const struct wait *wait,
                                enum status failed)
{
    if (wait->empties == 1) {
        return STATUS_OK;
    }
    struct path path;
    scratch_inside(try->bucket, turn_name, &path);
    enum status removed = port_remove_directory(try->port, path_place(&path));
    if (removed == STATUS_NOT_DIRECTORY) {
        return STATUS_SCRATCH;
    }
    if (wait->empties < empties_max) {
        return STATUS_OK;
    }
    return is_taken(failed) ? rest(try, wait) : failed;
}

// The rename failed with `failed`: looks why, and waits. `ours`: it was done after all.
static enum status look_and_wait(const struct turn_try *try, struct wait *wait, enum status failed,
                                 bool *ours)
{
    if (failed == STATUS_NOT_DIRECTORY) {
        return STATUS_SCRATCH; // a file, or a link whose directory is not ours to empty
    }
    if (failed == STATUS_NO_ENTRY) {
        return turn_lost(try, failed);
    }
    enum found found;
    enum status status = look(try, &wait->holder, &found);
    if (status == STATUS_OK) {
        wait->empties = found == FOUND_NOBODY ? wait->empties + 1 : 0;
        *ours = found == FOUND_OURSELVES;
        if (found == FOUND_NOBODY) {
            status = nobody_there(try, wait, failed);
        } else if (found == FOUND_BUSY) {
            status = wait_for(try, wait);
        }
    }
    // Hosts say this of a directory that was removed while it was looked at, or
    // while what is in it was revoked.
    if (status == STATUS_IO && ++wait->stale < stale_max) {
        return rest(try, wait);
    }
    wait->stale = 0;
    return status;
}

// A writer whose series was put aside was the last to have the turn: it leaves it to
// those who wait, so does not look at first.
static enum status wait_once(struct turn_try *try, struct wait *wait, enum status failed,
                             bool *ours)
{
    uint64_t now = port_now(try->port);
    if (wait->patience.began == 0) {
        wait->empties = wait->stale = 0;
        wait->holder.inner.size = 0;
        patience_begin(&wait->patience, now);
        wait->patience.series = try->turn->displaced;
        wait->looked = try->turn->displaced ? now : 0;
        try->turn->displaced = false;
    }
    if (is_taken(failed) && wait->looked != 0 && now - wait->looked < look_lasts) {
        return wait_on(try, wait);
    }
    wait->looked = now;
    return look_and_wait(try, wait, failed, ours);
}

enum status turn_take(struct turn_try *try)
{
    struct path own, turn;
    scratch_inside(try->bucket, id_of(try), &own);
    scratch_inside(try->bucket, turn_name, &turn);
    struct wait wait;
    wait.patience.began = 0; // it does when the rename fails
    bool ours = false;
    while (!ours) {
        enum status failed = port_rename(try->port, path_place(&own), path_place(&turn));
        ours = failed == STATUS_OK;
        enum status status = ours ? STATUS_OK : wait_once(try, &wait, failed, &ours);
        if (status != STATUS_OK) {
            return status;
        }
    }
    try->turn->displaced = false;
    try->taken = true;
    return STATUS_OK;
}
