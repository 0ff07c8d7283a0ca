#include "path.h"

void path_start(struct path *path, struct bytes root)
{
    path->size = 0;
    path_push(path, root.size == 0 ? BYTES(".") : root);
}

void path_push(struct path *path, struct bytes part)
{
    // "." stands for an empty path, so a part takes its place.
    if (path->size == 1 && path->bytes[0] == '.') {
        path->size = 0;
    }
    if (path->size > 0) {
        path->bytes[path->size++] = '/';
    }
    memcpy(path->bytes + path->size, part.data, part.size);
    path->size += part.size;
}
