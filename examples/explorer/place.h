// place.h: where a person is, as the address tells it. There is nothing else that
// the page keeps: any address can be kept, sent, and opened again.
#ifndef PLACE_H
#define PLACE_H

#include "form.h"
#include "html.h"

// What the address does not have is NULL. All of it is the query's.
struct place {
    const struct bytes *bucket;
    const struct bytes *prefix;
    const struct bytes *after;  // the list begins behind this key,
    const struct bytes *before; // or ends before this one
    bool has_section;
    uint64_t section; // the store's cursor, in a large bucket (keys.h)
    const struct bytes *key;
    const struct bytes *as; // how the key is shown, or what is done with it
};

// False if a number in it is none.
bool place_read(const struct form *query, struct place *place);

// Prints the place as a relative address, for a quoted attribute; in a header, where
// nothing is escaped, `plain`.
void place_print(struct page *page, const struct place *place, bool plain);

// True if `place->as` is that.
bool place_is(const struct place *place, const char *as);

#endif
