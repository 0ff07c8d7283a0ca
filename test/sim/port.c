#include "port.h"

#include "fold.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>

static const char *const call_names[port_calls_that_fail] = {
    "stat",        "open to read", "open to create", "open to list",
    "read",        "write",        "sync",           "close",
    "list",        "list_next",    "make_directory", "remove_directory",
    "remove_file", "rename",
};

const char *sim_port_call_name(enum port_call call)
{
    return call_names[call];
}

#define BIT(status) (1u << (status))

bool sim_port_can_fail(enum port_call call, enum status status)
{
    static const uint32_t any = BIT(STATUS_ACCESS) | BIT(STATUS_NO_MEMORY) | BIT(STATUS_IO);
    static const uint32_t path = BIT(STATUS_NO_ENTRY) | BIT(STATUS_NOT_DIRECTORY);
    static const uint32_t others[port_calls_that_fail] = {
        [CALL_STAT] = path | BIT(STATUS_IS_SYMLINK) | BIT(STATUS_BAD_NAME),
        [CALL_OPEN_READ] = path | BIT(STATUS_IS_SYMLINK) | BIT(STATUS_IN_USE) |
                           BIT(STATUS_TOO_LARGE) | BIT(STATUS_UNSUPPORTED),
        [CALL_OPEN_CREATE] =
            path | BIT(STATUS_EXISTS) | BIT(STATUS_NO_SPACE) | BIT(STATUS_BAD_NAME),
        [CALL_OPEN_LIST] = path | BIT(STATUS_IS_SYMLINK),
        [CALL_READ] = BIT(STATUS_IS_DIRECTORY),
        [CALL_WRITE] = BIT(STATUS_NO_SPACE) | BIT(STATUS_TOO_LARGE) | BIT(STATUS_IN_USE),
        [CALL_SYNC] = BIT(STATUS_NO_SPACE) | BIT(STATUS_UNSUPPORTED),
        [CALL_CLOSE] = BIT(STATUS_NO_SPACE),
        [CALL_LIST] = BIT(STATUS_NOT_DIRECTORY),
        [CALL_LIST_NEXT] = BIT(STATUS_NO_ENTRY) | BIT(STATUS_BAD_NAME),
        [CALL_MAKE_DIRECTORY] = path | BIT(STATUS_EXISTS) | BIT(STATUS_NO_SPACE) |
                                BIT(STATUS_BAD_NAME) | BIT(STATUS_IS_SYMLINK),
        [CALL_REMOVE_DIRECTORY] =
            path | BIT(STATUS_NOT_EMPTY) | BIT(STATUS_EXISTS) | BIT(STATUS_IN_USE),
        [CALL_REMOVE_FILE] = path | BIT(STATUS_IS_DIRECTORY) | BIT(STATUS_IN_USE),
        [CALL_RENAME] = path | BIT(STATUS_IS_DIRECTORY) | BIT(STATUS_NO_SPACE) |
                        BIT(STATUS_IN_USE) | BIT(STATUS_EXISTS) | BIT(STATUS_NOT_EMPTY),
    };
    return ((any | others[call]) & BIT(status)) != 0;
}

// Where a path leads: a directory and a name in it; no directory for the one that
// the path is relative to.
struct spot {
    disk_inode directory;
    disk_inode itself; // where there is no directory
    struct bytes name;
    uint8_t folded[disk_name_max]; // the name, where the disk folds
};

static void sees(struct sim_port *view, uint64_t what)
{
    view->seen = choices_mix(view->seen, what);
}

static uint64_t hash_of(struct bytes bytes)
{
    uint64_t hash = bytes.size;
    for (size_t i = 0; i < bytes.size; i++) {
        hash = (hash ^ bytes.data[i]) * 0x100000001B3;
    }
    return hash;
}

static void spend(struct sim_port *view, uint64_t nanoseconds)
{
    view->now += nanoseconds;
    view->left -= nanoseconds;
}

