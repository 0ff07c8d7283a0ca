// watch.h: changes to a bucket's keys, as they happen.
//
// watch.c has the command and looks again and again, which works everywhere;
// watch_linux.c hears of changes from the file system.
#ifndef WATCH_H
#define WATCH_H

#include "cli/session.h"
#include "core/path.h"

struct watch {
    struct session *session;
    const struct bytes *key; // the only one that is watched; NULL: all
    struct path bucket;      // its directory
    uint64_t told;
};

enum watch_event {
    WATCH_SET,
    WATCH_DELETE,
};

// Tells of a change to a key, if it is one that is watched. False where that is
// enough: the limit is reached, or nobody reads any more.
bool watch_tell(struct watch *watch, enum watch_event event, struct bytes key);

// Tells of changes from the file system until that is enough. STATUS_UNSUPPORTED
// where it does not tell of them; STATUS_NO_SUCH_STORE once the bucket is gone.
enum status watch_events(struct watch *watch);

#endif
