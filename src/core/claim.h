// claim.h: the right to change a bucket.
//
// A writer (one instance, for one bucket) holds a claim while the directory
// `.kv/<id>/` that it made in the bucket stands. It makes its directory first,
// then lists `.kv/` and removes every other writer's; so of two writers the one
// that lists later removes the other, and at most one still holds. Ids are 64
// random bits, never used twice.
//
// Every change is committed by one rename into or out of that directory, which
// fails with STATUS_NO_ENTRY once it is removed. A claim that stood at the
// commit stood since before the change read anything: that makes it atomic.
// Claims are kept from one change to the next. Nothing waits for a crashed
// writer; what it left is removed by the next one.
#ifndef CLAIM_H
#define CLAIM_H

#include "path.h"
#include "port.h"

enum {
    claim_id_bytes = 16, // hex digits
};

struct claim {
    bool held; // as far as we know; only a commit tells
    uint8_t id[claim_id_bytes];
};

// Makes the claim of a new writer in the bucket at path `bucket` and removes
// all others. STATUS_NO_SUCH_STORE: the bucket is not there. STATUS_LOST:
// `.kv/` was removed meanwhile, or a rival is too busy; try again. STATUS_SCRATCH: something in
// `.kv/` is not ours and in the way. On failure `claim->held` is false.
enum status claim_take(struct port *port, const struct path *bucket, struct claim *claim);

// The path of the claim's directory itself.
void claim_path(const struct claim *claim, const struct path *bucket, struct path *path);

// Waits after a change's loss in a row, 1 being the first: a random time of up to
// 64 ms, after each further one up to half as long, but no less than 4 ms.
// Returns how many nanoseconds.
uint64_t claim_wait(struct port *port, unsigned losses);

#endif
