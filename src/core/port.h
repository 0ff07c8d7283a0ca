// fs.h: the port. All that the store asks of the world, in a dozen calls.
//
// A back end embeds `struct fs` as its first member and sets every pointer:
// fs_wasi.c for the component, fs_posix.c for native builds, and the simulated
// and faulty ones under test/. The core holds no other way out, so what is
// proved of it on one back end is true of it on the others.
//
// Paths are relative to the root, a directory that the back end has open, or, in
// a call that takes one, to another directory that was opened with FS_LIST. Their
// parts are divided by '/', without a leading or trailing one and without NUL;
// "." is the directory itself. The last part of a path is never followed when it
// is a symbolic link.
//
// Handles are the back end's own numbers. Whoever opens closes: a file with
// `close`, a listing with `list_close`, before the directory it lists.
//
// What the claim protocol (claim.h) rests on: `rename` is atomic; a listing
// shows every entry that was made before `list` and not removed; nothing can
// be created in, or renamed out of, a removed directory.
#ifndef FS_H
#define FS_H

#include "bytes.h"
#include "status.h"

enum fs_kind {
    FS_UNKNOWN, // only in a listing: look to find out
    FS_FILE,
    FS_DIRECTORY,
    FS_SYMLINK,
    FS_PIPE,
    FS_SPECIAL, // a device or a socket
};

struct fs_look {
    enum fs_kind kind;
    uint64_t size; // bytes in a file
};

struct fs_entry {
    enum fs_kind kind;
    struct bytes name; // not NUL-terminated, valid until the next call
};

enum fs_mode {
    FS_READ,   // an existing file, for `read`
    FS_CREATE, // a file, made or emptied, for `write` and `sync`
    FS_LIST,   // a directory, for `list` and `sync`
};

typedef intptr_t fs_handle;

enum {
    fs_root = -1, // in place of a directory's handle
};

struct fs {
    // What is at `path`.
    enum status (*look)(struct fs *fs, fs_handle directory, struct bytes path,
                        struct fs_look *look);

    enum status (*open)(struct fs *fs, fs_handle directory, struct bytes path, enum fs_mode mode,
                        fs_handle *file);

    // Reads up to `size` bytes at `offset`, at most fs_read_bytes_max. Fewer
    // than asked need not mean the end; 0 bytes do.
    enum status (*read)(struct fs *fs, fs_handle file, void *bytes, size_t size, uint64_t offset,
                        size_t *got);

    // Writes up to `size` bytes at `offset`; may write fewer, but at least 1.
    enum status (*write)(struct fs *fs, fs_handle file, const void *bytes, size_t size,
                         uint64_t offset, size_t *written);

    // Contents (of a file) or entries (of a directory) survive a power loss.
    enum status (*sync)(struct fs *fs, fs_handle file);

    // Gives the handle back, whatever the status says.
    enum status (*close)(struct fs *fs, fs_handle file);

    enum status (*list)(struct fs *fs, fs_handle directory, fs_handle *listing);

    // The next entry, "." and ".." left out; STATUS_END after the last.
    // STATUS_NO_ENTRY and STATUS_BAD_NAME speak of one entry alone (it
    // vanished, or its name is not UTF-8): the next call goes on behind it.
    enum status (*list_next)(struct fs *fs, fs_handle listing, struct fs_entry *entry);

    void (*list_close)(struct fs *fs, fs_handle listing);

    enum status (*make_directory)(struct fs *fs, struct bytes path);
    enum status (*remove_directory)(struct fs *fs, struct bytes path);
    enum status (*remove_file)(struct fs *fs, struct bytes path);

    // `from` is relative to the root, `to` to `directory`.
    enum status (*rename)(struct fs *fs, struct bytes from, fs_handle directory, struct bytes to);

    // 64 random bits, different in every instance.
    uint64_t (*random)(struct fs *fs);

    // Waits about this long.
    void (*pause)(struct fs *fs, uint64_t nanoseconds);
};

enum {
    fs_read_bytes_max = 64 * 1024, // what wasmtime gives at most in one call
};

#endif
