// frame.h: what is around every page: the head, the bar at the top, and the end.
#ifndef FRAME_H
#define FRAME_H

#include "failure.h"
#include "place.h"

// `detail` tells that there is something beside the list of keys: a narrow screen
// shows that alone.
void frame_begin(struct page *page, const struct place *place, bool detail);
void frame_end(struct page *page);

// The page without a bucket. `known` are names of buckets, with commas between.
void frame_home(struct page *page, const struct place *place, struct bytes known);

// A whole page that says what went wrong.
void frame_failure(struct page *page, const struct place *place, const struct failure *failure);

#endif
