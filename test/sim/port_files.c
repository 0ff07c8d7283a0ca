#include "call.h"

#include <assert.h>

static enum status act_stat(struct sim_port *view, struct place place, bool follow,
                            struct port_stat *stat)
{
    struct spot spot;
    enum status status = call_find(view, place, &spot, 0);
    if (status != STATUS_OK) {
        return status;
    }
    call_point(view);
    const struct disk *disk = view->disk;
    disk_inode inode = call_inode_at(disk, &spot);
    if (inode != 0 && follow && disk->inodes[inode].kind == PORT_SYMLINK) {
        inode = disk->inodes[inode].target;
    }
    if (inode != 0 && follow && disk->inodes[inode].kind == PORT_SYMLINK) {
        status = STATUS_IS_SYMLINK; // a link to a link: here they are only made to go round
    } else if (inode == 0) {
        status = call_absent(disk, &spot);
    } else {
        const struct inode *found = &disk->inodes[inode];
        uint64_t size = found->kind == PORT_FILE ? found->size : 0;
        *stat = (struct port_stat){found->kind, size, disk->mood.no_clock ? 0 : found->modified};
        call_sees(view, (uint64_t)found->kind << 32 | found->size);
        call_sees(view, stat->modified);
    }
    call_forget(view);
    return status;
}

enum status sim_stat(struct port *port, struct place place, bool follow, struct port_stat *stat)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_STAT, place.path);
    if (status == STATUS_OK) {
        status = act_stat(view, place, follow, stat);
    }
    return call_end(view, CALL_STAT, place.path, status);
}

static enum status open_create(struct disk *disk, const struct spot *spot, disk_inode *inode)
{
    disk_settle(disk, spot->directory);
    *inode = call_inode_at(disk, spot);
    if (*inode != 0) {
        return STATUS_EXISTS;
    }
    if (disk->inodes[spot->directory].removed) {
        return call_lost(disk);
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
        return call_absent(disk, spot);
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
    enum status status = call_find(view, place, &spot, 0);
    if (status != STATUS_OK) {
        return status;
    }
    call_point(view);
    disk_inode inode = call_inode_at(view->disk, &spot);
    status = mode == PORT_CREATE ? open_create(view->disk, &spot, &inode)
                                 : open_existing(view->disk, &spot, mode, &inode);
    if (status == STATUS_OK) {
        call_new_handle(view, inode, file)->mode = mode;
    }
    call_forget(view);
    return status;
}

enum status sim_open(struct port *port, struct place place, enum port_mode mode, port_handle *file)
{
    struct sim_port *view = (struct sim_port *)port;
    enum port_call call = port_call_of_open(mode);
    enum status status = call_begin(view, call, place.path);
    if (status == STATUS_OK) {
        status = act_open(view, place, mode, file);
    }
    if (mode == PORT_CREATE && status == STATUS_OK) {
        view->has_turn = call_in_turn(place.path);
    }
    return call_end(view, call, place.path, status);
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

enum status sim_read(struct port *port, port_handle file, void *bytes, size_t size, uint64_t offset,
                     size_t *got)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_READ, call_no_path());
    struct sim_port_handle *handle = call_handle(view, file);
    assert(handle->mode == PORT_READ);
    if (status == STATUS_OK) {
        call_point(view);
        const struct inode *inode = &view->disk->inodes[handle->inode];
        if (inode->kind != PORT_FILE) {
            return call_end(view, CALL_READ, call_no_path(), STATUS_IS_DIRECTORY);
        }
        if (is_lost(view, handle)) {
            return call_end(view, CALL_READ, call_no_path(), view->disk->mood.lost);
        }
        size_t left = offset < inode->size ? inode->size - (size_t)offset : 0;
        *got = limited(view, left < size ? left : size);
        memcpy(bytes, inode->content + offset, *got);
        for (size_t i = 0; i < *got; i++) {
            call_sees(view, inode->content[offset + i]);
        }
    }
    return call_end(view, CALL_READ, call_no_path(), status);
}

enum status sim_write(struct port *port, port_handle file, const void *bytes, size_t size,
                      uint64_t offset, size_t *written)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_WRITE, call_no_path());
    struct sim_port_handle *handle = call_handle(view, file);
    assert(handle->mode == PORT_CREATE && size > 0);
    if (status == STATUS_OK) {
        call_point(view);
        if (is_lost(view, handle)) {
            return call_end(view, CALL_WRITE, call_no_path(), view->disk->mood.lost);
        }
        *written = limited(view, size);
        disk_write(view->disk, handle->inode, bytes, *written, (size_t)offset);
    }
    return call_end(view, CALL_WRITE, call_no_path(), status);
}

enum status sim_sync(struct port *port, port_handle file)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_SYNC, call_no_path());
    struct sim_port_handle *handle = call_handle(view, file);
    assert(!handle->is_listing);
    if (status == STATUS_OK) {
        call_point(view);
        if (is_lost(view, handle)) {
            status = view->disk->mood.lost;
        } else {
            disk_sync(view->disk, handle->inode);
        }
    }
    return call_end(view, CALL_SYNC, call_no_path(), status);
}

enum status sim_close(struct port *port, port_handle file)
{
    struct sim_port *view = (struct sim_port *)port;
    enum status status = call_begin(view, CALL_CLOSE, call_no_path());
    struct sim_port_handle *handle = call_handle(view, file);
    assert(!handle->is_listing);
    call_free_handle(view, handle);
    return call_end(view, CALL_CLOSE, call_no_path(), status);
}
