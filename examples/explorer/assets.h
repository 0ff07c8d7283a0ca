// assets.h: the files of the page that never change. They are built in (embed.py).
#ifndef ASSETS_H
#define ASSETS_H

#include "core/bytes.h"

struct asset {
    const char *name;
    const char *type;
    struct bytes content;
};

// NULL if there is none of that name.
const struct asset *assets_find(struct bytes name);

// Another number for other content: an address with it may be kept for long.
uint64_t assets_version(void);

#endif