// The point before a step: a third of the call's time has passed since the last one.
static void point(struct sim_port *view)
{
    if (view->cost != NULL) {
        spend(view, view->left / 2);
    }
    if (view->point != NULL && !view->hidden) {
        view->point(view);
    }
    if (view->cost != NULL) {
        view->disk->clock = view->now; // whoever acts is the earliest
    }
}

static struct bytes tail(struct bytes path)
{
    unsigned parts = 0;
    size_t start = path.size;
    while (start > 0 && parts < 2) {
        start--;
        parts += path.data[start] == '/';
    }
    start += parts == 2;
    return (struct bytes){path.data + start, path.size - start};
}

// Where in a path what is in `.kv/` begins; the path's size where it has none.
static size_t scratch_at(struct bytes path)
{
    struct bytes part = BYTES(".kv/");
    for (size_t at = 0; at + part.size <= path.size; at++) {
        if (memcmp(path.data + at, part.data, part.size) == 0) {
            return at + part.size;
        }
    }
    return path.size;
}

// True for what is in `.kv/turn/`.
static bool in_turn(struct bytes path)
{
    struct bytes part = BYTES("turn/");
    size_t at = scratch_at(path);
    return path.size - at >= part.size && memcmp(path.data + at, part.data, part.size) == 0;
}

// True for a writer's own directory and what is in it.
static bool is_private(struct bytes path)
{
    enum { id_bytes = 16 };
    size_t at = scratch_at(path);
    return path.size - at >= id_bytes;
}

// True if no other writer can tell when the call is made.
static bool is_hidden(struct sim_port *view, enum port_call call, struct bytes path)
{
    bool looks = call == CALL_RENAME || call == CALL_OPEN_LIST || call == CALL_LIST ||
                 call == CALL_LIST_NEXT || call == CALL_CLOSE || call == CALL_REMOVE_DIRECTORY;
    view->wait.silent = view->wait.silent && looks;
    if (view->wait.silent) {
        return true;
    }
    if (call == CALL_READ || call == CALL_WRITE || call == CALL_SYNC) {
        return true; // a file is not taken away from its handles where steps are merged
    }
    return call != CALL_RENAME && !in_turn(path) && is_private(path);
}

// Begins a call: the scheduling point before its first step, and the fault.
static enum status begin(struct sim_port *view, enum port_call call, struct bytes path)
{
    unsigned number = ++view->calls;
    if (view->remember && number <= sim_port_calls_max) {
        struct sim_port_made *made = &view->made[number - 1];
        *made = (struct sim_port_made){.call = call};
        assert(path.size < sizeof made->path);
        if (path.size > 0) {
            memcpy(made->path, path.data, path.size);
        }
    }
    view->left = view->cost != NULL ? view->cost(view, call) : 0;
    view->hidden = view->merges && is_hidden(view, call, path);
    struct sim_port_fault *fault = &view->fault;
    if (number == fault->at || (fault->hit && fault->for_good)) {
        fault->hit = true;
        return sim_port_can_fail(call, fault->status) ? fault->status : STATUS_IO;
    }
    return STATUS_OK;
}

// Ends a call. What it says is what the writer sees.
static enum status end(struct sim_port *view, enum port_call call, struct bytes path,
                       enum status status)
{
    sees(view, (uint64_t)call << 8 | (uint64_t)status);
    spend(view, view->left);
    if (view->trace) {
        struct bytes shown = tail(path);
        printf("  writer %u: %s %.*s -> %s\n", view->writer, call_names[call], (int)shown.size,
               (const char *)shown.data, status_text(status));
    }
    return status;
}

static struct sim_port_handle *handle_of(struct sim_port *view, port_handle number)
{
    assert(number >= 1 && number <= sim_port_handles_max);
    struct sim_port_handle *handle = &view->handles[number - 1];
    assert(handle->inode != 0 && "the handle is open");
    return handle;
}

