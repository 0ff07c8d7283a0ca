// change.h: a change to one key of a bucket, from its preparation to its commit.
//
// change_write prepares, takes the turn (turn.h), computes and commits, and repeats
// all of it if the turn was revoked; it also syncs, as the setting says. What a
// kind of change does during its turn is its `decide`.
#ifndef CHANGE_H
#define CHANGE_H

#include "bucket.h"

// A change to a key. A kind of change embeds it as its first member.
struct change {
    struct bucket *bucket;
    struct path key;
    struct place place; // where `decide` finds the key
    struct bytes value; // to write: from the start where `known`, else set by `decide`
    bool known;         // before the turn is taken, so it is written before that
    // Decides, during the turn, whether the change is made; may be called again.
    // Any status other than STATUS_OK refuses it.
    enum status (*decide)(struct change *change);
};

enum status change_write(struct change *change);

// Deletes a key; `decide` may be NULL, and is not called for an absent key. An
// absent key is no error. STATUS_IS_DIRECTORY and the like if something other than
// a file has its name.
enum status change_delete(struct change *change);

#endif
