// Whatever a bucket's directory holds and whatever two writers do to it in turn,
// every call answers as the store's rules say or fails and changes nothing, no other
// file is touched, and no handle stays open.
#include "core/store.h"
#include "posix/port.h"
#include "tree.h"

#include <stdlib.h>

enum {
    writers = 2,
    long_value_bytes = 70000,
    steps_max = 100,
};

// A store, and its compare-and-swap if it has one open.
struct writer {
    struct posix_port posix;
    struct port_calls calls;
    struct store store;
    struct bucket *bucket;
    bool has_cas;
    struct cas cas;
    struct tree_key *cas_key;
};

// Nobody else is there, so a pause is as long as it says on the clock alone: whoever
// does not move on is soon revoked.
static uint64_t clock_now = 1;

static void quick_pause(struct port *port, uint64_t nanoseconds)
{
    (void)port;
    (void)nanoseconds;
    clock_now += 2000000000;
}

static uint64_t quick_now(struct port *port)
{
    (void)port;
    return clock_now;
}

static void writer_start(struct writer *writer, const struct tree *tree, uint64_t seed)
{
    MUST(posix_port_init(&writer->posix, tree->root) == STATUS_OK);
    writer->posix.random_state = seed;
    writer->calls = *writer->posix.port.calls;
    writer->calls.pause = quick_pause;
    writer->calls.now = quick_now;
    writer->posix.port.calls = &writer->calls;
    store_init(&writer->store, &writer->posix.port);
    MUST(store_open(&writer->store, BYTES("b"), &writer->bucket) == STATUS_OK);
    writer->has_cas = false;
}

static void writer_end(struct writer *writer)
{
    if (writer->has_cas) {
        store_cas_free(&writer->cas);
    }
    store_close(writer->bucket);
    store_free(&writer->store);
    MUST(writer->posix.open_handles == 0);
    posix_port_free(&writer->posix);
}

// What a change may answer: its kind's own failure on what is no file, success
// on what is one, and a failure of any key where `.kv` is obstructed.
static bool may_change(const struct tree *tree, const struct tree_key *key, enum status status)
{
    MUST(status != STATUS_LOST && status != STATUS_BUSY && status != STATUS_NO_SUCH_STORE);
    bool is_file = key->kind == TREE_FILE || key->kind == TREE_ABSENT;
    MUST(is_file || status != STATUS_OK);
    MUST(status == STATUS_OK || !is_file || tree->obstructed);
    return status == STATUS_OK;
}

static void check_get(struct writer *writer, const struct tree_key *key)
{
    bool found;
    bool exists;
    struct buffer value;
    MUST(store_get(writer->bucket, key->key, &found, &value) == STATUS_OK);
    MUST(store_exists(writer->bucket, key->key, &exists) == STATUS_OK);
    MUST(found == (key->kind == TREE_FILE) && exists == found);
    if (found) {
        MUST(bytes_equal(buffer_bytes(&key->content), buffer_bytes(&value)));
        buffer_free(&value);
    }
}

static struct bytes take_value(struct bytes *input)
{
    static uint8_t zeros[long_value_bytes];
    uint8_t size = fuzz_byte(input);
    return size == UINT8_MAX ? (struct bytes){zeros, sizeof zeros} : fuzz_take(input, size % 64);
}

static void do_set(struct writer *writer, struct tree *tree, struct tree_key *key,
                   struct bytes *input)
{
    struct bytes value = take_value(input);
    if (may_change(tree, key, store_set(writer->bucket, key->key, value))) {
        tree_set(key, value);
    }
}

static void do_delete(struct writer *writer, struct tree *tree, struct tree_key *key)
{
    if (may_change(tree, key, store_delete(writer->bucket, key->key))) {
        tree_removed(key);
    }
}

static void do_increment(struct writer *writer, struct tree *tree, struct tree_key *key,
                         struct bytes *input)
{
    enum counter_sign sign = fuzz_byte(input) & 1 ? COUNTER_SIGNED : COUNTER_UNSIGNED;
    uint64_t delta = fuzz_u64(input);
    struct bytes content = buffer_bytes(&key->content);
    struct counter counter;
    // What the rules say of this content; counter.c has its own fuzzer.
    enum status expected = counter_add(key->kind == TREE_FILE ? &content : NULL, delta, sign,
                                       COUNTER_BINARY, &counter);
    uint64_t value;
    enum status status = store_increment(writer->bucket, key->key, delta, sign, &value);
    if (key->kind == TREE_FILE && expected != STATUS_OK) {
        MUST(status == expected || (status != STATUS_OK && tree->obstructed));
    } else if (may_change(tree, key, status)) {
        MUST(value == counter.value);
        tree_set(key, (struct bytes){counter.bytes, counter.size});
    }
}

