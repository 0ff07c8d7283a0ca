#include "suite.h"

#include "core/message.h"
#include "groups.h"

#include <stdlib.h>

struct said said;
const char *suite_bucket = "";

static struct {
    char text[2400]; // the error's text, and what was called
    struct message message;
} difference;

// ---- Calls ----

component_string_t string_of(struct bytes bytes)
{
    return (component_string_t){(uint8_t *)(uintptr_t)bytes.data, bytes.size};
}

component_list_u8_t list_of(struct bytes bytes)
{
    return (component_list_u8_t){(uint8_t *)(uintptr_t)bytes.data, bytes.size};
}

struct bytes text(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

bool say(store_error_t *error)
{
    static const enum answer answers[] = {ANSWER_NO_SUCH_STORE, ANSWER_ACCESS_DENIED, ANSWER_OTHER};
    said = (struct said){.answer = answers[error->tag]};
    if (error->tag == STORE_ERROR_OTHER) {
        size_t room = sizeof said.text - 1;
        size_t size = error->val.other.len < room ? error->val.other.len : room;
        memcpy(said.text, error->val.other.ptr, size);
    }
    store_error_free(error);
    return false;
}

bool call_open(const char *identifier, store_own_bucket_t *bucket)
{
    component_string_t string = string_of(text(identifier));
    store_error_t error;
    return store_open(&string, bucket, &error) || say(&error);
}

bool call_set(bucket_handle bucket, struct bytes key, struct bytes value)
{
    component_string_t string = string_of(key);
    component_list_u8_t list = list_of(value);
    store_error_t error;
    return store_method_bucket_set(bucket, &string, &list, &error) || say(&error);
}

static bool call_get(bucket_handle bucket, struct bytes key, component_option_list_u8_t *value)
{
    component_string_t string = string_of(key);
    store_error_t error;
    *value = (component_option_list_u8_t){.is_some = false};
    return store_method_bucket_get(bucket, &string, value, &error) || say(&error);
}

static bool call_exists(bucket_handle bucket, struct bytes key, bool *exists)
{
    component_string_t string = string_of(key);
    store_error_t error;
    *exists = false;
    return store_method_bucket_exists(bucket, &string, exists, &error) || say(&error);
}

static bool call_delete(bucket_handle bucket, struct bytes key)
{
    component_string_t string = string_of(key);
    store_error_t error;
    return store_method_bucket_delete(bucket, &string, &error) || say(&error);
}

static component_string_t *strings_of(const struct bytes *keys, size_t count)
{
    component_string_t *strings = calloc(count + 1, sizeof *strings);
    for (size_t i = 0; i < count && strings != NULL; i++) {
        strings[i] = string_of(keys[i]);
    }
    return strings;
}

bool call_set_many(bucket_handle bucket, const struct bytes *keys, const struct bytes *values,
                   size_t count)
{
    component_list_tuple2_string_list_u8_t pairs = {calloc(count + 1, sizeof *pairs.ptr), count};
    for (size_t i = 0; i < count && pairs.ptr != NULL; i++) {
        pairs.ptr[i].f0 = string_of(keys[i]);
        pairs.ptr[i].f1 = list_of(values[i]);
    }
    store_error_t error;
    bool ok = batch_set_many(bucket, &pairs, &error) || say(&error);
    free(pairs.ptr);
    return ok;
}

bool call_get_many(bucket_handle bucket, const struct bytes *keys, size_t count,
                   component_list_option_tuple2_string_list_u8_t *slots)
{
    component_list_string_t list = {strings_of(keys, count), count};
    store_error_t error;
    *slots = (component_list_option_tuple2_string_list_u8_t){NULL, 0};
    bool ok = batch_get_many(bucket, &list, slots, &error) || say(&error);
    free(list.ptr);
    return ok;
}

bool call_delete_many(bucket_handle bucket, const struct bytes *keys, size_t count)
{
    component_list_string_t list = {strings_of(keys, count), count};
    store_error_t error;
    bool ok = batch_delete_many(bucket, &list, &error) || say(&error);
    free(list.ptr);
    return ok;
}

// ---- Wishes ----

static void append(const char *what)
{
    message_text(&difference.message, what);
}

void want(bool truth, const char *what)
{
    if (!truth && difference.message.size == 0) {
        append(what);
    }
}

static void append_said(void)
{
    static const char *const names[] = {"ok", "no-such-store", "access-denied", "other: "};
    append(names[said.answer]);
    append(said.text);
}

void want_ok(bool ok, const char *call)
{
    if (!ok && difference.message.size == 0) {
        append(call);
        append(": ");
        append_said();
    }
}

void want_error(bool ok, enum answer answer, const char *part)
{
    want(!ok, "succeeded");
    if (!ok && (said.answer != answer || strstr(said.text, part) == NULL) &&
        difference.message.size == 0) {
        append("another error: ");
        append_said();
    }
}

void want_set(bucket_handle bucket, const char *key, const char *value)
{
    want_ok(call_set(bucket, text(key), text(value)), "set");
}

void want_bytes(bucket_handle bucket, struct bytes key, struct bytes value)
{
    component_option_list_u8_t got;
    bool exists;
    want_ok(call_get(bucket, key, &got), "get");
    want(got.is_some, "get finds nothing");
    want(!got.is_some || bytes_equal((struct bytes){got.val.ptr, got.val.len}, value),
         "get gives another value");
    component_option_list_u8_free(&got);
    want_ok(call_exists(bucket, key, &exists), "exists");
    want(exists, "exists is false");
}

void want_value(bucket_handle bucket, const char *key, const char *value)
{
    want_bytes(bucket, text(key), text(value));
}

void want_absent(bucket_handle bucket, const char *key)
{
    component_option_list_u8_t got;
    bool exists;
    want_ok(call_get(bucket, text(key), &got), "get");
    want(!got.is_some, "get finds a value");
    component_option_list_u8_free(&got);
    want_ok(call_exists(bucket, text(key), &exists), "exists");
    want(!exists, "exists is true");
}

void want_delete(bucket_handle bucket, const char *key)
{
    want_ok(call_delete(bucket, text(key)), "delete");
}

void want_sum(bucket_handle bucket, const char *key, int64_t delta, int64_t sum)
{
    int64_t got = 0;
    want_ok(draft_increment(bucket, text(key), delta, &got), "increment");
    want(got == sum, "increment gives another sum");
}

// ---- The command ----

static void print(const char *line)
{
    wasi_io_streams_own_output_stream_t out = wasi_cli_stdout_get_stdout();
    component_list_u8_t list = list_of(text(line));
    wasi_io_streams_stream_error_t error;
    if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(
            wasi_io_streams_borrow_output_stream(out), &list, &error)) {
        wasi_io_streams_stream_error_free(&error); // who reads misses the line
    }
    wasi_io_streams_output_stream_drop_own(out);
}

