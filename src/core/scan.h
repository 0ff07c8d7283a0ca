// scan.h: a scan of a bucket that misses no key.
//
// On tmpfs and Btrfs a file that is replaced by a rename moves in its directory,
// so a listing under way misses it or shows it twice. (ext4 and XFS keep its
// place.) So a scan counts only if the bucket did not change meanwhile, by its
// directory's time of modification; that tells if it is older than the clock of
// any file system is coarse. Where it does not tell, the bucket is scanned again
// while it is our turn (turn.h), when nobody else changes it.
//
// What this costs writers is bounded: while it is our turn they wait for one scan,
// which serves up to 8 MiB of keys, and a listing of a bucket that keeps changing
// takes the turn for at most an eighth of the time. Where the turn cannot be had,
// since the bucket cannot be written to, some more scans are tried instead.
#ifndef SCAN_H
#define SCAN_H

#include "bucket.h"

// Scans the bucket into its store's listing, after `cursor`.
enum status scan_bucket(struct bucket *bucket, const uint64_t *cursor);

// True if the page after `cursor` may be served from what an earlier scan kept:
// the bucket is there and unchanged since, or it is too large to be scanned
// again so soon. `status` is why it cannot be told.
bool scan_still_good(struct bucket *bucket, const uint64_t *cursor, enum status *status);

#endif
