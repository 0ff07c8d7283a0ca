#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void set(struct fixture *fixture, const char *key, const char *value)
{
    CHECK_STATUS(STATUS_OK, store_set(fixture->bucket, text(key), text(value)));
}

static uint64_t increment(struct fixture *fixture, const char *key, int64_t delta)
{
    uint64_t value = 0;
    CHECK_STATUS(STATUS_OK, store_increment(fixture->bucket, text(key), (uint64_t)delta,
                                            COUNTER_SIGNED, &value));
    return value;
}

// Sets replace, deletes remove, and neither cares what was there.
static void test_set_delete(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "k", "one");
    check_value(&fixture, "k", BYTES("one"));
    set(&fixture, "k", "a longer one");
    check_value(&fixture, "k", BYTES("a longer one"));
    set(&fixture, "k", "");
    check_value(&fixture, "k", BYTES(""));
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("k")));
    check_absent(&fixture, "k");
    CHECK(!file_exists("b/k"));
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("k")));
    CHECK_NUMBER(1, directory_count("b"));
    fixture_end(&fixture);
}

// Increments count in the file, as 8 bytes or as the text that is there.
static void test_increment(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    CHECK_NUMBER(5, increment(&fixture, "n", 5));
    CHECK_NUMBER(3, increment(&fixture, "n", -2));
    check_value(&fixture, "n", BYTES("\x03\0\0\0\0\0\0\0"));
    file_write("b/page_views", BYTES("41\n"));
    CHECK_NUMBER(42, increment(&fixture, "page_views", 1));
    check_value(&fixture, "page_views", BYTES("42\n"));
    file_write("b/n", BYTES("9999999"));
    CHECK_NUMBER(10000000, increment(&fixture, "n", 1));
    check_value(&fixture, "n", BYTES("10000000\n"));
    fixture_end(&fixture);
}

// A refused increment says why and changes nothing, and reads no more than a
// counter can have.
static void test_refused_increment(void)
{
    static const struct {
        const char *content;
        enum counter_sign sign;
        enum status status;
        const char *message;
    } table[] = {
        {"hello", COUNTER_UNSIGNED, STATUS_NOT_COUNTER, "the value is not a counter"},
        {"", COUNTER_UNSIGNED, STATUS_NOT_COUNTER, "the value is not a counter"},
        {"12345678", COUNTER_UNSIGNED, STATUS_COUNTER_AMBIGUOUS, "8 bytes of text"},
        {"-1\n", COUNTER_UNSIGNED, STATUS_COUNTER_RANGE, "outside what this interface can count"},
        {"18446744073709551615", COUNTER_UNSIGNED, STATUS_COUNTER_OVERFLOW, "the sum is outside"},
        {"9223372036854775807", COUNTER_SIGNED, STATUS_COUNTER_OVERFLOW, "the sum is outside"},
    };
    struct fixture fixture;
    fixture_start(&fixture);
    uint64_t value = 77;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("\"%s\"", table[i].content);
        file_write("b/n", text(table[i].content));
        CHECK_STATUS(table[i].status,
                     store_increment(fixture.bucket, BYTES("n"), 1, table[i].sign, &value));
        check_message(&fixture, "increment: bucket \"b\", key \"n\": ");
        check_message(&fixture, table[i].message);
        check_value(&fixture, "n", text(table[i].content));
    }
    char digits[100];
    memset(digits, '0', sizeof digits);
    file_write("b/n", (struct bytes){(uint8_t *)digits, counter_bytes_max + 1});
    port_watch_reset(&fixture.watch);
    CHECK_STATUS(STATUS_NOT_COUNTER,
                 store_increment(fixture.bucket, BYTES("n"), 1, COUNTER_SIGNED, &value));
    CHECK_NUMBER(0, fixture.watch.of[CALL_READ]);
    CHECK_NUMBER(77, value);
    CHECK_NUMBER(2, directory_count("b/.kv")); // turn and spare
    CHECK_NUMBER(0, directory_count("b/.kv/turn"));
    fixture_end(&fixture);
}

