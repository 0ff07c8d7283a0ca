// patience.h: how long to wait for a turn, and when to take its owner for dead.
//
// Pure: the caller passes the clock and the random bits.
#ifndef PATIENCE_H
#define PATIENCE_H

#include "bytes.h"

enum {
    patience_letter_sync = 3,    // asked for by a change that syncs under its turn: 800 ms
    patience_letter_listing = 4, // by a listing that holds the turn: 1.6 s
    patience_letter_max = 9,     // 51 s
};

// One wait for a turn: what was seen last, and for how long it has been so.
struct patience {
    uint64_t began;     // nanoseconds, of the first look
    uint64_t looked;    // of the last look
    uint64_t seen;      // a hash of the names it saw
    uint64_t unchanged; // how long they have been the same
    uint64_t steady;    // how long in all names stayed the same from look to look,
    uint32_t turns;     // how often they did not,
    uint64_t look;      // and what the last look took
    uint64_t lasts;     // the patience that was asked for last
    bool series;        // whether the turn is a series', which works best undisturbed
};

// The first look begins now.
void patience_begin(struct patience *patience, uint64_t now);

// Notes a look that was made from `before` to `now`, saw these names and asks
// for the patience of `letter`. True if the same names were seen for that long:
// the writer that made them is dead, or too slow for the letter it chose.
bool patience_ends(struct patience *patience, uint64_t before, uint64_t now, uint64_t seen,
                   unsigned letter);

// How long to pause before the next look. A writer that has waited longer looks
// more often.
uint64_t patience_pause(const struct patience *patience, uint64_t random);

// How long it has been since the first look.
uint64_t patience_waited(const struct patience *patience, uint64_t now);

// A hash of names, for `seen`.
uint64_t patience_hash(uint64_t hash, struct bytes name);

#endif
