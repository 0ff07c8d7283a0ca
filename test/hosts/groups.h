// groups.h: the groups of checks that the suite can be called with.
#ifndef GROUPS_H
#define GROUPS_H

#include "suite.h"

enum { group_parts = 2 };

extern const char group_any_bucket[]; // stands for suite_bucket

struct group {
    const char *name;
    const char *bucket; // that each check gets, opened for it; NULL for none
    struct checks parts[group_parts];
};

// NULL if there is none of that name.
const struct group *group_find(struct bytes name);

#endif
