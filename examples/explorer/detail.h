// detail.h: shows one key and its value.
#ifndef DETAIL_H
#define DETAIL_H

#include "kind.h"
#include "place.h"

enum {
    detail_text_bytes_max = 256 *
        1024, // of text or JSON that is shown; all of it can be downloaded
    detail_edit_bytes_max = 1024 * 1024, // of what is edited
    detail_hex_bytes_max = 4096,         // on one page
};

// The key's name, facts about the value, and links to what can be done with it.
void detail_head(struct page *page, const struct place *place, struct bytes value,
                 const struct kind *kind);

// The value. `at` is the offset where a hex dump begins.
void detail_value(struct page *page, const struct place *place, struct bytes value,
                  const struct kind *kind, uint64_t at);

// How the value is shown: as place->as says if that is possible, else as it looks.
const char *detail_form(const struct place *place, const struct kind *kind);

#endif
