#include "tree.h"

static bool push(struct path *path, struct bytes part)
{
    if (part.size + 1 > sizeof path->bytes - path->size) {
        return false;
    }
    path_push(path, part);
    return true;
}

static void pop(struct path *path)
{
    do {
        path->size--;
    } while (path->bytes[path->size] != '/');
}

struct pass {
    struct port *port;
    struct path *path;
    size_t entries; // that were met
    bool descended; // `path` is a directory below what it was
    void (*progress)(void *context);
    void *context;
};

static enum status remove_entry(struct pass *pass, const struct port_entry *entry)
{
    pass->entries++;
    if (!push(pass->path, entry->name)) {
        return STATUS_NAME_TOO_LONG;
    }
    enum port_kind kind = entry->kind;
    enum status status = STATUS_OK;
    if (kind == PORT_UNKNOWN) {
        struct port_stat stat;
        status = port_stat(pass->port, path_place(pass->path), &stat);
        kind = stat.kind;
    }
    if (status == STATUS_OK && kind == PORT_DIRECTORY) {
        pass->descended = true;
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = port_remove_file(pass->port, path_place(pass->path));
    }
    pop(pass->path);
    if (status == STATUS_OK && pass->progress != NULL) {
        pass->progress(pass->context);
    }
    return status == STATUS_NO_ENTRY ? STATUS_OK : status;
}

// Goes through one directory: removes what is no directory, and descends into the
// first that is one.
static enum status go_through(struct pass *pass)
{
    port_handle directory;
    port_handle listing;
    pass->entries = 0;
    pass->descended = false;
    enum status status = port_open(pass->port, path_place(pass->path), PORT_LIST, &directory);
    if (status != STATUS_OK) {
        return status;
    }
    status = port_list(pass->port, directory, &listing);
    if (status == STATUS_OK) {
        while (status == STATUS_OK && !pass->descended) {
            struct port_entry entry;
            status = port_list_next(pass->port, listing, &entry);
            if (status == STATUS_OK) {
                status = remove_entry(pass, &entry);
            } else if (status == STATUS_NO_ENTRY) {
                status = STATUS_OK;
            }
        }
        port_list_close(pass->port, listing);
    }
    (void)port_close(pass->port, directory); // nothing was written through it
    return status == STATUS_END ? STATUS_OK : status;
}

enum status tree_remove(struct port *port, struct path *path, void (*progress)(void *context),
                        void *context)
{
    struct pass pass = {.port = port, .path = path, .progress = progress, .context = context};
    size_t top = path->size;
    enum status status = STATUS_OK;
    bool done = false;
    while (!done && status == STATUS_OK) {
        status = go_through(&pass);
        if (status == STATUS_OK && pass.entries == 0) {
            status = port_remove_directory(port, path_place(path));
        }
        if (status == STATUS_NO_ENTRY || (status == STATUS_OK && pass.entries == 0)) {
            status = STATUS_OK;
            done = path->size == top;
            if (!done) {
                pop(path);
            }
        } else if (status == STATUS_NOT_EMPTY) {
            status = STATUS_OK; // something came meanwhile: once more
        }
    }
    path->size = top;
    return status;
}
