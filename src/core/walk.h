// walk.h: goes through the entries of one kind in a directory, in bounded memory.
//
// Names that begin with '.' are left out, since they are never keys or buckets; so
// are entries that vanish meanwhile or whose names are not UTF-8.
//
// Calling order: walk_start; walk_next until it is not STATUS_OK; walk_end.
#ifndef WALK_H
#define WALK_H

#include "path.h"
#include "port.h"

enum {
    walk_skipped_max = 1000 * 1000, // unreadable entries in a row; then it is an error
};

struct walk {
    struct port *port;
    const struct path *path; // the caller's, to the end
    enum port_kind kind;
    port_handle directory;
    port_handle listing;
    unsigned skipped;
};

// Begins with the directory at `path`. STATUS_NO_SUCH_STORE if there is none.
enum status walk_start(struct walk *walk, struct port *port, const struct path *path,
                       enum port_kind kind);

// The next entry's name, valid until the next call; STATUS_END after the last.
enum status walk_next(struct walk *walk, struct bytes *name);

// Closes what walk_start opened. `status` is the result of the walk, STATUS_END if
// it was complete; returns that, or the error of closing.
enum status walk_end(struct walk *walk, enum status status);

#endif