// A swap commits if the key has still the bytes that were seen, nothing being
// something else than nothing in it, and else tells what it has.
static void test_swap(void)
{
    static const char *const states[] = {NULL, "", "one", "two", "one "};
    enum { count = sizeof states / sizeof states[0] };
    struct fixture fixture;
    fixture_start(&fixture);
    for (int seen = 0; seen < count; seen++) {
        for (int now = 0; now < count; now++) {
            test_step("saw state %d, is %d", seen, now);
            struct cas cas;
            if (states[seen] != NULL) {
                file_write("b/k", text(states[seen]));
            }
            CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, BYTES("k"), &cas));
            CHECK(cas.found == (states[seen] != NULL));
            if (states[seen] != NULL) {
                file_remove("b/k");
            }
            if (states[now] != NULL) {
                file_write("b/k", text(states[now]));
            }
            enum status status = store_swap(&cas, BYTES("new"));
            CHECK_STATUS(seen == now ? STATUS_OK : STATUS_CHANGED, status);
            if (seen != now) {
                CHECK(cas.found == (states[now] != NULL));
                CHECK_BYTES(text(states[now] != NULL ? states[now] : ""), buffer_bytes(&cas.value));
                CHECK(file_exists("b/k") == (states[now] != NULL));
                CHECK_STATUS(STATUS_OK, store_swap(&cas, BYTES("new")));
            }
            check_value(&fixture, "k", BYTES("new"));
            store_cas_free(&cas);
            file_remove("b/k");
        }
    }
    fixture_end(&fixture);
}

// A key is removed only if it has still the bytes that were seen; one that is
// absent by now is no error. Where it is refused nothing changes, and the turn is
// given back.
static void test_remove(void)
{
    static const char *const states[] = {NULL, "", "one", "two"};
    enum { count = sizeof states / sizeof states[0] };
    struct fixture fixture;
    fixture_start(&fixture);
    for (int round = 0; round < 2 * count * count; round++) {
        int seen = round / count % count;
        int now = round % count;
        test_step("saw state %d, is %d, %s", seen, now,
                  round < count * count ? "first" : "after two changes");
        struct cas cas;
        if (states[seen] != NULL) {
            file_write("b/k", text(states[seen]));
        }
        CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, BYTES("k"), &cas));
        if (states[seen] != NULL) {
            file_remove("b/k");
        }
        if (states[now] != NULL) {
            file_write("b/k", text(states[now]));
        }
        if (round >= count * count) {
            set(&fixture, "other", "1");
            set(&fixture, "other", "2");
        }
        bool refused = now != seen && states[now] != NULL;
        CHECK_STATUS(refused ? STATUS_CHANGED : STATUS_OK, store_remove(&cas));
        CHECK(file_exists("b/k") == refused);
        if (refused) {
            check_value(&fixture, "k", text(states[now]));
            CHECK(cas.found);
            CHECK_BYTES(text(states[now]), buffer_bytes(&cas.value));
            CHECK_STATUS(STATUS_OK, store_remove(&cas));
            CHECK(!file_exists("b/k"));
        }
        store_cas_free(&cas);
        set(&fixture, "k", "another change goes on"); // the turn was given back
        file_remove("b/k");
    }
    fixture_end(&fixture);
}

// What is no file is not removed, and why is said.
static void test_remove_other(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct cas cas;
    file_write("b/k", BYTES("v"));
    CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, BYTES("k"), &cas));
    file_remove("b/k");
    directory_make("b/k");
    CHECK_STATUS(STATUS_IS_DIRECTORY, store_remove(&cas));
    check_message(&fixture, "delete: bucket \"b\", key \"k\": ");
    CHECK(file_exists("b/k"));
    store_cas_free(&cas);
    fixture_end(&fixture);
}