// Makes the spot's name the one that a disk that folds goes by: of a file there,
// if it is its short name.
static enum status fold_spot(const struct disk *disk, struct spot *spot)
{
    size_t size;
    enum status status = fold_name(spot->name, spot->folded, sizeof spot->folded, &size);
    spot->name = (struct bytes){spot->folded, size};
    for (unsigned i = 0; i < disk->entry_count && status == STATUS_OK; i++) {
        const struct entry *entry = &disk->entries[i];
        struct bytes file = {entry->name, entry->name_size};
        if (entry->directory == spot->directory && fold_is_short_name(spot->name, file)) {
            spot->name = file;
        }
    }
    return status;
}

// Finds the directory that holds a path's last part. A link on the way is
// followed, as kernels do; the last part is not looked at.
static enum status find_spot(const struct disk *disk, disk_inode directory, struct bytes path,
                             struct spot *spot)
{
    *spot = (struct spot){.directory = directory, .name = path};
    if (bytes_equal(path, BYTES("."))) {
        spot->directory = 0;
        spot->itself = directory;
        return STATUS_OK;
    }
    for (;;) {
        size_t size = bytes_find(path, '/');
        spot->name = (struct bytes){path.data, size};
        if (disk->mood.folds) {
            enum status status = fold_spot(disk, spot);
            if (status != STATUS_OK) {
                return status;
            }
        }
        if (size == path.size) {
            return size <= disk_name_max ? STATUS_OK : STATUS_BAD_NAME;
        }
        disk_inode next = disk_find(disk, spot->directory, spot->name);
        if (next != 0 && disk->inodes[next].kind == PORT_SYMLINK) {
            next = disk->inodes[next].target;
        }
        if (next == 0) {
            return STATUS_NO_ENTRY;
        }
        if (disk->inodes[next].kind != PORT_DIRECTORY) {
            return STATUS_NOT_DIRECTORY;
        }
        spot->directory = next;
        path.data += size + 1;
        path.size -= size + 1;
    }
}

// The first step of a call on a path: finds the spot, and holds its directory.
static enum status step_find(struct sim_port *view, struct place place, struct spot *spot,
                             unsigned which)
{
    if (!view->merges || in_turn(place.path)) {
        point(view); // what is found may be gone by the next step
    }
    disk_inode from =
        place.directory == port_root ? disk_root : handle_of(view, place.directory)->inode;
    enum status status = find_spot(view->disk, from, place.path, spot);
    if (status == STATUS_OK) {
        view->found[which] = spot->directory != 0 ? spot->directory : spot->itself;
        disk_hold(view->disk, view->found[which]);
    }
    return status;
}

// The second step is taken.
static void forget_found(struct sim_port *view)
{
    for (unsigned i = 0; i < 2; i++) {
        disk_release(view->disk, view->found[i]);
        view->found[i] = 0;
    }
}

// What is at a spot now.
static disk_inode at_spot(const struct disk *disk, const struct spot *spot)
{
    return spot->directory == 0 ? spot->itself : disk_find(disk, spot->directory, spot->name);
}

// What a disk says of a directory or file that was removed while it was in use.
static enum status lost(const struct disk *disk)
{
    return disk->mood.lost != STATUS_OK ? disk->mood.lost : STATUS_NO_ENTRY;
}

// What a disk says of a name that is not in a directory.
static enum status absent(const struct disk *disk, const struct spot *spot)
{
    return disk->inodes[spot->directory].removed ? lost(disk) : STATUS_NO_ENTRY;
}

