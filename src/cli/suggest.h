// suggest.h: which word was meant, where one is misspelt.
#ifndef SUGGEST_H
#define SUGGEST_H

#include "core/bytes.h"

enum {
    suggest_bytes_max = 32, // longer words are nobody's slip
};

// How many letters have to be put in, left out, replaced or exchanged with their
// neighbour to make of what was typed what was meant; suggest_bytes_max where that
// is too much to be a slip. Some first letters alone are as good as one slip.
size_t suggest_distance(struct bytes typed, struct bytes meant);

#endif
