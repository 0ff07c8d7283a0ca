// store.h: buckets of keys and values, as files. The product's core.
//
// Calling order: fill in a `struct store`, open buckets, work on them, close
// every bucket as often as it was opened, then store_free. Nothing here is
// global: a test runs several stores, as several writers, in one process.
//
// Errors: every call that fails puts one line for a person into
// `store->message`: the operation, the bucket, the key and the cause. It stays
// until the next failure. STATUS_NO_SUCH_STORE and STATUS_ACCESS have errors of
// their own in wasi:keyvalue, STATUS_CHANGED is a swap's answer and not a failure;
// everything else is `other` there. A failed call has changed nothing, unless the
// durable setting's sync failed after the change.
//
// Reads (get, exists, list) see only regular files and never touch `.kv/`.
// Changes are atomic, each on its own, for readers and other writers in any
// process, and under a crash (turn.h).
//
// A store has at most one handle open between two calls: the directory of the
// bucket that was last changed twice in a row, or that a batch is changing.
#ifndef STORE_H
#define STORE_H

#include "buffer.h"
#include "listing.h"
#include "settings.h"

enum {
    store_idle_buckets_max = 16,    // closed buckets whose series are kept
    store_message_bytes_max = 1536, // two names with every byte escaped, and the words around
};

struct bucket;

struct store {
    struct port *port;
    struct settings settings;
    bool names_settled;     // the root was seen to have the names of the settings
    struct bucket *buckets; // open and idle ones, latest use first
    struct bucket *changed; // the last one, if it is open
    struct bucket *kept;    // whose directory is open, for changes; NULL: none
    port_handle kept_directory;
    struct listing list;              // the scan that serves a listing's next pages
    const struct bucket *list_bucket; // whose it is, NULL for the root's
    const char *batch;                // the operation that others are part of, in messages
    char message[store_message_bytes_max];
    size_t message_size;
};

// A key as one compare-and-swap saw it.
struct cas {
    struct bucket *bucket; // counted as one opening
    struct buffer key;
    bool found;
    struct buffer value; // what `found` found
};

// Sets `store` up; takes no resources. `port` must outlive it.
void store_init(struct store *store, struct port *port);

// Frees what idle buckets and the last listing hold. All buckets are closed.
void store_free(struct store *store);

// Opens the bucket `identifier`, "" being "default". Handles to one bucket share
// its state. STATUS_NO_SUCH_STORE if it is missing and the settings do not say to
// make it.
enum status store_open(struct store *store, struct bytes identifier, struct bucket **bucket);
void store_close(struct bucket *bucket);

// Makes the bucket `identifier`, whatever the settings say. An existing bucket is
// no error.
enum status store_create_bucket(struct store *store, struct bytes identifier);

// The page of buckets after `cursor`, as store_list gives keys. A directory is a
// bucket if some bucket's name encodes to it.
enum status store_list_buckets(struct store *store, const uint64_t *cursor, struct page *page);

// The store a bucket belongs to, for its message.
struct store *store_of(const struct bucket *bucket);

// `value` is set and owned by the caller where `found`.
enum status store_get(struct bucket *bucket, struct bytes key, bool *found, struct buffer *value);
enum status store_exists(struct bucket *bucket, struct bytes key, bool *found);

enum status store_set(struct bucket *bucket, struct bytes key, struct bytes value);

// An absent key is no error.
enum status store_delete(struct bucket *bucket, struct bytes key);

// Calls between these two are one batch, called `operation` in messages: the
// bucket's directory is opened once, and synced once at the end. store_batch_end
// takes the status of the calls and returns it, or that of the sync if that
// failed. After a failure too, the changes before it are synced.
void store_batch_begin(struct bucket *bucket, const char *operation, size_t count);
enum status store_batch_end(struct bucket *bucket, enum status status);

// Adds to a counter (counter.h) and gives its new value.
enum status store_increment(struct bucket *bucket, struct bytes key, uint64_t delta,
                            enum counter_sign sign, uint64_t *value);

// The page of keys after `cursor`, or the first page if it is NULL; the caller frees
// it. Listing another bucket drops what this one's scan kept.
enum status store_list(struct bucket *bucket, const uint64_t *cursor, struct page *page);

// The same with a cursor as draft2 writes it: the number's 16 hex digits.
// STATUS_BAD_CURSOR if it is none.
enum status store_list_text(struct bucket *bucket, const struct bytes *cursor, struct page *page);

// Reads the key and remembers what was seen; the caller frees `cas`.
enum status store_cas(struct bucket *bucket, struct bytes key, struct cas *cas);

// Sets the key if it still has the value that `cas` saw, or is still absent.
// STATUS_CHANGED: it has another one, and `cas` now holds what was found.
enum status store_swap(struct cas *cas, struct bytes value);

// Deletes the key if it still has the value that `cas` saw; one that is absent by
// now is no error. STATUS_CHANGED as from store_swap.
enum status store_remove(struct cas *cas);

void store_cas_free(struct cas *cas);

// Writes the message of a failure outside of the calls above.
// `bucket`, `key` and `detail` (in place of the status's own text) may be NULL.
// Returns `status`.
enum status store_fail(struct store *store, const char *operation, const struct bytes *bucket,
                       const struct bytes *key, enum status status, const char *detail);

#endif