static enum status act_stat(struct sim_port *view, struct place place, bool follow,
                            struct port_stat *stat)
{
    struct spot spot;
    enum status status = step_find(view, place, &spot, 0);
    if (status != STATUS_OK) {
        return status;
    }
    point(view);
    const struct disk *disk = view->disk;
    disk_inode inode = at_spot(disk, &spot);
    if (inode != 0 && follow && disk->inodes[inode].kind == PORT_SYMLINK) {
        inode = disk->inodes[inode].target;
    }
    if (inode != 0 && follow && disk->inodes[inode].kind == PORT_SYMLINK) {
        status = STATUS_IS_SYMLINK; // a link to a link: here they are only made to go round
    } else if (inode == 0) {
        status = absent(disk, &spot);
    } else {
        const struct inode *found = &disk->inodes[inode];
        uint64_t size = found->kind == PORT_FILE ? found->size : 0;
        *stat = (struct port_stat){found->kind, size, disk->mood.no_clock ? 0 : found->modified};
        sees(view, (uint64_t)found->kind << 32 | found->size);
        sees(view, stat->modified);
    }
    forget_found(view);
    return status;
}

static enum status sim_stat(struct port *port, struct place place, bool follow,
                            struct port_stat *stat)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_STAT, place.path);
    if (status == STATUS_OK) {
        status = act_stat(view, place, follow, stat);
    }
    return end(view, CALL_STAT, place.path, status);
}

static struct sim_port_handle *new_handle(struct sim_port *view, disk_inode inode,
                                          port_handle *number)
{
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        struct sim_port_handle *handle = &view->handles[i];
        if (handle->inode == 0) {
            handle->inode = inode;
            disk_hold(view->disk, inode);
            handle->is_listing = false;
            handle->started = false;
            view->open_handles++;
            *number = (port_handle)i + 1;
            return handle;
        }
    }
    assert(!"a handle is free");
    return NULL;
}

static void free_handle(struct sim_port *view, struct sim_port_handle *handle)
{
    disk_release(view->disk, handle->inode);
    handle->inode = 0;
    view->open_handles--;
}

static enum status open_create(struct disk *disk, const struct spot *spot, disk_inode *inode)
{
    disk_settle(disk, spot->directory);
    *inode = at_spot(disk, spot);
    if (*inode != 0) {
        return STATUS_EXISTS;
    }
    if (disk->inodes[spot->directory].removed) {
        return lost(disk);
    }
    *inode = disk_make(disk, PORT_FILE);
    disk_set(disk, spot->directory, spot->name, *inode);
    return STATUS_OK;
}

// What is opened to be read or listed.
static enum status open_existing(const struct disk *disk, const struct spot *spot,
                                 enum port_mode mode, disk_inode *inode)
{
    if (*inode == 0) {
        return absent(disk, spot);
    }
    if (disk->inodes[*inode].kind == PORT_SYMLINK) {
        if (mode == PORT_READ) {
            return STATUS_IS_SYMLINK;
        }
        *inode = disk->inodes[*inode].target;
        if (*inode == 0) {
            return STATUS_NO_ENTRY;
        }
    }
    bool directory = disk->inodes[*inode].kind == PORT_DIRECTORY;
    return mode == PORT_LIST && !directory ? STATUS_NOT_DIRECTORY : STATUS_OK;
}

static enum status act_open(struct sim_port *view, struct place place, enum port_mode mode,
                            port_handle *file)
{
    struct spot spot;
    enum status status = step_find(view, place, &spot, 0);
    if (status != STATUS_OK) {
        return status;
    }
    point(view);
    disk_inode inode = at_spot(view->disk, &spot);
    status = mode == PORT_CREATE ? open_create(view->disk, &spot, &inode)
                                 : open_existing(view->disk, &spot, mode, &inode);
    if (status == STATUS_OK) {
        new_handle(view, inode, file)->mode = mode;
    }
    forget_found(view);
    return status;
}

static enum status sim_open(struct port *port, struct place place, enum port_mode mode,
                            port_handle *file)
{
    struct sim_port *view = (struct sim_port *)port;
    enum port_call call = port_call_of_open(mode);
    enum status status = begin(view, call, place.path);
    if (status == STATUS_OK) {
        status = act_open(view, place, mode, file);
    }
    if (mode == PORT_CREATE && status == STATUS_OK) {
        view->has_turn = in_turn(place.path);
    }
    return end(view, call, place.path, status);
}

