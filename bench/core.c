// core.c: the side that is the core on its POSIX port: what of a component's
// time is the core's own.
#include "command.h"
#include "core/store.h"
#include "posix/port.h"

#include <stdio.h>

static struct posix_port posix;
static struct store store;

static void *core_open(struct bytes name)
{
    struct bucket *bucket;
    return store_open(&store, name, &bucket) == STATUS_OK ? bucket : NULL;
}

static void core_close(void *bucket)
{
    store_close(bucket);
}

static bool core_get(void *bucket, struct bytes key, size_t size)
{
    bool found;
    struct buffer value;
    if (store_get(bucket, key, &found, &value) != STATUS_OK) {
        return false;
    }
    if (!found) {
        return size == SIZE_MAX;
    }
    bool ok = value.size == size;
    buffer_free(&value);
    return ok;
}

static bool core_set(void *bucket, const struct pair *pair)
{
    return store_set(bucket, pair->key, pair->value) == STATUS_OK;
}

static bool core_remove(void *bucket, struct bytes key)
{
    return store_delete(bucket, key) == STATUS_OK;
}

static bool core_exists(void *bucket, struct bytes key)
{
    bool found;
    return store_exists(bucket, key, &found) == STATUS_OK && found;
}

static bool core_increment(void *bucket, struct bytes key)
{
    uint64_t value;
    return store_increment(bucket, key, 1, COUNTER_SIGNED, &value) == STATUS_OK && value > 0;
}

static bool core_get_many(void *bucket, const struct pair *pairs, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = core_get(bucket, pairs[i].key, pairs[i].value.size);
    }
    return ok;
}

static bool core_set_many(void *bucket, const struct pair *pairs, size_t count)
{
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        ok = core_set(bucket, &pairs[i]);
    }
    return ok;
}

static bool core_list(void *bucket, size_t count)
{
    size_t listed = 0;
    uint64_t cursor = 0;
    bool more;
    do {
        struct page page;
        if (store_list(bucket, listed > 0 ? &cursor : NULL, &page) != STATUS_OK) {
            return false;
        }
        listed += page.key_count;
        cursor = page.cursor;
        more = page.more;
        page_free(&page);
    } while (more);
    return listed == count;
}

static const struct side side = {
    .now = command_now,
    .open = core_open,
    .close = core_close,
    .get = core_get,
    .set = core_set,
    .remove = core_remove,
    .exists = core_exists,
    .increment = core_increment,
    .get_many = core_get_many,
    .set_many = core_set_many,
    .list = core_list,
};

int main(int argument_count, char **arguments)
{
    if (argument_count < 2 || posix_port_init(&posix, arguments[1]) != STATUS_OK) {
        (void)fprintf(stderr, "core: cannot open the directory\n");
        return 1;
    }
    store_init(&store, &posix.port);
    int code = command_run(&side, argument_count, arguments);
    if (code != 0) {
        (void)fprintf(stderr, "%.*s\n", (int)store.message_size, store.message);
    }
    store_free(&store);
    posix_port_free(&posix);
    return code;
}