// The name goes out first: if the check ends the run, it is the last one told.
static void run_check(const struct check *check, const char *identifier)
{
    print(check->name);
    memset(difference.text, 0, sizeof difference.text);
    difference.message = (struct message){difference.text, sizeof difference.text - 1, 0};
    store_own_bucket_t bucket = {0};
    bool opened = identifier != NULL && call_open(identifier, &bucket);
    if (identifier != NULL) {
        want_ok(opened, "open");
    }
    if (opened || identifier == NULL) {
        check->run(store_borrow_bucket(bucket));
    }
    if (opened) {
        store_bucket_drop_own(bucket);
    }
    print(difference.message.size > 0 ? ": differs: " : ": ok");
    print(difference.text);
    print("\n");
}

static size_t number_of(const component_string_t *string)
{
    size_t number = 0;
    for (size_t i = 0; i < string->len; i++) {
        number = number * 10 + (size_t)(string->ptr[i] - '0');
    }
    return number;
}

// Kept to the end of the run.
static const char *text_of(const component_string_t *string)
{
    char *copy = calloc(string->len + 1, 1);
    if (copy != NULL) {
        memcpy(copy, string->ptr, string->len);
    }
    return copy != NULL ? copy : "";
}

static bool run(const component_list_string_t *arguments)
{
    if (arguments->len < 2) {
        return false;
    }
    struct bytes name = {arguments->ptr[1].ptr, arguments->ptr[1].len};
    size_t passed = arguments->len > 2 ? number_of(&arguments->ptr[2]) : 0;
    size_t left = arguments->len > 4 ? number_of(&arguments->ptr[4]) : SIZE_MAX;
    const struct group *group = group_find(name);
    if (group == NULL) {
        return false;
    }
    if (arguments->len > 3) {
        suite_bucket = text_of(&arguments->ptr[3]);
    }
    for (size_t part = 0; part < group_parts; part++) {
        for (size_t i = 0; i < group->parts[part].count && left > 0; i++) {
            if (passed > 0) {
                passed--;
            } else {
                left--;
                run_check(&group->parts[part].list[i],
                          group->bucket == group_any_bucket ? suite_bucket : group->bucket);
            }
        }
    }
    return true;
}

bool exports_wasi_cli_run_run(void)
{
    component_list_string_t arguments;
    wasi_cli_environment_get_arguments(&arguments);
    bool ok = run(&arguments);
    component_list_string_free(&arguments);
    return ok;
}