static struct bytes no_path(void)
{
    return (struct bytes){(const uint8_t *)"", 0};
}

// A file that nothing names any more is lost to its handles on some disks.
static bool is_lost(const struct sim_port *view, const struct sim_port_handle *handle)
{
    const struct disk *disk = view->disk;
    return disk->mood.loses_files && disk->ticks && disk->inodes[handle->inode].links == 0 &&
           handle->inode != disk_root;
}

static size_t limited(const struct sim_port *view, size_t size)
{
    return view->short_bytes > 0 && size > view->short_bytes ? view->short_bytes : size;
}

static enum status sim_read(struct port *port, port_handle file, void *bytes, size_t size,
                            uint64_t offset, size_t *got)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_READ, no_path());
    struct sim_port_handle *handle = handle_of(view, file);
    assert(handle->mode == PORT_READ);
    if (status == STATUS_OK) {
        point(view);
        const struct inode *inode = &view->disk->inodes[handle->inode];
        if (inode->kind != PORT_FILE) {
            return end(view, CALL_READ, no_path(), STATUS_IS_DIRECTORY);
        }
        if (is_lost(view, handle)) {
            return end(view, CALL_READ, no_path(), view->disk->mood.lost);
        }
        size_t left = offset < inode->size ? inode->size - (size_t)offset : 0;
        *got = limited(view, left < size ? left : size);
        memcpy(bytes, inode->content + offset, *got);
        for (size_t i = 0; i < *got; i++) {
            sees(view, inode->content[offset + i]);
        }
    }
    return end(view, CALL_READ, no_path(), status);
}

static enum status sim_write(struct port *port, port_handle file, const void *bytes, size_t size,
                             uint64_t offset, size_t *written)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_WRITE, no_path());
    struct sim_port_handle *handle = handle_of(view, file);
    assert(handle->mode == PORT_CREATE && size > 0);
    if (status == STATUS_OK) {
        point(view);
        if (is_lost(view, handle)) {
            return end(view, CALL_WRITE, no_path(), view->disk->mood.lost);
        }
        *written = limited(view, size);
        disk_write(view->disk, handle->inode, bytes, *written, (size_t)offset);
    }
    return end(view, CALL_WRITE, no_path(), status);
}

static enum status sim_sync(struct port *port, port_handle file)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_SYNC, no_path());
    struct sim_port_handle *handle = handle_of(view, file);
    assert(!handle->is_listing);
    if (status == STATUS_OK) {
        point(view);
        if (is_lost(view, handle)) {
            status = view->disk->mood.lost;
        } else {
            disk_sync(view->disk, handle->inode);
        }
    }
    return end(view, CALL_SYNC, no_path(), status);
}

static enum status sim_close(struct port *port, port_handle file)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_CLOSE, no_path());
    struct sim_port_handle *handle = handle_of(view, file);
    assert(!handle->is_listing);
    free_handle(view, handle);
    return end(view, CALL_CLOSE, no_path(), status);
}

// ---- Listings ----

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

static enum status sim_list(struct port *port, port_handle directory, port_handle *listing)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_LIST, no_path());
    struct sim_port_handle *handle = handle_of(view, directory);
    assert(handle->mode == PORT_LIST && !handle->is_listing);
    if (status == STATUS_OK) {
        point(view);
        disk_settle(view->disk, handle->inode);
        struct sim_port_handle *made = new_handle(view, handle->inode, listing);
        made->is_listing = true;
        if (view->listing == LISTING_AT_ONCE) {
            take_snapshot(view, made);
        }
    }
    return end(view, CALL_LIST, no_path(), status);
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
    point(view);
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

static enum status sim_list_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_LIST_NEXT, no_path());
    struct sim_port_handle *handle = handle_of(view, listing);
    assert(handle->is_listing);
    if (status == STATUS_OK) {
        status = act_list_next(view, handle, entry);
    }
    if (status == STATUS_OK) {
        sees(view, hash_of(entry->name));
        view->wait.names = choices_mix(view->wait.names, hash_of(entry->name));
    }
    return end(view, CALL_LIST_NEXT, status == STATUS_OK ? entry->name : no_path(), status);
}

