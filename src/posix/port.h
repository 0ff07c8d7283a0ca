// posix/port.h: the port on POSIX. For native tests, sanitizers and fuzzing; the
// component has wasi/port.h.
//
// Calling order: posix_port_init, the calls of port.h through its first member,
// posix_port_free.
// One instance is for one thread. Works on Linux and macOS.
//
// Symbolic links are not followed as the last part of a path, as port.h asks;
// unlike a WebAssembly host, nothing keeps a path from leading out of the root
// through a link in its middle.
#ifndef POSIX_PORT_H
#define POSIX_PORT_H

#include "core/port.h"

struct posix_port {
    struct port port;
    int root;              // descriptor of the directory that paths are relative to
    unsigned open_handles; // files, directories and listings not closed yet
    uint64_t random_state; // seeded by posix_port_init; set it for a run to replay
};

// Sets up the port on the directory at `path` (NUL-terminated).
enum status posix_port_init(struct posix_port *posix, const char *path);

// Closes the root. Handles that are still open stay open: `open_handles` tells.
void posix_port_free(struct posix_port *posix);

#endif
