// notes: a notebook for the command line, whose notes wasi:keyvalue keeps.
//
// A command is over at once, and what it opened and was given goes with it:
// nothing is dropped or freed here. test/component/consumer.c shows how that is done.
#include "notes_app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef notes_app_string_t string_t;
typedef notes_app_list_string_t strings_t;
typedef wasi_io_streams_own_output_stream_t stream_t;

static string_t string_of(const char *text)
{
    return (string_t){(uint8_t *)(uintptr_t)text, strlen(text)};
}

// A stream takes 4096 bytes at a time; where it is closed, there is nobody to tell.
static void put(stream_t stream, string_t text)
{
    wasi_io_streams_stream_error_t error;
    bool open = true;
    while (open && text.len > 0) {
        notes_app_list_u8_t piece = {text.ptr, text.len < 4096 ? text.len : 4096};
        open = wasi_io_streams_method_output_stream_blocking_write_and_flush(
            wasi_io_streams_borrow_output_stream(stream), &piece, &error);
        text = (string_t){text.ptr + piece.len, text.len - piece.len};
    }
}

static void put_line(stream_t stream, string_t start, const char *middle, string_t end)
{
    put(stream, start);
    put(stream, string_of(middle));
    put(stream, end);
    put(stream, string_of("\n"));
}

static bool open_bucket(const char *name, store_own_bucket_t *bucket, store_error_t *error)
{
    string_t identifier = string_of(name);
    return store_open(&identifier, bucket, error);
}

static bool add(strings_t words, store_error_t *error)
{
    size_t count = words.len / 2;
    notes_app_list_tuple2_string_list_u8_t pairs = {calloc(count, sizeof *pairs.ptr), count};
    if (pairs.ptr == NULL && count > 0) {
        *error = (store_error_t){.tag = STORE_ERROR_OTHER, .val.other = string_of("out of memory")};
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        string_t name = words.ptr[2 * i], text = words.ptr[2 * i + 1];
        pairs.ptr[i] = (notes_app_tuple2_string_list_u8_t){name, {text.ptr, text.len}};
    }
    store_own_bucket_t notes;
    return open_bucket("notes", &notes, error) &&
           batch_set_many(store_borrow_bucket(notes), &pairs, error);
}

// Each note, with how often it was shown.
static bool show(strings_t names, store_error_t *error)
{
    stream_t out = wasi_cli_stdout_get_stdout();
    store_own_bucket_t notes, views;
    notes_app_list_option_tuple2_string_list_u8_t found;
    if (!open_bucket("notes", &notes, error) || !open_bucket("views", &views, error) ||
        !batch_get_many(store_borrow_bucket(notes), &names, &found, error)) {
        return false;
    }
    for (size_t i = 0; i < found.len; i++) {
        if (!found.ptr[i].is_some) {
            put_line(out, names.ptr[i], ": no such note", string_of(""));
            continue;
        }
        int64_t count;
        if (!atomics_increment(store_borrow_bucket(views), &names.ptr[i], 1, &count, error)) {
            return false;
        }
        char middle[32];
        (void)snprintf(middle, sizeof middle, " (%lld): ", (long long)count);
        notes_app_list_u8_t text = found.ptr[i].val.f1;
        put_line(out, names.ptr[i], middle, (string_t){text.ptr, text.len});
    }
    return true;
}

// The names, in the store's order, page by page.
static bool list(store_error_t *error)
{
    stream_t out = wasi_cli_stdout_get_stdout();
    store_own_bucket_t notes;
    if (!open_bucket("notes", &notes, error)) {
        return false;
    }
    store_key_response_t page = {0};
    do {
        string_t cursor = page.cursor.val;
        if (!store_method_bucket_list_keys(store_borrow_bucket(notes),
                                           page.cursor.is_some ? &cursor : NULL, &page, error)) {
            return false;
        }
        for (size_t i = 0; i < page.keys.len; i++) {
            put_line(out, page.keys.ptr[i], "", string_of(""));
        }
    } while (page.cursor.is_some);
    return true;
}

// `remove` is a name of stdio.h.
static bool remove_notes(strings_t names, store_error_t *error)
{
    store_own_bucket_t notes, views;
    return open_bucket("notes", &notes, error) &&
           batch_delete_many(store_borrow_bucket(notes), &names, error) &&
           open_bucket("views", &views, error) &&
           batch_delete_many(store_borrow_bucket(views), &names, error);
}

static string_t message(const store_error_t *error)
{
    switch (error->tag) {
    case STORE_ERROR_NO_SUCH_STORE:
        return string_of("a bucket is missing: make the directories notes and views");
    case STORE_ERROR_ACCESS_DENIED:
        return string_of("access is denied");
    default:
        return error->val.other;
    }
}

static bool is(string_t command, const char *name)
{
    return command.len == strlen(name) && memcmp(command.ptr, name, command.len) == 0;
}

bool exports_wasi_cli_run_run(void)
{
    strings_t all;
    wasi_cli_environment_get_arguments(&all);
    string_t command = all.len > 1 ? all.ptr[1] : string_of("");
    strings_t words = {all.ptr + 2, all.len > 2 ? all.len - 2 : 0};
    bool done = false;
    store_error_t error = {.tag = STORE_ERROR_OTHER};
    if (is(command, "add") && words.len % 2 == 0) {
        done = add(words, &error);
    } else if (is(command, "show")) {
        done = show(words, &error);
    } else if (is(command, "list")) {
        done = list(&error);
    } else if (is(command, "remove")) {
        done = remove_notes(words, &error);
    } else {
        error.val.other =
            string_of("usage: add (NAME TEXT)... | show NAME... | list | remove NAME...");
    }
    if (!done) {
        put_line(wasi_cli_stderr_get_stderr(), string_of("notes: "), "", message(&error));
    }
    return done;
}
