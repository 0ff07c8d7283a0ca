#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

// A fresh store on the fixture's port, as another instance of the component.
static void fresh(struct fixture *fixture, struct store *store, enum names names)
{
    store_init(store, &fixture->watch.port);
    store->settings.names = names;
}

// What opening "b" says to a fresh store; its message goes to the fixture's store.
static enum status open_as(struct fixture *fixture, enum names names)
{
    struct store store;
    fresh(fixture, &store, names);
    struct bucket *bucket;
    enum status status = store_open(&store, BYTES("b"), &bucket);
    if (status == STATUS_OK) {
        store_close(bucket);
    } else {
        memcpy(fixture->store.message, store.message, store.message_size);
        fixture->store.message_size = store.message_size;
    }
    store_free(&store);
    CHECK_NUMBER(0, fixture->posix.open_handles);
    return status;
}

// A root whose file names are the same keys either way is marked by the first
// portable store, and then refused to plain ones, by each of the calls that find
// buckets. A mark costs an instance one look.
static void test_marked(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    static const char *const same[] = {"b/page_views", "b/%",       "b/%25",      "b/a b",
                                       "b/.DS_Store",  "README.md", "b/.kv-names"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        file_write(same[i], BYTES("v"));
    }
    directory_make("b/Sub");
    directory_make(".git");
    directory_make("b/Sub/KEY");
    CHECK(symlink("nothing", "b/Link") == 0);
    CHECK_STATUS(STATUS_OK, open_as(&fixture, NAMES_PLAIN));
    CHECK(!file_exists(".kv-names"));
    CHECK_STATUS(STATUS_OK, open_as(&fixture, NAMES_PORTABLE));
    file_check(".kv-names", BYTES("portable\n"));
    port_watch_reset(&fixture.watch);
    CHECK_STATUS(STATUS_OK, open_as(&fixture, NAMES_PORTABLE));
    CHECK_NUMBER(2, fixture.watch.calls);

    CHECK_STATUS(STATUS_OTHER_NAMES, open_as(&fixture, NAMES_PLAIN));
    check_message(&fixture,
                  "open: bucket \"b\": this root has portable names, says the file .kv-names "
                  "in it; set KEYVALUE_FILESYSTEM_NAMES=portable");
    struct store store;
    fresh(&fixture, &store, NAMES_PLAIN);
    struct page page;
    CHECK_STATUS(STATUS_OTHER_NAMES, store_list_buckets(&store, NULL, &page));
    CHECK_STATUS(STATUS_OTHER_NAMES, store_create_bucket(&store, BYTES("c")));
    CHECK(!file_exists("c"));
    store_free(&store);
    fixture_end(&fixture);
}

// A root with a file name that is another key, or none, in portable names is
// refused to a portable store, which names that file and marks nothing; it works
// once the file is gone, and after a refusal in the same store.
static void test_differs(void)
{
    static const char *const others[] = {
        "Key",
        "user:123",
        "gr\xC3\xB6\xC3\x9F"
        "e",
        "%3a",
        "%252",
        "100%",
        "a~1",
        "con",
        "nul.",
        "a.",
        " a",
        "a ",
        "%2F",
        "%4bey",
        "$a",
        "%2Egit",
    };
    struct fixture fixture;
    fixture_start(&fixture);
    struct store store;
    fresh(&fixture, &store, NAMES_PORTABLE);
    store.settings.root_size = 1;
    store.settings.root[0] = 'r';
    directory_make("r");
    directory_make("r/b");
    struct bucket *bucket;
    for (size_t i = 0; i < 2 * sizeof others / sizeof others[0]; i++) {
        bool directory = i % 2 == 1;
        test_step("\"%s\", a directory: %d", others[i / 2], directory);
        char path[64], part[64];
        snprintf(path, sizeof path, directory ? "r/%s" : "r/b/%s", others[i / 2]);
        const char *other = others[i / 2];
        bool portable =
            strcmp(other, "%3a") == 0 || strcmp(other, "%252") == 0 || strcmp(other, "%4bey") == 0;
        snprintf(part, sizeof part, directory ? ": \"%s\" %s" : "\"b\"/\"%s\" %s", others[i / 2],
                 portable ? "is a portable name" : "would be lost");
        char inner[80];
        snprintf(inner, sizeof inner, "%s/key", path);
        if (directory) {
            directory_make(path);
            file_write(inner, BYTES("v"));
        } else {
            file_write(path, BYTES("v"));
        }
        CHECK_STATUS(STATUS_OTHER_NAMES, store_open(&store, BYTES("b"), &bucket));
        memcpy(fixture.store.message, store.message, store.message_size);
        fixture.store.message_size = store.message_size;
        check_message(&fixture, part);
        check_message(&fixture, portable ? ".kv-names" : "unset KEYVALUE_FILESYSTEM_NAMES");
        CHECK_NUMBER(0, fixture.posix.open_handles);
        CHECK_NUMBER(1 + (directory ? 1 : 0), directory_count("r"));
        if (directory) {
            file_remove(inner);
        }
        file_remove(path);
    }
    CHECK_STATUS(STATUS_OK, store_open(&store, BYTES("b"), &bucket));
    file_check("r/.kv-names", BYTES("portable\n"));
    store_close(bucket);
    store_free(&store);
    fixture_end(&fixture);
}

