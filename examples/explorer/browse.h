// browse.h: the page of a bucket: its keys, and beside them what was chosen.
#ifndef BROWSE_H
#define BROWSE_H

#include "change.h"
#include "keys.h"

// Prints the whole page. Nothing is lost of what was printed where it fails. `status` is
// set to 404 where the key is absent.
bool browse_print(struct page *page, const struct place *place, const struct form *query,
                  const struct bucket *bucket, uint16_t *status, struct failure *failure);

// The same with the text that could not be saved, since the value had changed.
bool browse_print_quicker(struct page *page, const struct place *place, const struct bucket *bucket,
                          const struct change *change, struct failure *failure);

#endif
