#include "patience.h"

enum {
    look_factor = 16,    // patience lasts at least so many times what a look took
    look_parts = 4,      // one look adds at most this part of the patience
    turns_squared = 128, // turns of others, by which we ask ever more often
    eager_most = 64,     // times as often as a writer that has just come
};

static const uint64_t pause_least = 60 * 1000;         // nanoseconds
static const uint64_t pause_first = 4 * 1000 * 1000;   // on average,
static const uint64_t pause_series = 10 * 1000 * 1000; // and beside a series
static const uint64_t base = 100 * 1000 * 1000;        // the patience of letter 0

void patience_begin(struct patience *patience, uint64_t now)
{
    *patience = (struct patience){.began = now, .looked = now};
}

bool patience_ends(struct patience *patience, uint64_t before, uint64_t now, uint64_t seen,
                   unsigned letter)
{
    uint64_t lasts = base << (letter < patience_letter_max ? letter : patience_letter_max);
    uint64_t look = now - before;
    if (lasts < look * look_factor) {
        lasts = look * look_factor;
    }
    // A writer that was itself suspended between two looks has not watched.
    uint64_t passed = now - patience->looked;
    patience->looked = now;
    patience->look = look;
    patience->lasts = lasts;
    if (seen != patience->seen) {
        patience->turns += patience->seen != 0;
        patience->seen = seen;
        patience->unchanged = 0;
        return false;
    }
    patience->steady += passed;
    patience->unchanged += passed < lasts / look_parts ? passed : lasts / look_parts;
    return patience->unchanged >= lasts;
}

static uint64_t longer(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t patience_waited(const struct patience *patience, uint64_t now)
{
    return now - patience->began;
}

// At first as if nobody else were waiting: then the owner of the turn gives it to us, and
// we look soon. Once others were before us there are many. A writer that has just come
// lets a turn or two pass, if turns take that long; one that has seen many pass looks
// more and more often. So the turn goes to those that have waited longest, and all
// looks together cost little.
uint64_t patience_pause(const struct patience *patience, uint64_t random)
{
    enum { looks_between = 4, looks_in_patience = 10, thousand = 1000 };
    uint64_t pause = patience->series ? pause_series : pause_first;
    uint64_t most = longer(pause, patience->lasts / looks_in_patience);
    uint64_t eager = 1;
    if (patience->turns == 0) {
        pause = longer(pause, patience->steady / looks_between);
    } else {
        uint64_t turns = patience->turns;
        pause = longer(pause, 2 * patience->steady / turns);
        pause = longer(pause, looks_between * patience->look);
        eager += turns + turns * turns / turns_squared;
        eager = eager < eager_most ? eager : eager_most;
    }
    pause = longer((pause < most ? pause : most) / eager, pause_least);
    return pause / thousand * (thousand / 2 + random % thousand);
}

// FNV-1a, with a mark after each name.
uint64_t patience_hash(uint64_t hash, struct bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ name.data[i]) * 0x100000001B3;
    }
    return (hash ^ '/') * 0x100000001B3;
}
