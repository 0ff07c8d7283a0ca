// port.h: the port. All that the store asks of the world, in a dozen calls.
//
// A back end embeds `struct port` as its first member and sets every pointer:
// wasi/port.c for the component, posix/port.c for native builds, and the simulated
// and faulty ones under test/. The core holds no other way out, so what is
// proved of it on one back end is true of it on the others.
//
// Paths are relative to the root, a directory that the back end has open, or, in
// a call that takes one, to another directory that was opened with PORT_LIST. Their
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
#ifndef PORT_H
#define PORT_H

#include "bytes.h"
#include "status.h"

enum port_kind {
    PORT_UNKNOWN, // only in a listing: look to find out
    PORT_FILE,
    PORT_DIRECTORY,
    PORT_SYMLINK,
    PORT_PIPE,
    PORT_SPECIAL, // a device or a socket
};

struct port_stat {
    enum port_kind kind;
    uint64_t size; // bytes in a file
};

struct port_entry {
    enum port_kind kind;
    struct bytes name; // not NUL-terminated, valid until the next call
};

enum port_mode {
    PORT_READ,   // an existing file, for `read`
    PORT_CREATE, // a file, made or emptied, for `write` and `sync`
    PORT_LIST,   // a directory, for `list` and `sync`
};

typedef intptr_t port_handle;

enum {
    port_root = -1, // in place of a directory's handle
};

struct port {
    // What is at `path`.
    enum status (*look)(struct port *port, port_handle directory, struct bytes path,
                        struct port_stat *look);

    enum status (*open)(struct port *port, port_handle directory, struct bytes path,
                        enum port_mode mode, port_handle *file);

    // Reads up to `size` bytes at `offset`, at most port_read_bytes_max. Fewer
    // than asked need not mean the end; 0 bytes do.
    enum status (*read)(struct port *port, port_handle file, void *bytes, size_t size,
                        uint64_t offset, size_t *got);

    // Writes up to `size` bytes at `offset`; may write fewer, but at least 1.
    enum status (*write)(struct port *port, port_handle file, const void *bytes, size_t size,
                         uint64_t offset, size_t *written);

    // Contents (of a file) or entries (of a directory) survive a power loss.
    enum status (*sync)(struct port *port, port_handle file);

    // Gives the handle back, whatever the status says.
    enum status (*close)(struct port *port, port_handle file);

    enum status (*list)(struct port *port, port_handle directory, port_handle *listing);

    // The next entry, "." and ".." left out; STATUS_END after the last.
    // STATUS_NO_ENTRY and STATUS_BAD_NAME speak of one entry alone (it
    // vanished, or its name is not UTF-8): the next call goes on behind it.
    enum status (*list_next)(struct port *port, port_handle listing, struct port_entry *entry);

    void (*list_close)(struct port *port, port_handle listing);

    enum status (*make_directory)(struct port *port, struct bytes path);
    enum status (*remove_directory)(struct port *port, struct bytes path);
    enum status (*remove_file)(struct port *port, struct bytes path);

    // `from` is relative to the root, `to` to `directory`.
    enum status (*rename)(struct port *port, struct bytes from, port_handle directory,
                          struct bytes to);

    // 64 random bits, different in every instance.
    uint64_t (*random)(struct port *port);

    // Waits about this long.
    void (*pause)(struct port *port, uint64_t nanoseconds);
};

enum {
    port_read_bytes_max = 64 * 1024, // what wasmtime gives at most in one call
};

#endif
