#include "core/listing.h"

#include "support/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint64_t second = 1000 * 1000 * 1000;

// ---- A directory that is only said to be there ----

// Lists `count` entries that `name_of` names.
struct names_port {
    struct port port;
    uint64_t count;
    uint64_t at;
    unsigned scans;
    size_t (*name_of)(uint64_t number, char *name);
    enum status (*status_of)(uint64_t number); // of the entry; NULL: all are fine
    char name[name_bytes_max + 1];
};

static enum status names_stat(struct port *port, struct place place, bool follow,
                              struct port_stat *stat)
{
    (void)port;
    (void)place;
    (void)follow;
    *stat = (struct port_stat){.kind = PORT_DIRECTORY};
    return STATUS_OK;
}

static enum status names_open(struct port *port, struct place place, enum port_mode mode,
                              port_handle *file)
{
    (void)port;
    (void)place;
    CHECK_NUMBER(PORT_LIST, mode);
    *file = 1;
    return STATUS_OK;
}

static enum status names_list(struct port *port, port_handle directory, port_handle *listing)
{
    struct names_port *names = (struct names_port *)port;
    names->at = 0;
    names->scans++;
    *listing = directory;
    return STATUS_OK;
}

static enum status names_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    (void)listing;
    struct names_port *names = (struct names_port *)port;
    if (names->at == names->count) {
        return STATUS_END;
    }
    uint64_t number = names->at++;
    enum status status = names->status_of != NULL ? names->status_of(number) : STATUS_OK;
    if (status == STATUS_OK) {
        size_t size = names->name_of(number, names->name);
        *entry = (struct port_entry){PORT_FILE, {(const uint8_t *)names->name, size}};
    }
    return status;
}

static void names_list_close(struct port *port, port_handle listing)
{
    (void)port;
    (void)listing;
}

static enum status names_close(struct port *port, port_handle file)
{
    (void)port;
    (void)file;
    return STATUS_OK;
}

static struct names_port names_init(uint64_t count, size_t (*name_of)(uint64_t number, char *name))
{
    static const struct port_calls calls = {
        .stat = names_stat,
        .open = names_open,
        .list = names_list,
        .list_next = names_next,
        .list_close = names_list_close,
        .close = names_close,
    };
    return (struct names_port){
        .port = {&calls},
        .count = count,
        .name_of = name_of,
    };
}

// Checks that a page goes on behind `cursor`, in order, and is as full as it
// should be.
static void check_page(const struct page *page, const uint64_t *cursor)
{
    uint64_t last = cursor != NULL ? *cursor : 0;
    for (size_t i = 0; i < page->key_count; i++) {
        uint64_t hash = listing_hash(buffer_bytes(&page->keys[i]));
        CHECK(i == 0 ? cursor == NULL || hash > last : hash >= last);
        // Beyond a full page there are only keys that share its last hash.
        CHECK(i < listing_page_keys || hash == last);
        last = hash;
    }
    CHECK(page->key_count > 0 || !page->more);
    CHECK(!page->more || page->cursor == last);
}

// ---- Order and pages, on a real directory ----

static void make_keys(unsigned first, unsigned count)
{
    for (unsigned i = first; i < first + count; i++) {
        char path[32];
        snprintf(path, sizeof path, "b/key-%u", i);
        file_write(path, BYTES(""));
    }
}

// The number of a key of make_keys.
static unsigned number_of(const struct buffer *key)
{
    char name[32];
    CHECK(key->size > 4 && key->size < sizeof name && memcmp(key->data, "key-", 4) == 0);
    memcpy(name, key->data, key->size);
    name[key->size] = '\0';
    return (unsigned)strtoul(name + 4, NULL, 10);
}

// Counts in `seen` how often each key is on the page.
static void count_keys(const struct page *page, uint8_t *seen)
{
    for (size_t i = 0; i < page->key_count; i++) {
        seen[number_of(&page->keys[i])]++;
    }
}

