// failure.h: why a request failed, for the person who sent it.
#ifndef FAILURE_H
#define FAILURE_H

#include "core/message.h"

enum { failure_bytes_max = 2048 };

struct failure {
    uint16_t status; // of HTTP
    bool no_bucket;  // the bucket does not exist
    char text[failure_bytes_max];
    size_t size;
};

static inline struct bytes failure_bytes(const struct failure *failure)
{
    return (struct bytes){(const uint8_t *)failure->text, failure->size};
}

// Sets status and text, and returns false, for a caller to return.
static inline bool fail(struct failure *failure, uint16_t status, const char *text)
{
    struct message message = {failure->text, sizeof failure->text, 0};
    message_text(&message, text);
    failure->status = status;
    failure->no_bucket = false;
    failure->size = message.size;
    return false;
}

static inline bool fail_for_memory(struct failure *failure)
{
    return fail(failure, 507, "Not enough memory.");
}

#endif
