#include "call.h"

#include <limits.h>

static enum status act_make_directory(struct sim_port *view, struct place place)
{
    struct spot spot;
    enum status status = call_find(view, place, &spot, 0);
    if (status != STATUS_OK) {
        return status;
    }
    call_point(view);
    struct disk *disk = view->disk;
    disk_settle(disk, spot.directory);
    if (call_inode_at(disk, &spot) != 0) {
        status = STATUS_EXISTS;
    } else if (disk->inodes[spot.directory].removed) {
        status = call_lost(disk);
    } else {
        disk_set(disk, spot.directory, spot.name, disk_make(disk, PORT_DIRECTORY));
    }
    call_forget(view);
    return status;
}

enum status sim_make_directory(struct port *port, struct place place)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_MAKE_DIRECTORY, place.path);
    if (status == STATUS_OK) {
        status = act_make_directory(view, place);
    }
    return call_end(view, CALL_MAKE_DIRECTORY, place.path, status);
}

static enum status not_empty(const struct disk *disk)
{
    return disk->mood.not_empty != STATUS_OK ? disk->mood.not_empty : STATUS_NOT_EMPTY;
}

static enum status remove_spot(struct disk *disk, const struct spot *spot, bool directory)
{
    disk_inode inode = call_inode_at(disk, spot);
    if (inode == 0) {
        return call_absent(disk, spot);
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
    enum status status = call_find(view, place, &spot, 0);
    if (status == STATUS_OK) {
        call_point(view);
        disk_settle(view->disk, spot.directory);
        status = remove_spot(view->disk, &spot, directory);
        if (view->disk->parent == spot.directory) {
            call_point(view);
            disk_settle(view->disk, spot.directory);
        }
        call_forget(view);
    }
    return status;
}

static enum status sim_remove(struct port *port, struct place place, bool directory)
{
    struct sim_port *view = (struct sim_port *)port;
    enum port_call call = directory ? CALL_REMOVE_DIRECTORY : CALL_REMOVE_FILE;
    enum status status = call_begin(view, call, place.path);
    if (status == STATUS_OK) {
        status = act_remove(view, place, directory);
    }
    return call_end(view, call, place.path, status);
}

enum status sim_remove_directory(struct port *port, struct place place)
{
    return sim_remove(port, place, true);
}

enum status sim_remove_file(struct port *port, struct place place)
{
    return sim_remove(port, place, false);
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
    disk_inode moved = call_inode_at(disk, from);
    disk_inode replaced = call_inode_at(disk, to);
    if (moved == 0) {
        return call_absent(disk, from);
    }
    if (disk->inodes[to->directory].removed) {
        return call_lost(disk);
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
    enum status status = call_find(view, from, &spots[0], 0);
    if (status == STATUS_OK) {
        status = call_find(view, to, &spots[1], 1);
    }
    if (status == STATUS_OK) {
        call_point(view);
        disk_settle(view->disk, spots[0].directory);
        disk_settle(view->disk, spots[1].directory);
        status = rename_spots(view->disk, &spots[0], &spots[1]);
    }
    call_forget(view);
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

enum status sim_rename(struct port *port, struct place from, struct place to)
{
    struct sim_port *view = (struct sim_port *)port;
    bool takes = ends_with(to.path, BYTES(".kv/turn"));
    if (takes) {
        tries_to_take(view, call_hash_of(from.path));
    }
    enum status status = call_begin(view, CALL_RENAME, to.path);
    if (status == STATUS_OK) {
        status = act_rename(view, from, to);
    }
    if (status == STATUS_OK) {
        view->takes += takes;
        view->has_turn = takes || call_in_turn(to.path);
    }
    return call_end(view, CALL_RENAME, to.path, status);
}
