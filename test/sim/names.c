// names: random programs with hostile keys, in portable names, on the worst disk
// there is (fold.h), against a map of what each key must hold.
//
// Nothing may be refused, no key may share another's file, and a listing must give
// exactly the keys there are. The same programs with plain names must be noticed, or the
// check notices nothing.
//
//   names FROM COUNT     the seeds FROM to FROM + COUNT - 1
//   names SEED           one, with every call
#include "core/store.h"
#include "core/turn.h"
#include "port.h"
#include "support/allocation.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    keys_max = 10,
    key_bytes_max = 12,
    buckets = 2,
    writers = 2,
    steps = 40,
};

// Names that some disk takes for one another, or that it does not take.
static const char *const families[][4] = {
    {"key", "Key", "KEY", "keY"},
    {"\xC3\xA9", "e\xCC\x81", "\xC3\x89", "E\xCC\x81"}, // e with acute, in one piece and two
    {"k", "\xE2\x84\xAA", "K", "k."},                   // the kelvin sign
    {"s", "\xC5\xBF", "S", "s "},                       // the long s
    {"ss", "\xC3\x9F", "SS", "\xE1\xBA\x9E"},           // sharp s
    {"ab",
     "a\xE2\x80\x8D"
     "b",
     "a\xEF\xBB\xBF"
     "b",
     "AB"}, // joiners
    {"a", "a.", "a ", "a.."},
    {"con", "CON", "con.txt", "con .x"},
    {"nul", "lpt1", "com0", "prn.a"},
    {"user:123", "user?123", "user*123", "user|123"},
    {"user name", "userna~1", "USERNA~1", "userna~2"},
    {"a+long.text", "a_long~1.tex", "a+long~1.tex", "a_long.text"},
    {"%", "", "%25", "%%"},
    {"%3a", "%3A", ":", "%253a"},
    {".", "..", "...", " "},
    {".kv", ".KV", ".kv-names", "%2ekv"},
    {"a/b", "a\\b", "a%2fb", "a%2Fb"},
    {"\x01", "\x7F", "\t", "\xC2\x85"},
    {"$mft", "conin$", "clock$", "$"},
    {"\xCE\xA9", "\xE2\x84\xA6", "\xCF\x89", "\xF0\x90\x90\x80"}, // omega, ohm; Deseret
};

enum { family_count = sizeof families / sizeof families[0] };

static const char *const pieces[] = {"a", "A", "e", "\xCC\x81", "\xC3\xA9", ".", " ",
                                     "~", "1", "%", "2",        "E",        "c", "o",
                                     "n", ":", "$", "/",        "\xC4\xB1"};

static const char *const bucket_names[][buckets] = {
    {"b", "B"}, {"con", "b"}, {"b.", "b"}, {"default", "DEFAULT"}, {"\xC3\xA9", "e\xCC\x81"}};

// What a key holds in each bucket: 0 for nothing.
struct model {
    char keys[keys_max][4 * key_bytes_max];
    unsigned key_count;
    unsigned values[buckets][keys_max];
};

static struct disk disk;
static struct sim_port views[writers];
static struct store stores[writers];
static struct model model;
static uint64_t random_state;
static bool trace;
static char failure[200];

static unsigned pick(unsigned options)
{
    return (unsigned)(choices_random(&random_state) % options);
}

static bool fail(const char *what, const char *key, enum status status)
{
    if (failure[0] == '\0') {
        snprintf(failure, sizeof failure, "%s, key \"%s\": %s", what, key, status_text(status));
    }
    return false;
}

static struct bytes text(const char *string)
{
    return (struct bytes){(const uint8_t *)string, strlen(string)};
}

static void add_key(const char *key)
{
    for (unsigned i = 0; i < model.key_count; i++) {
        if (strcmp(model.keys[i], key) == 0) {
            return;
        }
    }
    if (model.key_count < keys_max) {
        strcpy(model.keys[model.key_count++], key);
    }
}

// Two families, and some keys put together out of what is apt to meet a rule.
static void choose_keys(void)
{
    memset(&model, 0, sizeof model);
    for (unsigned i = 0; i < 2; i++) {
        const char *const *family = families[pick(family_count)];
        for (unsigned k = 0; k < 4; k++) {
            add_key(family[k]);
        }
    }
    while (model.key_count < keys_max) {
        char key[4 * key_bytes_max] = "";
        for (unsigned size = pick(6); strlen(key) < size;) {
            strcat(key, pieces[pick(sizeof pieces / sizeof pieces[0])]);
        }
        add_key(key);
    }
}

static void start(unsigned writer, enum names names)
{
    store_init(&stores[writer], &views[writer].port);
    stores[writer].settings.names = names;
    stores[writer].settings.create_buckets = true;
}

static bool check_list(struct bucket *bucket, unsigned which)
{
    struct page page;
    enum status status = store_list(bucket, NULL, &page);
    if (status != STATUS_OK) {
        return fail("list", "", status);
    }
    unsigned expected = 0, found = 0;
    for (unsigned k = 0; k < model.key_count; k++) {
        expected += model.values[which][k] > 0;
        for (size_t i = 0; i < page.key_count; i++) {
            found += model.values[which][k] > 0 &&
                     bytes_equal(text(model.keys[k]), buffer_bytes(&page.keys[i]));
        }
    }
    bool good = page.key_count == expected && found == expected && !page.more;
    page_free(&page);
    return good || fail("the listing is not the keys", "", STATUS_OK);
}