// A compare-and-swap outlives the handle of the bucket it was made with.
static void test_cas_outlives_bucket(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct bucket *bucket;
    directory_make("c");
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("c"), &bucket));
    struct cas cas;
    CHECK_STATUS(STATUS_OK, store_cas(bucket, BYTES("k"), &cas));
    store_close(bucket);
    for (int i = 0; i < 100; i++) { // so that the bucket would go if nothing held it
        char name[32];
        snprintf(name, sizeof name, "other-%d", i);
        directory_make(name);
        CHECK_STATUS(STATUS_OK, store_open(&fixture.store, text(name), &bucket));
        store_close(bucket);
    }
    CHECK_STATUS(STATUS_OK, store_swap(&cas, BYTES("v")));
    file_check("c/k", BYTES("v"));
    store_cas_free(&cas);
    fixture_end(&fixture);
}

// In a directory that may not be written to, reads work, every change is
// refused as access denied, and nothing changes.
static void test_read_only(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/k", BYTES("5"));
    CHECK(chmod(".", 0755) == 0 && chmod("b", 0555) == 0);
    uid_t user = geteuid();
    CHECK(user != 0 || seteuid(65534) == 0);
    check_value(&fixture, "k", BYTES("5"));
    CHECK_STATUS(STATUS_ACCESS, store_set(fixture.bucket, BYTES("k"), BYTES("6")));
    check_message(&fixture, "set: bucket \"b\", key \"k\": access denied");
    CHECK_STATUS(STATUS_ACCESS, store_set(fixture.bucket, BYTES("new"), BYTES("6")));
    CHECK_STATUS(STATUS_ACCESS, store_delete(fixture.bucket, BYTES("k")));
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("none")));
    uint64_t value;
    CHECK_STATUS(STATUS_ACCESS,
                 store_increment(fixture.bucket, BYTES("k"), 1, COUNTER_SIGNED, &value));
    struct cas cas;
    CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, BYTES("k"), &cas));
    CHECK_STATUS(STATUS_ACCESS, store_swap(&cas, BYTES("6")));
    store_cas_free(&cas);
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    CHECK_NUMBER(1, page.key_count);
    page_free(&page);
    check_value(&fixture, "k", BYTES("5"));
    CHECK(seteuid(user) == 0 && chmod("b", 0777) == 0);
    CHECK_NUMBER(1, directory_count("b"));
    fixture_end(&fixture);
}

// A file that may not be read is access denied to get, and is there all the same.
static void test_unreadable(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/k", BYTES("5"));
    CHECK(chmod(".", 0755) == 0 && chmod("b", 0777) == 0 && chmod("b/k", 0) == 0);
    uid_t user = geteuid();
    CHECK(user != 0 || seteuid(65534) == 0);
    bool found = false;
    struct buffer value;
    CHECK_STATUS(STATUS_ACCESS, store_get(fixture.bucket, BYTES("k"), &found, &value));
    CHECK_STATUS(STATUS_OK, store_exists(fixture.bucket, BYTES("k"), &found));
    CHECK(found);
    set(&fixture, "k", "6");
    check_value(&fixture, "k", BYTES("6"));
    CHECK(seteuid(user) == 0);
    fixture_end(&fixture);
}

// However often they are changed, a key and a counter leave themselves and one
// idle series, and no handle open but the bucket's.
static void test_ten_thousand_changes(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    for (int i = 1; i <= 10000; i++) {
        test_step("change %d", i);
        char value[32];
        snprintf(value, sizeof value, "%d", i);
        set(&fixture, "k", value);
        CHECK_NUMBER(i, increment(&fixture, "n", 1));
    }
    check_value(&fixture, "k", BYTES("10000"));
    check_value(&fixture, "n", BYTES("\x10\x27\0\0\0\0\0\0"));
    CHECK_NUMBER(3, directory_count("b"));
    CHECK_NUMBER(2, directory_count("b/.kv")); // turn and spare
    CHECK_NUMBER(0, directory_count("b/.kv/spare"));
    char own[300];
    only_entry("b/.kv/turn", own, sizeof own);
    CHECK_NUMBER(0, directory_count(own));
    check_handles(&fixture);
    fixture_end(&fixture);
}

