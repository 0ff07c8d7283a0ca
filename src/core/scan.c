#include "scan.h"

#include "read.h"

enum {
    without_turn_max = 8, // scans of a bucket that keeps changing and cannot be written to
    pauses_between = 20,  // milliseconds
    share = 8,            // of the time, at most one part goes into scans
};

static const uint64_t millisecond = 1000 * 1000;
static const uint64_t free_scan = 5 * 1000 * 1000; // one that takes less costs nobody much

// A file system may tell the same time of modification for two changes that are
// less than this apart: FAT has two seconds, most others the timer's 10 ms.
static const uint64_t coarsest_clock = (uint64_t)3 * 1000 * 1000 * 1000;

static enum status stat_bucket(const struct bucket *bucket, struct port_stat *stat)
{
    enum status status = read_stat_followed(bucket->store->port, path_place(&bucket->path), stat);
    if (status == STATUS_OK && stat->kind == PORT_DIRECTORY) {
        return STATUS_OK;
    }
    return status == STATUS_OK || status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY
               ? STATUS_NO_SUCH_STORE
               : status;
}

// One scan; `steady` says whether nothing can have changed meanwhile.
static enum status scan_once(struct bucket *bucket, const uint64_t *cursor, bool *steady)
{
    struct store *store = bucket->store;
    struct listing *list = &store->list;
    struct port_stat before, after;
    uint64_t began = port_now(store->port);
    uint64_t clock = port_wall_clock(store->port);
    enum status status = stat_bucket(bucket, &before);
    if (status == STATUS_OK) {
        status = listing_scan(list, store->port, &bucket->path, PORT_FILE, store->settings.names,
                              cursor);
    }
    if (status == STATUS_OK) {
        status = stat_bucket(bucket, &after);
    }
    if (status != STATUS_OK) {
        listing_free(list);
        return status;
    }
    // A host that does not tell these times leaves nothing to go by.
    bool told = before.modified != 0 && clock != 0;
    bool old = clock > before.modified && clock - before.modified > coarsest_clock;
    *steady = !told || (before.modified == after.modified && old);
    list->modified = told && *steady ? before.modified : 0;
    list->scanned = port_now(store->port);
    list->took = list->scanned - began;
    return STATUS_OK;
}

// Scans while it is our turn.
static enum status scan_in_turn(struct bucket *bucket, const uint64_t *cursor, unsigned tries)
{
    struct port *port = bucket->store->port;
    struct turn_try try = {.turn = &bucket->turn,
                           .port = port,
                           .bucket = &bucket->path,
                           .kept = port_root,
                           .letter = patience_letter_listing + tries,
                           .single = true};
    port_handle file;
    enum status status = STATUS_LOST;
    if (turn_resume(&try)) {
        status = turn_lost(&try, turn_open_file(&try, &file));
        if (status == STATUS_LOST) {
            turn_put_aside(&try);
        }
    }
    if (status == STATUS_LOST) {
        bucket_forget_own(bucket);
        status = turn_make(&try);
        if (status == STATUS_OK) {
            status = turn_lost(&try, turn_open_file(&try, &file));
        }
    }
    if (status == STATUS_OK) {
        (void)port_close(port, file); // nothing was written
        status = try.taken ? STATUS_OK : turn_take(&try);
    }
    if (status == STATUS_OK) {
        bool steady;
        status = scan_once(bucket, cursor, &steady);
    }
    return turn_abandon(&try, status);
}

enum status scan_bucket(struct bucket *bucket, const uint64_t *cursor)
{
    bool steady = false;
    enum status status = scan_once(bucket, cursor, &steady);
    enum status turn = STATUS_LOST;
    for (unsigned tries = 0; status == STATUS_OK && !steady && tries < without_turn_max; tries++) {
        if (turn == STATUS_LOST) {
            turn = scan_in_turn(bucket, cursor, tries);
            if (turn == STATUS_OK || turn == STATUS_NO_SUCH_STORE || turn == STATUS_NO_MEMORY) {
                return turn;
            }
            bucket->turn.series = bucket->turn.series && turn != STATUS_LOST;
            continue;
        }
        port_pause(bucket->store->port, pauses_between * millisecond);
        status = scan_once(bucket, cursor, &steady);
    }
    if (status == STATUS_OK && turn == STATUS_LOST && !steady) {
        listing_free(&bucket->store->list);
        status = STATUS_BUSY; // revoked each time: keys may be missing from what there is
    }
    return status;
}

bool scan_still_good(struct bucket *bucket, const uint64_t *cursor, enum status *status)
{
    struct store *store = bucket->store;
    const struct listing *list = &store->list;
    *status = STATUS_OK;
    if (store->list_bucket != bucket || !listing_has(list, cursor)) {
        return false;
    }
    struct port_stat stat;
    *status = stat_bucket(bucket, &stat);
    if (*status != STATUS_OK) {
        return false;
    }
    if (list->modified != 0 && stat.modified == list->modified) {
        return true;
    }
    uint64_t age = port_now(store->port) - list->scanned;
    return list->took > free_scan && age < share * (list->took - free_scan);
}
