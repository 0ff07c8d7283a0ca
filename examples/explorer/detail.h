// detail.h: one key and its value, shown in the way that suits it or was asked for.
#ifndef DETAIL_H
#define DETAIL_H

#include "kind.h"
#include "place.h"

enum {
    detail_text_bytes_max = 256 * 1024,  // of text; the rest is left to a download
    detail_edit_bytes_max = 1024 * 1024, // of what is laid out as JSON, or edited
    detail_hex_bytes_max = 4096,         // on one page
};

// The key's name, what its value is, and links to what can be done with it.
void detail_head(struct page *page, const struct place *place, struct bytes value,
                 const struct kind *kind);

// The value. `at` is where a hex dump begins.
void detail_value(struct page *page, const struct place *place, struct bytes value,
                  const struct kind *kind, uint64_t at);

// How a value is shown: place->as where it can be, else what suits it.
const char *detail_form(const struct place *place, const struct kind *kind);

#endif
