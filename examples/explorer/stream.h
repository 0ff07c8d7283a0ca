// stream.h: export and import of a whole bucket, in the format of `kv export`
// (docs/export.md). Memory is bounded by a page of keys and the largest value.
#ifndef STREAM_H
#define STREAM_H

#include "place.h"
#include "request.h"
#include "response.h"
#include "store.h"

// Answers with the bucket as a download. False if it fails before anything was sent. A
// later failure cuts the download short; the stream then has no end, and an import
// refuses it.
bool stream_export(struct response *response, const struct place *place,
                   const struct bucket *bucket, struct failure *failure);

// Imports the file in a form. Each key is set as soon as it is complete and checked.
bool stream_import(struct request *request, const struct bucket *bucket, uint64_t *imported,
                   struct failure *failure);

// Prints a Content-Disposition header for a download called NAME and `end`.
void stream_disposition(struct page *page, struct bytes name, const char *end);

#endif
