#include "port_watch.h"

static struct fs_watch *watch_of(struct fs *fs)
{
    return (struct fs_watch *)fs;
}

static struct fs *below(struct fs *fs)
{
    return watch_of(fs)->below;
}

static enum status enter(struct fs *fs, enum fs_call call, struct bytes path)
{
    struct fs_watch *watch = watch_of(fs);
    watch->calls += call != CALL_RANDOM && call != CALL_PAUSE ? 1 : 0;
    watch->of[call]++;
    return watch->before != NULL ? watch->before(watch, call, path) : STATUS_OK;
}

static size_t transfer(struct fs *fs, size_t size)
{
    size_t most = watch_of(fs)->transfer_max;
    return most > 0 && most < size ? most : size;
}

static enum status watch_look(struct fs *fs, fs_handle directory, struct bytes path,
                              struct fs_look *look)
{
    enum status status = enter(fs, CALL_LOOK, path);
    return status == STATUS_OK ? below(fs)->look(below(fs), directory, path, look) : status;
}

static enum status watch_open(struct fs *fs, fs_handle directory, struct bytes path,
                              enum fs_mode mode, fs_handle *file)
{
    enum status status = enter(fs, CALL_OPEN, path);
    return status == STATUS_OK ? below(fs)->open(below(fs), directory, path, mode, file) : status;
}

static enum status watch_read(struct fs *fs, fs_handle file, void *bytes, size_t size,
                              uint64_t offset, size_t *got)
{
    enum status status = enter(fs, CALL_READ, BYTES(""));
    return status == STATUS_OK
               ? below(fs)->read(below(fs), file, bytes, transfer(fs, size), offset, got)
               : status;
}

static enum status watch_write(struct fs *fs, fs_handle file, const void *bytes, size_t size,
                               uint64_t offset, size_t *written)
{
    enum status status = enter(fs, CALL_WRITE, BYTES(""));
    return status == STATUS_OK
               ? below(fs)->write(below(fs), file, bytes, transfer(fs, size), offset, written)
               : status;
}

static enum status watch_sync(struct fs *fs, fs_handle file)
{
    enum status status = enter(fs, CALL_SYNC, BYTES(""));
    return status == STATUS_OK ? below(fs)->sync(below(fs), file) : status;
}

static enum status watch_close(struct fs *fs, fs_handle file)
{
    enum status status = enter(fs, CALL_CLOSE, BYTES(""));
    enum status closed = below(fs)->close(below(fs), file);
    return status != STATUS_OK ? status : closed;
}

static enum status watch_list(struct fs *fs, fs_handle directory, fs_handle *listing)
{
    enum status status = enter(fs, CALL_LIST, BYTES(""));
    return status == STATUS_OK ? below(fs)->list(below(fs), directory, listing) : status;
}

static enum status watch_list_next(struct fs *fs, fs_handle listing, struct fs_entry *entry)
{
    enum status status = enter(fs, CALL_LIST_NEXT, BYTES(""));
    if (status == STATUS_OK) {
        status = below(fs)->list_next(below(fs), listing, entry);
    }
    if (status == STATUS_OK && watch_of(fs)->unknown_kinds) {
        entry->kind = FS_UNKNOWN;
    }
    return status;
}

static void watch_list_close(struct fs *fs, fs_handle listing)
{
    (void)enter(fs, CALL_LIST_CLOSE, BYTES("")); // has no status
    below(fs)->list_close(below(fs), listing);
}

static enum status watch_make_directory(struct fs *fs, struct bytes path)
{
    enum status status = enter(fs, CALL_MAKE_DIRECTORY, path);
    return status == STATUS_OK ? below(fs)->make_directory(below(fs), path) : status;
}

static enum status watch_remove_directory(struct fs *fs, struct bytes path)
{
    enum status status = enter(fs, CALL_REMOVE_DIRECTORY, path);
    return status == STATUS_OK ? below(fs)->remove_directory(below(fs), path) : status;
}

static enum status watch_remove_file(struct fs *fs, struct bytes path)
{
    enum status status = enter(fs, CALL_REMOVE_FILE, path);
    return status == STATUS_OK ? below(fs)->remove_file(below(fs), path) : status;
}

static enum status watch_rename(struct fs *fs, struct bytes from, fs_handle directory,
                                struct bytes to)
{
    enum status status = enter(fs, CALL_RENAME, from);
    return status == STATUS_OK ? below(fs)->rename(below(fs), from, directory, to) : status;
}

static uint64_t watch_random(struct fs *fs)
{
    (void)enter(fs, CALL_RANDOM, BYTES("")); // has no status
    return below(fs)->random(below(fs));
}

static void watch_pause(struct fs *fs, uint64_t nanoseconds)
{
    // Not forwarded: a test that loses claims on purpose need not wait.
    (void)nanoseconds;
    (void)enter(fs, CALL_PAUSE, BYTES("")); // has no status
}

void fs_watch_init(struct fs_watch *watch, struct fs *below)
{
    *watch = (struct fs_watch){
        .fs = {.look = watch_look,
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

void fs_watch_reset(struct fs_watch *watch)
{
    watch->calls = 0;
    memset(watch->of, 0, sizeof watch->of);
}
