// change.h: makes the change that a form asks for.
//
// A value is changed only if it is still the one that the person saw: the form carries
// its hash, which is compared with the hash of the current value. This draft has no
// compare and swap, so the comparison comes just before the change and is not part of
// it. A writer that gets in between the two is overwritten.
#ifndef CHANGE_H
#define CHANGE_H

#include "place.h"
#include "store.h"
#include "upload.h"

enum change_end {
    CHANGE_DONE,
    CHANGE_CONFLICT, // the value has changed since: `text` was not saved
    CHANGE_FAILED,   // `failure` says why
};

struct change {
    const char *done; // a word for what was done: one of the notices of browse.c
    struct bytes key; // the key to show next, if there is one
    bool has_key;
    bool is_new;       // the form was to create the key
    struct bytes text; // what the person typed
    struct value now;  // the current value; free it
};

// True for `set`, `rename`, `delete` and `increment`.
bool change_known(struct bytes route);

// `change` points into the place and the upload.
enum change_end change_make(struct bytes route, const struct place *place,
                            const struct bucket *bucket, struct upload *upload,
                            struct change *change, struct failure *failure);

#endif