static void sim_list_close(struct port *port, port_handle listing)
{
    struct sim_port *view = (struct sim_port *)port;
    struct sim_port_handle *handle = handle_of(view, listing);
    assert(handle->is_listing);
    free_handle(view, handle);
}

// ---- Entries ----

static enum status act_make_directory(struct sim_port *view, struct place place)
{
    struct spot spot;
    enum status status = step_find(view, place, &spot, 0);
    if (status != STATUS_OK) {
        return status;
    }
    point(view);
    struct disk *disk = view->disk;
    disk_settle(disk, spot.directory);
    if (at_spot(disk, &spot) != 0) {
        status = STATUS_EXISTS;
    } else if (disk->inodes[spot.directory].removed) {
        status = lost(disk);
    } else {
        disk_set(disk, spot.directory, spot.name, disk_make(disk, PORT_DIRECTORY));
    }
    forget_found(view);
    return status;
}

static enum status sim_make_directory(struct port *port, struct place place)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_MAKE_DIRECTORY, place.path);
    if (status == STATUS_OK) {
        status = act_make_directory(view, place);
    }
    return end(view, CALL_MAKE_DIRECTORY, place.path, status);
}

static enum status not_empty(const struct disk *disk)
{
    return disk->mood.not_empty != STATUS_OK ? disk->mood.not_empty : STATUS_NOT_EMPTY;
}

static enum status remove_spot(struct disk *disk, const struct spot *spot, bool directory)
{
    disk_inode inode = at_spot(disk, spot);
    if (inode == 0) {
        return absent(disk, spot);
    }
    bool is_directory = disk->inodes[inode].kind == PORT_DIRECTORY;
    if (directory && !is_directory) {
        return STATUS_NOT_DIRECTORY;
    }
    if (!directory && is_directory) {
        return STATUS_IS_DIRECTORY;
    }
    if (directory && !disk_empty(disk, inode)) {
        return not_empty(disk);
    }
    if (directory) {
        disk_remove_directory(disk, spot->directory, spot->name);
    } else {
        disk_set(disk, spot->directory, spot->name, 0);
    }
    return STATUS_OK;
}

static enum status act_remove(struct sim_port *view, struct place place, bool directory)
{
    struct spot spot;
    enum status status = step_find(view, place, &spot, 0);
    if (status == STATUS_OK) {
        point(view);
        disk_settle(view->disk, spot.directory);
        status = remove_spot(view->disk, &spot, directory);
        if (view->disk->parent == spot.directory) {
            point(view);
            disk_settle(view->disk, spot.directory);
        }
        forget_found(view);
    }
    return status;
}

static enum status sim_remove_directory(struct port *port, struct place place)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_REMOVE_DIRECTORY, place.path);
    if (status == STATUS_OK) {
        status = act_remove(view, place, true);
    }
    return end(view, CALL_REMOVE_DIRECTORY, place.path, status);
}

static enum status sim_remove_file(struct port *port, struct place place)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_REMOVE_FILE, place.path);
    if (status == STATUS_OK) {
        status = act_remove(view, place, false);
    }
    return end(view, CALL_REMOVE_FILE, place.path, status);
}

// Whether a rename may put `moved` in the place of `replaced`.
static enum status may_replace(const struct disk *disk, disk_inode moved, disk_inode replaced)
{
    bool moves_directory = disk->inodes[moved].kind == PORT_DIRECTORY;
    if (replaced == 0 || replaced == moved) {
        return STATUS_OK;
    }
    if (disk->inodes[replaced].kind != PORT_DIRECTORY) {
        return moves_directory ? STATUS_NOT_DIRECTORY : STATUS_OK;
    }
    if (!moves_directory) {
        return STATUS_IS_DIRECTORY;
    }
    if (!disk_empty(disk, replaced)) {
        return not_empty(disk);
    }
    return disk->mood.no_replace;
}

