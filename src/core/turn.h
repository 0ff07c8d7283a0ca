// turn.h: whose turn it is to change a bucket.
//
// Every change to a bucket is committed by one rename, which succeeds only for the
// writer whose turn it is. A writer that makes progress keeps its turn; there is
// no lock file to clean up, and correctness depends on no timeout.
//
//   .kv/turn/            whose turn it is: at most one entry; absent or empty: nobody's
//   .kv/<id>/            a writer that is preparing; <id> is unique and never reused
//   .kv/spare/           room for a deletion on a full disk (scratch.h)
//
// Prepare: make `.kv/<id>/` and, in it, the file of the new value. Take the turn:
// rename `.kv/<id>` to `.kv/turn`, which succeeds only if that is absent or
// empty. Commit: rename the file, now `.kv/turn/<token>`, to the key. That
// empties `.kv/turn`: commit and release are one step, and a writer that dies
// after it blocks nobody.
//
// A series: a writer that changes a bucket repeatedly keeps the turn. The
// directory that it renames to `.kv/turn` contains a directory `<id>/` with the
// file in it, and after the commit `.kv/turn/<id>/` remains, empty: the series is
// idle. The next change makes its file there, by path, which fails if another
// writer has removed the directory. A deletion has such a directory too: its
// commit renames the key into it.
//
// A writer that finds the turn taken lists `.kv/turn`. It puts an idle series
// aside by removing its directory, which succeeds only while that is empty.
// Otherwise it waits and looks again. Only an entry that has not changed for as
// long as the writer's patience lasts is revoked: its file is removed. If its
// owner is alive, its commit finds no file, and it repeats the whole change,
// including the read.
//
// Why it is safe: a writer holds the turn from the rename that put its entry into
// `.kv/turn` until that entry is gone. Meanwhile no other writer can take it,
// since the directory is not empty. Entries are never put back and names are
// never reused; so an entry that is there at the commit has been there since
// before its writer read anything. A rename is atomic, so it does not matter
// which writer revokes, or when.
//
// Patience: a token ends in a letter that says how patient others should be: 'a'
// is 100 ms, each further letter twice that. A change that syncs during its turn
// asks for more, and so does one that was revoked before. So a change that is
// merely slow is not revoked for ever.
//
// No handle below `.kv/` is kept open: every call there uses a path.
//
// Calling order: fill in a `struct turn_try`; turn_resume, or turn_make and later
// turn_take; turn_open_file before or after that; work; then the commit, a rename
// from (or to) turn_path, and turn_committed; or turn_abandon. If one of them
// returns STATUS_LOST, do the whole change again, with a new try.
#ifndef TURN_H
#define TURN_H

#include "path.h"
#include "patience.h"

enum {
    turn_id_bytes = 16,                   // hex digits
    turn_token_bytes = turn_id_bytes + 1, // and the letter
};

// What an instance knows of its turns in one bucket. All zero at first.
struct turn {
    uint8_t id[turn_id_bytes]; // of the series,
    bool series;               // if one is kept, as far as we know
    bool displaced;            // others put it aside while it was at work
    uint64_t changed;          // by the port's clock, when its last change was committed
    bool again;                // an earlier change succeeded: a series may begin
    unsigned serial;           // names the tokens of a series
    unsigned changes;          // committed in it
    unsigned penalty;          // changes that go without a series after one that was in vain,
    unsigned without;          // and how many of them are left
};

// One try at a change. `port` and `bucket` (its path) must outlive it.
struct turn_try {
    struct turn *turn;
    struct port *port;
    const struct path *bucket;
    port_handle kept; // the bucket's directory, through which a series makes its file; or port_root
    unsigned letter;  // of the patience that it asks for
    bool single;      // begins no series: its value is prepared outside of one
    bool deletes;     // a key is moved into it; on a full disk, room is made for it
    bool made_room;   // and was
    bool keeps;       // a series is kept after it
    bool directory;   // the entry is a directory that holds the file
    bool entry_made;  // that directory is there
    bool taken;       // it is our turn
    bool file_made;   // there is something at turn_path
    uint8_t id[turn_id_bytes];
    uint8_t token[turn_token_bytes];
    size_t token_size;
};

// True if the instance keeps a series: then the file is made at turn_path, or the
// key to be deleted is moved there, with no further preparation. If that returns
// no-entry, others have put the series aside: call turn_put_aside, and prepare as
// usual.
//
// With `kept` the file is made in the directory that is kept open, but every later
// call uses its path. If the file is found there, both are the same bucket, even if
// a person has moved a bucket away and made it again.
bool turn_resume(struct turn_try *try);
void turn_put_aside(struct turn_try *try);

// Removes a series that we keep, so that a change that is prepared outside of it
// does not meet it.
void turn_end_series(struct turn_try *try);

// Makes `.kv/<id>/` and everything in it except the file.
// STATUS_NO_SUCH_STORE: the bucket is not there. STATUS_SCRATCH: something in
// `.kv` is not the store's and in its way.
enum status turn_make(struct turn_try *try);

// Makes the file of the change and opens it.
enum status turn_open_file(struct turn_try *try, port_handle *file);

// Takes the turn, and waits for others if necessary. STATUS_BUSY: the turn was not
// free for ten minutes.
enum status turn_take(struct turn_try *try);

// The path of the change's file, or of what a deletion moves the key to: before
// turn_take in `.kv/<id>/`, after it in `.kv/turn/`.
void turn_path(const struct turn_try *try, struct path *path);

// What the status of a call on turn_path means: STATUS_LOST if what was made there
// is gone. Hosts return no-entry, or an input/output error for a stale handle.
enum status turn_lost(const struct turn_try *try, enum status status);

// The change is committed: its file is the key's, or gone.
void turn_committed(struct turn_try *try);

// The change is refused, or failed: removes what was made. STATUS_LOST if the
// turn had been revoked, so that what was read during it may have been out of date.
enum status turn_abandon(struct turn_try *try, enum status status);

#endif
