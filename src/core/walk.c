#include "walk.h"

enum status walk_start(struct walk *walk, struct fs *fs, const struct path *path, enum fs_kind kind)
{
    *walk = (struct walk){.fs = fs, .path = path, .kind = kind};
    // First a look: hosts block for ever in opening a named pipe.
    struct fs_look look;
    enum status status = fs->look(fs, fs_root, path_bytes(path), &look);
    if (status == STATUS_OK) {
        status = look.kind == FS_DIRECTORY
                     ? fs->open(fs, fs_root, path_bytes(path), FS_LIST, &walk->directory)
                     : STATUS_NOT_DIRECTORY;
    }
    if (status != STATUS_OK) {
        return status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY ? STATUS_NO_SUCH_STORE
                                                                           : status;
    }
    status = fs->list(fs, walk->directory, &walk->listing);
    if (status != STATUS_OK) {
        // What failed first is what is told.
        (void)fs->close(fs, walk->directory);
    }
    return status;
}

// STATUS_OK if the entry is of the kind that is asked for, STATUS_NO_ENTRY if it
// is of another. Some hosts tell it only of the file itself.
static enum status check_kind(struct walk *walk, const struct fs_entry *entry)
{
    enum fs_kind kind = entry->kind;
    if (kind == FS_UNKNOWN) {
        struct path path;
        path_copy(&path, walk->path);
        path_push(&path, entry->name);
        struct fs_look look;
        enum status status = walk->fs->look(walk->fs, fs_root, path_bytes(&path), &look);
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
        struct fs_entry entry;
        enum status status = walk->fs->list_next(walk->fs, walk->listing, &entry);
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
    walk->fs->list_close(walk->fs, walk->listing);
    enum status closed = walk->fs->close(walk->fs, walk->directory);
    return status != STATUS_END ? status : closed;
}
