// fs_posix.h: the port on POSIX. For native tests, sanitizers and fuzzing; the
// component has fs_wasi.h.
//
// Calling order: fs_posix_init, the calls of fs.h through its first member,
// fs_posix_free.
// One instance is for one thread. Works on Linux and macOS.
//
// Symbolic links are not followed as the last part of a path, as fs.h asks;
// unlike a WebAssembly host, nothing keeps a path from leading out of the root
// through a link in its middle.
#ifndef FS_POSIX_H
#define FS_POSIX_H

#include "core/port.h"

struct fs_posix {
    struct fs fs;
    int root;              // descriptor of the directory that paths are relative to
    unsigned open_handles; // files, directories and listings not closed yet
    uint64_t random_state; // seeded by fs_posix_init; set it for a run to replay
};

// Sets up the port on the directory at `path` (NUL-terminated).
enum status fs_posix_init(struct fs_posix *posix, const char *path);

// Closes the root. Handles that are still open stay open: `open_handles` tells.
void fs_posix_free(struct fs_posix *posix);

#endif
