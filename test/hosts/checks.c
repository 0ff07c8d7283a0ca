// checks.c: the checks that both drafts have alike. Each leaves the bucket as it
// found it, but for the keys of `names: ...`, which run.py looks for on the disk.
#include "groups.h"

#include "core/message.h"

#include <stdlib.h>

enum {
    listed_count = 2500, // three pages
    page_keys_max = 1000,
    handle_count = 1000,
};

// ---- Opening ----

static void check_open(bucket_handle bucket)
{
    want_absent(bucket, "k");
    store_own_bucket_t other;
    if (call_open(suite_bucket, &other)) {
        want_set(store_borrow_bucket(other), "k", "v");
        want_value(bucket, "k", "v");
        want_delete(bucket, "k");
        want_absent(store_borrow_bucket(other), "k");
        store_bucket_drop_own(other);
    }
}

static void check_open_missing(bucket_handle bucket)
{
    (void)bucket;
    store_own_bucket_t other;
    bool ok = call_open("missing", &other);
    want_error(ok, ANSWER_NO_SUCH_STORE, "");
    if (ok) {
        store_bucket_drop_own(other);
    }
}

static void check_handles(bucket_handle bucket)
{
    store_own_bucket_t *handles = calloc(handle_count, sizeof *handles);
    int opened = 0;
    while (opened < handle_count && call_open(suite_bucket, &handles[opened])) {
        opened++;
    }
    want(opened == handle_count, "open fails with many handles");
    want_set(bucket, "k", "v");
    for (int i = 0; i < opened; i++) {
        if (i % 100 == 0) {
            want_value(store_borrow_bucket(handles[i]), "k", "v");
        }
        store_bucket_drop_own(handles[i]);
    }
    free(handles);
    want_delete(bucket, "k");
}

// ---- Values ----

static void check_values(bucket_handle bucket)
{
    want_set(bucket, "k", "first");
    want_value(bucket, "k", "first");
    want_set(bucket, "k", "2nd");
    want_value(bucket, "k", "2nd");
    want_set(bucket, "k", "");
    want_value(bucket, "k", "");
    want_delete(bucket, "k");
    want_absent(bucket, "k");
    want_delete(bucket, "k");
}

static void check_sizes(bucket_handle bucket, const size_t *sizes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *data = malloc(sizes[i]);
        if (data == NULL) {
            want(false, "out of memory");
            return;
        }
        for (size_t at = 0; at < sizes[i]; at++) {
            data[at] = (uint8_t)(at % 65521 * 7);
        }
        struct bytes value = {data, sizes[i]};
        want_ok(call_set(bucket, text("k"), value), "set");
        want_bytes(bucket, text("k"), value);
        free(data);
    }
    want_delete(bucket, "k");
}

static void check_64k(bucket_handle bucket)
{
    const size_t sizes[] = {256, 65535, 65536, 65537};
    check_sizes(bucket, sizes, 4);
}

static void check_5m(bucket_handle bucket)
{
    const size_t sizes[] = {5 * 1024 * 1024 + 1};
    check_sizes(bucket, sizes, 1);
}

// ---- Names: the keys stay, each with itself as its value; run.py has their file names ----

static void leave(bucket_handle bucket, struct bytes key)
{
    want_ok(call_set(bucket, key, key), "set");
    want_bytes(bucket, key, key);
}

static void leave_texts(bucket_handle bucket, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        leave(bucket, text(keys[i]));
    }
}

static void check_plain_names(bucket_handle bucket)
{
    const char *const keys[] = {"user:123", "100%", "a b\tc\nd", "%zz",
                                "~",        "CON",  "a.",        "*?<>|\""};
    leave_texts(bucket, keys, sizeof keys / sizeof *keys);
}

static void check_escaped_names(bucket_handle bucket)
{
    const char *const keys[] = {"", ".", "..", ".hidden", "a/b", "/", "a\\b", "%2F", "%", "../x"};
    leave_texts(bucket, keys, sizeof keys / sizeof *keys);
    leave(bucket, BYTES("nul\0nul"));
}

// The letter with its dots, and followed by them: two keys that look alike.
static void check_utf8_names(bucket_handle bucket)
{
    const char *const keys[] = {"gr\u00f6\u00dfe", "gro\u0308\u00dfe", "\u952e", "\U0001f511"};
    leave_texts(bucket, keys, sizeof keys / sizeof *keys);
}

static void check_case_names(bucket_handle bucket)
{
    const char *const keys[] = {"letter", "Letter", "LETTER"};
    leave_texts(bucket, keys, sizeof keys / sizeof *keys);
}

