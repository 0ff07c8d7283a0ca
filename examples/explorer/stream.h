// stream.h: a whole bucket, out and in, as the stream of `kv export` (docs/export.md).
// Memory is bounded by a page of keys and the largest value.
#ifndef STREAM_H
#define STREAM_H

#include "place.h"
#include "request.h"
#include "response.h"
#include "store.h"

// Answers with the bucket as a download. False if that fails before anything was sent.
// Later on a failure cuts the answer short: the stream has no end then, and no import
// takes it for whole.
bool stream_export(struct response *response, const struct place *place,
                   const struct bucket *bucket, struct failure *failure);

// Takes the file of a form; each key is set as soon as it is whole and checked.
bool stream_import(struct request *request, const struct bucket *bucket, uint64_t *imported,
                   struct failure *failure);

// The value of a Content-Disposition header for a download: NAME, and `end` behind it.
void stream_disposition(struct page *page, struct bytes name, const char *end);

#endif
