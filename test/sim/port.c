#include "port.h"

#include "fold.h"

#include <assert.h>
#include <stdio.h>

static const char *const call_names[sim_port_call_kinds] = {
    "look",        "open to read", "open to create", "open to list",
    "read",        "write",        "sync",           "close",
    "list",        "list_next",    "make_directory", "remove_directory",
    "remove_file", "rename",
};

const char *sim_port_call_name(enum sim_port_call call)
{
    return call_names[call];
}

#define BIT(status) (1u << (status))

bool sim_port_can_fail(enum sim_port_call call, enum status status)
{
    static const uint32_t any = BIT(STATUS_ACCESS) | BIT(STATUS_NO_MEMORY) | BIT(STATUS_IO);
    static const uint32_t path = BIT(STATUS_NO_ENTRY) | BIT(STATUS_NOT_DIRECTORY);
    static const uint32_t others[sim_port_call_kinds] = {
        [CALL_LOOK] = path | BIT(STATUS_IS_SYMLINK) | BIT(STATUS_BAD_NAME),
        [CALL_OPEN_READ] = path | BIT(STATUS_IS_SYMLINK) | BIT(STATUS_IN_USE) |
                           BIT(STATUS_TOO_LARGE) | BIT(STATUS_UNSUPPORTED),
        [CALL_OPEN_CREATE] = path | BIT(STATUS_IS_DIRECTORY) | BIT(STATUS_IS_SYMLINK) |
                             BIT(STATUS_NO_SPACE) | BIT(STATUS_IN_USE),
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

// Where a path leads: a directory and a name in it; none for the root itself.
struct place {
    disk_inode directory;
    struct bytes name;
    uint8_t folded[disk_name_max]; // the name, where the disk folds
};

static void sees(struct sim_port *view, uint64_t what)
{
    view->seen = choices_mix(view->seen, what);
}

static void point(struct sim_port *view)
{
    if (view->point != NULL && !view->waited) {
        view->point(view);
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

// Begins a call: the scheduling point before its first step, and the fault.
static enum status begin(struct sim_port *view, enum sim_port_call call, struct bytes path)
{
    unsigned number = ++view->calls;
    if (view->remember && number <= sim_port_calls_max) {
        struct sim_port_made *made = &view->made[number - 1];
        *made = (struct sim_port_made){.call = call};
        struct bytes shown = tail(path);
        assert(shown.size < sizeof made->path);
        if (shown.size > 0) {
            memcpy(made->path, shown.data, shown.size);
        }
    }
    struct sim_port_fault *fault = &view->fault;
    if (number == fault->at || (fault->hit && fault->for_good)) {
        fault->hit = true;
        return sim_port_can_fail(call, fault->status) ? fault->status : STATUS_IO;
    }
    return STATUS_OK;
}

// Ends a call. What it says is what the writer sees.
static enum status end(struct sim_port *view, enum sim_port_call call, struct bytes path,
                       enum status status)
{
    sees(view, (uint64_t)call << 8 | (uint64_t)status);
    view->refused = call == CALL_REMOVE_DIRECTORY && status == STATUS_NOT_EMPTY;
    view->waited = false;
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

// Makes the place's name the one that a disk that folds goes by: of a file there,
// if it is its short name.
static enum status fold_place(const struct disk *disk, struct place *place)
{
    size_t size;
    enum status status = fold_name(place->name, place->folded, sizeof place->folded, &size);
    place->name = (struct bytes){place->folded, size};
    for (unsigned i = 0; i < disk->entry_count && status == STATUS_OK; i++) {
        const struct entry *entry = &disk->entries[i];
        struct bytes file = {entry->name, entry->name_size};
        if (entry->directory == place->directory && fold_is_short_name(place->name, file)) {
            place->name = file;
        }
    }
    return status;
}

// Finds the directory that holds a path's last part. A link on the way is
// followed, as kernels do; the last part is not looked at.
static enum status find_place(const struct disk *disk, disk_inode directory, struct bytes path,
                              struct place *place)
{
    place->directory = directory;
    place->name = path;
    if (bytes_equal(path, BYTES("."))) {
        place->directory = 0;
        return STATUS_OK;
    }
    for (;;) {
        const uint8_t *slash = memchr(path.data, '/', path.size);
        size_t size = slash != NULL ? (size_t)(slash - path.data) : path.size;
        place->name = (struct bytes){path.data, size};
        if (disk->folds) {
            enum status status = fold_place(disk, place);
            if (status != STATUS_OK) {
                return status;
            }
        }
        if (slash == NULL) {
            return size <= disk_name_max ? STATUS_OK : STATUS_BAD_NAME;
        }
        disk_inode next = disk_find(disk, place->directory, place->name);
        if (next != 0 && disk->inodes[next].kind == PORT_SYMLINK) {
            next = disk->inodes[next].target;
        }
        if (next == 0) {
            return STATUS_NO_ENTRY;
        }
        if (disk->inodes[next].kind != PORT_DIRECTORY) {
            return STATUS_NOT_DIRECTORY;
        }
        place->directory = next;
        path.data += size + 1;
        path.size -= size + 1;
    }
}

// The first step of a call on a path: finds the place, and notes it.
static enum status step_find(struct sim_port *view, port_handle directory, struct bytes path,
                             struct place *place, unsigned which)
{
    point(view);
    disk_inode from = directory == port_root ? disk_root : handle_of(view, directory)->inode;
    enum status status = find_place(view->disk, from, path, place);
    if (status == STATUS_OK) {
        view->found[which] = place->directory;
    }
    return status;
}

// What stands at a place now; the root where there is no directory above.
static disk_inode at_place(const struct disk *disk, struct place place)
{
    return place.directory == 0 ? disk_root : disk_find(disk, place.directory, place.name);
}

// Both steps for a call that wants what is there.
static enum status find(struct sim_port *view, port_handle directory, struct bytes path,
                        disk_inode *inode)
{
    struct place place;
    enum status status = step_find(view, directory, path, &place, 0);
    if (status == STATUS_OK) {
        point(view);
        *inode = at_place(view->disk, place);
        view->found[0] = 0;
        status = *inode == 0 ? STATUS_NO_ENTRY : STATUS_OK;
    }
    return status;
}

static enum status act_look(struct sim_port *view, port_handle directory, struct bytes path,
                            struct port_stat *look)
{
    disk_inode inode;
    enum status status = find(view, directory, path, &inode);
    if (status == STATUS_OK) {
        const struct inode *found = &view->disk->inodes[inode];
        *look = (struct port_stat){found->kind, found->size};
        sees(view, (uint64_t)found->kind << 32 | found->size);
    }
    return status;
}

static enum status sim_look(struct port *port, port_handle directory, struct bytes path,
                            struct port_stat *look)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_LOOK, path);
    if (status == STATUS_OK) {
        status = act_look(view, directory, path, look);
    }
    return end(view, CALL_LOOK, path, status);
}

static struct sim_port_handle *new_handle(struct sim_port *view, disk_inode inode,
                                          port_handle *number)
{
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        struct sim_port_handle *handle = &view->handles[i];
        if (handle->inode == 0) {
            handle->inode = inode;
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
    handle->inode = 0;
    view->open_handles--;
}

static enum status open_create(struct sim_port *view, struct place place, disk_inode *inode)
{
    struct disk *disk = view->disk;
    if (*inode == 0) {
        if (disk->inodes[place.directory].removed) {
            return STATUS_NO_ENTRY;
        }
        *inode = disk_make(disk, PORT_FILE);
        disk_set(disk, place.directory, place.name, *inode);
    }
    if (disk->inodes[*inode].kind == PORT_DIRECTORY) {
        return STATUS_IS_DIRECTORY;
    }
    if (disk->inodes[*inode].kind != PORT_FILE) {
        return STATUS_IS_SYMLINK;
    }
    disk_truncate(disk, *inode);
    return STATUS_OK;
}

static enum status act_open(struct sim_port *view, port_handle directory, struct bytes path,
                            enum port_mode mode, port_handle *file)
{
    struct place place;
    enum status status = step_find(view, directory, path, &place, 0);
    if (status != STATUS_OK) {
        return status;
    }
    point(view);
    disk_inode inode = at_place(view->disk, place);
    if (mode == PORT_CREATE) {
        status = open_create(view, place, &inode);
    } else if (inode == 0) {
        status = STATUS_NO_ENTRY;
    } else {
        enum port_kind kind = view->disk->inodes[inode].kind;
        if (kind == PORT_SYMLINK) {
            status = STATUS_IS_SYMLINK;
        } else if (mode == PORT_LIST && kind != PORT_DIRECTORY) {
            status = STATUS_NOT_DIRECTORY;
        }
    }
    view->found[0] = 0;
    if (status == STATUS_OK) {
        new_handle(view, inode, file)->mode = mode;
    }
    return status;
}

static enum status sim_open(struct port *port, port_handle directory, struct bytes path,
                            enum port_mode mode, port_handle *file)
{
    struct sim_port *view = (struct sim_port *)port;
    enum sim_port_call call = mode == PORT_READ     ? CALL_OPEN_READ
                              : mode == PORT_CREATE ? CALL_OPEN_CREATE
                                                    : CALL_OPEN_LIST;
    enum status status = begin(view, call, path);
    if (status == STATUS_OK) {
        status = act_open(view, directory, path, mode, file);
    }
    return end(view, call, path, status);
}

static struct bytes no_path(void)
{
    return (struct bytes){(const uint8_t *)"", 0};
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
    assert(handle->mode == PORT_READ && size > 0 && size <= port_read_bytes_max);
    if (status == STATUS_OK) {
        point(view);
        const struct inode *inode = &view->disk->inodes[handle->inode];
        if (inode->kind != PORT_FILE) {
            return end(view, CALL_READ, no_path(), STATUS_IS_DIRECTORY);
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
        disk_sync(view->disk, handle->inode);
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

// The entry that follows `after` (the first if NULL) in the order of names.
static const struct entry *following(const struct disk *disk, disk_inode directory,
                                     const struct bytes *after, bool down)
{
    const struct entry *best = NULL;
    for (unsigned i = 0; i < disk->entry_count; i++) {
        const struct entry *entry = &disk->entries[i];
        if (entry->directory != directory || entry->target == 0) {
            continue;
        }
        struct bytes name = {entry->name, entry->name_size};
        int sign = down ? -1 : 1;
        if (after != NULL && sign * compare(name, *after) <= 0) {
            continue;
        }
        if (best == NULL || sign * compare(name, (struct bytes){best->name, best->name_size}) < 0) {
            best = entry;
        }
    }
    return best;
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
        listing->snapshot[listing->count++] =
            (struct port_entry){disk->inodes[entry->target].kind, bytes};
        entry = following(disk, listing->inode, &bytes, false);
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
    struct bytes after = {listing->name, listing->size};
    const struct entry *found =
        following(view->disk, listing->inode, listing->started ? &after : NULL,
                  view->listing == LISTING_DOWN);
    if (found == NULL) {
        return STATUS_END;
    }
    listing->started = true;
    listing->size = found->name_size;
    memcpy(listing->name, found->name, found->name_size);
    *entry =
        (struct port_entry){view->disk->inodes[found->target].kind, {listing->name, listing->size}};
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
    for (size_t i = 0; status == STATUS_OK && i < entry->name.size; i++) {
        sees(view, entry->name.data[i]);
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

static enum status act_make_directory(struct sim_port *view, struct bytes path)
{
    struct place place;
    enum status status = step_find(view, port_root, path, &place, 0);
    if (status != STATUS_OK) {
        return status;
    }
    point(view);
    struct disk *disk = view->disk;
    if (at_place(disk, place) != 0) {
        status = STATUS_EXISTS;
    } else if (disk->inodes[place.directory].removed) {
        status = STATUS_NO_ENTRY;
    } else {
        disk_set(disk, place.directory, place.name, disk_make(disk, PORT_DIRECTORY));
    }
    view->found[0] = 0;
    return status;
}

static enum status sim_make_directory(struct port *port, struct bytes path)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_MAKE_DIRECTORY, path);
    if (status == STATUS_OK) {
        status = act_make_directory(view, path);
    }
    return end(view, CALL_MAKE_DIRECTORY, path, status);
}

static enum status act_remove(struct sim_port *view, struct bytes path, bool directory)
{
    struct place place;
    enum status status = step_find(view, port_root, path, &place, 0);
    if (status != STATUS_OK) {
        return status;
    }
    point(view);
    struct disk *disk = view->disk;
    disk_inode inode = at_place(disk, place);
    if (inode == 0) {
        status = STATUS_NO_ENTRY;
    } else if (directory && disk->inodes[inode].kind != PORT_DIRECTORY) {
        status = STATUS_NOT_DIRECTORY;
    } else if (directory && !disk_empty(disk, inode)) {
        status = STATUS_NOT_EMPTY;
    } else if (!directory && disk->inodes[inode].kind == PORT_DIRECTORY) {
        status = STATUS_IS_DIRECTORY;
    } else {
        disk->inodes[inode].removed = directory;
        disk_set(disk, place.directory, place.name, 0);
    }
    view->found[0] = 0;
    return status;
}

static enum status sim_remove_directory(struct port *port, struct bytes path)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_REMOVE_DIRECTORY, path);
    if (status == STATUS_OK) {
        status = act_remove(view, path, true);
    }
    return end(view, CALL_REMOVE_DIRECTORY, path, status);
}

static enum status sim_remove_file(struct port *port, struct bytes path)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_REMOVE_FILE, path);
    if (status == STATUS_OK) {
        status = act_remove(view, path, false);
    }
    return end(view, CALL_REMOVE_FILE, path, status);
}

static enum status rename_places(struct disk *disk, struct place from, struct place to)
{
    disk_inode moved = at_place(disk, from);
    disk_inode replaced = at_place(disk, to);
    if (moved == 0 || disk->inodes[to.directory].removed) {
        return STATUS_NO_ENTRY;
    }
    if (replaced != 0 && disk->inodes[replaced].kind == PORT_DIRECTORY) {
        return STATUS_IS_DIRECTORY; // no test renames directories over each other
    }
    if (replaced == moved) {
        return STATUS_OK;
    }
    if (disk->ordered) {
        disk_sync(disk, moved);
    }
    disk_set(disk, to.directory, to.name, moved);
    disk_set(disk, from.directory, from.name, 0);
    return STATUS_OK;
}

static enum status act_rename(struct sim_port *view, struct bytes from, port_handle directory,
                              struct bytes to)
{
    struct place places[2];
    enum status status = step_find(view, port_root, from, &places[0], 0);
    if (status == STATUS_OK) {
        status = step_find(view, directory, to, &places[1], 1);
    }
    if (status == STATUS_OK) {
        point(view);
        status = rename_places(view->disk, places[0], places[1]);
    }
    view->found[0] = 0;
    view->found[1] = 0;
    return status;
}

static enum status sim_rename(struct port *port, struct bytes from, port_handle directory,
                              struct bytes to)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = begin(view, CALL_RENAME, to);
    if (status == STATUS_OK) {
        status = act_rename(view, from, directory, to);
    }
    return end(view, CALL_RENAME, to, status);
}

static uint64_t sim_random(struct port *port)
{
    // Mixed one to one, so that no two writers ever get the same number.
    struct sim_port *view = (struct sim_port *)port;
    if (view->refused) {
        return 0; // how long to pause: of no consequence
    }
    uint64_t state = view->salt + ((uint64_t)view->writer << 32 | ++view->randoms);
    return choices_random(&state);
}

static void sim_pause(struct port *port, uint64_t nanoseconds)
{
    (void)nanoseconds;
    struct sim_port *view = (struct sim_port *)port;
    if (view->refused) {
        view->waited = true;
    } else {
        view->pauses++;
        // What was seen of a change that is done again from the start is forgotten
        // with it: the writer is where it was before, but for its losses.
        view->seen = choices_mix(view->seen_before, view->pauses);
    }
    if (view->trace) {
        printf("  writer %u: pause\n", view->writer);
    }
}

void sim_port_init(struct sim_port *view, struct disk *disk, unsigned writer, uint64_t salt)
{
    // Field by field: a view is large and most of it need not be cleared.
    view->disk = disk;
    view->point = NULL;
    view->writer = writer;
    view->salt = salt;
    view->randoms = 0;
    view->listing = LISTING_AT_ONCE;
    view->short_bytes = 0;
    view->fault = (struct sim_port_fault){.at = 0};
    view->calls = view->open_handles = view->pauses = 0;
    view->seen = view->seen_before = 0;
    view->trace = view->remember = view->refused = view->waited = false;
    view->found[0] = view->found[1] = 0;
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        view->handles[i].inode = 0;
    }
    view->port = (struct port){
        .look = sim_look,
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
        .pause = sim_pause,
    };
}

uint64_t sim_port_hash(const struct sim_port *view, const uint64_t *hashes)
{
    uint64_t hash = choices_mix(view->seen, view->randoms);
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
    view->found[0] = 0;
    view->found[1] = 0;
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        if (view->handles[i].inode != 0) {
            free_handle(view, &view->handles[i]);
        }
    }
}