// Pages are full but for the last, in the order of the hashes, and hold each key
// once, around the numbers where a page ends.
static void test_pages(void)
{
    static const unsigned counts[] = {0, 1, 999, 1000, 1001, 1999, 2000, 2001, 2500};
    struct fixture fixture;
    fixture_start(&fixture);
    unsigned made = 0;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        test_step("%u keys", counts[i]);
        make_keys(made, counts[i] - made);
        made = counts[i];
        uint8_t seen[2500] = {0};
        uint64_t cursor = 0;
        bool more = true;
        port_watch_reset(&fixture.watch);
        fixture.watch.waited += 10 * second; // the bucket was not changed just now
        for (unsigned left = made, first = 1; more; first = 0) {
            struct page page;
            CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, first ? NULL : &cursor, &page));
            check_page(&page, first ? NULL : &cursor);
            CHECK_NUMBER(left < 1000 ? left : 1000, page.key_count);
            left -= (unsigned)page.key_count;
            count_keys(&page, seen);
            more = page.more;
            cursor = page.cursor;
            CHECK(more == (left > 0));
            page_free(&page);
        }
        CHECK_NUMBER(1, fixture.watch.of[CALL_LIST]); // one scan serves all
        for (unsigned key = 0; key < made; key++) {
            CHECK_NUMBER(1, seen[key]);
        }
    }
    fixture_end(&fixture);
}

// A cursor means the same to a store that starts with it.
static void test_fresh_store(void)
{
    struct fixture kept;
    fixture_start(&kept);
    make_keys(0, 2500);
    uint64_t cursor = 0;
    bool more = true;
    for (int number = 0; more; number++) {
        test_step("page %d", number);
        struct page page;
        struct page again;
        CHECK_STATUS(STATUS_OK, store_list(kept.bucket, number == 0 ? NULL : &cursor, &page));
        struct fixture fresh;
        fixture_start(&fresh);
        CHECK_STATUS(STATUS_OK, store_list(fresh.bucket, number == 0 ? NULL : &cursor, &again));
        fixture_end(&fresh);
        CHECK_NUMBER(page.key_count, again.key_count);
        for (size_t i = 0; i < page.key_count; i++) {
            CHECK_BYTES(buffer_bytes(&page.keys[i]), buffer_bytes(&again.keys[i]));
        }
        CHECK(page.more == again.more && page.cursor == again.cursor);
        cursor = page.cursor;
        more = page.more;
        page_free(&page);
        page_free(&again);
    }
    fixture_end(&kept);
}

// A key that is there from the first page to the last is listed exactly once,
// whatever comes and goes between two pages, with the same store or a fresh one.
static void test_changes_between(void)
{
    enum { stay = 2200, come_and_go = 1500 };
    for (int fresh = 0; fresh < 2; fresh++) {
        test_step("%s store", fresh ? "a fresh" : "the same");
        struct fixture fixture;
        fixture_start(&fixture);
        make_keys(0, stay + come_and_go); // the last ones go, later ones come
        uint8_t seen[stay + 3 * come_and_go] = {0};
        uint64_t cursor = 0;
        bool more = true;
        unsigned went = stay;
        for (int number = 0; more; number++) {
            struct page page;
            CHECK_STATUS(STATUS_OK,
                         store_list(fixture.bucket, number == 0 ? NULL : &cursor, &page));
            check_page(&page, number == 0 ? NULL : &cursor);
            count_keys(&page, seen);
            cursor = page.cursor;
            more = page.more;
            page_free(&page);
            for (unsigned i = 0; i < 400; i++, went++) {
                char path[32];
                snprintf(path, sizeof path, "b/key-%u", went);
                file_remove(path);
                make_keys(went + come_and_go, 1);
            }
            if (fresh) {
                fixture_end(&fixture);
                fixture_start(&fixture);
            }
        }
        for (unsigned key = 0; key < stay; key++) {
            test_step("%s store, key %u", fresh ? "a fresh" : "the same", key);
            CHECK_NUMBER(1, seen[key]);
        }
        for (unsigned key = stay; key < sizeof seen; key++) {
            CHECK(seen[key] <= 1);
        }
        fixture_end(&fixture);
        CHECK(system("rm -r b") == 0);
    }
}

