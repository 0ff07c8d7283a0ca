// browse.h: the page of a bucket: the list of its keys, and the details of one.
#ifndef BROWSE_H
#define BROWSE_H

#include "change.h"
#include "keys.h"

// Prints the whole page. If it fails, what was printed so far has to be thrown away.
// `status` becomes 404 if the key does not exist.
bool browse_print(struct page *page, const struct place *place, const struct form *query,
                  const struct bucket *bucket, uint16_t *status, struct failure *failure);

// The same page with a text that was not saved because the value had changed.
bool browse_print_conflict(struct page *page, const struct place *place,
                           const struct bucket *bucket, const struct change *change,
                           struct failure *failure);

#endif
