#include "buffer.h"

#include <stdlib.h>

enum status buffer_copy(struct bytes bytes, struct buffer *value)
{
    uint8_t *data = malloc(bytes.size > 0 ? bytes.size : 1);
    if (data == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (bytes.size > 0) {
        memcpy(data, bytes.data, bytes.size);
    }
    *value = (struct buffer){data, bytes.size};
    return STATUS_OK;
}

void *buffer_grow(void *old, size_t used, size_t size)
{
    void *moved = malloc(size);
    if (moved == NULL) {
        return NULL;
    }
    if (used > 0) {
        memcpy(moved, old, used);
    }
    free(old);
    return moved;
}

void buffer_free(struct buffer *value)
{
    free(value->data);
    *value = (struct buffer){NULL, 0};
}