// Two strings with one hash, in hash and in the names that begin with them.
static const char *const twins[] = {"8yn0iYCKYHlIj4-BwPqk", "GReLUrM4wMqfg9yzV3KQ"};

// Keys that share a hash are never divided between two pages: the page before
// them is short of them, or a little longer than others.
static void test_twins(void)
{
    CHECK(listing_hash(text(twins[0])) == listing_hash(text(twins[1])));
    uint64_t hash = listing_hash(text(twins[0]));
    directory_make("b");
    // Keys with smaller hashes: first 999, so that a page ends between the
    // twins, then 1000, so that it ends before them.
    unsigned below = 0;
    unsigned above = 0;
    unsigned next = 0;
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        snprintf(path, sizeof path, "b/%s", twins[i]);
        file_write(path, BYTES(""));
    }
    for (unsigned smaller = 998; smaller <= 1000; smaller++) {
        test_step("%u keys before the twins", smaller);
        while (below < smaller || above < 20) {
            char path[32];
            snprintf(path, sizeof path, "b/key-%u", next++);
            bool is_below = listing_hash(text(path + 2)) < hash;
            if (is_below ? below < smaller : above < 20) {
                file_write(path, BYTES(""));
                below += is_below ? 1 : 0;
                above += is_below ? 0 : 1;
            }
        }
        struct fixture fixture;
        fixture_start(&fixture);
        struct page first;
        struct page second;
        CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &first));
        check_page(&first, NULL);
        CHECK_NUMBER(smaller == 999 ? 1001 : 1000, first.key_count);
        CHECK(first.more);
        CHECK(smaller == 1000 ? first.cursor < hash : first.cursor == hash);
        CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, &first.cursor, &second));
        check_page(&second, &first.cursor);
        CHECK_NUMBER(smaller + 2 + 20, first.key_count + second.key_count);
        CHECK(!second.more);
        page_free(&first);
        page_free(&second);
        fixture_end(&fixture);
    }
}

// ---- Directories too large to make ----

// A page out of what the listing kept, or of a scan.
static enum status list_page(struct listing *list, struct port *port, const uint64_t *cursor,
                             struct page *page)
{
    struct path path;
    path_start(&path, BYTES("b"));
    enum status status = listing_has(list, cursor)
                             ? STATUS_OK
                             : listing_scan(list, port, &path, PORT_FILE, NAMES_PLAIN, cursor);
    return status == STATUS_OK ? listing_take(list, page) : status;
}

static size_t short_name(uint64_t number, char *name)
{
    return (size_t)sprintf(name, "key-%llu", (unsigned long long)number);
}

static size_t long_name(uint64_t number, char *name)
{
    memset(name, 'n', name_bytes_max);
    size_t size = (size_t)sprintf(name, "key-%llu", (unsigned long long)number);
    name[size] = 'n';
    return name_bytes_max;
}

// Lists it all, with a store that keeps its scan.
static void check_large(uint64_t count, size_t (*name_of)(uint64_t number, char *name),
                        unsigned scans_max)
{
    struct names_port names = names_init(count, name_of);
    uint8_t *seen = calloc(count, 1);
    struct listing list = {.block_count = 0};
    uint64_t cursor = 0;
    bool more = true;
    for (unsigned number = 0; more; number++) {
        test_step("page %u", number);
        struct page page;
        CHECK_STATUS(STATUS_OK, list_page(&list, &names.port, number == 0 ? NULL : &cursor, &page));
        check_page(&page, number == 0 ? NULL : &cursor);
        for (size_t i = 0; i < page.key_count; i++) {
            uint64_t key = strtoull((const char *)page.keys[i].data + 4, NULL, 10);
            CHECK(key < count);
            seen[key]++;
        }
        cursor = page.cursor;
        more = page.more;
        page_free(&page);
        CHECK(list.block_count <= listing_blocks_max);
    }
    for (uint64_t key = 0; key < count; key++) {
        test_step("key %llu", (unsigned long long)key);
        CHECK_NUMBER(1, seen[key]);
    }
    test_step("%u scans", names.scans);
    CHECK(names.scans > 1 && names.scans <= scans_max);
    CHECK(list.block_count == 0 && list.heap == NULL); // nothing is kept behind the last page
    free(seen);
}

