#include "core/read.h"
#include "support/allocation.h"
#include "support/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static uint8_t *make_bytes(size_t size)
{
    uint8_t *bytes = malloc(size + 1);
    CHECK(bytes != NULL);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 131 + i / 65536 * 7);
    }
    return bytes;
}

// Values of any size come back as they went in, from the store and by hand, in
// reads and writes as short as a host likes.
static void test_sizes(void)
{
    static const size_t sizes[] = {0,       1,       2,           65535,          65536,
                                   65537,   131071,  131072,      131073,         1048575,
                                   1048576, 1048577, 3 * 1048576, 3 * 1048576 + 1};
    static const size_t transfers[] = {0, 65536, 1000, 65535};
    struct fixture fixture;
    fixture_start(&fixture);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint8_t *data = make_bytes(sizes[i]);
        struct bytes value = {data, sizes[i]};
        for (size_t j = 0; j < sizeof transfers / sizeof transfers[0]; j++) {
            test_step("%zu bytes, at most %zu in one call", sizes[i], transfers[j]);
            fixture.watch.transfer_max = transfers[j];
            CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("k"), value));
            check_value(&fixture, "k", value);
        }
        file_write("b/by-hand", value);
        check_value(&fixture, "by-hand", value);
        free(data);
    }
    for (size_t size = 0; size < 70; size++) {
        test_step("%zu bytes, 7 in one call", size);
        uint8_t *data = make_bytes(size);
        fixture.watch.transfer_max = 7;
        CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("k"), (struct bytes){data, size}));
        check_value(&fixture, "k", (struct bytes){data, size});
        free(data);
    }
    fixture_end(&fixture);
}

// What a person does to the files, the store sees at the next call.
static void test_by_hand(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    check_absent(&fixture, "k");
    file_write("b/k", BYTES("hello\n"));
    check_value(&fixture, "k", BYTES("hello\n"));
    file_write("b/k", BYTES(""));
    check_value(&fixture, "k", BYTES(""));
    CHECK(rename("b/k", "b/moved") == 0);
    check_absent(&fixture, "k");
    check_value(&fixture, "moved", BYTES(""));
    CHECK(link("b/moved", "b/linked") == 0);
    CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("moved"), BYTES("1")));
    check_value(&fixture, "linked", BYTES("")); // a change replaces the file
    fixture_end(&fixture);
}

// One of each that is no regular file, by the kind's name.
static const struct {
    const char *key;
    enum status status;
    const char *message;
} kinds[] = {
    {"directory", STATUS_IS_DIRECTORY, "a directory has that name"},
    {"full", STATUS_IS_DIRECTORY, "a directory has that name"},
    {"link", STATUS_IS_SYMLINK, "a symbolic link has that name"},
    {"dangling", STATUS_IS_SYMLINK, "a symbolic link has that name"},
    {"directory-link", STATUS_IS_SYMLINK, "a symbolic link has that name"},
    {"loop", STATUS_IS_SYMLINK, "a symbolic link has that name"},
    {"pipe", STATUS_IS_PIPE, "a named pipe has that name"},
    {"socket", STATUS_IS_SPECIAL, "a device or socket has that name"},
};

