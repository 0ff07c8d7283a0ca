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
    watch->calls += call < CALL_RANDOM ? 1 : 0;
    watch->of[call]++;
    return watch->before != NULL ? watch->before(watch, call, path) : STATUS_OK;
}

static size_t transfer(struct port *port, size_t size)
{
    size_t most = watch_of(port)->transfer_max;
    return most > 0 && most < size ? most : size;
}

static enum status watch_stat(struct port *port, struct place place, bool follow,
                              struct port_stat *stat)
{
    enum status status = enter(port, CALL_STAT, place.path);
    return status == STATUS_OK ? below(port)->calls->stat(below(port), place, follow, stat)
                               : status;
}

static enum status watch_open(struct port *port, struct place place, enum port_mode mode,
                              port_handle *file)
{
    enum status status = enter(port, port_call_of_open(mode), place.path);
    return status == STATUS_OK ? port_open(below(port), place, mode, file) : status;
}

static enum status watch_read(struct port *port, port_handle file, void *bytes, size_t size,
                              uint64_t offset, size_t *got)
{
    enum status status = enter(port, CALL_READ, BYTES(""));
    return status == STATUS_OK
               ? port_read(below(port), file, bytes, transfer(port, size), offset, got)
               : status;
}

static enum status watch_write(struct port *port, port_handle file, const void *bytes, size_t size,
                               uint64_t offset, size_t *written)
{
    enum status status = enter(port, CALL_WRITE, BYTES(""));
    if (watch_of(port)->writes_nothing) {
        *written = 0;
        return status;
    }
    return status == STATUS_OK
               ? port_write(below(port), file, bytes, transfer(port, size), offset, written)
               : status;
}

static enum status watch_sync(struct port *port, port_handle file)
{
    enum status status = enter(port, CALL_SYNC, BYTES(""));
    return status == STATUS_OK ? port_sync(below(port), file) : status;
}

static enum status watch_close(struct port *port, port_handle file)
{
    enum status status = enter(port, CALL_CLOSE, BYTES(""));
    enum status closed = port_close(below(port), file);
    return status != STATUS_OK ? status : closed;
}

static enum status watch_list(struct port *port, port_handle directory, port_handle *listing)
{
    enum status status = enter(port, CALL_LIST, BYTES(""));
    return status == STATUS_OK ? port_list(below(port), directory, listing) : status;
}

static enum status watch_list_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    enum status status = enter(port, CALL_LIST_NEXT, BYTES(""));
    if (status == STATUS_OK) {
        status = port_list_next(below(port), listing, entry);
    }
    if (status == STATUS_OK && watch_of(port)->unknown_kinds) {
        entry->kind = PORT_UNKNOWN;
    }
    return status;
}

static void watch_list_close(struct port *port, port_handle listing)
{
    (void)enter(port, CALL_LIST_CLOSE, BYTES("")); // has no status
    port_list_close(below(port), listing);
}

static enum status watch_make_directory(struct port *port, struct place place)
{
    enum status status = enter(port, CALL_MAKE_DIRECTORY, place.path);
    return status == STATUS_OK ? port_make_directory(below(port), place) : status;
}

static enum status watch_remove_directory(struct port *port, struct place place)
{
    enum status status = enter(port, CALL_REMOVE_DIRECTORY, place.path);
    return status == STATUS_OK ? port_remove_directory(below(port), place) : status;
}

static enum status watch_remove_file(struct port *port, struct place place)
{
    enum status status = enter(port, CALL_REMOVE_FILE, place.path);
    return status == STATUS_OK ? port_remove_file(below(port), place) : status;
}

static enum status watch_rename(struct port *port, struct place from, struct place to)
{
    enum status status = enter(port, CALL_RENAME, from.path);
    return status == STATUS_OK ? port_rename(below(port), from, to) : status;
}

static uint64_t watch_random(struct port *port)
{
    (void)enter(port, CALL_RANDOM, BYTES("")); // has no status
    return port_random(below(port));
}

// The clocks go on when somebody waits, so that no time is lost; the monotonic one
// knows nothing else but calls, so that a busy machine changes no test.
static uint64_t watch_now(struct port *port)
{
    enum { call_takes = 1000 };             // nanoseconds
    (void)enter(port, CALL_NOW, BYTES("")); // has no status
    if (watch_of(port)->real_time) {
        return port_now(below(port));
    }
    return watch_of(port)->later + watch_of(port)->waited +
           call_takes * (uint64_t)watch_of(port)->calls;
}

static uint64_t watch_wall_clock(struct port *port)
{
    (void)enter(port, CALL_WALL_CLOCK, BYTES("")); // has no status
    return port_wall_clock(below(port)) + watch_of(port)->later + watch_of(port)->waited;
}

static void watch_pause(struct port *port, uint64_t nanoseconds)
{
    (void)enter(port, CALL_PAUSE, BYTES("")); // has no status
    if (watch_of(port)->real_time) {
        port_pause(below(port), nanoseconds);
        return;
    }
    watch_of(port)->waited += nanoseconds;
}

void port_watch_init(struct port_watch *watch, struct port *below)
{
    static const struct port_calls calls = {
        .stat = watch_stat,
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
        .now = watch_now,
        .wall_clock = watch_wall_clock,
        .pause = watch_pause,
    };
    *watch = (struct port_watch){.port = {&calls}, .below = below};
}

void port_watch_reset(struct port_watch *watch)
{
    watch->calls = 0;
    memset(watch->of, 0, sizeof watch->of);
}

enum status port_watch_fail(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    struct port_watch_fault *fault = watch->context;
    if (call >= CALL_RANDOM || call == CALL_LIST_CLOSE || ++fault->calls != fault->at) {
        return STATUS_OK;
    }
    fault->call = call;
    return fault->status;
}