// What a system keeps at the top of a disk is no bucket, whatever names it has.
static void test_systems(void)
{
    static const char *const kept[] = {"System Volume Information", "$RECYCLE.BIN", "lost+found"};
    struct fixture fixture;
    fixture_start(&fixture);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        char path[64];
        directory_make(kept[i]);
        snprintf(path, sizeof path, "%s/IndexerVolumeGuid", kept[i]);
        file_write(path, BYTES("v"));
    }
    CHECK_STATUS(STATUS_OK, open_as(&fixture, NAMES_PORTABLE));
    file_check(".kv-names", BYTES("portable\n"));
    fixture_end(&fixture);
}

// A root that is not there is no root of plain names: what it has is looked at
// when it is there.
static void test_root_comes(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct store stores[2];
    struct bucket *bucket;
    for (int i = 0; i < 2; i++) {
        fresh(&fixture, &stores[i], i == 0 ? NAMES_PLAIN : NAMES_PORTABLE);
        stores[i].settings.root_size = 1;
        stores[i].settings.root[0] = 'r';
        CHECK_STATUS(STATUS_NO_ROOT, store_open(&stores[i], BYTES("b"), &bucket));
    }
    directory_make("r");
    CHECK_STATUS(STATUS_NO_SUCH_STORE, store_open(&stores[1], BYTES("b"), &bucket));
    CHECK(!file_exists("r/.kv-names")); // a call that fails changes nothing
    CHECK_STATUS(STATUS_OK, store_create_bucket(&stores[1], BYTES("b")));
    CHECK(file_exists("r/.kv-names"));
    CHECK_STATUS(STATUS_OTHER_NAMES, store_open(&stores[0], BYTES("b"), &bucket));
    store_free(&stores[0]);
    store_free(&stores[1]);
    fixture_end(&fixture);
}

// Hostile keys through a portable store come back, are listed, and are the files
// that the format's rules give; a bucket's name is mapped alike.
static void test_portable_store(void)
{
    static const char *const keys[] = {"Key", "key", "user:123", "\xC3\xA9", "e\xCC\x81", "con",
                                       "a.",  "",    "%",        ".kv",      "a~1",       "b/c"};
    static const char *const files[] = {"%4bey", "key", "user%3a123", "%c3%a9", "e%cc%81", "%63on",
                                        "a%2e",  "%",   "%25",        "%2ekv",  "a%7e1",   "b%2fc"};
    enum { count = sizeof keys / sizeof keys[0] };
    struct fixture fixture;
    fixture_start(&fixture);
    struct store store;
    fresh(&fixture, &store, NAMES_PORTABLE);
    store.settings.create_buckets = true;
    struct bucket *bucket;
    CHECK_STATUS(STATUS_OK, store_open(&store, BYTES("My Bucket"), &bucket));
    for (size_t i = 0; i < count; i++) {
        CHECK_STATUS(STATUS_OK, store_set(bucket, text(keys[i]), text(files[i])));
    }
    for (size_t i = 0; i < count; i++) {
        test_step("key \"%s\"", keys[i]);
        char path[64];
        snprintf(path, sizeof path, "%%4dy %%42ucket/%s", files[i]);
        file_check(path, text(files[i]));
        bool found = false;
        CHECK_STATUS(STATUS_OK, store_exists(bucket, text(keys[i]), &found));
        CHECK(found);
    }
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(bucket, NULL, &page));
    CHECK_NUMBER(count, page.key_count);
    for (size_t i = 0; i < count; i++) {
        bool listed = false;
        for (size_t j = 0; j < page.key_count; j++) {
            listed = listed || bytes_equal(text(keys[i]), buffer_bytes(&page.keys[j]));
        }
        CHECK(listed);
    }
    page_free(&page);
    CHECK_STATUS(STATUS_OK, store_list_buckets(&store, NULL, &page));
    CHECK_NUMBER(2, page.key_count);
    page_free(&page);
    char long_key[86];
    memset(long_key, 'A', sizeof long_key);
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 store_set(bucket, (struct bytes){(uint8_t *)long_key, 86}, BYTES("v")));
    memcpy(fixture.store.message, store.message, store.message_size);
    fixture.store.message_size = store.message_size;
    check_message(&fixture, "86 bytes, 258 as a file name, of which at most 255 fit");
    store_close(bucket);
    store_free(&store);
    fixture_end(&fixture);
}

