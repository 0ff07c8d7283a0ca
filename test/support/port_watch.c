#include "port_watch.h"

static struct port_watch *watch_of(struct port *port)
{
    return (struct port_watch *)port;
}

static struct port *below(struct port *port)
{
    return watch_of(port)->below;
}

static enum status enter(struct port *port, enum port_call call, struct bytes path)
{
    struct port_watch *watch = watch_of(port);
    watch->calls += call != CALL_RANDOM && call != CALL_PAUSE ? 1 : 0;
    watch->of[call]++;
    return watch->before != NULL ? watch->before(watch, call, path) : STATUS_OK;
}

static size_t transfer(struct port *port, size_t size)
{
    size_t most = watch_of(port)->transfer_max;
    return most > 0 && most < size ? most : size;
}

static enum status watch_look(struct port *port, port_handle directory, struct bytes path,
                              struct port_stat *look)
{
    enum status status = enter(port, CALL_LOOK, path);
    return status == STATUS_OK ? below(port)->look(below(port), directory, path, look) : status;
}

static enum status watch_open(struct port *port, port_handle directory, struct bytes path,
                              enum port_mode mode, port_handle *file)
{
    enum status status = enter(port, CALL_OPEN, path);
    return status == STATUS_OK ? below(port)->open(below(port), directory, path, mode, file)
                               : status;
}

static enum status watch_read(struct port *port, port_handle file, void *bytes, size_t size,
                              uint64_t offset, size_t *got)
{
    enum status status = enter(port, CALL_READ, BYTES(""));
    return status == STATUS_OK
               ? below(port)->read(below(port), file, bytes, transfer(port, size), offset, got)
               : status;
}

static enum status watch_write(struct port *port, port_handle file, const void *bytes, size_t size,
                               uint64_t offset, size_t *written)
{
    enum status status = enter(port, CALL_WRITE, BYTES(""));
    return status == STATUS_OK
               ? below(port)->write(below(port), file, bytes, transfer(port, size), offset, written)
               : status;
}

static enum status watch_sync(struct port *port, port_handle file)
{
    enum status status = enter(port, CALL_SYNC, BYTES(""));
    return status == STATUS_OK ? below(port)->sync(below(port), file) : status;
}

static enum status watch_close(struct port *port, port_handle file)
{
    enum status status = enter(port, CALL_CLOSE, BYTES(""));
    enum status closed = below(port)->close(below(port), file);
    return status != STATUS_OK ? status : closed;
}

static enum status watch_list(struct port *port, port_handle directory, port_handle *listing)
{
    enum status status = enter(port, CALL_LIST, BYTES(""));
    return status == STATUS_OK ? below(port)->list(below(port), directory, listing) : status;
}

static enum status watch_list_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    enum status status = enter(port, CALL_LIST_NEXT, BYTES(""));
    if (status == STATUS_OK) {
        status = below(port)->list_next(below(port), listing, entry);
    }
    if (status == STATUS_OK && watch_of(port)->unknown_kinds) {
        entry->kind = PORT_UNKNOWN;
    }
    return status;
}

static void watch_list_close(struct port *port, port_handle listing)
{
    (void)enter(port, CALL_LIST_CLOSE, BYTES("")); // has no status
    below(port)->list_close(below(port), listing);
}

static enum status watch_make_directory(struct port *port, struct bytes path)
{
    enum status status = enter(port, CALL_MAKE_DIRECTORY, path);
    return status == STATUS_OK ? below(port)->make_directory(below(port), path) : status;
}

static enum status watch_remove_directory(struct port *port, struct bytes path)
{
    enum status status = enter(port, CALL_REMOVE_DIRECTORY, path);
    return status == STATUS_OK ? below(port)->remove_directory(below(port), path) : status;
}

static enum status watch_remove_file(struct port *port, struct bytes path)
{
    enum status status = enter(port, CALL_REMOVE_FILE, path);
    return status == STATUS_OK ? below(port)->remove_file(below(port), path) : status;
}

static enum status watch_rename(struct port *port, struct bytes from, port_handle directory,
                                struct bytes to)
{
    enum status status = enter(port, CALL_RENAME, from);
    return status == STATUS_OK ? below(port)->rename(below(port), from, directory, to) : status;
}

static uint64_t watch_random(struct port *port)
{
    (void)enter(port, CALL_RANDOM, BYTES("")); // has no status
    return below(port)->random(below(port));
}

static void watch_pause(struct port *port, uint64_t nanoseconds)
{
    // Not forwarded: a test that loses claims on purpose need not wait.
    (void)nanoseconds;
    (void)enter(port, CALL_PAUSE, BYTES("")); // has no status
}

void port_watch_init(struct port_watch *watch, struct port *below)
{
    *watch = (struct port_watch){
        .port = {.look = watch_look,
                 .open = watch_open,
                 .read = watch_read,
                 .write = watch_write,
                 .sync = watch_sync,
                 .close = watch_close,
                 .list = watch_list,
                 .list_next = watch_list_next,
                 .list_close = watch_list_close,
                 .make_directory = watch_make_directory,
                 .remove_directory = watch_remove_directory,
                 .remove_file = watch_remove_file,
                 .rename = watch_rename,
                 .random = watch_random,
                 .pause = watch_pause},
        .below = below,
    };
}

void port_watch_reset(struct port_watch *watch)
{
    watch->calls = 0;
    memset(watch->of, 0, sizeof watch->of);
}