static void make_kinds(void)
{
    file_write("target", BYTES("5"));
    CHECK(chdir("b") == 0);
    directory_make("directory");
    directory_make("full");
    file_write("full/inside", BYTES("mine"));
    CHECK(symlink("../target", "link") == 0);
    CHECK(symlink("nowhere", "dangling") == 0);
    CHECK(symlink("directory", "directory-link") == 0);
    CHECK(symlink("loop", "loop") == 0);
    CHECK(mkfifo("pipe", 0666) == 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(made >= 0 && bind(made, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(close(made) == 0);
    CHECK(chdir("..") == 0);
}

static ino_t inode_of(const char *path)
{
    struct stat found;
    CHECK(lstat(path, &found) == 0);
    return found.st_ino;
}

// Anything but a regular file is absent to a read and refused by a change, with
// an error that says what it is, and stays what it is.
static void test_kinds(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    make_kinds();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        test_step("%s", kinds[i].key);
        char path[64];
        snprintf(path, sizeof path, "b/%s", kinds[i].key);
        ino_t inode = inode_of(path);
        struct bytes key = text(kinds[i].key);
        check_absent(&fixture, kinds[i].key);
        CHECK_STATUS(kinds[i].status, store_set(fixture.bucket, key, BYTES("v")));
        check_message(&fixture, "set: bucket \"b\", key \"");
        check_message(&fixture, kinds[i].message);
        CHECK_STATUS(kinds[i].status, store_delete(fixture.bucket, key));
        check_message(&fixture, "delete: bucket \"b\", key \"");
        check_message(&fixture, kinds[i].message);
        uint64_t value;
        CHECK_STATUS(kinds[i].status,
                     store_increment(fixture.bucket, key, 1, COUNTER_UNSIGNED, &value));
        check_message(&fixture, "increment: bucket \"b\", key \"");
        check_message(&fixture, kinds[i].message);
        struct cas cas;
        CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, key, &cas));
        CHECK(!cas.found);
        CHECK_STATUS(kinds[i].status, store_swap(&cas, BYTES("v")));
        check_message(&fixture, "swap: bucket \"b\", key \"");
        check_message(&fixture, kinds[i].message);
        store_cas_free(&cas);
        CHECK(inode_of(path) == inode);
    }
    file_check("target", BYTES("5"));
    file_check("b/full/inside", BYTES("mine"));
    CHECK(!file_exists("b/nowhere"));
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    CHECK_NUMBER(0, page.key_count);
    page_free(&page);
    fixture_end(&fixture);
}

// A bucket whose directory is removed is empty to reads and no store to changes
// and listings; made again, it works again through the same handle.
static void test_removed_bucket(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    for (int with_series = 0; with_series < 2; with_series++) {
        test_step("%s series", with_series ? "with" : "without");
        CHECK(system("rm -r b") == 0);
        check_absent(&fixture, "k");
        CHECK_STATUS(STATUS_NO_SUCH_STORE, store_set(fixture.bucket, BYTES("k"), BYTES("v")));
        check_message(&fixture, "there is no such bucket");
        CHECK_STATUS(STATUS_NO_SUCH_STORE, store_delete(fixture.bucket, BYTES("k")));
        uint64_t value;
        CHECK_STATUS(STATUS_NO_SUCH_STORE,
                     store_increment(fixture.bucket, BYTES("k"), 1, COUNTER_UNSIGNED, &value));
        struct cas cas;
        CHECK_STATUS(STATUS_OK, store_cas(fixture.bucket, BYTES("k"), &cas));
        CHECK_STATUS(STATUS_NO_SUCH_STORE, store_swap(&cas, BYTES("v")));
        store_cas_free(&cas);
        struct page page;
        CHECK_STATUS(STATUS_NO_SUCH_STORE, store_list(fixture.bucket, NULL, &page));
        struct bucket *again;
        CHECK_STATUS(STATUS_NO_SUCH_STORE, store_open(&fixture.store, BYTES("b"), &again));
        CHECK(!file_exists("b"));

        file_write("b", BYTES("a file"));
        CHECK_STATUS(STATUS_NO_SUCH_STORE, store_set(fixture.bucket, BYTES("k"), BYTES("v")));
        CHECK_STATUS(STATUS_NO_SUCH_STORE, store_delete(fixture.bucket, BYTES("k")));
        CHECK_STATUS(STATUS_NOT_BUCKET, store_open(&fixture.store, BYTES("b"), &again));
        file_check("b", BYTES("a file"));
        file_remove("b");

        directory_make("b");
        CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, BYTES("k"), BYTES("v")));
        check_value(&fixture, "k", BYTES("v"));
    }
    fixture_end(&fixture);
}

struct meddler {
    enum port_call at;
    const char *content; // what the key holds from this call on; NULL: it is gone
    size_t repeat;       // so often
    bool replace;        // by another file, not in place
};

static enum status meddle(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    const struct meddler *meddler = watch->context;
    if (call != meddler->at) {
        return STATUS_OK;
    }
    watch->before = NULL;
    if (meddler->content == NULL || meddler->replace) {
        file_remove("b/k");
    }
    if (meddler->content != NULL) {
        FILE *file = fopen("b/k", "wb");
        CHECK(file != NULL);
        for (size_t i = 0; i < meddler->repeat; i++) {
            fputs(meddler->content, file);
        }
        CHECK(fclose(file) == 0);
    }
    return STATUS_OK;
}

