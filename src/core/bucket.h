// bucket.h: the buckets that a store has open, and how they are found and made.
//
// A closed bucket is kept for a while, since its series (turn.h) makes the next
// change cheaper. Their number is limited: the least recently used one is freed.
#ifndef BUCKET_H
#define BUCKET_H

#include "store.h"
#include "turn.h"

struct bucket {
    struct store *store;
    struct bucket *next; // used before this one
    unsigned handles;    // openings not closed yet
    struct turn turn;
    struct path path;
    struct buffer identifier; // as it was asked for, for messages
    bool durable;             // its own name is known to survive a power loss
    bool unsynced;            // a batch changed it, and its directory is to be synced at the end
};

// The bucket that a store has at `path`, moved to the front; NULL if it has none.
struct bucket *bucket_known(struct store *store, const struct path *path);

// Makes the record of a bucket, which is not linked into the store yet.
enum status bucket_new(struct store *store, struct bytes identifier, const struct path *path,
                       struct bucket **bucket);
void bucket_link(struct bucket *bucket);
void bucket_free(struct bucket *bucket);

// Counts one closing, and frees what has been idle for the longest.
void bucket_release(struct bucket *bucket);

// Ensures that there is a directory at `path`, and that the root has the names of
// the settings (mark.h). `create` makes the directory. STATUS_NO_SUCH_STORE,
// STATUS_NO_ROOT, STATUS_NOT_BUCKET, STATUS_OTHER_NAMES with the reason in `why`.
// A failure leaves nothing behind.
enum status bucket_find(struct store *store, const struct path *path, bool create,
                        struct message *why);

// The path of the root, and of the bucket `name` in it.
void bucket_root(const struct store *store, struct path *path);
enum status bucket_path(const struct store *store, struct bytes name, struct path *path);

// The path of a key's file in a bucket.
enum status bucket_key(const struct bucket *bucket, struct bytes key, struct path *path);

// Where a change or a batch finds that file: in the bucket's directory, if it is
// kept open (bucket_keep), else by its path from the root.
struct place bucket_place(const struct bucket *bucket, const struct path *key);

// Keeps the bucket's directory open, in place of any other's; a failure does not
// matter. A host opens the parent of every path that has a '/' in it, so a call
// relative to the directory costs less.
void bucket_keep(struct bucket *bucket);
port_handle bucket_kept(const struct bucket *bucket); // port_root if it is not open
void bucket_forget(struct store *store);

// The same for this bucket alone: its turn is taken by path, so the directory that
// is open need not be the one that its series is in.
void bucket_forget_own(struct bucket *bucket);

// Syncs the bucket's entries and, with its first change, its name in the root, if
// the setting asks for it.
enum status bucket_sync(struct bucket *bucket);

#endif
