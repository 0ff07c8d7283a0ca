// list.h: the pane with a bucket's keys.
#ifndef LIST_H
#define LIST_H

#include "keys.h"
#include "place.h"

void list_print(struct page *page, const struct place *place, const struct keys *keys);

#endif