// A million keys, of which a scan keeps about 440000 at most and half of that at
// least, are listed once each, in a few scans.
static void test_million(void)
{
    check_large(1000000, short_name, 8);
}

// The longest keys, of which about 31700 fit, are listed once each.
static void test_longest_keys(void)
{
    check_large(100000, long_name, 12);
}

static size_t same_name(uint64_t number, char *name)
{
    (void)number;
    return (size_t)sprintf(name, "same");
}

static size_t often_same_name(uint64_t number, char *name)
{
    return number < 5000 ? short_name(number, name) : same_name(number, name);
}

// A page takes all keys of its last hash, however many; here one name, listed
// 3000 times, stands for names that share theirs.
static void test_many_of_one_hash(void)
{
    struct names_port names = names_init(8000, often_same_name);
    struct listing list = {.block_count = 0};
    uint64_t cursor = 0;
    const uint64_t *after = NULL;
    size_t total = 0;
    size_t largest = 0;
    for (bool more = true; more; after = &cursor) {
        struct page page;
        CHECK_STATUS(STATUS_OK, list_page(&list, &names.port, after, &page));
        check_page(&page, after);
        total += page.key_count;
        largest = page.key_count > largest ? page.key_count : largest;
        cursor = page.cursor;
        more = page.more;
        page_free(&page);
    }
    CHECK_NUMBER(8000, total);
    CHECK(largest >= 3000 && largest < 4000);
}

static size_t same_long_name(uint64_t number, char *name)
{
    (void)number;
    memset(name, 's', name_bytes_max);
    return name_bytes_max;
}

// More keys of one hash than fit are an error, and all memory is given back.
static void test_too_many_of_one_hash(void)
{
    struct names_port names = names_init(32000, same_long_name);
    char name[name_bytes_max];
    uint64_t hash = listing_hash((struct bytes){(uint8_t *)name, same_long_name(0, name)});
    uint64_t before = hash - 1;
    struct listing list = {.block_count = 0};
    struct page page;
    CHECK_STATUS(STATUS_NO_MEMORY, list_page(&list, &names.port, &before, &page));
    CHECK(list.block_count == 0 && list.heap == NULL);
    CHECK_STATUS(STATUS_OK, list_page(&list, &names.port, &hash, &page));
    CHECK(page.key_count == 0 && !page.more);
    page_free(&page);
}

// A name of 255 bytes whose hash is in this quarter of all.
static void name_in_quarter(unsigned quarter, char *name)
{
    uint64_t number = 0;
    do {
        long_name(number++, name);
    } while (listing_hash((struct bytes){(uint8_t *)name, name_bytes_max}) >> 62 != quarter);
}

static size_t upper_half_name(uint64_t number, char *name)
{
    name_in_quarter(2 + number % 2, name);
    return name_bytes_max;
}

// Where all keys are in the upper half of the hashes, the memory's limit can come
// down below all of them: the listing goes on above it, and its first page is
// not an empty one.
static void test_limit_below_all(void)
{
    struct names_port names = names_init(32000, upper_half_name);
    struct listing list = {.block_count = 0};
    struct page page;
    CHECK_STATUS(STATUS_OK, list_page(&list, &names.port, NULL, &page));
    CHECK_NUMBER(2, names.scans);
    check_page(&page, NULL);
    CHECK_NUMBER(16000, page.key_count);
    CHECK(page.more && page.cursor >> 62 == 2);
    uint64_t cursor = page.cursor;
    page_free(&page);
    CHECK_STATUS(STATUS_OK, list_page(&list, &names.port, &cursor, &page));
    check_page(&page, &cursor);
    CHECK_NUMBER(16000, page.key_count);
    CHECK(!page.more);
    page_free(&page);
}

