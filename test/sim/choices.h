// choices.h: what a simulated run leaves to chance, as a list of numbers.
//
// Every run asks for its choices in order: which writer goes next, what a power
// cut leaves. They are answered from a list first; beyond its end, with 0 (so
// that choices_next walks through all lists there are, like an odometer) or at
// random from a seed. A failing run is replayed by its list or by its seed.
#ifndef CHOICES_H
#define CHOICES_H

#include <stdbool.h>
#include <stdint.h>

enum {
    choices_max = 20000, // of one run; later ones are answered but not recorded
    choices_options_max = 36,
};

struct choices {
    bool random;    // beyond the list: at random, not 0
    uint64_t state; // of the random numbers
    unsigned given; // length of the list
    unsigned count; // choices made in this run
    uint8_t *picks; // choices_max, and how many options each had
    uint8_t *options;
};

void choices_init(struct choices *choices);
void choices_free(struct choices *choices);

// Begins a run whose choices come from a seed.
void choices_seed(struct choices *choices, uint64_t seed);

// Begins a run that is given by text: one digit or lower-case letter a choice.
// False if it is none.
bool choices_parse(struct choices *choices, const char *text);

// Prints the choices made so far in this form.
void choices_print(const struct choices *choices);

// One of `options`, from 0. Where there is but one, nothing is recorded.
unsigned choices_pick(struct choices *choices, unsigned options);

// True if the next choice is beyond the list.
bool choices_beyond(const struct choices *choices);

// Makes the next list after a run that was not random; false after the last.
bool choices_next(struct choices *choices);

// A random number from a state (splitmix64), and a hash step made of it.
uint64_t choices_random(uint64_t *state);
uint64_t choices_mix(uint64_t hash, uint64_t value);

#endif
