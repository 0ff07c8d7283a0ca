// change.h: a change to one key of a bucket, from its preparation to its commit.
//
// change_write prepares, takes the turn (turn.h), computes, commits, and does it
// all again where the turn was revoked; syncs are done here, as the setting
// says. What a kind of change does under its turn is its `decide`.
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
    // Decides, under the turn, whether the change is made; may be called again.
    // Any other status than STATUS_OK refuses it.
    enum status (*decide)(struct change *change);
};

enum status change_write(struct change *change);

// Deletes a key; `decide` may be NULL, and is not asked about an absent key. That
// it is absent is no error; STATUS_IS_DIRECTORY and the like where something else
// than a file has its name.
enum status change_delete(struct change *change);

#endif