static bool check_get(struct bucket *bucket, const char *key, unsigned expected)
{
    bool found = false, exists = false;
    struct buffer value = {NULL, 0};
    enum status status = store_get(bucket, text(key), &found, &value);
    if (status == STATUS_OK) {
        status = store_exists(bucket, text(key), &exists);
    }
    char digits[32] = "";
    if (found && value.size < sizeof digits) {
        memcpy(digits, value.data, value.size);
    }
    bool good = status == STATUS_OK && found == (expected > 0) && exists == found &&
                (!found || strtoul(digits, NULL, 10) == expected);
    buffer_free(&value);
    return good || fail("get", key, status);
}

static bool do_step(struct bucket *bucket, unsigned which)
{
    unsigned k = pick(model.key_count);
    const char *key = model.keys[k];
    unsigned *value = &model.values[which][k];
    enum status status;
    uint64_t sum = 0;
    char number[16];
    switch (pick(6)) {
    case 0:
    case 1:
        snprintf(number, sizeof number, "%09u", *value = 1 + pick(1000000));
        status = store_set(bucket, text(key), text(number));
        return status == STATUS_OK || fail("set", key, status);
    case 2:
        *value = 0;
        status = store_delete(bucket, text(key));
        return status == STATUS_OK || fail("delete", key, status);
    case 3:
        if (*value == 0) {
            return true; // it would be binary
        }
        status = store_increment(bucket, text(key), 1, COUNTER_SIGNED, &sum);
        return (status == STATUS_OK && sum == ++*value) || fail("increment", key, status);
    case 4:
        return check_list(bucket, which);
    default:
        return check_get(bucket, key, *value);
    }
}

static bool do_program(enum names names, const char *const *buckets_named)
{
    for (unsigned i = 0; i < steps; i++) {
        unsigned writer = pick(writers), which = pick(buckets);
        if (pick(10) == 0) { // its instance ends and another begins
            store_free(&stores[writer]);
            start(writer, names);
        }
        struct bucket *bucket;
        enum status status = store_open(&stores[writer], text(buckets_named[which]), &bucket);
        if (status != STATUS_OK) {
            return fail("open", buckets_named[which], status);
        }
        bool good = do_step(bucket, which);
        store_close(bucket);
        if (!good) {
            return false;
        }
    }
    return true;
}

// What writers leave in `.kv/` is at most one idle series for each bucket.
static bool check_end(enum names names, const char *const *buckets_named)
{
    for (unsigned which = 0; which < buckets; which++) {
        store_free(&stores[0]);
        start(0, names);
        struct bucket *bucket;
        enum status status = store_open(&stores[0], text(buckets_named[which]), &bucket);
        if (status != STATUS_OK) {
            return fail("open", buckets_named[which], status);
        }
        bool good = check_list(bucket, which);
        for (unsigned k = 0; k < model.key_count; k++) {
            good = good && check_get(bucket, model.keys[k], model.values[which][k]);
        }
        status = store_set(bucket, text("last"), text("v"));
        store_close(bucket);
        if (!good || status != STATUS_OK) {
            return fail("set", "last", status);
        }
    }
    unsigned series = 0;
    for (unsigned i = 0; i < disk.entry_count; i++) {
        const struct entry *entry = &disk.entries[i];
        series += entry->name_size == turn_id_bytes &&
                  disk.inodes[entry->target].kind == PORT_DIRECTORY &&
                  disk_empty(&disk, entry->target);
    }
    return series <= buckets || fail("a writer's directory is left", "", STATUS_OK);
}

static bool run(uint64_t seed, enum names names)
{
    random_state = seed;
    failure[0] = '\0';
    disk_init(&disk);
    disk.mood.folds = true;
    choose_keys();
    const char *const *buckets_named =
        bucket_names[pick(sizeof bucket_names / sizeof bucket_names[0])];
    for (unsigned i = 0; i < writers; i++) {
        sim_port_init(&views[i], &disk, i, seed);
        views[i].trace = trace;
        start(i, names);
    }
    bool good = do_program(names, buckets_named) && check_end(names, buckets_named);
    for (unsigned i = 0; i < writers; i++) {
        store_free(&stores[i]);
    }
    return good;
}

int main(int argc, char **argv)
{
    uint64_t from = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    trace = argc == 2;
    static struct allocation_owner memory;
    allocation_switch(&memory);
    uint64_t failed = 0, noticed = 0;
    for (uint64_t seed = from; seed < from + count; seed++) {
        if (!run(seed, NAMES_PORTABLE) && ++failed <= 3) {
            printf("FAILED: seed %llu: %s\n  replay: build/sim/names %llu\n",
                   (unsigned long long)seed, failure, (unsigned long long)seed);
        }
        noticed += trace || !run(seed, NAMES_PLAIN);
    }
    printf("%llu programs with hostile keys in portable names; with plain ones %llu go wrong\n",
           (unsigned long long)count, (unsigned long long)noticed);
    if (noticed < count * 9 / 10) {
        printf("FAILED: a check that does not see what plain names lose\n");
        failed++;
    }
    printf("%llu passed, %llu failed\n", (unsigned long long)(count - failed),
           (unsigned long long)failed);
    return failed > 0;
}
