#include "choices.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void choices_init(struct choices *choices)
{
    *choices = (struct choices){.picks = malloc(choices_max), .options = malloc(choices_max)};
    if (choices->picks == NULL || choices->options == NULL) {
        abort();
    }
}

void choices_free(struct choices *choices)
{
    free(choices->picks);
    free(choices->options);
}

void choices_seed(struct choices *choices, uint64_t seed)
{
    choices->random = true;
    choices->state = seed;
    choices->given = 0;
    choices->count = 0;
}

bool choices_parse(struct choices *choices, const char *text)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    choices->random = false;
    choices->count = 0;
    choices->given = 0;
    for (; *text != '\0' && choices->given < choices_max; text++) {
        const char *digit = strchr(digits, *text);
        if (digit == NULL) {
            return false;
        }
        choices->picks[choices->given++] = (uint8_t)(digit - digits);
    }
    return true;
}

void choices_print(const struct choices *choices)
{
    unsigned end = choices->count < choices_max ? choices->count : choices_max;
    while (end > 0 && choices->picks[end - 1] == 0) {
        end--; // what is beyond the list is 0
    }
    for (unsigned i = 0; i < end; i++) {
        putchar("0123456789abcdefghijklmnopqrstuvwxyz"[choices->picks[i]]);
    }
}

unsigned choices_pick(struct choices *choices, unsigned options)
{
    assert(options > 0 && options <= choices_options_max);
    if (options == 1) {
        return 0;
    }
    unsigned at = choices->count++;
    unsigned pick = 0;
    if (at < choices->given) {
        pick = choices->picks[at] % options;
    } else if (choices->random) {
        pick = (unsigned)(choices_random(&choices->state) % options);
    }
    if (at < choices_max) {
        choices->picks[at] = (uint8_t)pick;
        choices->options[at] = (uint8_t)options;
    }
    return pick;
}

bool choices_beyond(const struct choices *choices)
{
    return choices->count >= choices->given;
}

bool choices_next(struct choices *choices)
{
    assert(choices->count <= choices_max);
    unsigned end = choices->count;
    while (end > 0 && choices->picks[end - 1] + 1 == choices->options[end - 1]) {
        end--;
    }
    if (end > 0) {
        choices->picks[end - 1]++;
    }
    choices->given = end;
    choices->count = 0;
    return end > 0;
}

uint64_t choices_random(uint64_t *state)
{
    uint64_t value = *state += 0x9E3779B97F4A7C15;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
    return value ^ (value >> 31);
}

uint64_t choices_mix(uint64_t hash, uint64_t value)
{
    uint64_t state = hash ^ (value * 0xFF51AFD7ED558CCD);
    return choices_random(&state);
}