static void check_long_name(bucket_handle bucket)
{
    uint8_t key[255];
    memset(key, 'n', sizeof key);
    leave(bucket, (struct bytes){key, sizeof key});
}

static void check_too_long_name(bucket_handle bucket)
{
    uint8_t key[256];
    memset(key, 'n', sizeof key);
    want_error(call_set(bucket, (struct bytes){key, sizeof key}, BYTES("v")), ANSWER_OTHER, "256");
}

// ---- Listing: keys "list-0000", ... ----

struct listed {
    uint8_t seen[listed_count]; // how often
    size_t pages;
    size_t largest_page;
};

static struct bytes numbered(char key[10], size_t number)
{
    memcpy(key, "list-0000", 10);
    for (size_t at = 8; number > 0; at--) {
        key[at] = (char)('0' + number % 10);
        number /= 10;
    }
    return (struct bytes){(uint8_t *)key, 9};
}

static void make_numbered(bucket_handle bucket, size_t count)
{
    static char names[listed_count][10];
    static struct bytes keys[listed_count];
    for (size_t i = 0; i < count; i++) {
        keys[i] = numbered(names[i], i);
    }
    want_ok(call_set_many(bucket, keys, keys, count), "set-many");
}

static void remove_numbered(bucket_handle bucket)
{
    for (size_t i = 0; i < listed_count; i++) {
        char key[10];
        (void)numbered(key, i);
        want_delete(bucket, key);
    }
}

static void count_page(const component_list_string_t *keys, struct listed *listed)
{
    listed->pages++;
    listed->largest_page = keys->len > listed->largest_page ? keys->len : listed->largest_page;
    for (size_t i = 0; i < keys->len; i++) {
        const component_string_t *key = &keys->ptr[i];
        if (key->len == 9 && memcmp(key->ptr, "list-", 5) == 0) {
            size_t number = 0;
            for (size_t at = 5; at < 9; at++) {
                number = number * 10 + (size_t)(key->ptr[at] - '0');
            }
            listed->seen[number % listed_count]++;
        }
    }
}

// Lists all pages behind the cursor; between two pages, deletes the keys from
// `removed` on, if there are any.
static void list_from(bucket_handle bucket, struct cursor cursor, size_t removed,
                      struct listed *listed)
{
    *listed = (struct listed){.pages = 0};
    do {
        component_list_string_t keys;
        bool ok = draft_list(bucket, &cursor, &keys);
        want_ok(ok, "list-keys");
        if (!ok) {
            return;
        }
        count_page(&keys, listed);
        component_list_string_free(&keys);
        for (size_t i = removed; i < listed_count && listed->pages == 1; i++) {
            char key[10];
            (void)numbered(key, i);
            want_delete(bucket, key);
        }
    } while (cursor.some && listed->pages < listed_count);
}

static void want_each_once(const struct listed *listed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        want(listed->seen[i] != 0, "a key is missing");
        want(listed->seen[i] <= 1, "a key is listed twice");
    }
}

static const struct cursor start = {.some = false};

static void check_list(bucket_handle bucket)
{
    struct listed listed;
    make_numbered(bucket, 3);
    list_from(bucket, start, listed_count, &listed);
    want_each_once(&listed, 3);
    want(listed.pages == 1, "more than one page");
    remove_numbered(bucket);
    list_from(bucket, start, listed_count, &listed);
    want(listed.seen[0] == 0, "a deleted key is listed");
}

static void check_pages(bucket_handle bucket)
{
    static struct listed listed;
    make_numbered(bucket, listed_count);
    list_from(bucket, start, listed_count, &listed);
    want_each_once(&listed, listed_count);
    want(listed.largest_page <= page_keys_max, "a page has more than 1000 keys");
    remove_numbered(bucket);
}

static void check_list_while_changed(bucket_handle bucket)
{
    static struct listed listed;
    make_numbered(bucket, listed_count);
    list_from(bucket, start, listed_count / 2, &listed);
    want_each_once(&listed, listed_count / 2);
    remove_numbered(bucket);
}

// A cursor stays good: through another handle, and for a second time.
static void check_cursor_again(bucket_handle bucket)
{
    static struct listed listed[2];
    make_numbered(bucket, listed_count);
    struct cursor cursor = start;
    component_list_string_t keys;
    want_ok(draft_list(bucket, &cursor, &keys), "list-keys");
    component_list_string_free(&keys);
    want(cursor.some, "there is no second page");
    store_own_bucket_t other;
    if (call_open(suite_bucket, &other)) {
        list_from(bucket, cursor, listed_count, &listed[0]);
        list_from(store_borrow_bucket(other), cursor, listed_count, &listed[1]);
        want(memcmp(listed[0].seen, listed[1].seen, listed_count) == 0, "it lists other keys");
        store_bucket_drop_own(other);
    }
    remove_numbered(bucket);
}

