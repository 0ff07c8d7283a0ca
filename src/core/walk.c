#include "walk.h"

enum status walk_start(struct walk *walk, struct port *port, const struct path *path,
                       enum port_kind kind)
{
    *walk = (struct walk){.port = port, .path = path, .kind = kind};
    // First a look: hosts block for ever in opening a named pipe.
    struct port_stat look;
    enum status status = port->look(port, port_root, path_bytes(path), &look);
    if (status == STATUS_OK) {
        status = look.kind == PORT_DIRECTORY
                     ? port->open(port, port_root, path_bytes(path), PORT_LIST, &walk->directory)
                     : STATUS_NOT_DIRECTORY;
    }
    if (status != STATUS_OK) {
        return status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY ? STATUS_NO_SUCH_STORE
                                                                           : status;
    }
    status = port->list(port, walk->directory, &walk->listing);
    if (status != STATUS_OK) {
        // What failed first is what is told.
        (void)port->close(port, walk->directory);
    }
    return status;
}

// STATUS_OK if the entry is of the kind that is asked for, STATUS_NO_ENTRY if it
// is of another. Some hosts tell it only of the file itself.
static enum status check_kind(struct walk *walk, const struct port_entry *entry)
{
    enum port_kind kind = entry->kind;
    if (kind == PORT_UNKNOWN) {
        struct path path;
        path_copy(&path, walk->path);
        path_push(&path, entry->name);
        struct port_stat look;
        enum status status = walk->port->look(walk->port, port_root, path_bytes(&path), &look);
        if (status != STATUS_OK) {
            return status;
        }
        kind = look.kind;
    }
    return kind == walk->kind ? STATUS_OK : STATUS_NO_ENTRY;
}

enum status walk_next(struct walk *walk, struct bytes *name)
{
    for (;;) {
        struct port_entry entry;
        enum status status = walk->port->list_next(walk->port, walk->listing, &entry);
        if (status == STATUS_NO_ENTRY || status == STATUS_BAD_NAME) {
            // A bound, so that a host that says this for ever is no endless loop.
            if (++walk->skipped == walk_skipped_max) {
                return STATUS_IO;
            }
            continue;
        }
        walk->skipped = 0;
        if (status == STATUS_OK) {
            if (entry.name.size == 0 || entry.name.size > name_bytes_max ||
                entry.name.data[0] == '.') {
                continue;
            }
            status = check_kind(walk, &entry);
            if (status == STATUS_NO_ENTRY) {
                continue;
            }
            *name = entry.name;
        }
        return status;
    }
}

enum status walk_end(struct walk *walk, enum status status)
{
    walk->port->list_close(walk->port, walk->listing);
    enum status closed = walk->port->close(walk->port, walk->directory);
    return status != STATUS_END ? status : closed;
}
