// mark.h: which names a root has (name.h), and the mark that says so.
//
// A root with portable names holds the file `.kv-names`; its content is for
// people. A root without it has plain names, or none that tell. Whoever opens a
// root for the other names would miss keys, so it is refused.
#ifndef MARK_H
#define MARK_H

#include "message.h"
#include "path.h"
#include "port.h"

// Sees to it that the root at path `root` has these names. For portable ones a
// root without a mark is gone through, every bucket of it, and, if `may_mark`,
// marked where each file name is the same key either way; a durable change syncs
// the root anyway. STATUS_OTHER_NAMES, with the reason appended to `why`, if it
// has the others or cannot be marked; STATUS_NO_ROOT if it is not there.
enum status mark_check(struct port *port, const struct path *root, enum names names, bool may_mark,
                       struct message *why);

#endif