// Whichever call fails while a root is marked, opening fails with that, nothing
// stays open or lying about, and the next time it works. Only a stat that fails with
// an input/output error may be asked again.
static void test_faults(void)
{
    static const enum status statuses[] = {STATUS_IO, STATUS_ACCESS, STATUS_NO_SPACE};
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/key", BYTES("v"));
    for (unsigned kind = 0; kind < 3; kind++) {
        bool hit = true;
        for (unsigned at = 1; hit; at++) {
            test_step("status %d, call %u", (int)statuses[kind], at);
            struct store store;
            fresh(&fixture, &store, NAMES_PORTABLE);
            struct port_watch_fault fault = {.at = at, .status = statuses[kind]};
            fixture.watch.context = &fault;
            fixture.watch.before = port_watch_fail;
            struct bucket *bucket;
            fixture.watch.of[CALL_LIST_CLOSE] = 0;
            enum status status = store_open(&store, BYTES("b"), &bucket);
            fixture.watch.before = NULL;
            hit = fault.calls >= at;
            if (status == STATUS_OK && statuses[kind] == STATUS_ACCESS) {
                // A directory that cannot be read holds no keys of ours.
            } else if (status == STATUS_OTHER_NAMES && statuses[kind] == STATUS_ACCESS) {
                CHECK_NUMBER(2, fixture.watch.of[CALL_LIST_CLOSE]); // it is the mark that failed
            } else if (!(hit && fault.call == CALL_STAT && statuses[kind] == STATUS_IO)) {
                CHECK_STATUS(hit ? statuses[kind] : STATUS_OK, status);
            }
            CHECK_NUMBER(0, fixture.posix.open_handles);
            CHECK_NUMBER(file_exists(".kv-names") ? 2 : 1, directory_count("."));
            if (status != STATUS_OK) {
                CHECK_STATUS(STATUS_OK, store_open(&store, BYTES("b"), &bucket));
            }
            file_remove(".kv-names"); // whole or not, it is there
            store_close(bucket);
            store_free(&store);
        }
    }
    fixture_end(&fixture);
}

// Another instance marks the root, and writes, behind this one's look for a mark.
static enum status mark_first(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)watch;
    (void)path;
    if (call == CALL_LIST && !file_exists(".kv-names")) {
        file_write(".kv-names", BYTES("portable\n"));
        file_write("b/%4bey", BYTES("v"));
    }
    return STATUS_OK;
}

// Two instances that mark a root at once both open it.
static void test_race(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.watch.before = mark_first;
    CHECK_STATUS(STATUS_OK, open_as(&fixture, NAMES_PORTABLE));
    fixture_end(&fixture);
}

const struct test mark_tests[] = {
    {"mark.marked", test_marked},
    {"mark.differs", test_differs},
    {"mark.systems", test_systems},
    {"mark.root_comes", test_root_comes},
    {"mark.portable_store", test_portable_store},
    {"mark.faults", test_faults},
    {"mark.race", test_race},
    {NULL, NULL},
};
