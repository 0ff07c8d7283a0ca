// Listings of buckets that change: what a page may show, and what it costs.
#include "support/fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { keys = 1500 };

static const uint64_t second = 1000 * 1000 * 1000;

static void make_keys(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char path[32];
        snprintf(path, sizeof path, "b/key-%u", i);
        file_write(path, BYTES("v"));
    }
}

static bool has(const struct page *page, const char *key)
{
    for (size_t i = 0; i < page->key_count; i++) {
        if (bytes_equal(buffer_bytes(&page->keys[i]), text(key))) {
            return true;
        }
    }
    return false;
}

// The first page of the bucket, which nobody has changed for a while.
static uint64_t first_page(struct fixture *fixture)
{
    struct page page;
    fixture->watch.waited += 10 * second;
    CHECK_STATUS(STATUS_OK, store_list(fixture->bucket, NULL, &page));
    CHECK(page.more && page.key_count == listing_page_keys);
    uint64_t cursor = page.cursor;
    page_free(&page);
    return cursor;
}

// Some key that the next page shows.
static void later_key(uint64_t cursor, char *key, size_t room)
{
    for (unsigned i = 0;; i++) {
        snprintf(key, room, "key-%u", i);
        if (listing_hash(text(key)) > cursor) {
            return;
        }
    }
}

// Lets a scan take long, so that what it kept serves for a while even where the
// bucket changes.
static enum status slowly(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    watch->waited += call == CALL_LIST_NEXT ? second / 1000 : 0;
    return STATUS_OK;
}

// A page after this instance deleted a key does not show it, whatever an earlier
// scan kept and however long that took.
static void test_own_deletion(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    make_keys(keys);
    fixture.watch.before = slowly;
    uint64_t cursor = first_page(&fixture);
    fixture.watch.before = NULL;
    char key[32];
    later_key(cursor, key, sizeof key);
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, text(key)));
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, &cursor, &page));
    CHECK(!has(&page, key));
    CHECK_NUMBER(keys - listing_page_keys - 1, page.key_count);
    page_free(&page);
    fixture_end(&fixture);
}

// A page of a bucket that was removed is no-such-store.
static void test_removed(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    make_keys(keys);
    uint64_t cursor = first_page(&fixture);
    CHECK(system("rm -r b") == 0);
    struct page page;
    CHECK_STATUS(STATUS_NO_SUCH_STORE, store_list(fixture.bucket, &cursor, &page));
    directory_make("b");
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, &cursor, &page));
    CHECK_NUMBER(0, page.key_count);
    page_free(&page);
    fixture_end(&fixture);
}

// A page for another instance's cursor shows a key that was there before that
// instance's first page, though this one's scan is older.
static void test_cursor_of_another(void)
{
    struct fixture one, other;
    fixture_start(&one);
    fixture_start(&other);
    make_keys(keys);
    uint64_t cursor = first_page(&one);
    char key[32];
    for (unsigned i = keys;; i++) {
        snprintf(key, sizeof key, "key-%u", i);
        if (listing_hash(text(key)) > cursor) {
            break;
        }
    }
    CHECK_STATUS(STATUS_OK, store_set(other.bucket, text(key), BYTES("v")));
    CHECK(first_page(&other) == cursor);
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(one.bucket, &cursor, &page));
    CHECK(has(&page, key));
    page_free(&page);
    fixture_end(&one);
    fixture_end(&other);
}

// Listing a bucket that nobody writes to writes nothing, with one scan for all pages.
static void test_reads_only(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    make_keys(keys);
    uint64_t cursor = first_page(&fixture);
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, &cursor, &page));
    page_free(&page);
    CHECK_NUMBER(1, fixture.watch.of[CALL_LIST]);
    CHECK_NUMBER(0, fixture.watch.of[CALL_MAKE_DIRECTORY] + fixture.watch.of[CALL_RENAME]);
    CHECK(!file_exists("b/.kv"));
    fixture_end(&fixture);
}

static enum status change_outside(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    unsigned *left = watch->context;
    if (call == CALL_LIST_NEXT && *left > 0) {
        --*left;
        file_write("b/changed", BYTES("v"));
        file_remove("b/changed");
    }
    return STATUS_OK;
}

