// workload.h: what a writer does that contends with others for one bucket.
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "core/store.h"

// Opens the bucket "b", sets the key to the value, or increments it if there is none, and
// closes the bucket.
enum status workload_change(struct store *store, struct bytes key, struct bytes value);

#endif
