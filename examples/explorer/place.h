// place.h: what the address says to show. The page keeps nothing else, so every address
// can be bookmarked or sent to someone.
#ifndef PLACE_H
#define PLACE_H

#include "form.h"
#include "html.h"

// NULL is what the address does not have. All of it points into the query.
struct place {
    const struct bytes *bucket;
    const struct bytes *prefix;
    const struct bytes *after;  // the list begins after this key,
    const struct bytes *before; // or ends before this one
    bool has_section;
    uint64_t section; // the store's cursor, in a large bucket (keys.h)
    const struct bytes *key;
    const struct bytes *as; // how the key is shown, or what is done with it
};

// False if the section is not a cursor.
bool place_read(const struct form *query, struct place *place);

// Prints the place as a relative address. `plain` is for a header, the other form for a
// quoted attribute.
void place_print(struct page *page, const struct place *place, bool plain);

// Prints what the address has after its path: nothing, or `?` and the fields.
void place_print_query(struct page *page, const struct place *place, bool plain);

// True if `place->as` equals `as`.
bool place_is(const struct place *place, const char *as);

#endif
