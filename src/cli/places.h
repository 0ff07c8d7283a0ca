// places.h: where buckets and keys are, for what looks at files by itself.
#ifndef PLACES_H
#define PLACES_H

#include "core/store.h"

// The path of the root.
void places_root(const struct store *store, struct path *path);

// Appends the directory of a bucket, or the file of a key in the bucket at
// `path`. STATUS_NAME_TOO_LONG.
enum status places_push(const struct store *store, struct bytes name, struct path *path);

// The path of the bucket with that identifier, "" being "default".
enum status places_bucket(const struct store *store, struct bytes identifier, struct path *path);

#endif
