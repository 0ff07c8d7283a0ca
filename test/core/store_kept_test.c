// The directory of a bucket that changes keep open: what it must not hide, and
// what it may cost.
#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { moved_buckets = 40 };

static enum status set(struct bucket *bucket)
{
    return store_set(bucket, BYTES("k"), BYTES("set"));
}

static enum status increment(struct bucket *bucket)
{
    uint64_t value;
    return store_increment(bucket, BYTES("k"), 1, COUNTER_UNSIGNED, &value);
}

static enum status swap(struct bucket *bucket)
{
    struct cas cas = {.bucket = bucket, .found = true};
    CHECK_STATUS(STATUS_OK, buffer_copy(BYTES("k"), &cas.key));
    CHECK_STATUS(STATUS_OK, buffer_copy(BYTES("10"), &cas.value));
    enum status status = store_swap(&cas, BYTES("swapped"));
    buffer_free(&cas.key);
    buffer_free(&cas.value);
    return status;
}

static enum status delete(struct bucket *bucket)
{
    return store_delete(bucket, BYTES("k"));
}

// A change of "k", what the key has in the bucket that is moved away ("/" for a
// directory) and in the one that comes in its place, and what is then to be there.
static const struct moved_case {
    const char *name;
    enum status (*change)(struct bucket *bucket);
    const char *old, *remade, *after; // NULL: nothing
} moved_cases[] = {
    {"set", set, "10", NULL, "set"},
    {"set, refused before", set, "/", NULL, "set"},
    {"increment", increment, "10", "20", "21"},
    {"increment, refused before", increment, "none", "20", "21"},
    {"swap", swap, "10", "10", "swapped"},
    {"swap, refused before", swap, "11", "10", "swapped"},
    {"delete", delete, "10", "20", NULL},
};

static void make_bucket(const char *k)
{
    directory_make("b");
    if (k != NULL && strcmp(k, "/") == 0) {
        directory_make("b/k");
    } else if (k != NULL) {
        file_write("b/k", text(k));
    }
}

struct mover {
    const struct moved_case *one;
    unsigned at; // before which call the bucket is replaced, from 1
    unsigned calls;
    bool removes;    // the old bucket, in place of moving it to "moved"
    bool remakes;    // puts another one there
    bool moved;      // so it was,
    bool too_late;   // and after the commit
    unsigned commit; // renames so far
};

static enum status move(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    struct mover *mover = watch->context;
    if (call < CALL_RANDOM && call != CALL_LIST_CLOSE && ++mover->calls == mover->at) {
        mover->moved = true;
        mover->too_late = mover->commit > 0;
        CHECK(system(mover->removes ? "rm -r b" : "mv b moved") == 0);
        if (mover->remakes) {
            make_bucket(mover->one->remade);
        }
    }
    mover->commit += call == CALL_RENAME;
    return STATUS_OK;
}

static void check_file(const char *path, const char *expected)
{
    if (expected == NULL || strcmp(expected, "/") == 0) {
        CHECK(file_exists(path) == (expected != NULL));
    } else {
        file_check(path, text(expected));
    }
}

// One change, with the bucket replaced before one of its calls. False if it has
// fewer calls.
static bool run_moved(const struct moved_case *one, struct mover *mover)
{
    CHECK(system("rm -rf b moved") == 0);
    make_bucket(one->old);
    struct fixture fixture;
    fixture_start(&fixture);
    CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("first"), BYTES("")));
    CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("first"), BYTES("")));
    CHECK(fixture.store.kept == fixture.bucket);
    fixture.watch.context = mover;
    fixture.watch.before = move;
    enum status status = one->change(fixture.bucket);
    fixture.watch.before = NULL;
    if (mover->moved && !mover->too_late) {
        CHECK_STATUS(mover->remakes ? STATUS_OK : STATUS_NO_SUCH_STORE, status);
        if (mover->remakes) {
            check_file("b/k", one->after);
        }
        if (!mover->removes) {
            check_file("moved/k", one->old);
        }
    }
    fixture_end(&fixture);
    return mover->moved;
}

// A person who moves a bucket away or removes it, and makes another one or none,
// before any call of a change, is not overlooked: the change is made where the
// bucket's name leads, and what was found elsewhere refuses nothing.
static void test_moved(void)
{
    for (size_t i = 0; i < sizeof moved_cases / sizeof moved_cases[0]; i++) {
        const struct moved_case *one = &moved_cases[i];
        for (unsigned how = 0; how < 4; how++) {
            struct mover mover = {.one = one, .moved = true};
            for (unsigned at = 1; mover.moved; at++) {
                mover = (struct mover){
                    .one = one, .at = at, .removes = how % 2 == 0, .remakes = how / 2 == 0};
                test_step("%s, %s%s before call %u", one->name, mover.removes ? "removed" : "moved",
                          mover.remakes ? " and made again" : "", at);
                (void)run_moved(one, &mover);
            }
        }
    }
}