static void check_last_cursor(bucket_handle bucket)
{
    struct cursor cursor = draft_last_cursor;
    component_list_string_t keys;
    want_ok(draft_list(bucket, &cursor, &keys), "list-keys");
    want(keys.len == 0 && !cursor.some, "it lists keys");
    component_list_string_free(&keys);
}

// ---- Counters ----

static void check_increment(bucket_handle bucket)
{
    want_sum(bucket, "n", 5, 5);
    want_sum(bucket, "n", 0, 5);
    want_sum(bucket, "n", 1, 6);
    want_delete(bucket, "n");
}

static void check_counter_bytes(bucket_handle bucket)
{
    want_sum(bucket, "n", 258, 258);
    want_bytes(bucket, text("n"), BYTES("\2\1\0\0\0\0\0\0"));
    want_ok(call_set(bucket, text("n"), BYTES("\377\0\0\0\0\0\0\0")), "set");
    want_sum(bucket, "n", 1, 256);
    want_delete(bucket, "n");
}

static void check_counter_text(bucket_handle bucket)
{
    want_set(bucket, "n", "41\n");
    want_sum(bucket, "n", 1, 42);
    want_value(bucket, "n", "42\n");
    want_delete(bucket, "n");
}

// The one form that most implementations have in common.
static void check_counter_digits(bucket_handle bucket)
{
    want_set(bucket, "n", "0");
    want_sum(bucket, "n", 41, 41);
    want_sum(bucket, "n", 1, 42);
    want_value(bucket, "n", "42");
    want_delete(bucket, "n");
}

static void check_overflow(bucket_handle bucket)
{
    int64_t sum;
    want_sum(bucket, "n", draft_largest, draft_largest);
    want_error(draft_increment(bucket, text("n"), 1, &sum), ANSWER_OTHER, "");
    want_sum(bucket, "n", 0, draft_largest);
    want_delete(bucket, "n");
}

static void check_no_counter(bucket_handle bucket)
{
    int64_t sum;
    want_set(bucket, "n", "many");
    want_error(draft_increment(bucket, text("n"), 1, &sum), ANSWER_OTHER, "");
    want_value(bucket, "n", "many");
    want_delete(bucket, "n");
}

// ---- Batches ----

static void check_set_many(bucket_handle bucket)
{
    const struct bytes keys[] = {BYTES("a"), BYTES("b"), BYTES("a")};
    const struct bytes values[] = {BYTES("1"), BYTES("2"), BYTES("3")};
    want_ok(call_set_many(bucket, keys, values, 3), "set-many");
    want_value(bucket, "a", "3"); // in the order given
    want_value(bucket, "b", "2");
    want_ok(call_set_many(bucket, keys, values, 0), "set-many of nothing");
    want_delete(bucket, "a");
    want_delete(bucket, "b");
}

static void want_slot(const component_option_tuple2_string_list_u8_t *slot, const char *key,
                      const char *value)
{
    want(slot->is_some == (value != NULL), "get-many finds a missing key, or misses one");
    if (slot->is_some && value != NULL) {
        want(bytes_equal((struct bytes){slot->val.f0.ptr, slot->val.f0.len}, text(key)) &&
                 bytes_equal((struct bytes){slot->val.f1.ptr, slot->val.f1.len}, text(value)),
             "get-many gives another key or value");
    }
}

static void check_get_many(bucket_handle bucket)
{
    const struct bytes keys[] = {BYTES("b"), BYTES("missing"), BYTES("a"), BYTES("b")};
    component_list_option_tuple2_string_list_u8_t slots;
    want_set(bucket, "a", "1");
    want_set(bucket, "b", "");
    want_ok(call_get_many(bucket, keys, 4, &slots), "get-many");
    want(slots.len == 4, "not a slot for each key");
    if (slots.len == 4) {
        want_slot(&slots.ptr[0], "b", "");
        want_slot(&slots.ptr[1], "missing", NULL);
        want_slot(&slots.ptr[2], "a", "1");
        want_slot(&slots.ptr[3], "b", "");
    }
    component_list_option_tuple2_string_list_u8_free(&slots);
    want_ok(call_get_many(bucket, keys, 0, &slots), "get-many of nothing");
    want(slots.len == 0, "slots for no keys");
    want_delete(bucket, "a");
    want_delete(bucket, "b");
}

