// draft.h: the bindings of the draft of wasi:keyvalue that a component is made for, as
// far as all of it is compiled for both: kv for draft2, kv_transfer for the older one.
#ifndef DRAFT_H
#define DRAFT_H

#include "kv.h"

// The names of the bindings, without what all of them have in front, and the cursor:
// text in draft2 and a number before.
#ifdef KV_TRANSFER
#define STORE(name) wasi_keyvalue_0_2_0_draft_store_##name
#define STORE_ERROR(name) WASI_KEYVALUE_0_2_0_DRAFT_STORE_ERROR_##name

typedef kv_option_u64_t store_cursor;
static inline void store_cursor_free(store_cursor *cursor)
{
    (void)cursor;
}
#else
#define STORE(name) wasi_keyvalue_0_2_0_draft2_store_##name
#define STORE_ERROR(name) WASI_KEYVALUE_0_2_0_DRAFT2_STORE_ERROR_##name
#define ATOMICS(name) wasi_keyvalue_0_2_0_draft2_atomics_##name
#define BATCH(name) wasi_keyvalue_0_2_0_draft2_batch_##name

typedef kv_option_string_t store_cursor;
static inline void store_cursor_free(store_cursor *cursor)
{
    kv_option_string_free(cursor);
}
#endif

typedef STORE(error_t) store_error;
typedef STORE(borrow_bucket_t) bucket_handle;

#endif
