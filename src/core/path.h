// path.h: builds the paths of a bucket, in a fixed buffer.
#ifndef PATH_H
#define PATH_H

#include "name.h"
#include "port.h"

enum {
    root_bytes_max = 512, // of the root's path below its preopened directory
    // The root, a bucket, and below it at most ".kv/turn/" and two names.
    path_bytes_max = root_bytes_max + 3 * (name_bytes_max + 1) + 16,
};

struct path {
    uint8_t bytes[path_bytes_max];
    size_t size;
};

// The path of the root itself; "." where `root` is empty.
void path_start(struct path *path, struct bytes root);

// Appends '/' and one part. The caller has checked the part's size.
void path_push(struct path *path, struct bytes part);

// Copies a path: what it holds, not the room it has.
static inline void path_copy(struct path *to, const struct path *from)
{
    memcpy(to->bytes, from->bytes, from->size);
    to->size = from->size;
}

static inline struct bytes path_bytes(const struct path *path)
{
    return (struct bytes){path->bytes, path->size};
}

// The path as a place below the root. It points into `path`.
static inline struct place path_place(const struct path *path)
{
    return (struct place){port_root, path_bytes(path)};
}

#endif