static void check_delete_many(bucket_handle bucket)
{
    const struct bytes keys[] = {BYTES("a"), BYTES("missing"), BYTES("b")};
    want_set(bucket, "a", "1");
    want_set(bucket, "b", "2");
    want_set(bucket, "c", "3");
    want_ok(call_delete_many(bucket, keys, 3), "delete-many");
    want_absent(bucket, "a");
    want_absent(bucket, "b");
    want_value(bucket, "c", "3");
    want_ok(call_delete_many(bucket, keys, 0), "delete-many of nothing");
    want_delete(bucket, "c");
}

static void check_failing_batch(bucket_handle bucket)
{
    uint8_t name[256];
    memset(name, 'n', sizeof name);
    const struct bytes keys[] = {BYTES("a"), {name, sizeof name}, BYTES("b")};
    want_error(call_set_many(bucket, keys, keys, 3), ANSWER_OTHER, "set-many");
    want_value(bucket, "a", "a");
    want_absent(bucket, "b");
    want_delete(bucket, "a");
}

// ---- Errors ----

static void check_error_text(bucket_handle bucket)
{
    int64_t sum;
    want_set(bucket, "n", "many");
    bool ok = draft_increment(bucket, text("n"), 1, &sum);
    char part[256] = "";
    struct message message = {part, sizeof part - 1, 0};
    message_text(&message, "increment: bucket ");
    message_quoted(&message, text(suite_bucket[0] != '\0' ? suite_bucket : "default"));
    message_text(&message, ", key \"n\": the value is not");
    want_error(ok, ANSWER_OTHER, part);
    want(!ok && strchr(said.text, '\n') == NULL, "the error has more than one line");
    want_delete(bucket, "n");
}

// ---- What else lies in the bucket: run.py put it there ----

static void check_file(bucket_handle bucket)
{
    want_value(bucket, "file", "from outside");
    want_set(bucket, "file", "from inside");
    want_value(bucket, "file", "from inside");
}

static void check_text_counter(bucket_handle bucket)
{
    want_sum(bucket, "page_views", 1, 42);
}

static void check_eight_digits(bucket_handle bucket)
{
    int64_t sum;
    want_error(draft_increment(bucket, text("eight"), 1, &sum), ANSWER_OTHER, "8 bytes");
    want_value(bucket, "eight", "12345678");
}

// Absent to a read, and no change touches it.
static void check_other_kind(bucket_handle bucket, const char *key, const char *kind)
{
    int64_t sum;
    want_absent(bucket, key);
    want_error(call_set(bucket, text(key), BYTES("v")), ANSWER_OTHER, kind);
    want_error(draft_increment(bucket, text(key), 1, &sum), ANSWER_OTHER, kind);
    want_error(call_delete_many(bucket, (struct bytes[]){text(key)}, 1), ANSWER_OTHER, kind);
}

static void check_directory(bucket_handle bucket)
{
    check_other_kind(bucket, "directory", "directory");
}

static void check_link(bucket_handle bucket)
{
    check_other_kind(bucket, "link", "symbolic link");
}

static void check_pipe(bucket_handle bucket)
{
    check_other_kind(bucket, "pipe", "pipe");
}

static void check_only_files_listed(bucket_handle bucket)
{
    struct cursor cursor = start;
    component_list_string_t keys;
    want_ok(draft_list(bucket, &cursor, &keys), "list-keys");
    want(keys.len == 3, "not the three regular files alone are listed");
    component_list_string_free(&keys);
}

static void check_file_as_bucket(bucket_handle bucket)
{
    (void)bucket;
    store_own_bucket_t other;
    want_error(call_open("file", &other), ANSWER_OTHER, "directory");
}

// ---- In other surroundings ----

static void check_settings(bucket_handle bucket)
{
    want_set(bucket, "k", "v");
    want_value(bucket, "k", "v");
    want_sum(bucket, "n", 1, 1);
    want_delete(bucket, "n");
}

static void check_portable_names(bucket_handle bucket)
{
    const char *const keys[] = {"letter",          "Letter",          "CON", "a:b", "a.",
                                "gr\u00f6\u00dfe", "gro\u0308\u00dfe"};
    leave_texts(bucket, keys, sizeof keys / sizeof *keys);
}

static void check_bad_setting(bucket_handle bucket)
{
    (void)bucket;
    store_own_bucket_t other;
    want_error(call_open("", &other), ANSWER_OTHER, "KEYVALUE_FILESYSTEM_DURABLE");
}