// Two writers that take turns, in any order, lose no increment and no swap.
static void test_two_writers(void)
{
    struct fixture fixtures[2];
    fixture_start(&fixtures[0]);
    fixture_start(&fixtures[1]);
    uint64_t increments = 0;
    uint64_t swaps = 0;
    for (int i = 0; i < 2000; i++) {
        test_step("turn %d", i);
        struct fixture *fixture = &fixtures[test_random() % 2];
        if (test_random() % 2 == 0) {
            increments++;
            CHECK_NUMBER(increments, increment(fixture, "n", 1));
            continue;
        }
        // Both see the value; whoever swaps second is told so.
        struct fixture *other = fixture == &fixtures[0] ? &fixtures[1] : &fixtures[0];
        struct cas first;
        struct cas second;
        CHECK_STATUS(STATUS_OK, store_cas(fixture->bucket, BYTES("s"), &first));
        CHECK_STATUS(STATUS_OK, store_cas(other->bucket, BYTES("s"), &second));
        char value[32];
        snprintf(value, sizeof value, "%d", i);
        CHECK_STATUS(STATUS_OK, store_swap(&first, text(value)));
        CHECK_STATUS(STATUS_CHANGED, store_swap(&second, BYTES("lost")));
        CHECK_BYTES(text(value), buffer_bytes(&second.value));
        check_value(other, "s", text(value));
        store_cas_free(&first);
        store_cas_free(&second);
        swaps++;
    }
    CHECK(increments > 500 && swaps > 500);
    CHECK_NUMBER(2, directory_count("b/.kv"));
    fixture_end(&fixtures[0]);
    fixture_end(&fixtures[1]);
}

struct rival {
    struct fixture *fixture;
    unsigned left;  // changes that the rival makes,
    unsigned every; // one of so many calls of the other being preceded by one
    unsigned calls;
};

static enum status interfere(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    struct rival *rival = watch->context;
    bool counts = call < CALL_RANDOM && call != CALL_LIST_CLOSE;
    if (counts && rival->left > 0 && ++rival->calls % rival->every == 0) {
        rival->left--;
        increment(rival->fixture, "n", 1);
    }
    return STATUS_OK;
}

// A writer that increments between any two calls of another one's increment
// takes nothing away from it.
static void test_between_calls(void)
{
    struct fixture one;
    struct fixture two;
    fixture_start(&one);
    fixture_start(&two);
    uint64_t expected = 0;
    for (unsigned every = 1; every <= 20; every++) {
        for (unsigned changes = 1; changes <= 4; changes++) {
            test_step("%u changes, one before every %uth call", changes, every);
            struct rival rival = {&two, changes, every, 0};
            one.watch.context = &rival;
            one.watch.before = interfere;
            uint64_t value = increment(&one, "n", 1);
            one.watch.before = NULL;
            expected += 1 + changes - rival.left;
            CHECK(value <= expected);
            CHECK_NUMBER(expected, increment(&two, "n", 0));
        }
    }
    fixture_end(&one);
    fixture_end(&two);
}

