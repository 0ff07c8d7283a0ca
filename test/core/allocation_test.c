#include "support/allocation.h"

#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>

// One call of the store, in a fixture where the keys `k` ("old"), `n` ("41\n") and
// `large` (200000 bytes) are there. What it gives is freed again.
typedef enum status (*operation)(struct fixture *fixture);

static enum status do_open(struct fixture *fixture)
{
    static unsigned number; // another bucket each time: one that is known takes no memory
    char name[32];
    snprintf(name, sizeof name, "other-%u", number++);
    directory_make(name);
    struct bucket *bucket;
    enum status status = store_open(&fixture->store, text(name), &bucket);
    if (status == STATUS_OK) {
        store_close(bucket);
    }
    return status;
}

static enum status get(struct fixture *fixture, struct bytes key)
{
    bool found = false;
    struct buffer value = {NULL, 0};
    enum status status = store_get(fixture->bucket, key, &found, &value);
    CHECK(found == (status == STATUS_OK));
    CHECK(status == STATUS_OK || value.data == NULL);
    buffer_free(&value);
    return status;
}

static enum status do_get(struct fixture *fixture)
{
    return get(fixture, BYTES("large"));
}

static enum status grow(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    if (call == CALL_OPEN_READ) {
        watch->before = NULL;
        file_write("b/grows", BYTES("grown to be longer than it was when it was looked at"));
    }
    return STATUS_OK;
}

static enum status do_get_growing(struct fixture *fixture)
{
    file_write("b/grows", BYTES(""));
    fixture->watch.before = grow;
    enum status status = get(fixture, BYTES("grows"));
    fixture->watch.before = NULL;
    return status;
}

static enum status do_exists(struct fixture *fixture)
{
    bool found;
    return store_exists(fixture->bucket, BYTES("k"), &found);
}

static enum status do_set(struct fixture *fixture)
{
    return store_set(fixture->bucket, BYTES("k"), BYTES("new"));
}

static enum status do_delete(struct fixture *fixture)
{
    return store_delete(fixture->bucket, BYTES("k"));
}

static enum status do_increment(struct fixture *fixture)
{
    uint64_t value;
    return store_increment(fixture->bucket, BYTES("n"), 1, COUNTER_SIGNED, &value);
}

static enum status do_swap(struct fixture *fixture)
{
    struct cas cas;
    enum status status = store_cas(fixture->bucket, BYTES("k"), &cas);
    if (status == STATUS_OK) {
        status = store_swap(&cas, BYTES("new"));
        store_cas_free(&cas);
    }
    return status;
}

static enum status do_lost_swap(struct fixture *fixture)
{
    struct cas cas;
    enum status status = store_cas(fixture->bucket, BYTES("k"), &cas);
    if (status == STATUS_OK) {
        file_write("b/k", BYTES("by hand"));
        status = store_swap(&cas, BYTES("new"));
        CHECK(status == STATUS_CHANGED || status == STATUS_NO_MEMORY);
        CHECK_BYTES(status == STATUS_CHANGED ? BYTES("by hand") : BYTES("old"),
                    buffer_bytes(&cas.value));
        store_cas_free(&cas);
        file_write("b/k", BYTES("old"));
    }
    return status == STATUS_CHANGED ? STATUS_OK : status;
}

static enum status do_list(struct fixture *fixture)
{
    struct page page;
    enum status status = store_list(fixture->bucket, NULL, &page);
    if (status == STATUS_OK) {
        page_free(&page);
    }
    return status;
}

static enum status do_list_buckets(struct fixture *fixture)
{
    struct page page;
    enum status status = store_list_buckets(&fixture->store, NULL, &page);
    if (status == STATUS_OK) {
        page_free(&page);
    }
    return status;
}

// Checks that nothing has changed, and makes it as it was for what has.
static void check_and_restore(struct fixture *fixture, enum status status)
{
    if (status != STATUS_OK) {
        check_value(fixture, "k", BYTES("old"));
        check_value(fixture, "n", BYTES("41\n"));
    }
    file_write("b/k", BYTES("old"));
    file_write("b/n", BYTES("41\n"));
}

// Whichever allocation of an operation fails, it is an error that says so,
// the old value stays, nothing is leaked (the sanitizer tells), and the same
// operation works right after it.
static void test_each_allocation(void)
{
    static const struct {
        const char *name;
        operation run;
        unsigned allocations; // at least
    } table[] = {
        {"open", do_open, 2},
        {"get", do_get, 1},
        {"get growing", do_get_growing, 2},
        {"exists", do_exists, 0},
        {"set", do_set, 0},
        {"delete", do_delete, 0},
        {"increment", do_increment, 1},
        {"swap", do_swap, 3},
        {"lost swap", do_lost_swap, 3},
        {"list", do_list, 60},
        {"buckets", do_list_buckets, 4},
    };
    struct fixture fixture;
    fixture_start(&fixture);
    for (int i = 0; i < 60; i++) {
        char path[32];
        snprintf(path, sizeof path, "b/key-%d", i);
        file_write(path, BYTES(""));
    }
    uint8_t *large = calloc(1, 200000);
    file_write("b/large", (struct bytes){large, 200000});
    free(large);
    check_and_restore(&fixture, STATUS_OK);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        unsigned n = 0;
        bool failed = true;
        while (failed) {
            test_step("%s, allocation %u", table[i].name, ++n);
            allocation_fail_at(n);
            enum status status = table[i].run(&fixture);
            failed = allocation_failed();
            allocation_fail_at(0);
            CHECK_STATUS(failed ? STATUS_NO_MEMORY : STATUS_OK, status);
            if (failed) {
                check_message(&fixture, "out of memory");
                check_handles(&fixture);
            }
            check_and_restore(&fixture, status);
            CHECK_STATUS(STATUS_OK, table[i].run(&fixture));
            check_and_restore(&fixture, STATUS_OK);
        }
        CHECK(n > table[i].allocations);
    }
    fixture_end(&fixture);
}

// A page that fails in the middle of a listing loses no key: the same cursor
// gives the same page when there is memory again.
static void test_page_again(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    for (int i = 0; i < 1010; i++) {
        char path[32];
        snprintf(path, sizeof path, "b/key-%d", i);
        file_write(path, BYTES(""));
    }
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    CHECK(page.more);
    uint64_t cursor = page.cursor;
    page_free(&page);
    for (unsigned n = 1; n <= 10; n++) {
        test_step("allocation %u", n);
        allocation_fail_at(n);
        CHECK_STATUS(STATUS_NO_MEMORY, store_list(fixture.bucket, &cursor, &page));
        CHECK(allocation_failed());
        allocation_fail_at(0);
        CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, &cursor, &page));
        CHECK_NUMBER(10, page.key_count);
        CHECK(!page.more);
        page_free(&page);
    }
    fixture_end(&fixture);
}

const struct test allocation_tests[] = {
    {"allocation.each", test_each_allocation},
    {"allocation.page_again", test_page_again},
    {NULL, NULL},
};
