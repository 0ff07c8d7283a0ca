#include "root.h"

static struct bytes without(struct bytes path, size_t size)
{
    return (struct bytes){path.data + size, path.size - size};
}

// A path without trailing slashes and leading "./"; the current directory is "".
static struct bytes trimmed(struct bytes path)
{
    while (path.size > 1 && path.data[path.size - 1] == '/') {
        path.size--;
    }
    while (path.size > 1 && path.data[0] == '.' && path.data[1] == '/') {
        path = without(path, 2);
        // Or ".//data" would become an absolute path.
        while (path.size > 0 && path.data[0] == '/') {
            path = without(path, 1);
        }
    }
    return bytes_equal(path, BYTES(".")) ? BYTES("") : path;
}

// True if `root` is the directory `preopen` or below it. Both are trimmed.
static bool holds(struct bytes preopen, struct bytes root, struct bytes *below)
{
    bool absolute = root.size > 0 && root.data[0] == '/';
    if (preopen.size == 0 && absolute) {
        return false;
    }
    if (root.size < preopen.size ||
        !bytes_equal((struct bytes){root.data, preopen.size}, preopen)) {
        return false;
    }
    *below = without(root, preopen.size);
    // "/" and "" end where a part may begin; any other directory ends in the middle.
    bool at_boundary = preopen.size == 0 || preopen.data[preopen.size - 1] == '/';
    if (below->size == 0 || at_boundary) {
        return true;
    }
    if (below->data[0] != '/') {
        return false;
    }
    *below = without(*below, 1);
    return true;
}

static bool is_plain_part(struct bytes part)
{
    return part.size > 0 && !bytes_equal(part, BYTES(".")) && !bytes_equal(part, BYTES("..")) &&
           bytes_find(part, '\0') == part.size;
}

static bool is_plain(struct bytes path)
{
    if (path.size == 0) {
        return true;
    }
    for (;;) {
        size_t end = bytes_find(path, '/');
        if (!is_plain_part((struct bytes){path.data, end})) {
            return false;
        }
        if (end == path.size) {
            return true;
        }
        path = without(path, end + 1);
    }
}

enum status root_choose(const struct preopen *preopens, size_t count, struct bytes root,
                        size_t *chosen, struct bytes *below)
{
    bool found = false;
    struct bytes asked = trimmed(root);
    struct bytes least = {NULL, 0};
    size_t index = 0;
    for (size_t i = 0; i < count; i++) {
        struct bytes rest = {NULL, 0};
        if (root.size > 0 && !holds(trimmed(preopens[i].path), asked, &rest)) {
            continue;
        }
        if (!found || rest.size <= least.size) {
            found = true;
            index = i;
            least = rest;
        }
    }
    if (!found) {
        return STATUS_NO_ROOT;
    }
    if (!is_plain(least)) {
        return STATUS_BAD_SETTING;
    }
    *chosen = index;
    *below = least;
    return STATUS_OK;
}
