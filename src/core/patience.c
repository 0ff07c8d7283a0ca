#include "patience.h"

enum {
    look_factor = 16,   // patience lasts at least so many times what a look took
    look_parts = 4,     // one look adds at most this part of the patience
    pause_least = 60,   // microseconds
    pause_first = 4000, // microseconds, on average
};

static const uint64_t microsecond = 1000;
static const uint64_t millisecond = 1000 * 1000;
static const uint64_t base = 100 * 1000 * 1000; // the patience of letter 0

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
    if (seen != patience->seen) {
        patience->seen = seen;
        patience->unchanged = 0;
        return false;
    }
    patience->unchanged += passed < lasts / look_parts ? passed : lasts / look_parts;
    return patience->unchanged >= lasts;
}

uint64_t patience_waited(const struct patience *patience, uint64_t now)
{
    return now - patience->began;
}

// After w seconds 4 ms / (1 + 40 w²), and half more or less at random.
uint64_t patience_pause(const struct patience *patience, uint64_t now, uint64_t random)
{
    enum { thousand = 1000, million = 1000 * 1000, growth = 40, waited_most = 100 * 1000 };
    uint64_t waited = patience_waited(patience, now) / millisecond;
    if (waited > waited_most) {
        waited = waited_most;
    }
    uint64_t pause = (uint64_t)pause_first * million / (million + growth * waited * waited);
    if (pause < pause_least) {
        pause = pause_least;
    }
    return pause * microsecond / thousand * (thousand / 2 + random % thousand);
}

// FNV-1a, with a mark after each name.
uint64_t patience_hash(uint64_t hash, struct bytes name)
{
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ name.data[i]) * 0x100000001B3;
    }
    return (hash ^ '/') * 0x100000001B3;
}