// A file that grows, shrinks, vanishes or is replaced between the look and the
// read comes back whole as it is by then, never cut.
static void test_changed_while_read(void)
{
    static const struct meddler table[] = {
        {CALL_OPEN_READ, "0123456789", 1, false},
        {CALL_OPEN_READ, "0123456789", 1, true},
        {CALL_OPEN_READ, "0123456789", 100, true},
        {CALL_OPEN_READ, "0123456789", 20000, true},
        {CALL_OPEN_READ, "0123456789", 50000, false},
        {CALL_OPEN_READ, "0", 1, true},
        {CALL_OPEN_READ, "", 1, false},
        {CALL_OPEN_READ, NULL, 1, false},
        {CALL_READ, "0123456789", 200, false},
        {CALL_READ, "0123456789", 20000, false},
        {CALL_READ, "0", 1, false},
        {CALL_READ, "", 1, false},
    };
    static const size_t before[] = {0, 1, 10, 1000, 65535, 65536, 200000};
    struct fixture fixture;
    fixture_start(&fixture);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        for (size_t j = 0; j < sizeof before / sizeof before[0]; j++) {
            test_step("row %zu, %zu bytes before", i, before[j]);
            uint8_t *data = make_bytes(before[j]);
            file_write("b/k", (struct bytes){data, before[j]});
            free(data);
            struct meddler meddler = table[i];
            fixture.watch.context = &meddler;
            fixture.watch.before = meddle;
            bool found = false;
            struct buffer value = {NULL, 0};
            CHECK_STATUS(STATUS_OK, store_get(fixture.bucket, BYTES("k"), &found, &value));
            CHECK(fixture.watch.before == NULL);
            CHECK(found == (meddler.content != NULL));
            if (found) {
                file_check("b/k", buffer_bytes(&value));
                buffer_free(&value);
            }
            if (meddler.content == NULL) {
                file_write("b/k", BYTES(""));
            }
        }
    }
    fixture_end(&fixture);
}

// A file that grows between the look and the read is a value up to the limit, and too
// large beyond it.
static void test_grown_to_the_limit(void)
{
    enum { most = 1000 };
    struct fixture fixture;
    fixture_start(&fixture);
    struct path path = {.size = 0};
    path_push(&path, BYTES("b"));
    path_push(&path, BYTES("k"));
    static const size_t sizes[] = {most - 1, most, most + 1, 2 * most};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (size_t before = 0; before <= most; before += most / 4) {
            test_step("from %zu to %zu bytes", before, sizes[i]);
            file_write("b/k", (struct bytes){(const uint8_t[most]){0}, before});
            struct meddler meddler = {CALL_OPEN_READ, "0", sizes[i], false};
            fixture.watch.context = &meddler;
            fixture.watch.before = meddle;
            struct buffer value;
            enum status status = read_value(&fixture.watch.port, path_place(&path), most, &value);
            CHECK_STATUS(sizes[i] <= most ? STATUS_OK : STATUS_TOO_LARGE, status);
            if (status == STATUS_OK) {
                CHECK_NUMBER(sizes[i], value.size);
                buffer_free(&value);
            }
        }
    }
    fixture_end(&fixture);
}

// A value that was read before another one replaces it comes back as it was.
static void test_replaced_after_open(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/k", BYTES("before"));
    struct meddler meddler = {CALL_READ, "after", 1, true};
    fixture.watch.context = &meddler;
    fixture.watch.before = meddle;
    bool found = false;
    struct buffer value = {NULL, 0};
    CHECK_STATUS(STATUS_OK, store_get(fixture.bucket, BYTES("k"), &found, &value));
    CHECK(found);
    CHECK_BYTES(BYTES("before"), buffer_bytes(&value));
    buffer_free(&value);
    check_value(&fixture, "k", BYTES("after"));
    fixture_end(&fixture);
}

// What a look said was a file and is a pipe when it is opened is absent, and no wait.
static enum status make_pipe(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    if (call == CALL_OPEN_READ) {
        watch->before = NULL;
        file_remove("b/k");
        CHECK(mkfifo("b/k", 0666) == 0);
    }
    return STATUS_OK;
}

static void test_becomes_pipe(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/k", BYTES("v"));
    fixture.watch.before = make_pipe;
    bool found = true;
    struct buffer value = {NULL, 0};
    CHECK_STATUS(STATUS_OK, store_get(fixture.bucket, BYTES("k"), &found, &value));
    CHECK(!found);
    fixture_end(&fixture);
}

// Handles that go stale while another machine replaces the value are looked at again,
// by every call that reads; a disk that fails for good is an error.
struct stale {
    enum port_call call;
    unsigned times;
};

