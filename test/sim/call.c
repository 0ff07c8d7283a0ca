#include "call.h"

#include "fold.h"

#include <assert.h>
#include <stdio.h>

void call_sees(struct sim_port *view, uint64_t what)
{
    view->seen = choices_mix(view->seen, what);
}

uint64_t call_hash_of(struct bytes bytes)
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

void call_point(struct sim_port *view)
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

bool call_in_turn(struct bytes path)
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
    return call != CALL_RENAME && !call_in_turn(path) && is_private(path);
}

enum status call_begin(struct sim_port *view, enum port_call call, struct bytes path)
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

enum status call_end(struct sim_port *view, enum port_call call, struct bytes path,
                     enum status status)
{
    call_sees(view, (uint64_t)call << 8 | (uint64_t)status);
    spend(view, view->left);
    if (view->trace) {
        struct bytes shown = tail(path);
        printf("  writer %u: %s %.*s -> %s\n", view->writer, sim_port_call_name(call),
               (int)shown.size, (const char *)shown.data, status_text(status));
    }
    return status;
}

struct bytes call_no_path(void)
{
    return (struct bytes){(const uint8_t *)"", 0};
}

struct sim_port_handle *call_handle(struct sim_port *view, port_handle number)
{
    assert(number >= 1 && number <= sim_port_handles_max);
    struct sim_port_handle *handle = &view->handles[number - 1];
    assert(handle->inode != 0 && "the handle is open");
    return handle;
}

struct sim_port_handle *call_new_handle(struct sim_port *view, disk_inode inode,
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

void call_free_handle(struct sim_port *view, struct sim_port_handle *handle)
{
    disk_release(view->disk, handle->inode);
    handle->inode = 0;
    view->open_handles--;
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

enum status call_find(struct sim_port *view, struct place place, struct spot *spot, unsigned which)
{
    if (!view->merges || call_in_turn(place.path)) {
        call_point(view); // what is found may be gone by the next step
    }
    disk_inode from =
        place.directory == port_root ? disk_root : call_handle(view, place.directory)->inode;
    enum status status = find_spot(view->disk, from, place.path, spot);
    if (status == STATUS_OK) {
        view->found[which] = spot->directory != 0 ? spot->directory : spot->itself;
        disk_hold(view->disk, view->found[which]);
    }
    return status;
}

void call_forget(struct sim_port *view)
{
    for (unsigned i = 0; i < 2; i++) {
        disk_release(view->disk, view->found[i]);
        view->found[i] = 0;
    }
}

disk_inode call_inode_at(const struct disk *disk, const struct spot *spot)
{
    return spot->directory == 0 ? spot->itself : disk_find(disk, spot->directory, spot->name);
}

enum status call_lost(const struct disk *disk)
{
    return disk->mood.lost != STATUS_OK ? disk->mood.lost : STATUS_NO_ENTRY;
}

enum status call_absent(const struct disk *disk, const struct spot *spot)
{
    return disk->inodes[spot->directory].removed ? call_lost(disk) : STATUS_NO_ENTRY;
}
