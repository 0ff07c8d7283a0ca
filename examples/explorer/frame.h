// frame.h: what every page begins and ends with; the home page and the error page.
#ifndef FRAME_H
#define FRAME_H

#include "failure.h"
#include "place.h"

// `detail`: the details pane has content. A narrow screen then shows that pane alone,
// otherwise the list of keys.
void frame_begin(struct page *page, const struct place *place, bool detail);
void frame_end(struct page *page);

// The page without a bucket. `known` holds names of buckets, separated by commas.
void frame_home(struct page *page, const struct place *place, struct bytes known);

// A page that says what went wrong.
void frame_failure(struct page *page, const struct place *place, const struct failure *failure);

#endif