static enum status go_stale(struct port_watch *watch, enum port_call call, struct bytes path)
{
    struct stale *stale = watch->context;
    bool of_key = call != CALL_STAT || path.data[path.size - 1] == 'k';
    if (call != stale->call || !of_key || stale->times == 0) {
        return STATUS_OK;
    }
    stale->times--;
    return STATUS_IO;
}

static void test_stale_handles(void)
{
    static const enum port_call calls[] = {CALL_STAT, CALL_OPEN_READ, CALL_READ};
    struct fixture fixture;
    fixture_start(&fixture);
    for (size_t i = 0; i < 3; i++) {
        for (unsigned times = 1; times <= 5; times++) {
            test_step("call %zu, %u times", i, times);
            struct stale stale = {calls[i], times};
            enum status expected = times < 5 ? STATUS_OK : STATUS_IO;
            file_write("b/k", BYTES("v"));
            fixture.watch.context = &stale;
            fixture.watch.before = go_stale;
            bool found = false;
            struct buffer value = {NULL, 0};
            CHECK_STATUS(expected, store_get(fixture.bucket, BYTES("k"), &found, &value));
            CHECK(found == (expected == STATUS_OK));
            buffer_free(&value);
            stale.times = calls[i] == CALL_STAT ? times : 0;
            enum status of_stat = calls[i] == CALL_STAT ? expected : STATUS_OK;
            CHECK_STATUS(of_stat, store_exists(fixture.bucket, BYTES("k"), &found));
            stale.times = calls[i] == CALL_STAT ? times : 0;
            CHECK_STATUS(of_stat, store_set(fixture.bucket, BYTES("k"), BYTES("w")));
            stale.times = calls[i] == CALL_STAT ? times : 0;
            CHECK_STATUS(of_stat, store_delete(fixture.bucket, BYTES("k")));
            fixture.watch.before = NULL;
        }
    }
    fixture_end(&fixture);
}

// A value that comes out shorter than its stat said, as caches of sizes make it on
// shared file systems, is looked at again.
static void test_shorter_than_its_stat(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/k", BYTES("0123456789"));
    struct meddler meddler = {CALL_OPEN_READ, "0", 1, true};
    fixture.watch.context = &meddler;
    fixture.watch.before = meddle;
    port_watch_reset(&fixture.watch);
    bool found = false;
    struct buffer value = {NULL, 0};
    CHECK_STATUS(STATUS_OK, store_get(fixture.bucket, BYTES("k"), &found, &value));
    CHECK_BYTES(BYTES("0"), buffer_bytes(&value));
    buffer_free(&value);
    CHECK_NUMBER(2, fixture.watch.of[CALL_STAT]);
    CHECK_NUMBER(2, fixture.watch.of[CALL_OPEN_READ]);
    fixture_end(&fixture);
}

// Names are taken as they are, up to the limit, and nothing of them leads out of
// the bucket.
static void test_names(void)
{
    static const char *const keys[] = {"",
                                       ".",
                                       "..",
                                       "/",
                                       "../b/x",
                                       "a/b",
                                       ".kv",
                                       ".kv/x",
                                       "%",
                                       "%2F",
                                       "a\\b",
                                       "C:\\x",
                                       "gr\xC3\xB6\xC3\x9F\x65",
                                       "\n",
                                       "CON",
                                       "~",
                                       "*",
                                       "user:123"};
    enum { count = sizeof keys / sizeof keys[0] };
    struct fixture fixture;
    fixture_start(&fixture);
    for (size_t i = 0; i < count; i++) {
        test_step("\"%s\"", keys[i]);
        check_absent(&fixture, keys[i]);
        CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, text(keys[i]), text(keys[i])));
    }
    for (size_t i = 0; i < count; i++) {
        test_step("\"%s\"", keys[i]);
        check_value(&fixture, keys[i], text(keys[i]));
    }
    CHECK_NUMBER(1, directory_count("."));
    CHECK_NUMBER(count + 1, directory_count("b"));
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    CHECK_NUMBER(count, page.key_count);
    page_free(&page);
    fixture_end(&fixture);
}

