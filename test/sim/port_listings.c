#include "call.h"

#include <assert.h>

static int compare(struct bytes a, struct bytes b)
{
    int order = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static struct bytes name_of(const struct entry *entry)
{
    return (struct bytes){entry->name, entry->name_size};
}

// How two entries are ordered on this disk.
static int order_of(const struct disk *disk, const struct entry *a, const struct entry *b)
{
    if (disk->mood.moves_replaced) {
        return (a->position > b->position) - (a->position < b->position);
    }
    return compare(name_of(a), name_of(b));
}

// The entry that follows `after` (the first if NULL), which may be gone.
static const struct entry *following(const struct disk *disk, disk_inode directory,
                                     const struct entry *after, bool down)
{
    const struct entry *best = NULL;
    int sign = down ? -1 : 1;
    for (unsigned i = 0; i < disk->entry_count; i++) {
        const struct entry *entry = &disk->entries[i];
        if (entry->directory != directory || entry->target == 0) {
            continue;
        }
        if (after != NULL && sign * order_of(disk, entry, after) <= 0) {
            continue;
        }
        if (best == NULL || sign * order_of(disk, entry, best) < 0) {
            best = entry;
        }
    }
    return best;
}

static enum port_kind listed_kind(const struct disk *disk, const struct entry *entry)
{
    return disk->mood.kinds_unknown ? PORT_UNKNOWN : disk->inodes[entry->target].kind;
}

static void take_snapshot(struct sim_port *view, struct sim_port_handle *listing)
{
    const struct disk *disk = view->disk;
    listing->next = 0;
    listing->count = 0;
    const struct entry *entry = following(disk, listing->inode, NULL, false);
    while (entry != NULL) {
        assert(listing->count < sim_port_snapshot_max);
        uint8_t *name = listing->names[listing->count];
        memcpy(name, entry->name, entry->name_size);
        struct bytes bytes = {name, entry->name_size};
        listing->snapshot[listing->count++] = (struct port_entry){listed_kind(disk, entry), bytes};
        entry = following(disk, listing->inode, entry, false);
    }
}

enum status sim_list(struct port *port, port_handle directory, port_handle *listing)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_LIST, call_no_path());
    struct sim_port_handle *handle = call_handle(view, directory);
    assert(handle->mode == PORT_LIST && !handle->is_listing);
    if (status == STATUS_OK) {
        call_point(view);
        disk_settle(view->disk, handle->inode);
        struct sim_port_handle *made = call_new_handle(view, handle->inode, listing);
        made->is_listing = true;
        if (view->listing == LISTING_AT_ONCE) {
            take_snapshot(view, made);
        }
    }
    return call_end(view, CALL_LIST, call_no_path(), status);
}

static enum status act_list_next(struct sim_port *view, struct sim_port_handle *listing,
                                 struct port_entry *entry)
{
    if (view->listing == LISTING_AT_ONCE) {
        if (listing->next == listing->count) {
            return STATUS_END;
        }
        *entry = listing->snapshot[listing->next++];
        return STATUS_OK;
    }
    call_point(view);
    disk_settle(view->disk, listing->inode);
    const struct entry *found =
        following(view->disk, listing->inode, listing->started ? &listing->last : NULL,
                  view->listing == LISTING_DOWN);
    if (found == NULL) {
        return STATUS_END;
    }
    listing->started = true;
    listing->last = *found;
    *entry = (struct port_entry){listed_kind(view->disk, found), name_of(&listing->last)};
    return STATUS_OK;
}

enum status sim_list_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_LIST_NEXT, call_no_path());
    struct sim_port_handle *handle = call_handle(view, listing);
    assert(handle->is_listing);
    if (status == STATUS_OK) {
        status = act_list_next(view, handle, entry);
    }
    if (status == STATUS_OK) {
        call_sees(view, call_hash_of(entry->name));
        view->wait.names = choices_mix(view->wait.names, call_hash_of(entry->name));
    }
    return call_end(view, CALL_LIST_NEXT, status == STATUS_OK ? entry->name : call_no_path(),
                    status);
}

void sim_list_close(struct port *port, port_handle listing)
{
    struct sim_port *view = (struct sim_port *)port;
    struct sim_port_handle *handle = call_handle(view, listing);
    assert(handle->is_listing);
    call_free_handle(view, handle);
}
