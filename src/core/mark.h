// mark.h: which names a root has (name.h), and the mark that says so.
//
// A root with portable names holds the file `.kv-names`; its content is for
// people. A root without it has plain names, or only names that are the same in
// both. A store with the other setting would miss keys, so it is refused.
#ifndef MARK_H
#define MARK_H

#include "message.h"
#include "path.h"
#include "port.h"

// Ensures that the root at path `root` has these names. For portable names it goes
// through all buckets of a root without a mark and, if `may_mark`, marks the root if
// each file name is the same key in both mappings; a durable change syncs the root
// anyway. STATUS_OTHER_NAMES, with the reason appended to `why`, if the root has
// the other names or cannot be marked; STATUS_NO_ROOT if it is not there.
enum status mark_check(struct port *port, const struct path *root, enum names names, bool may_mark,
                       struct message *why);

#endif