// A key that is too long is refused by every call, with both lengths, and the
// longest works.
static void test_long_names(void)
{
    char key[name_bytes_max + 2];
    memset(key, 'k', sizeof key);
    key[0] = '/';
    struct bytes longer = {(const uint8_t *)key, name_bytes_max - 1};
    struct fixture fixture;
    fixture_start(&fixture);
    bool found;
    struct buffer value;
    uint64_t number;
    struct cas cas;
    CHECK_STATUS(STATUS_NAME_TOO_LONG, store_get(fixture.bucket, longer, &found, &value));
    check_message(&fixture, "254 bytes, 256 as a file name, of which at most 255 fit");
    CHECK_STATUS(STATUS_NAME_TOO_LONG, store_exists(fixture.bucket, longer, &found));
    CHECK_STATUS(STATUS_NAME_TOO_LONG, store_set(fixture.bucket, longer, BYTES("v")));
    CHECK_STATUS(STATUS_NAME_TOO_LONG, store_delete(fixture.bucket, longer));
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 store_increment(fixture.bucket, longer, 1, COUNTER_SIGNED, &number));
    CHECK_STATUS(STATUS_NAME_TOO_LONG, store_cas(fixture.bucket, longer, &cas));
    struct bucket *bucket;
    CHECK_STATUS(STATUS_NAME_TOO_LONG, store_open(&fixture.store, longer, &bucket));
    check_message(&fixture, "254 bytes, 256 as a file name, of which at most 255 fit");
    key[name_bytes_max - 2] = '\0';
    CHECK_STATUS(STATUS_OK, store_set(fixture.bucket, text(key), BYTES("v")));
    check_value(&fixture, key, BYTES("v"));
    CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, text(key)));
    check_absent(&fixture, key);
    fixture_end(&fixture);
}

// A message tells the cause however long and strange the names are.
static void test_longest_message(void)
{
    char name[81];
    memset(name, '\x01', 80);
    name[80] = '\0';
    char path[100];
    directory_make("b");
    struct fixture fixture;
    fixture_start(&fixture);
    directory_make(name);
    struct bucket *bucket;
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, text(name), &bucket));
    snprintf(path, sizeof path, "%s/.kv", name);
    file_write(path, BYTES(""));
    CHECK_STATUS(STATUS_SCRATCH, store_set(bucket, text(name), BYTES("v")));
    check_message(&fixture, "; remove .kv");
    store_close(bucket);
    fixture_end(&fixture);
}

// Opening finds a directory, makes one where the setting says so, and "" is the
// bucket `default`.
static void test_open(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct bucket *bucket;
    CHECK_STATUS(STATUS_NO_SUCH_STORE, store_open(&fixture.store, BYTES(""), &bucket));
    check_message(&fixture, "open: bucket \"default\": there is no such bucket");
    CHECK_NUMBER(1, directory_count("."));
    fixture.store.settings.create_buckets = true;
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES(""), &bucket));
    CHECK(file_exists("default"));
    struct bucket *same;
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("default"), &same));
    CHECK(same == bucket);
    store_close(same);
    CHECK_STATUS(STATUS_OK, store_set(bucket, BYTES("k"), BYTES("v")));
    store_close(bucket);
    file_check("default/k", BYTES("v"));

    file_write("file", BYTES(""));
    CHECK(symlink("default", "link") == 0);
    CHECK_STATUS(STATUS_NOT_BUCKET, store_open(&fixture.store, BYTES("file"), &bucket));
    CHECK(symlink("file", "file-link") == 0 && symlink("none", "dangling") == 0);
    CHECK_STATUS(STATUS_NOT_BUCKET, store_open(&fixture.store, BYTES("file-link"), &bucket));
    CHECK_STATUS(STATUS_NOT_BUCKET, store_open(&fixture.store, BYTES("dangling"), &bucket));
    CHECK(!file_exists("none"));
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("../out"), &bucket));
    store_close(bucket);
    CHECK(file_exists("%2E.%2Fout") && !file_exists("../out"));
    fixture_end(&fixture);
}

// The root may be below the port's directory; where it is missing it is not made.
static void test_root(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    memcpy(fixture.store.settings.root, "deep/root", 9);
    fixture.store.settings.root_size = 9;
    fixture.store.settings.create_buckets = true;
    struct bucket *bucket;
    CHECK_STATUS(STATUS_NO_ROOT, store_open(&fixture.store, BYTES("c"), &bucket));
    CHECK(!file_exists("deep"));
    directory_make("deep");
    CHECK_STATUS(STATUS_NO_ROOT, store_open(&fixture.store, BYTES("c"), &bucket));
    file_write("deep/root", BYTES(""));
    CHECK_STATUS(STATUS_NO_ROOT, store_open(&fixture.store, BYTES("c"), &bucket));
    file_remove("deep/root");
    directory_make("deep/root");
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("c"), &bucket));
    CHECK_STATUS(STATUS_OK, store_set(bucket, BYTES("k"), BYTES("v")));
    file_check("deep/root/c/k", BYTES("v"));
    store_close(bucket);
    fixture_end(&fixture);
}

