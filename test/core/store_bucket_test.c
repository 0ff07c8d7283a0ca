#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// All buckets, over all pages; fails where one is listed twice.
static size_t list_buckets(struct fixture *fixture, char (*names)[name_bytes_max + 1], size_t room)
{
    size_t count = 0;
    uint64_t cursor = 0;
    for (bool more = true, first = true; more; first = false) {
        struct page page;
        CHECK_STATUS(STATUS_OK, store_list_buckets(&fixture->store, first ? NULL : &cursor, &page));
        for (size_t i = 0; i < page.key_count; i++) {
            struct bytes name = buffer_bytes(&page.keys[i]);
            for (size_t j = 0; j < count; j++) {
                CHECK(!bytes_equal(name, text(names[j])));
            }
            CHECK(count < room);
            memcpy(names[count], name.data, name.size);
            names[count++][name.size] = '\0';
        }
        more = page.more;
        cursor = page.cursor;
        page_free(&page);
    }
    return count;
}

static bool contains(char (*names)[name_bytes_max + 1], size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes_equal(text(names[i]), text(name))) {
            return true;
        }
    }
    return false;
}

// Buckets are the directories of the root that a bucket's name leads to, whether
// the port tells kinds in a listing or not, and each of them can be opened.
static void test_buckets(void)
{
    static const char *const expected[] = {"b", "default", "a/b", "größe", "%41", "link"};
    enum { expected_count = sizeof expected / sizeof expected[0] };
    struct fixture fixture;
    fixture_start(&fixture);
    directory_make("default");
    directory_make("a%2Fb");
    directory_make("größe");
    directory_make("%41");
    directory_make(".git");
    directory_make("\xFF");
    file_write("file", BYTES("v"));
    CHECK(symlink("default", "link") == 0); // to a directory: it is a bucket
    CHECK(symlink("file", "file-link") == 0);
    CHECK(symlink("none", "dangling") == 0);
    CHECK(symlink("loop", "loop") == 0);
    CHECK(mkfifo("pipe", 0600) == 0);
    for (int unknown = 0; unknown < 2; unknown++) {
        test_step("kinds are unknown: %d", unknown);
        fixture.watch.unknown_kinds = unknown;
        char names[16][name_bytes_max + 1];
        CHECK_NUMBER(expected_count, list_buckets(&fixture, names, 16));
        for (size_t i = 0; i < expected_count; i++) {
            CHECK(contains(names, expected_count, expected[i]));
            struct bucket *bucket;
            CHECK_STATUS(STATUS_OK, store_open(&fixture.store, text(expected[i]), &bucket));
            store_close(bucket);
        }
    }
    fixture_end(&fixture);
}

// The name with the last place in any listing: the largest hash.
static unsigned last_name(unsigned count)
{
    unsigned last = 0;
    uint64_t largest = 0;
    for (unsigned i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "name-%u", i);
        if (listing_hash(text(name)) >= largest) {
            largest = listing_hash(text(name));
            last = i;
        }
    }
    return last;
}

// Buckets are listed in pages, each once, and a listing of keys in between is not
// mixed up with it: not even one whose cursor is the same, because the first
// page's keys have the names of the first page's buckets.
static void test_pages(void)
{
    enum { name_count = 2 * listing_page_keys - 1 }; // and "b"
    struct fixture fixture;
    fixture_start(&fixture);
    unsigned last = last_name(name_count);
    file_write("b/b", BYTES(""));
    for (unsigned i = 0; i < name_count; i++) {
        char path[32];
        snprintf(path, sizeof path, "b/name-%u", i);
        directory_make(path + 2);
        if (i != last) {
            file_write(path, BYTES(""));
        }
    }
    size_t buckets = 0;
    uint64_t cursor = 0;
    for (bool more = true; more;) {
        struct page page;
        CHECK_STATUS(STATUS_OK,
                     store_list_buckets(&fixture.store, buckets == 0 ? NULL : &cursor, &page));
        buckets += page.key_count;
        more = page.more;
        cursor = page.cursor;
        page_free(&page);
        CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
        CHECK(buckets != listing_page_keys || page.cursor == cursor);
        page_free(&page);
    }
    CHECK_NUMBER(name_count + 1, buckets);
    fixture_end(&fixture);
}

// A root that is not there is an error that says so, and no empty list.
static void test_no_root(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    memcpy(fixture.store.settings.root, "deep/root", 9);
    fixture.store.settings.root_size = 9;
    struct page page;
    CHECK_STATUS(STATUS_NO_ROOT, store_list_buckets(&fixture.store, NULL, &page));
    check_message(&fixture, "buckets: the root directory is not there");
    CHECK_STATUS(STATUS_NO_ROOT, store_create_bucket(&fixture.store, BYTES("c")));
    check_message(&fixture, "create-bucket: bucket \"c\": the root directory is not there");
    directory_make("deep");
    directory_make("deep/root");
    directory_make("deep/root/c");
    char names[1][name_bytes_max + 1];
    CHECK_NUMBER(1, list_buckets(&fixture, names, 1));
    CHECK_BYTES(BYTES("c"), text(names[0]));
    fixture_end(&fixture);
}

// A bucket is made whatever the settings say, by its file name; one that is there
// stays as it is; what else has its name stays too, and is an error.
static void test_create(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct bucket *bucket;
    CHECK_STATUS(STATUS_NO_SUCH_STORE, store_open(&fixture.store, BYTES("a/b"), &bucket));
    CHECK_STATUS(STATUS_OK, store_create_bucket(&fixture.store, BYTES("a/b")));
    CHECK(file_exists("a%2Fb"));
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("a/b"), &bucket));
    CHECK_STATUS(STATUS_OK, store_set(bucket, BYTES("k"), BYTES("v")));
    CHECK_STATUS(STATUS_OK, store_create_bucket(&fixture.store, BYTES("a/b")));
    file_check("a%2Fb/k", BYTES("v"));
    store_close(bucket);

    CHECK_STATUS(STATUS_OK, store_create_bucket(&fixture.store, BYTES("")));
    CHECK(file_exists("default"));
    file_write("file", BYTES("v"));
    CHECK_STATUS(STATUS_NOT_BUCKET, store_create_bucket(&fixture.store, BYTES("file")));
    check_message(&fixture, "create-bucket: bucket \"file\": what has the bucket's name");
    file_check("file", BYTES("v"));
    uint8_t longer[name_bytes_max + 1];
    memset(longer, 'x', sizeof longer);
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 store_create_bucket(&fixture.store, (struct bytes){longer, sizeof longer}));
    check_message(&fixture, "256 bytes");
    CHECK_NUMBER(4, directory_count("."));
    fixture_end(&fixture);
}

// With the durable setting a new bucket and the root are synced before the call
// returns; one that is there costs one stat.
static void test_create_durable(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.store.settings.durable = DURABLE_ALL;
    port_watch_reset(&fixture.watch);
    CHECK_STATUS(STATUS_OK, store_create_bucket(&fixture.store, BYTES("c")));
    CHECK_NUMBER(2, fixture.watch.of[CALL_SYNC]);
    port_watch_reset(&fixture.watch);
    CHECK_STATUS(STATUS_OK, store_create_bucket(&fixture.store, BYTES("c")));
    CHECK_NUMBER(1, fixture.watch.calls);
    fixture_end(&fixture);
}

const struct test store_bucket_tests[] = {
    {"store.buckets", test_buckets},
    {"store.bucket_pages", test_pages},
    {"store.bucket_root", test_no_root},
    {"store.create_bucket", test_create},
    {"store.create_durable", test_create_durable},
    {NULL, NULL},
};