// True if a directory is `inside`, or has it somewhere below.
static bool holds(const struct disk *disk, disk_inode directory, disk_inode inside)
{
    for (unsigned i = 0; inside != directory && i < disk->entry_count; i++) {
        if (disk->entries[i].target == inside) {
            inside = disk->entries[i].directory;
            i = UINT_MAX; // and again from the first entry
        }
    }
    return inside == directory;
}

static enum status rename_spots(struct disk *disk, const struct spot *from, const struct spot *to)
{
    disk_inode moved = at_spot(disk, from);
    disk_inode replaced = at_spot(disk, to);
    if (moved == 0) {
        return absent(disk, from);
    }
    if (disk->inodes[to->directory].removed) {
        return lost(disk);
    }
    enum status status = may_replace(disk, moved, replaced);
    if (disk->inodes[moved].kind == PORT_DIRECTORY && holds(disk, moved, to->directory)) {
        status = STATUS_BAD_NAME;
    }
    if (status != STATUS_OK || replaced == moved) {
        return status;
    }
    if (disk->writes_before_rename) {
        disk_sync(disk, moved);
    }
    if (replaced != 0) {
        disk->inodes[replaced].removed = disk->inodes[replaced].kind == PORT_DIRECTORY;
    }
    disk_hold(disk, moved); // its old name goes first, and its new one is not yet there
    disk_set(disk, from->directory, from->name, 0);
    disk_replace(disk, to->directory, to->name, moved);
    disk_release(disk, moved);
    return STATUS_OK;
}

static bool ends_with(struct bytes path, struct bytes end)
{
    return path.size >= end.size &&
           bytes_equal((struct bytes){path.data + path.size - end.size, end.size}, end);
}

static enum status act_rename(struct sim_port *view, struct place from, struct place to)
{
    struct spot spots[2];
    enum status status = step_find(view, from, &spots[0], 0);
    if (status == STATUS_OK) {
        status = step_find(view, to, &spots[1], 1);
    }
    if (status == STATUS_OK) {
        point(view);
        disk_settle(view->disk, spots[0].directory);
        disk_settle(view->disk, spots[1].directory);
        status = rename_spots(view->disk, &spots[0], &spots[1]);
    }
    forget_found(view);
    return status;
}

// Begins a wait, or goes on with it: then the writer is where it was.
static void tries_to_take(struct sim_port *view, uint64_t directory)
{
    struct sim_port_wait *wait = &view->wait;
    if (wait->directory != directory) {
        *wait = (struct sim_port_wait){.directory = directory, .before = view->seen};
        return;
    }
    wait->names = 0;
    wait->tries++;
    view->seen = choices_mix(choices_mix(wait->before, wait->last), wait->same << 8 | wait->tries);
}

static enum status sim_rename(struct port *port, struct place from, struct place to)
{
    struct sim_port *view = (struct sim_port *)port;
    bool takes = ends_with(to.path, BYTES(".kv/turn"));
    if (takes) {
        tries_to_take(view, hash_of(from.path));
    }
    enum status status = begin(view, CALL_RENAME, to.path);
    if (status == STATUS_OK) {
        status = act_rename(view, from, to);
    }
    if (status == STATUS_OK) {
        view->takes += takes;
        view->has_turn = takes || in_turn(to.path);
    }
    return end(view, CALL_RENAME, to.path, status);
}

static uint64_t sim_random(struct port *port)
{
    // Mixed one to one, so that no two writers ever get the same number.
    struct sim_port *view = (struct sim_port *)port;
    view->random_call = view->calls;
    uint64_t state = view->salt + ((uint64_t)view->writer << 32 | ++view->randoms);
    return choices_random(&state);
}

static uint64_t sim_now(struct port *port)
{
    return ((struct sim_port *)port)->now;
}