static void check_all_calls(struct bucket *bucket)
{
    uint64_t number = 0;
    bool found = false;
    struct buffer value;
    struct page page;
    CHECK_STATUS(STATUS_OK, store_set(bucket, BYTES("k"), BYTES("v")));
    CHECK_STATUS(STATUS_OK, store_set(bucket, BYTES("k"), BYTES("v")));
    CHECK_STATUS(STATUS_OK, store_get(bucket, BYTES("k"), &found, &value));
    CHECK(found);
    buffer_free(&value);
    CHECK_STATUS(STATUS_OK, store_increment(bucket, BYTES("n"), 1, COUNTER_SIGNED, &number));
    CHECK_STATUS(STATUS_OK, store_list(bucket, NULL, &page));
    CHECK_NUMBER(2, page.key_count);
    page_free(&page);
    CHECK_STATUS(STATUS_OK, store_delete(bucket, BYTES("n")));
}

// A root or a bucket that is a link to a directory works in every call and with
// every setting, also a bucket that became one after it was opened.
static void test_links(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    directory_make("real");
    CHECK(symlink("real", "link") == 0);
    for (unsigned i = 0; i < 8; i++) {
        test_step("durable %u, portable %u, root %u", i & 1, i >> 1 & 1, i >> 2);
        CHECK(system("rm -rf real/* real/.kv-names .kv-names b/.kv") == 0);
        struct store store;
        store_init(&store, &fixture.watch.port);
        store.settings.create_buckets = true;
        store.settings.durable = i & 1 ? DURABLE_ALL : DURABLE_NONE;
        store.settings.names = i >> 1 & 1 ? NAMES_PORTABLE : NAMES_PLAIN;
        bool root = i >> 2;
        memcpy(store.settings.root, "link", 4);
        store.settings.root_size = root ? 4 : 0;
        struct bucket *bucket;
        CHECK_STATUS(STATUS_OK, store_open(&store, root ? BYTES("c") : BYTES("link"), &bucket));
        check_all_calls(bucket);
        file_check(root ? "real/c/k" : "real/k", BYTES("v"));
        if (root) {
            CHECK(system("mv real/c elsewhere && ln -s ../elsewhere real/c") == 0);
            check_all_calls(bucket);
            CHECK(system("rm -r elsewhere") == 0);
        }
        store_close(bucket);
        store_free(&store);
    }
    fixture_end(&fixture);
}

// An open that finds no memory makes no bucket.
static void test_open_without_memory(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.store.settings.create_buckets = true;
    for (unsigned at = 1;; at++) {
        struct bucket *bucket;
        allocation_fail_at(at);
        enum status status = store_open(&fixture.store, BYTES("made"), &bucket);
        bool failed = allocation_failed();
        allocation_fail_at(0);
        if (!failed) {
            CHECK_STATUS(STATUS_OK, status);
            store_close(bucket);
            break;
        }
        test_step("allocation %u", at);
        CHECK_STATUS(STATUS_NO_MEMORY, status);
        CHECK(!file_exists("made"));
    }
    fixture_end(&fixture);
}

const struct test store_read_tests[] = {
    {"store.sizes", test_sizes},
    {"store.by_hand", test_by_hand},
    {"store.kinds", test_kinds},
    {"store.removed_bucket", test_removed_bucket},
    {"store.changed_while_read", test_changed_while_read},
    {"store.grown_to_the_limit", test_grown_to_the_limit},
    {"store.replaced_after_open", test_replaced_after_open},
    {"store.becomes_pipe", test_becomes_pipe},
    {"store.stale_handles", test_stale_handles},
    {"store.shorter_than_its_stat", test_shorter_than_its_stat},
    {"store.names", test_names},
    {"store.long_names", test_long_names},
    {"store.longest_message", test_longest_message},
    {"store.open", test_open},
    {"store.root", test_root},
    {"store.links", test_links},
    {"store.open_without_memory", test_open_without_memory},
    {NULL, NULL},
};
