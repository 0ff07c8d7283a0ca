#include "failure.h"

#include "bucket.h"

enum status store_fail(struct store *store, const char *operation, const struct bytes *bucket,
                       const struct bytes *key, enum status status, const char *detail)
{
    struct message message = {store->message, store_message_bytes_max, 0};
    message_text(&message, store->batch != NULL ? store->batch : operation);
    if (bucket != NULL) {
        message_text(&message, ": bucket ");
        message_quoted(&message, *bucket);
    }
    if (key != NULL) {
        message_text(&message, ", key ");
        message_quoted(&message, *key);
    }
    message_text(&message, ": ");
    message_text(&message, detail != NULL ? detail : status_text(status));
    if (status == STATUS_NAME_TOO_LONG) {
        struct bytes name = key != NULL ? *key : *bucket;
        message_text(&message, ": ");
        message_number(&message, name.size);
        message_text(&message, " bytes, ");
        message_number(&message, name_encoded_size(store->settings.names, name));
        message_text(&message, " as a file name, of which at most ");
        message_number(&message, name_bytes_max);
        message_text(&message, " fit; use a shorter one");
    }
    store->message_size = message.size;
    return status;
}

enum status failure_of_key(struct bucket *bucket, const char *operation, struct bytes key,
                           enum status status)
{
    if (status == STATUS_OK || status == STATUS_CHANGED) {
        return status;
    }
    struct bytes identifier = buffer_bytes(&bucket->identifier);
    return store_fail(bucket->store, operation, &identifier, &key, status, NULL);
}

enum status failure_of_bucket(struct bucket *bucket, const char *operation, enum status status)
{
    struct bytes identifier = buffer_bytes(&bucket->identifier);
    return status == STATUS_OK
               ? STATUS_OK
               : store_fail(bucket->store, operation, &identifier, NULL, status, NULL);
}