// ---- What is no key ----

static enum status every_other(uint64_t number)
{
    return number % 3 == 0 ? STATUS_OK : number % 3 == 1 ? STATUS_NO_ENTRY : STATUS_BAD_NAME;
}

// Entries that vanish while they are listed, or whose names the host cannot
// give, are skipped.
static void test_skipped(void)
{
    struct names_port names = names_init(300, short_name);
    names.status_of = every_other;
    struct listing list = {.block_count = 0};
    struct page page;
    CHECK_STATUS(STATUS_OK, list_page(&list, &names.port, NULL, &page));
    CHECK_NUMBER(100, page.key_count);
    page_free(&page);
}

static enum status never(uint64_t number)
{
    (void)number;
    return STATUS_NO_ENTRY;
}

// A host that has only vanished entries to tell of, without end, gets an error.
static void test_skipped_without_end(void)
{
    struct names_port names = names_init(UINT64_MAX, short_name);
    names.status_of = never;
    struct listing list = {.block_count = 0};
    struct page page;
    CHECK_STATUS(STATUS_UNREADABLE, list_page(&list, &names.port, NULL, &page));
    names.count = walk_skipped_max - 1;
    CHECK_STATUS(STATUS_OK, list_page(&list, &names.port, NULL, &page));
    CHECK_NUMBER(0, page.key_count);
    page_free(&page);
}

static enum status remove_looked(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)watch;
    if (call == CALL_STAT && bytes_equal(path, BYTES("b/vanishes"))) {
        file_remove("b/vanishes");
    }
    return STATUS_OK;
}

// A file name that is not UTF-8, a name that is no key's, and anything but a
// regular file are not listed and disturb nothing, whether the host tells their
// kinds or not.
static void test_no_keys(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/key", BYTES(""));
    file_write("b/a%2Fb", BYTES(""));
    file_write("b/%", BYTES(""));
    static const char *const others[] = {"b/\xFF\xFE", "b/\xC0\xAF",    "b/.git", "b/%25x",
                                         "b/a\\b",     "b/%2e%00%25%2", "b/.swp"};
    unsigned other_keys = 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        file_write(others[i], BYTES(""));
        uint8_t name[name_bytes_max];
        size_t size;
        other_keys += name_decode(NAMES_PLAIN, text(others[i] + 2), name, &size) ? 1 : 0;
    }
    CHECK_NUMBER(0, other_keys);
    directory_make("b/directory");
    CHECK(symlink("key", "b/link") == 0);
    CHECK(mkfifo("b/pipe", 0666) == 0);
    for (int unknown = 0; unknown < 2; unknown++) {
        test_step("kinds are %s", unknown ? "unknown" : "known");
        fixture.watch.unknown_kinds = unknown;
        if (unknown) {
            file_write("b/vanishes", BYTES(""));
            fixture.watch.before = remove_looked;
        }
        struct page page;
        CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
        CHECK_NUMBER(3, page.key_count);
        unsigned found = 0;
        for (size_t i = 0; i < 3; i++) {
            struct bytes key = buffer_bytes(&page.keys[i]);
            found |= bytes_equal(key, BYTES("key")) ? 1U : 0;
            found |= bytes_equal(key, BYTES("a/b")) ? 2U : 0;
            found |= bytes_equal(key, BYTES("")) ? 4U : 0;
        }
        CHECK_NUMBER(7, found);
        page_free(&page);
    }
    CHECK(!file_exists("b/vanishes"));
    fixture_end(&fixture);
}

// ---- Through the store ----

