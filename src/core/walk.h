// walk.h: goes through the entries of one kind in a directory, in bounded memory.
//
// Names that begin with '.' are left out, they are nobody's key or bucket; so
// is an entry that vanishes meanwhile or whose name is not UTF-8.
//
// Calling order: walk_start; walk_next until it is not STATUS_OK; walk_end.
#ifndef WALK_H
#define WALK_H

#include "path.h"
#include "port.h"

enum {
    walk_skipped_max = 64 * 1024, // unreadable entries in a row; then it is an error
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

// Closes what walk_start opened. `status` is what the walk came to, STATUS_END
// being its good end; returns that, or why closing failed.
enum status walk_end(struct walk *walk, enum status status);

#endif