static void do_cas(struct writer *writer, struct tree_key *key)
{
    if (writer->has_cas) {
        store_cas_free(&writer->cas);
    }
    MUST(store_cas(writer->bucket, key->key, &writer->cas) == STATUS_OK);
    MUST(writer->cas.found == (key->kind == TREE_FILE));
    writer->has_cas = true;
    writer->cas_key = key;
}

static bool cas_has(const struct cas *cas, const struct tree_key *key)
{
    return cas->found == (key->kind == TREE_FILE) &&
           bytes_equal(buffer_bytes(&cas->value), buffer_bytes(&key->content));
}

static void do_swap(struct writer *writer, struct tree *tree, struct bytes *input)
{
    struct bytes value = take_value(input);
    if (!writer->has_cas) {
        return;
    }
    struct tree_key *key = writer->cas_key;
    bool expected = cas_has(&writer->cas, key);
    enum status status = store_swap(&writer->cas, value);
    if (status == STATUS_CHANGED) {
        MUST(!expected && cas_has(&writer->cas, key));
    } else if (may_change(tree, key, status)) {
        MUST(expected);
        tree_set(key, value);
    }
}

static void do_list(struct writer *writer, struct tree *tree, struct bytes *input)
{
    uint64_t cursor = fuzz_u64(input);
    bool has_cursor = cursor != 0;
    if (cursor < 1 + tree_keys && has_cursor) {
        cursor = listing_hash(tree->keys[cursor - 1].key);
    }
    size_t expected = 0;
    for (int i = 0; i < tree_keys; i++) {
        bool after = !has_cursor || listing_hash(tree->keys[i].key) > cursor;
        expected += tree->keys[i].kind == TREE_FILE && after ? 1 : 0;
    }
    struct page page;
    MUST(store_list(writer->bucket, has_cursor ? &cursor : NULL, &page) == STATUS_OK);
    MUST(page.key_count == expected && !page.more);
    for (size_t i = 0; i < page.key_count; i++) {
        uint64_t hash = listing_hash(buffer_bytes(&page.keys[i]));
        MUST(!has_cursor || hash > cursor);
        MUST(i == 0 || hash > listing_hash(buffer_bytes(&page.keys[i - 1])));
    }
    page_free(&page);
}

static void step(struct writer *writer, struct tree *tree, struct bytes *input)
{
    enum { GET, SET, DELETE, INCREMENT, CAS, SWAP, LIST, FRESH, KEY, SCRATCH, REMOVE, kinds };
    uint8_t what = fuzz_byte(input);
    struct tree_key *key = &tree->keys[fuzz_byte(input) % tree_keys];
    switch (what % kinds) {
    case GET:
        check_get(writer, key);
        break;
    case SET:
        do_set(writer, tree, key, input);
        break;
    case DELETE:
        do_delete(writer, tree, key);
        break;
    case INCREMENT:
        do_increment(writer, tree, key, input);
        break;
    case CAS:
        do_cas(writer, key);
        break;
    case SWAP:
        do_swap(writer, tree, input);
        break;
    case LIST:
        do_list(writer, tree, input);
        break;
    case FRESH:
        writer_end(writer);
        writer_start(writer, tree, fuzz_u64(input));
        break;
    case KEY:
        tree_place_key(tree, input);
        break;
    case SCRATCH:
        tree_place_scratch(tree, input);
        break;
    case REMOVE:
        tree_remove_scratch(tree);
        break;
    default:
        break;
    }
}

void fuzz_store(struct bytes input)
{
    struct tree tree;
    tree_make(&tree, &input);
    struct writer all[writers];
    for (uint64_t i = 0; i < writers; i++) {
        writer_start(&all[i], &tree, i << 32);
    }
    for (int i = 0; i < steps_max && input.size > 0; i++) {
        step(&all[fuzz_byte(&input) % writers], &tree, &input);
        tree_check(&tree);
    }
    // After one more change, by a new writer, nobody is in the middle of one.
    writer_end(&all[0]);
    writer_start(&all[0], &tree, UINT64_MAX);
    struct tree_key *key = &tree.keys[0];
    if (may_change(&tree, key, store_set(all[0].bucket, key->key, BYTES("last")))) {
        tree_set(key, BYTES("last"));
        tree_check(&tree);
    }
    if (!tree.obstructed && key->kind == TREE_FILE) {
        tree_check_scratch(&tree);
    }
    for (int i = 0; i < writers; i++) {
        writer_end(&all[i]);
    }
    tree_remove_all(&tree);
}
