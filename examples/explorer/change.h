// change.h: what a form asks to change, done.
//
// A value that was shown is changed only while it is still that one: its hash came
// with the form and is compared with the value that is there. The draft has no compare
// and swap, so this look comes just before the change, and is no part of it. Between the
// two another writer can still come; what it wrote is lost then.
#ifndef CHANGE_H
#define CHANGE_H

#include "place.h"
#include "store.h"
#include "upload.h"

enum change_end {
    CHANGE_DONE,
    CHANGE_QUICKER, // the value is not what was seen: `text` was not saved
    CHANGE_FAILED,  // `failure` says why
};

struct change {
    const char *done; // a word for what was done (notice_print)
    struct bytes key; // where to go then, if there is a key
    bool has_key;
    struct bytes text; // what somebody typed
    struct value now;  // what is there in its place; free it
};

// The words for `set`, `rename`, `delete` and `increment`; false for others.
bool change_known(struct bytes route);

// What `change` has points into the place and the upload.
enum change_end change_make(struct bytes route, const struct place *place,
                            const struct bucket *bucket, struct upload *upload,
                            struct change *change, struct failure *failure);

#endif