// Cursors as text are 16 upper-case hex digits, and nothing else is one.
static void test_cursor_text(void)
{
    static const char *const bad[] = {
        "",
        "0",
        "000000000000000",
        "00000000000000000",
        "000000000000000g",
        "000000000000000a",
        "0x00000000000000",
        "-000000000000001",
        " 000000000000000",
        "key",
    };
    struct fixture fixture;
    fixture_start(&fixture);
    make_keys(0, 10);
    struct page page;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        test_step("\"%s\"", bad[i]);
        struct bytes cursor = text(bad[i]);
        CHECK_STATUS(STATUS_BAD_CURSOR, store_list_text(fixture.bucket, &cursor, &page));
        check_message(&fixture, "list-keys: bucket \"b\": the cursor");
    }
    struct bytes cursor = BYTES("0000000000000000");
    CHECK_STATUS(STATUS_OK, store_list_text(fixture.bucket, &cursor, &page));
    CHECK_NUMBER(10, page.key_count);
    page_free(&page);
    cursor = BYTES("FFFFFFFFFFFFFFFF");
    CHECK_STATUS(STATUS_OK, store_list_text(fixture.bucket, &cursor, &page));
    CHECK_NUMBER(0, page.key_count);
    page_free(&page);
    CHECK_STATUS(STATUS_OK, store_list_text(fixture.bucket, NULL, &page));
    CHECK_NUMBER(10, page.key_count);
    page_free(&page);
    fixture_end(&fixture);
}

// Two buckets that are listed in turns, and a cursor of one used for the other,
// never mix their keys.
static void test_two_buckets(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    make_keys(0, 1500);
    directory_make("c");
    file_write("c/only", BYTES(""));
    struct bucket *other;
    CHECK_STATUS(STATUS_OK, store_open(&fixture.store, BYTES("c"), &other));
    struct page page;
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    uint64_t cursor = page.cursor;
    page_free(&page);
    CHECK_STATUS(STATUS_OK, store_list(other, &cursor, &page));
    CHECK(page.key_count <= 1 && !page.more);
    page_free(&page);
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, &cursor, &page));
    check_page(&page, &cursor);
    CHECK_NUMBER(500, page.key_count);
    page_free(&page);
    // A bucket that is closed for good takes what its scan kept with it.
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    page_free(&page);
    store_close(other);
    fixture_end(&fixture);
}

// The listing of a bucket whose directory is gone, or is something else by now, is an error.
static void test_removed_bucket(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_remove("b");
    struct page page;
    CHECK_STATUS(STATUS_NO_SUCH_STORE, store_list(fixture.bucket, NULL, &page));
    file_write("b", BYTES(""));
    CHECK_STATUS(STATUS_NO_SUCH_STORE, store_list(fixture.bucket, NULL, &page));
    file_remove("b");
    directory_make("b");
    file_write("b/k", BYTES(""));
    CHECK_STATUS(STATUS_OK, store_list(fixture.bucket, NULL, &page));
    CHECK_NUMBER(1, page.key_count);
    page_free(&page);
    fixture_end(&fixture);
}

// The hash is part of the format: these never change.
static void test_hash(void)
{
    CHECK_NUMBER(0xEFD01F60BA992926, listing_hash(BYTES("")));
    CHECK_NUMBER(0x984080E52CD1950C, listing_hash(BYTES("user:123")));
    CHECK_NUMBER(0x2EB895F56869EAA1, listing_hash(BYTES("gr\xC3\xB6\xC3\x9F\x65")));
}

const struct test list_tests[] = {
    {"list.hash", test_hash},
    {"list.pages", test_pages},
    {"list.fresh_store", test_fresh_store},
    {"list.changes_between", test_changes_between},
    {"list.twins", test_twins},
    {"list.million", test_million},
    {"list.longest_keys", test_longest_keys},
    {"list.many_of_one_hash", test_many_of_one_hash},
    {"list.too_many_of_one_hash", test_too_many_of_one_hash},
    {"list.limit_below_all", test_limit_below_all},
    {"list.skipped", test_skipped},
    {"list.skipped_without_end", test_skipped_without_end},
    {"list.no_keys", test_no_keys},
    {"list.cursor_text", test_cursor_text},
    {"list.two_buckets", test_two_buckets},
    {"list.removed_bucket", test_removed_bucket},
    {NULL, NULL},
};