// A bucket that changes during the scan is scanned once more, while it is our turn,
// and the turn is given back; where it cannot be written to, the listing works too.
static void test_scanned_in_turn(void)
{
    for (int read_only = 0; read_only < 2; read_only++) {
        test_step("read only: %d", read_only);
        CHECK(system("rm -rf b") == 0);
        struct fixture fixture;
        fixture_start(&fixture);
        make_keys(20);
        fixture.watch.waited += 10 * second;
        unsigned left = 3;
        fixture.watch.context = &left;
        fixture.watch.before = change_outside;
        uid_t user = geteuid();
        if (read_only) {
            left = 0; // it was changed just now, that is enough
            fixture.watch.waited = 0;
            CHECK(chmod(".", 0755) == 0 && chmod("b", 0555) == 0);
            CHECK(user != 0 || seteuid(65534) == 0);
        }
        struct page page;
        CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
        CHECK_NUMBER(20, page.key_count);
        page_free(&page);
        fixture.watch.before = NULL;
        CHECK(seteuid(user) == 0);
        if (read_only) {
            CHECK(fixture.watch.of[CALL_LIST] > 1 && !file_exists("b/.kv"));
            CHECK(chmod("b", 0755) == 0);
        } else {
            CHECK_NUMBER(2, fixture.watch.of[CALL_LIST]);
            CHECK_NUMBER(0, directory_count("b/.kv/turn"));
        }
        fixture_end(&fixture);
    }
}

static enum status revoke(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)watch;
    (void)path;
    return call != CALL_LIST_NEXT || system("rm -rf b/.kv/turn") == 0 ? STATUS_OK : STATUS_IO;
}

// A listing whose turn is revoked each time is an error, and not a list in which
// keys may be missing.
static void test_revoked(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    make_keys(3);
    fixture.watch.before = revoke;
    struct page page;
    CHECK_STATUS(STATUS_BUSY, store_list(fixture.bucket, NULL, &page));
    check_message(&fixture, "try again");
    fixture.watch.before = NULL;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    CHECK_NUMBER(3, page.key_count);
    page_free(&page);
    fixture_end(&fixture);
}

_Noreturn static void set_for_ever(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.watch.real_time = true;
    for (unsigned i = 0;; i++) {
        char key[32];
        snprintf(key, sizeof key, "key-%u", i % keys);
        CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, text(key), BYTES("w")));
    }
}

// Every key is listed exactly once while another process sets them all again and
// again, on a file system where that moves them in their directory (tmpfs).
static void test_moving(void)
{
    char folder[] = "/dev/shm/scan_test_XXXXXX";
    bool here = getenv("SCAN_TEST_HERE") != NULL; // on a file system that test/port mounts
    if (!here && (mkdtemp(folder) == NULL || chdir(folder) != 0)) {
        return; // there is no tmpfs
    }
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.watch.real_time = true;
    make_keys(keys);
    pid_t writer = fork();
    if (writer == 0) {
        set_for_ever();
    }
    for (unsigned round = 0; round < 20; round++) {
        uint64_t cursor = 0;
        unsigned listed = 0;
        bool more = true;
        for (unsigned number = 0; more; number++) {
            struct page page;
            CHECK_STATUS(STATUS_OK,
                         store_list(fixture.bucket, number == 0 ? NULL : &cursor, &page));
            listed += (unsigned)page.key_count;
            cursor = page.cursor;
            more = page.more;
            page_free(&page);
        }
        test_step("round %u", round);
        CHECK_NUMBER(keys, listed);
    }
    CHECK(kill(writer, SIGKILL) == 0 && waitpid(writer, NULL, 0) == writer);
    fixture_end(&fixture);
    if (!here) {
        char command[64];
        snprintf(command, sizeof command, "rm -r %s", folder);
        CHECK(chdir("/") == 0 && system(command) == 0);
    }
}

const struct test scan_tests[] = {
    {"scan.own_deletion", test_own_deletion},
    {"scan.removed", test_removed},
    {"scan.cursor_of_another", test_cursor_of_another},
    {"scan.reads_only", test_reads_only},
    {"scan.in_turn", test_scanned_in_turn},
    {"scan.revoked", test_revoked},
    {"scan.moving", test_moving},
    {NULL, NULL},
};
