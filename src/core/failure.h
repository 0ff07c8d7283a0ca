// failure.h: how an operation ends: a failure gets the message that store.h
// describes. (For failures outside of the core, call store_fail itself.)
#ifndef FAILURE_H
#define FAILURE_H

#include "store.h"

// Ends an operation on a key with its status; a swap that found another value has
// not failed.
enum status failure_of_key(struct bucket *bucket, const char *operation, struct bytes key,
                           enum status status);

// Ends an operation on a bucket as a whole.
enum status failure_of_bucket(struct bucket *bucket, const char *operation, enum status status);

#endif