// Ten thousand handles of one bucket are one bucket to the memory, and of a
// hundred that are closed only so many stay as there is room for.
static void test_many_handles(void)
{
    enum { handles = 10000, others = 100 };
    struct fixture fixture;
    fixture_start(&fixture);
    for (int i = 0; i < handles; i++) {
        struct bucket *bucket;
        CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("b"), &bucket));
        CHECK(bucket == fixture.bucket);
    }
    for (int i = 0; i < handles; i++) {
        store_close(fixture.bucket);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < others; i++) {
            test_step("round %d, bucket %d", round, i);
            char name[32];
            snprintf(name, sizeof name, "other-%d", i);
            if (round == 0) {
                directory_make(name);
            }
            struct bucket *bucket;
            CHECK_STATUS(STATUS_OK, store_open(&fixture.store, text(name), &bucket));
            uint64_t value = 0;
            CHECK_STATUS(STATUS_OK, store_increment(bucket, BYTES("n"), 1, COUNTER_SIGNED, &value));
            CHECK_NUMBER(round + 1, value);
            store_close(bucket);
            CHECK_NUMBER(0, fixture.posix.open_handles);
        }
    }
    set(&fixture, "k", "v");
    // The last ones are still known: another change begins a series.
    struct bucket *bucket;
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("other-84"), &bucket));
    port_watch_reset(&fixture.watch);
    CHECK_STATUS(STATUS_OK, store_set(bucket, BYTES("k"), BYTES("v")));
    CHECK_NUMBER(2, fixture.watch.of[CALL_MAKE_DIRECTORY]);
    store_close(bucket);
    port_watch_reset(&fixture.watch);
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("other-10"), &bucket));
    CHECK_STATUS(STATUS_OK, store_set(bucket, BYTES("k"), BYTES("v")));
    CHECK_NUMBER(1, fixture.watch.of[CALL_MAKE_DIRECTORY]);
    store_close(bucket);
    fixture_end(&fixture);
}

static void check_calls(struct fixture *fixture, unsigned expected)
{
    CHECK_NUMBER(expected, fixture->watch.calls);
    port_watch_reset(&fixture->watch);
}

// In a series, each operation takes so many calls of the host.
static void test_calls(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "k", "value");
    increment(&fixture, "n", 1);
    increment(&fixture, "n", 1);
    port_watch_reset(&fixture.watch);
    bool found;
    struct buffer value;
    CHECK_STATUS(STATUS_OK, store_get(fixture.bucket, BYTES("k"), &found, &value));
    buffer_free(&value);
    test_step("get");
    check_calls(&fixture, 4);
    CHECK_STATUS(STATUS_OK, store_get(fixture.bucket, BYTES("none"), &found, &value));
    test_step("get of nothing");
    check_calls(&fixture, 1);
    CHECK_STATUS(STATUS_OK, store_exists(fixture.bucket, BYTES("k"), &found));
    test_step("exists");
    check_calls(&fixture, 1);
    set(&fixture, "k", "new");
    test_step("set");
    check_calls(&fixture, 5);
    set(&fixture, "k2", "new");
    test_step("set of a new key");
    check_calls(&fixture, 5);
    increment(&fixture, "n", 1);
    test_step("increment");
    check_calls(&fixture, 8);
    increment(&fixture, "n2", 1);
    test_step("increment of nothing");
    check_calls(&fixture, 5);
    struct cas cas;
    CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, BYTES("k"), &cas));
    test_step("cas");
    check_calls(&fixture, 4);
    CHECK_STATUS(STATUS_OK, store_swap(&cas, BYTES("value")));
    store_cas_free(&cas);
    test_step("swap");
    check_calls(&fixture, 8);
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("k")));
    test_step("delete");
    check_calls(&fixture, 4);
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("k")));
    test_step("delete of nothing");
    check_calls(&fixture, 2);
    fixture_end(&fixture);
}

// With the durable setting, the file is synced before the rename and the
// directory after it, before the call returns; without it, nothing is.
static void test_durable(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "k", "v");
    increment(&fixture, "n", 1);
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("k")));
    CHECK_NUMBER(0, fixture.watch.of[CALL_SYNC]);
    fixture.store.settings.durable = DURABLE_ALL;
    set(&fixture, "k", "v");
    CHECK_NUMBER(3, fixture.watch.of[CALL_SYNC]); // and the root, once
    increment(&fixture, "n", 1);
    CHECK_NUMBER(5, fixture.watch.of[CALL_SYNC]);
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("k")));
    CHECK_NUMBER(6, fixture.watch.of[CALL_SYNC]);
    check_value(&fixture, "n", BYTES("\x02\0\0\0\0\0\0\0"));
    fixture.store.settings.create_buckets = true;
    struct bucket *bucket;
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("made"), &bucket));
    CHECK_NUMBER(8, fixture.watch.of[CALL_SYNC]);
    store_close(bucket);
    fixture_end(&fixture);
}

