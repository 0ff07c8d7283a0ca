// assets.h: the style sheet, the script and the icon, built in by embed.py.
#ifndef ASSETS_H
#define ASSETS_H

#include "core/bytes.h"

struct asset {
    const char *name;
    const char *type;
    struct bytes content;
};

// NULL if there is no asset of that name.
const struct asset *assets_find(struct bytes name);

// Changes with the content, so that an address with it can be cached.
uint64_t assets_version(void);

#endif