static uint64_t sim_wall_clock(struct port *port)
{
    return ((struct sim_port *)port)->disk->clock;
}

static void sim_pause(struct port *port, uint64_t nanoseconds)
{
    struct sim_port *view = (struct sim_port *)port;
    struct sim_port_wait *wait = &view->wait;
    view->now += view->cost != NULL ? nanoseconds + view->wakeup : view->pause_nanoseconds;
    if (view->cost == NULL && view->random_call == view->calls && view->randoms > 0) {
        view->randoms--; // it only said how long to pause, which is of no consequence
    }
    view->pauses++;
    wait->same = wait->names == wait->last ? wait->same + 1 : 0;
    wait->last = wait->names;
    wait->names = 0;
    wait->tries = 0;
    wait->silent = view->merges && wait->same >= 1;
    view->seen = choices_mix(choices_mix(wait->before, wait->last), wait->same);
    if (view->trace) {
        printf("  writer %u: pause\n", view->writer);
    }
}

static const struct port_calls sim_calls = {
    .stat = sim_stat,
    .open = sim_open,
    .read = sim_read,
    .write = sim_write,
    .sync = sim_sync,
    .close = sim_close,
    .list = sim_list,
    .list_next = sim_list_next,
    .list_close = sim_list_close,
    .make_directory = sim_make_directory,
    .remove_directory = sim_remove_directory,
    .remove_file = sim_remove_file,
    .rename = sim_rename,
    .random = sim_random,
    .now = sim_now,
    .wall_clock = sim_wall_clock,
    .pause = sim_pause,
};

void sim_port_init(struct sim_port *view, struct disk *disk, unsigned writer, uint64_t salt)
{
    // Field by field: a view is large and most of it need not be cleared.
    view->port.calls = &sim_calls;
    view->disk = disk;
    view->point = NULL;
    view->writer = writer;
    view->salt = salt;
    view->randoms = view->random_call = 0;
    view->listing = LISTING_AT_ONCE;
    view->short_bytes = 0;
    view->fault = (struct sim_port_fault){.at = 0};
    view->calls = view->open_handles = view->takes = view->pauses = 0;
    view->now = sim_port_start_nanoseconds;
    view->pause_nanoseconds = sim_port_pause_nanoseconds;
    view->cost = NULL;
    view->wakeup = 0;
    view->has_turn = false;
    view->left = view->seen = 0;
    view->wait = (struct sim_port_wait){.directory = 0};
    view->trace = view->remember = view->merges = view->hidden = false;
    view->found[0] = view->found[1] = 0;
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        view->handles[i].inode = 0;
    }
}

uint64_t sim_port_hash(const struct sim_port *view, const uint64_t *hashes)
{
    uint64_t hash = choices_mix(view->seen, view->randoms);
    hash = choices_mix(hash, view->wait.names);
    hash = choices_mix(hash, view->wait.last + (view->wait.same << 8 | view->wait.tries));
    for (unsigned i = 0; i < 2; i++) {
        // The number of a removed directory is of no consequence.
        hash = choices_mix(hash, view->found[i] == 0 ? 0 : hashes[view->found[i]]);
    }
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        const struct sim_port_handle *handle = &view->handles[i];
        if (handle->inode == 0) {
            continue;
        }
        hash = choices_mix(hash, hashes[handle->inode] + i);
        bool snapshot = handle->is_listing && view->listing == LISTING_AT_ONCE;
        for (unsigned n = handle->next; snapshot && n < handle->count; n++) {
            struct bytes name = handle->snapshot[n].name;
            for (size_t at = 0; at < name.size; at++) {
                hash = (hash ^ name.data[at]) * 0x100000001B3;
            }
        }
    }
    return hash;
}

void sim_port_crash(struct sim_port *view)
{
    disk_settle(view->disk, 0);
    forget_found(view);
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        if (view->handles[i].inode != 0) {
            free_handle(view, &view->handles[i]);
        }
    }
}
