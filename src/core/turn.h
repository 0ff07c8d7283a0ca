// turn.h: whose turn it is to change a bucket.
//
// Every change to a bucket is committed by one rename that only the writer whose
// turn it is can do. Nobody takes a turn away from a writer that moves on; there
// is no lock file to clean up, and no timeout that correctness depends on.
//
//   .kv/turn/            whose turn it is: at most one entry; absent or empty: nobody's
//   .kv/<id>/            a writer that prepares; <id> is unique and never used again
//   .kv/spare/           room for a deletion on a full disk (scratch.h)
//
// Prepare: make `.kv/<id>/` and in it the file of the new value. Take the turn:
// rename `.kv/<id>` to `.kv/turn`, which works exactly where that is absent or
// empty. Commit: rename the file, now `.kv/turn/<token>`, to the key. That
// empties `.kv/turn`: commit and release are one step, and a writer that dies
// after it leaves nothing in the way.
//
// A series: a writer that changes a bucket again and again keeps the turn. What
// it renames in holds a directory `<id>/` with the file in it, and after the
// commit `.kv/turn/<id>/` stays behind, empty: idle. Its next change makes its
// file right there by path, which fails if somebody removed the directory. A
// deletion has such a directory too: its commit renames the key into it.
//
// Whoever finds it somebody's turn lists `.kv/turn`. An idle series is put aside:
// its directory is removed, which works only while it is empty. Otherwise the
// writer waits and looks again. Only an entry that has not changed for as long
// as our patience lasts is revoked: its file is removed. If its writer lives,
// its commit finds no file, and it does the whole change again, reading again.
//
// Why it is safe: somebody holds the turn from the rename that put its entry into
// `.kv/turn` until that entry leaves. While it is there no other can take it,
// since the directory is not empty. Entries are never put back and names never
// used again; so an entry that is there at the commit has been there since
// before the writer read anything. A rename is atomic, whoever revokes.
//
// Patience: a token ends in a letter that says how patient others should be: 'a'
// is 100 ms, each further letter twice that. A change that syncs under its turn
// asks for more, and so does one that was revoked before. So what is only slow
// is not revoked for ever.
//
// Nothing is kept open of what goes through `.kv/`: all goes by path.
//
// Calling order: fill a `struct turn_try` in; turn_resume, or turn_make and later
// turn_take; turn_open_file before or after that; work; then the commit, a rename
// from (or to) turn_path, and turn_committed; or turn_abandon. STATUS_LOST from any
// of them: the whole change is to be done again, with a new try.
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

// True if the instance keeps a series: then the file is made, or the key to be
// deleted moved, at turn_path without more ado. Where that says no-entry, others
// have put the series aside: turn_put_aside, and the usual way.
//
// With `kept` the file is made in the directory that is kept open, but goes by path
// in all that follows: that it is found proves both to be the same bucket, which a
// person may have moved away and made again meanwhile.
bool turn_resume(struct turn_try *try);
void turn_put_aside(struct turn_try *try);

// Removes a series that we keep, so that a change that is prepared outside of it
// does not meet it.
void turn_end_series(struct turn_try *try);

// Makes `.kv/<id>/`, and what belongs into it but for the file.
// STATUS_NO_SUCH_STORE: the bucket is not there. STATUS_SCRATCH: something in
// `.kv` is not the store's and in its way.
enum status turn_make(struct turn_try *try);

// Makes the file of the change and opens it.
enum status turn_open_file(struct turn_try *try, port_handle *file);

// Takes the turn, waiting for others where it has to. STATUS_BUSY: it could not
// be had for ten minutes.
enum status turn_take(struct turn_try *try);

// The path of the change's file, or of what a deletion moves the key to: before
// turn_take in `.kv/<id>/`, after it in `.kv/turn/`.
void turn_path(const struct turn_try *try, struct path *path);

// What the status of a call through turn_path means: STATUS_LOST if what was made
// there is gone. Hosts say no-entry, or input/output error for a stale handle.
enum status turn_lost(const struct turn_try *try, enum status status);

// The change is committed: its file is the key's, or gone.
void turn_committed(struct turn_try *try);

// The change is refused, or failed: removes what was made. STATUS_LOST if the
// turn had been revoked, so that what was seen under it need not have stood.
enum status turn_abandon(struct turn_try *try, enum status status);

#endif
