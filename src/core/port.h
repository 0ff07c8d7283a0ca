// port.h: the host as the store sees it, in about a dozen calls.
//
// A port embeds `struct port` as its first member and points it at a table of
// calls: wasi/port.c for the component, posix/port.c for native programs, and
// the simulated and watching ones under test/. The core makes no other calls,
// so what is proved on one port holds on the others, as far as the contract test
// (test/port) shows that the ports agree.
//
// A place is a path and the directory it is relative to: the root, which the
// port has open, or one that was opened with PORT_LIST. The parts of a path are
// separated by '/', without a leading or trailing one and without NUL; "." is the
// directory itself. A symbolic link in the last part is followed only where the
// call says so; in earlier parts the host follows it.
//
// Handles are numbers of the port. The caller closes what it opens: a file or
// directory with `close`, a listing with `list_close`, before the directory it lists.
//
// What the turn (turn.h) relies on: a rename is atomic, and one that fails was
// not done; a directory is renamed over another only if that one is empty,
// which is then gone; nothing can be made in a removed directory.
#ifndef PORT_H
#define PORT_H

#include "bytes.h"
#include "status.h"

enum port_kind {
    PORT_UNKNOWN, // only in a listing: stat it to find out
    PORT_FILE,
    PORT_DIRECTORY,
    PORT_SYMLINK,
    PORT_PIPE,
    PORT_SPECIAL, // a device or a socket
};

struct port_stat {
    enum port_kind kind;
    uint64_t size;     // bytes in a file
    uint64_t modified; // nanoseconds since 1970 by the file system's clock; 0: not known
};

struct port_entry {
    enum port_kind kind;
    struct bytes name; // not NUL-terminated, valid until the next call
};

enum port_mode {
    PORT_READ,   // an existing file, for `read`
    PORT_CREATE, // a new file, for `write` and `sync`; STATUS_EXISTS if the name is taken
    PORT_LIST,   // a directory, for `list`, `sync` and places; a link to one is followed
};

typedef intptr_t port_handle;

enum {
    port_root = -1,                  // as a place's directory
    port_read_bytes_max = 64 * 1024, // what wasmtime gives at most in one call
};

struct place {
    port_handle directory;
    struct bytes path;
};

struct port;

struct port_calls {
    // What is at a place; `follow`: if it is a link, its target.
    enum status (*stat)(struct port *port, struct place place, bool follow, struct port_stat *stat);

    enum status (*open)(struct port *port, struct place place, enum port_mode mode,
                        port_handle *file);

    // Reads up to `size` bytes at `offset`, at most port_read_bytes_max. A short
    // read need not be the end; 0 bytes are.
    enum status (*read)(struct port *port, port_handle file, void *bytes, size_t size,
                        uint64_t offset, size_t *got);

    // Writes up to `size` bytes at `offset`; may write fewer, but at least 1.
    enum status (*write)(struct port *port, port_handle file, const void *bytes, size_t size,
                         uint64_t offset, size_t *written);

    // The content of a file, or the entries of a directory, survive a power loss.
    enum status (*sync)(struct port *port, port_handle file);

    // Releases the handle, whatever the status says.
    enum status (*close)(struct port *port, port_handle file);

    enum status (*list)(struct port *port, port_handle directory, port_handle *listing);

    // The next entry, "." and ".." left out; STATUS_END after the last.
    // STATUS_NO_ENTRY and STATUS_BAD_NAME concern one entry alone (it vanished,
    // or its name is not UTF-8): the next call goes on after it.
    enum status (*list_next)(struct port *port, port_handle listing, struct port_entry *entry);

    void (*list_close)(struct port *port, port_handle listing);

    enum status (*make_directory)(struct port *port, struct place place);
    enum status (*remove_directory)(struct port *port, struct place place);
    enum status (*remove_file)(struct port *port, struct place place);
    enum status (*rename)(struct port *port, struct place from, struct place to);

    // 64 random bits; no two instances get the same ones, even where the host's
    // source of them repeats itself: a port mixes the time in.
    uint64_t (*random)(struct port *port);

    // Nanoseconds that have passed since some instant: a monotonic clock.
    uint64_t (*now)(struct port *port);

    // Nanoseconds since 1970 by the host's wall clock; 0: not known.
    uint64_t (*wall_clock)(struct port *port);

    // Waits about this long.
    void (*pause)(struct port *port, uint64_t nanoseconds);
};

struct port {
    const struct port_calls *calls;
};

// ---- The calls, by their names ----

static inline enum status port_stat(struct port *port, struct place place, struct port_stat *stat)
{
    return port->calls->stat(port, place, false, stat);
}

// Of a directory: a link to one counts as one.
static inline enum status port_stat_followed(struct port *port, struct place place,
                                             struct port_stat *stat)
{
    return port->calls->stat(port, place, true, stat);
}

static inline enum status port_open(struct port *port, struct place place, enum port_mode mode,
                                    port_handle *file)
{
    return port->calls->open(port, place, mode, file);
}

static inline enum status port_read(struct port *port, port_handle file, void *bytes, size_t size,
                                    uint64_t offset, size_t *got)
{
    return port->calls->read(port, file, bytes, size, offset, got);
}

static inline enum status port_write(struct port *port, port_handle file, const void *bytes,
                                     size_t size, uint64_t offset, size_t *written)
{
    return port->calls->write(port, file, bytes, size, offset, written);
}

static inline enum status port_sync(struct port *port, port_handle file)
{
    return port->calls->sync(port, file);
}

static inline enum status port_close(struct port *port, port_handle file)
{
    return port->calls->close(port, file);
}

static inline enum status port_list(struct port *port, port_handle directory, port_handle *listing)
{
    return port->calls->list(port, directory, listing);
}

static inline enum status port_list_next(struct port *port, port_handle listing,
                                         struct port_entry *entry)
{
    return port->calls->list_next(port, listing, entry);
}

static inline void port_list_close(struct port *port, port_handle listing)
{
    port->calls->list_close(port, listing);
}

static inline enum status port_make_directory(struct port *port, struct place place)
{
    return port->calls->make_directory(port, place);
}

static inline enum status port_remove_directory(struct port *port, struct place place)
{
    return port->calls->remove_directory(port, place);
}

static inline enum status port_remove_file(struct port *port, struct place place)
{
    return port->calls->remove_file(port, place);
}

static inline enum status port_rename(struct port *port, struct place from, struct place to)
{
    return port->calls->rename(port, from, to);
}

static inline uint64_t port_random(struct port *port)
{
    return port->calls->random(port);
}

static inline uint64_t port_now(struct port *port)
{
    return port->calls->now(port);
}

static inline uint64_t port_wall_clock(struct port *port)
{
    return port->calls->wall_clock(port);
}

static inline void port_pause(struct port *port, uint64_t nanoseconds)
{
    port->calls->pause(port, nanoseconds);
}

#endif
