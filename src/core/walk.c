#include "walk.h"

#include "read.h"

enum status walk_start(struct walk *walk, struct port *port, const struct path *path,
                       enum port_kind kind)
{
    *walk = (struct walk){.port = port, .path = path, .kind = kind};
    // First a stat: hosts block for ever in opening a named pipe.
    struct port_stat stat;
    enum status status = read_stat_followed(port, path_place(path), &stat);
    if (status == STATUS_OK) {
        status = stat.kind == PORT_DIRECTORY
                     ? port_open(port, path_place(path), PORT_LIST, &walk->directory)
                     : STATUS_NOT_DIRECTORY;
    }
    if (status != STATUS_OK) {
        return status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY ? STATUS_NO_SUCH_STORE
                                                                           : status;
    }
    status = port_list(port, walk->directory, &walk->listing);
    if (status != STATUS_OK) {
        // What failed first is what is told.
        (void)port_close(port, walk->directory);
    }
    return status;
}

// STATUS_OK if the entry is of the kind that is asked for, STATUS_NO_ENTRY if it
// is of another. Some hosts tell it only of the file itself. A link to a
// directory is one.
static enum status check_kind(struct walk *walk, const struct port_entry *entry)
{
    enum port_kind kind = entry->kind;
    bool follows = walk->kind == PORT_DIRECTORY;
    if (kind == PORT_UNKNOWN || (follows && kind == PORT_SYMLINK)) {
        struct path path;
        path_copy(&path, walk->path);
        path_push(&path, entry->name);
        struct port_stat stat;
        enum status status = follows ? read_stat_followed(walk->port, path_place(&path), &stat)
                                     : port_stat(walk->port, path_place(&path), &stat);
        if (status != STATUS_OK) {
            // A link that leads nowhere, or out of what the host gives us, is nothing.
            return kind == PORT_SYMLINK || status == STATUS_IS_SYMLINK ? STATUS_NO_ENTRY : status;
        }
        kind = stat.kind;
    }
    return kind == walk->kind ? STATUS_OK : STATUS_NO_ENTRY;
}

enum status walk_next(struct walk *walk, struct bytes *name)
{
    for (;;) {
        struct port_entry entry;
        enum status status = port_list_next(walk->port, walk->listing, &entry);
        if (status == STATUS_NO_ENTRY || status == STATUS_BAD_NAME) {
            // A bound, so that a host that says this for ever is no endless loop.
            if (++walk->skipped == walk_skipped_max) {
                return STATUS_UNREADABLE;
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
    port_list_close(walk->port, walk->listing);
    enum status closed = port_close(walk->port, walk->directory);
    return status != STATUS_END ? status : closed;
}