// However many buckets are changed in turn, at most one directory is open; after one
// change of a bucket, or changes of others in between, or once it is closed, none is.
static void test_one_directory(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct bucket *buckets[moved_buckets];
    for (unsigned i = 0; i < moved_buckets; i++) {
        char name[16];
        snprintf(name, sizeof name, "b%u", i);
        directory_make(name);
        CHECK_STATUS(STATUS_OK, store_open(&fixture.store, text(name), &buckets[i]));
    }
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < moved_buckets; i++) {
            test_step("round %u, bucket %u", round, i);
            CHECK_STATUS(STATUS_OK, set(buckets[i]));
            CHECK_NUMBER(round == 2 && i > 0 ? 1 : 0, fixture.posix.open_handles);
            if (round == 2) {
                CHECK_STATUS(STATUS_OK, set(buckets[i]));
                CHECK_NUMBER(1, fixture.posix.open_handles);
            }
        }
    }
    port_watch_reset(&fixture.watch);
    CHECK_STATUS(STATUS_OK, set(buckets[moved_buckets - 1]));
    CHECK_NUMBER(5, fixture.watch.calls); // it was open
    for (unsigned i = 0; i < moved_buckets; i++) {
        CHECK_NUMBER(1, fixture.posix.open_handles);
        store_close(buckets[i]);
    }
    CHECK_NUMBER(0, fixture.posix.open_handles);
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("b1"), &buckets[1]));
    CHECK_STATUS(STATUS_OK, set(buckets[1]));
    CHECK_NUMBER(0, fixture.posix.open_handles);
    store_close(buckets[1]);
    fixture_end(&fixture);
}

// A batch works on the bucket that is by its name when it begins, and opens its
// directory once.
static void test_batch(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    CHECK_STATUS(STATUS_OK, set(fixture.bucket));
    CHECK_STATUS(STATUS_OK, set(fixture.bucket));
    CHECK(fixture.store.kept == fixture.bucket);
    CHECK(system("rm -r b && mkdir b") == 0);
    file_write("b/k", BYTES("other"));
    port_watch_reset(&fixture.watch);
    store_batch_begin(fixture.bucket, "get-many", 10);
    for (unsigned i = 0; i < 10; i++) {
        bool found = false;
        struct buffer value;
        CHECK_STATUS(STATUS_OK, store_get(fixture.bucket, BYTES("k"), &found, &value));
        CHECK(found);
        CHECK_BYTES(BYTES("other"), buffer_bytes(&value));
        buffer_free(&value);
    }
    CHECK_STATUS(STATUS_OK, store_batch_end(fixture.bucket, STATUS_OK));
    CHECK_NUMBER(1 + 1 + 10 * 4, fixture.watch.calls); // the one kept before is closed
    fixture_end(&fixture);
}

// With all that can be synced, a batch syncs each value and the directory once, also
// when it fails in the middle.
static void test_batch_syncs(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.store.settings.durable = DURABLE_ALL;
    CHECK_STATUS(STATUS_OK, set(fixture.bucket));
    directory_make("b/in-the-way");
    for (unsigned fails = 0; fails < 2; fails++) {
        test_step("fails: %u", fails);
        port_watch_reset(&fixture.watch);
        store_batch_begin(fixture.bucket, "set-many", 10);
        enum status status = STATUS_OK;
        for (unsigned i = 0; i < 10 && status == STATUS_OK; i++) {
            char key[16];
            snprintf(key, sizeof key, "key-%u", i);
            bool last = fails && i == 9;
            status = store_set(fixture.bucket, last ? BYTES("in-the-way") : text(key), BYTES("v"));
        }
        status = store_batch_end(fixture.bucket, status);
        CHECK_STATUS(fails ? STATUS_IS_DIRECTORY : STATUS_OK, status);
        CHECK_NUMBER(10 + 1, fixture.watch.of[CALL_SYNC]);
    }
    port_watch_reset(&fixture.watch);
    store_batch_begin(fixture.bucket, "delete-many", 10);
    for (unsigned i = 0; i < 10; i++) {
        char key[16];
        snprintf(key, sizeof key, "key-%u", i);
        CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, text(key)));
    }
    CHECK_STATUS(STATUS_OK, store_batch_end(fixture.bucket, STATUS_OK));
    CHECK_NUMBER(1, fixture.watch.of[CALL_SYNC]);
    fixture_end(&fixture);
}

static enum status refuse_directory(struct port_watch *watch, enum port_call call,
                                    struct bytes path)
{
    (void)watch;
    return call == CALL_OPEN_LIST && bytes_equal(path, BYTES("b")) ? STATUS_NO_MEMORY : STATUS_OK;
}

// Where a bucket's directory cannot be kept open, changes go by path.
static void test_no_directory(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.watch.before = refuse_directory;
    for (unsigned i = 0; i < 3; i++) {
        test_step("round %u", i);
        CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("k"), BYTES("10")));
        CHECK_STATUS(STATUS_OK, increment(fixture.bucket));
        CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("k"), BYTES("10")));
        CHECK_STATUS(STATUS_OK, swap(fixture.bucket));
        CHECK_NUMBER(0, fixture.posix.open_handles);
    }
    fixture_end(&fixture);
}

const struct test store_kept_tests[] = {
    {"store.moved", test_moved},
    {"store.one_directory", test_one_directory},
    {"store.no_directory", test_no_directory},
    {"store.batch", test_batch},
    {"store.batch_syncs", test_batch_syncs},
    {NULL, NULL},
};