static void check_no_permission(bucket_handle bucket)
{
    int64_t sum;
    want_value(bucket, "file", "from outside");
    want_error(call_set(bucket, text("k"), BYTES("v")), ANSWER_ACCESS_DENIED, "");
    want_error(draft_increment(bucket, text("k"), 1, &sum), ANSWER_ACCESS_DENIED, "");
    want_absent(bucket, "k");
}

static void check_no_room(bucket_handle bucket)
{
    size_t size = 4 * 1024 * 1024;
    uint8_t *data = calloc(size, 1);
    want_set(bucket, "k", "before");
    want_error(call_set(bucket, text("k"), (struct bytes){data, size}), ANSWER_OTHER,
               "set: bucket \"default\", key \"k\"");
    want_value(bucket, "k", "before");
    want_set(bucket, "k", "after");
    want_value(bucket, "k", "after");
    free(data);
}

// So many times, beside another process that does the same; run.py has the sum.
static void check_together(bucket_handle bucket)
{
    int64_t sum;
    for (int i = 0; i < 200; i++) {
        want_ok(draft_increment(bucket, text("n"), 1, &sum), "increment");
    }
}

// ---- The groups ----

static const struct check contract[] = {
    {"open: the default bucket", check_open},
    {"open: a missing bucket", check_open_missing},
    {"open: a thousand handles", check_handles},
    {"get, set, delete, exists", check_values},
    {"values: 64 KiB and a byte more or less", check_64k},
    {"values: 5 MiB", check_5m},
    {"names: plain", check_plain_names},
    {"names: escaped", check_escaped_names},
    {"names: UTF-8", check_utf8_names},
    {"names: capital and small letters", check_case_names},
    {"names: 255 bytes", check_long_name},
    {"names: 256 bytes are refused", check_too_long_name},
    {"list-keys: three keys", check_list},
    {"list-keys: 2500 keys in pages of 1000", check_pages},
    {"list-keys: while keys are deleted", check_list_while_changed},
    {"list-keys: the same cursor again", check_cursor_again},
    {"list-keys: the last cursor there is", check_last_cursor},
    {"increment: a new key", check_increment},
    {"increment: 8 bytes, little-endian", check_counter_bytes},
    {"increment: text stays text", check_counter_text},
    {"increment: text without a line break", check_counter_digits},
    {"increment: overflow is refused", check_overflow},
    {"increment: what is no counter is refused", check_no_counter},
    {"batch: set-many", check_set_many},
    {"batch: get-many", check_get_many},
    {"batch: delete-many", check_delete_many},
    {"batch: stops at a failing key", check_failing_batch},
    {"errors: the text", check_error_text},
};

static const struct check files[] = {
    {"files: only regular ones are listed", check_only_files_listed},
    {"files: a value from outside", check_file},
    {"files: a counter from outside", check_text_counter},
    {"files: 8 digits are refused", check_eight_digits},
    {"files: a directory as a key", check_directory},
    {"files: a symbolic link as a key", check_link},
    {"files: a pipe as a key", check_pipe},
};

static const struct check file_as_bucket[] = {
    {"files: a file as a bucket", check_file_as_bucket},
};

static const struct check settings[] = {
    {"settings: a root below, new buckets, durable", check_settings},
};

static const struct check portable[] = {
    {"names: portable", check_portable_names},
};

static const struct check bad_setting[] = {
    {"settings: one that is not understood", check_bad_setting},
};

static const struct check no_permission[] = {
    {"errors: no permission", check_no_permission},
};

static const struct check no_room[] = {
    {"errors: no room for a value", check_no_room},
};

static const struct check together[] = {
    {"increment: beside another process", check_together},
};

const char group_any_bucket[] = "";

const struct group *group_find(struct bytes name)
{
    static struct group groups[] = {
        {"contract", group_any_bucket, {{contract, sizeof contract / sizeof *contract}}},
        {"files", group_any_bucket, {{files, sizeof files / sizeof *files}}},
        {"file-as-bucket", NULL, {{file_as_bucket, 1}}},
        {"settings", "made", {{settings, 1}}},
        {"portable", "made", {{portable, 1}}},
        {"bad-setting", NULL, {{bad_setting, 1}}},
        {"no-permission", group_any_bucket, {{no_permission, 1}}},
        {"no-room", group_any_bucket, {{no_room, 1}}},
        {"together", group_any_bucket, {{together, 1}}},
    };
    groups[0].parts[1] = draft_checks;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        if (bytes_equal(name, text(groups[i].name))) {
            return &groups[i];
        }
    }
    return NULL;
}
