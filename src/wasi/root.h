// root.h: which preopened directory holds the root, and where below it. Pure.
//
// Guest paths are compared part by part: "/tenant10" is not below "/tenant1". A
// trailing slash makes no difference, nor does a leading "./"; ".", "./" and ""
// are the current directory.
#ifndef ROOT_H
#define ROOT_H

#include "core/bytes.h"
#include "core/status.h"

// tuple<own<descriptor>, string>, as the host lists its preopened directories.
struct preopen {
    int32_t descriptor;
    struct bytes path; // guest path
};

// Chooses the preopened directory that holds the guest path `root`: the deepest
// one, or the last listed where several are equally deep. An empty `root` is the
// last preopened directory itself. `*below` is the rest of `root`'s path, without
// a slash at either end, empty where the directory is the root.
//
// STATUS_NO_ROOT if none holds it. STATUS_BAD_SETTING if what is below has an
// empty, "." or ".." part, or a NUL. Both results are set on STATUS_OK alone.
enum status root_choose(const struct preopen *preopens, size_t count, struct bytes root,
                        size_t *chosen, struct bytes *below);

#endif