// Whichever call of the host fails, with or without a series, a change either is
// an error and the old value stays, or is done: never a third value, never an
// open handle, and the next change works.
static void test_faults(void)
{
    static const enum status statuses[] = {STATUS_IO, STATUS_NO_SPACE, STATUS_ACCESS};
    struct fixture fixture;
    fixture_start(&fixture);
    for (unsigned kind = 0; kind < 12; kind++) {
        enum status status = statuses[kind % 3];
        bool hit = true;
        for (unsigned at = 1; hit; at++) {
            test_step("operation %u, status %d, call %u", kind / 3, (int)status, at);
            file_write("b/k", BYTES("10"));
            if (kind % 2 == 0 && file_exists("b/.kv")) {
                CHECK(system("rm -r b/.kv") == 0);
            }
            struct cas cas;
            CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, BYTES("k"), &cas));
            struct port_watch_fault fault = {.at = at, .status = status};
            fixture.watch.context = &fault;
            fixture.watch.before = port_watch_fail;
            uint64_t value;
            enum status got = STATUS_OK;
            switch (kind / 3) {
            case 0:
                got = store_set(fixture.bucket, BYTES("k"), BYTES("11"));
                break;
            case 1:
                got = store_increment(fixture.bucket, BYTES("k"), 1, COUNTER_SIGNED, &value);
                break;
            case 2:
                got = store_swap(&cas, BYTES("11"));
                break;
            default:
                got = store_delete(fixture.bucket, BYTES("k"));
                break;
            }
            fixture.watch.before = NULL;
            hit = fault.calls >= at;
            CHECK(hit || got == STATUS_OK);
            CHECK(got == STATUS_OK || got == status);
            check_handles(&fixture);
            if (got != STATUS_OK) {
                check_value(&fixture, "k", BYTES("10"));
            } else if (kind / 3 == 3) {
                check_absent(&fixture, "k");
            } else {
                check_value(&fixture, "k", BYTES("11"));
            }
            store_cas_free(&cas);
            set(&fixture, "k", "after");
            check_value(&fixture, "k", BYTES("after"));
        }
    }
    fixture_end(&fixture);
}

// A host that takes no byte of a write, and says that all is well, makes the change
// fail, not hang.
static void test_writes_nothing(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "k", "before");
    fixture.watch.writes_nothing = true;
    CHECK_STATUS(STATUS_IO, store_set(fixture.bucket, BYTES("k"), BYTES("after")));
    fixture.watch.writes_nothing = false;
    check_value(&fixture, "k", BYTES("before"));
    set(&fixture, "k", "after");
    fixture_end(&fixture);
}

const struct test store_change_tests[] = {
    {"store.set_delete", test_set_delete},
    {"store.increment", test_increment},
    {"store.refused_increment", test_refused_increment},
    {"store.swap", test_swap},
    {"store.remove", test_remove},
    {"store.remove-other", test_remove_other},
    {"store.cas_outlives_bucket", test_cas_outlives_bucket},
    {"store.read_only", test_read_only},
    {"store.unreadable", test_unreadable},
    {"store.ten_thousand_changes", test_ten_thousand_changes},
    {"store.two_writers", test_two_writers},
    {"store.between_calls", test_between_calls},
    {"store.many_handles", test_many_handles},
    {"store.calls", test_calls},
    {"store.durable", test_durable},
    {"store.faults", test_faults},
    {"store.writes_nothing", test_writes_nothing},
    {NULL, NULL},
};
