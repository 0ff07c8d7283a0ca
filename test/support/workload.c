#include "workload.h"

enum status workload_change(struct store *store, struct bytes key, struct bytes value)
{
    struct bucket *bucket;
    enum status status = store_open(store, BYTES("b"), &bucket);
    if (status != STATUS_OK) {
        return status;
    }
    if (value.size > 0) {
        status = store_set(bucket, key, value);
    } else {
        uint64_t number;
        status = store_increment(bucket, key, 1, COUNTER_UNSIGNED, &number);
    }
    store_close(bucket);
    return status;
}
