#include "cases.h"

#include "core/message.h"

#include <stdlib.h>

enum { name_bytes = 32 };

struct name {
    char text[name_bytes];
};

static struct bytes name_of(struct name *name, const char *what, uint64_t number)
{
    struct message message = {name->text, name_bytes, 0};
    message_text(&message, what);
    message_text(&message, "-");
    message_number(&message, number);
    return (struct bytes){(const uint8_t *)name->text, message.size};
}

// What every operation of a case works on.
struct work {
    void *bucket;
    struct pair pair;
    struct pair *pairs; // case_many
    size_t count;       // of the keys in a bucket to list
};

typedef bool (*operation)(const struct side *side, const struct work *work);

static bool do_get(const struct side *side, const struct work *work)
{
    return side->get(work->bucket, work->pair.key, work->pair.value.size);
}

static bool do_set(const struct side *side, const struct work *work)
{
    return side->set(work->bucket, &work->pair);
}

static bool do_absent(const struct side *side, const struct work *work)
{
    return side->get(work->bucket, BYTES("absent-0"), SIZE_MAX);
}

static bool do_exists(const struct side *side, const struct work *work)
{
    return side->exists(work->bucket, work->pair.key);
}

static bool do_open(const struct side *side, const struct work *work)
{
    (void)work;
    void *bucket = side->open(BYTES("b"));
    if (bucket == NULL) {
        return false;
    }
    side->close(bucket);
    return true;
}

static bool do_increment(const struct side *side, const struct work *work)
{
    return side->increment(work->bucket, BYTES("counter-8"));
}

static bool do_delete(const struct side *side, const struct work *work)
{
    return side->set(work->bucket, &work->pair) && side->remove(work->bucket, work->pair.key);
}

static bool do_get_many(const struct side *side, const struct work *work)
{
    return side->get_many(work->bucket, work->pairs, case_many);
}

static bool do_set_many(const struct side *side, const struct work *work)
{
    return side->set_many(work->bucket, work->pairs, case_many);
}

static bool do_list(const struct side *side, const struct work *work)
{
    return side->list(work->bucket, work->count);
}

static const struct {
    struct bytes name;
    operation operation;
    uint32_t size; // of the value, where the case does not say it
} operations[] = {
    {BYTES("get"), do_get, 0},
    {BYTES("set"), do_set, 0},
    {BYTES("absent"), do_absent, 16},
    {BYTES("exists"), do_exists, 16},
    {BYTES("open"), do_open, 16},
    {BYTES("increment"), do_increment, 16},
    {BYTES("delete"), do_delete, 16},
    {BYTES("get-many"), do_get_many, case_many_bytes},
    {BYTES("set-many"), do_set_many, case_many_bytes},
};

// Does an operation by the clock, as ordered.
static bool take_time(const struct side *side, operation operation, const struct work *work,
                      const struct order *order, uint64_t *nanoseconds)
{
    uint64_t least = UINT64_MAX;
    for (uint32_t turn = 0; turn < order->turns; turn++) {
        uint64_t start = side->now();
        for (uint32_t i = 0; i < order->count; i++) {
            if (!operation(side, work)) {
                return false;
            }
        }
        uint64_t took = side->now() - start;
        least = took < least ? took : least;
    }
    *nanoseconds = least;
    return true;
}

// Sets what the operation reads, and does it once so that nothing is a first
// time any more.
static bool run_operation(const struct side *side, operation operation, uint32_t size,
                          const struct order *order, uint64_t *nanoseconds)
{
    uint8_t *value = calloc((size_t)size + 1, 1);
    void *bucket = side->open(BYTES("b"));
    if (value == NULL || bucket == NULL) {
        free(value);
        return false;
    }
    struct name name;
    struct name names[case_many];
    struct pair pairs[case_many];
    for (size_t i = 0; i < case_many; i++) {
        char many[] = {'m', (char)('0' + i / 10), (char)('0' + i % 10), '\0'};
        pairs[i] =
            (struct pair){name_of(&names[i], many, case_many_bytes), BYTES("of sixteen bytes")};
    }
    struct work work = {bucket, {name_of(&name, "key", size), {value, size}}, pairs, 0};
    bool ok = side->set(bucket, &work.pair) && side->set_many(bucket, pairs, case_many) &&
              operation(side, &work) && take_time(side, operation, &work, order, nanoseconds);
    side->close(bucket);
    free(value);
    return ok;
}

static bool run_first(const struct side *side, const struct order *order, uint64_t *nanoseconds)
{
    struct order once = {.count = 1, .turns = 1};
    struct work work = {NULL, {BYTES("key-16"), BYTES("of sixteen bytes")}, NULL, 0};
    *nanoseconds = UINT64_MAX;
    for (uint32_t i = 0; i < order->turns; i++) {
        struct name name;
        work.bucket = side->open(name_of(&name, "first", i));
        if (work.bucket == NULL) {
            return false;
        }
        uint64_t took;
        bool ok = take_time(side, do_set, &work, &once, &took);
        side->close(work.bucket);
        if (!ok) {
            return false;
        }
        *nanoseconds = took < *nanoseconds ? took : *nanoseconds;
    }
    return true;
}

static bool run_list(const struct side *side, const struct order *order, uint64_t *nanoseconds)
{
    struct name name;
    struct work work = {.bucket = side->open(name_of(&name, "list", order->size)),
                        .count = order->size};
    if (work.bucket == NULL) {
        return false;
    }
    bool ok = take_time(side, do_list, &work, order, nanoseconds);
    side->close(work.bucket);
    return ok;
}

bool case_run(const struct side *side, const struct order *order, uint64_t *nanoseconds)
{
    if (bytes_equal(order->name, BYTES("first"))) {
        return run_first(side, order, nanoseconds);
    }
    if (bytes_equal(order->name, BYTES("list"))) {
        return run_list(side, order, nanoseconds);
    }
    for (size_t i = 0; i < sizeof operations / sizeof *operations; i++) {
        if (bytes_equal(order->name, operations[i].name)) {
            uint32_t size = operations[i].size > 0 ? operations[i].size : order->size;
            return run_operation(side, operations[i].operation, size, order, nanoseconds);
        }
    }
    return false;
}
