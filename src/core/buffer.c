#include "buffer.h"

#include <stdlib.h>

enum status value_copy(struct bytes bytes, struct value *value)
{
    uint8_t *data = malloc(bytes.size > 0 ? bytes.size : 1);
    if (data == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (bytes.size > 0) {
        memcpy(data, bytes.data, bytes.size);
    }
    *value = (struct value){data, bytes.size};
    return STATUS_OK;
}

void *value_moved(void *old, size_t used, size_t size)
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

void value_free(struct value *value)
{
    free(value->data);
    *value = (struct value){NULL, 0};
}
