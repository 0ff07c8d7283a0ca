// http_counter: a page-view counter over HTTP, which wasi:keyvalue keeps.
//
// `GET /` adds 1 to the key page_views of the bucket my-bucket and answers with
// the sum. No view is lost and none counted twice, however many instances answer
// at once: increment is atomic.
#include "http_counter.h"

#include <string.h>

#define STORE(name) wasi_keyvalue_0_2_0_draft_store_##name
#define ATOMICS(name) wasi_keyvalue_0_2_0_draft_atomics_##name
#define HTTP(name) wasi_http_types_##name

enum { answer_bytes_max = 2048 };

struct answer {
    uint16_t status;
    size_t size;
    uint8_t text[answer_bytes_max];
};

static http_counter_string_t string_of(const char *text)
{
    return (http_counter_string_t){(uint8_t *)(uintptr_t)text, strlen(text)};
}

static void say(struct answer *answer, http_counter_string_t text)
{
    size_t room = sizeof answer->text - answer->size;
    size_t size = text.len < room ? text.len : room;
    memcpy(answer->text + answer->size, text.ptr, size);
    answer->size += size;
}

static void say_number(struct answer *answer, uint64_t number)
{
    uint8_t digits[20]; // of 2^64 - 1
    size_t at = sizeof digits;
    do {
        digits[--at] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(answer, (http_counter_string_t){digits + at, sizeof digits - at});
}

// Says what the store says, and frees it.
static void say_error(struct answer *answer, STORE(error_t) * error)
{
    answer->status = 500;
    switch (error->tag) {
    case WASI_KEYVALUE_0_2_0_DRAFT_STORE_ERROR_NO_SUCH_STORE:
        say(answer, string_of("there is no bucket my-bucket; make its directory"));
        break;
    case WASI_KEYVALUE_0_2_0_DRAFT_STORE_ERROR_ACCESS_DENIED:
        say(answer, string_of("access to the bucket my-bucket is denied"));
        break;
    default:
        say(answer, error->val.other);
        break;
    }
    STORE(error_free)(error);
}

static void count_view(struct answer *answer)
{
    http_counter_string_t identifier = string_of("my-bucket");
    http_counter_string_t key = string_of("page_views");
    STORE(own_bucket_t) bucket;
    STORE(error_t) error;
    if (!STORE(open)(&identifier, &bucket, &error)) {
        say_error(answer, &error);
        return;
    }
    uint64_t views;
    if (ATOMICS(increment)(STORE(borrow_bucket)(bucket), &key, 1, &views, &error)) {
        answer->status = 200;
        say_number(answer, views);
    } else {
        say_error(answer, &error);
    }
    STORE(bucket_drop_own)(bucket);
}

// True for "/" and for "/?...".
static bool asks_for_page(HTTP(borrow_incoming_request_t) request)
{
    http_counter_string_t path;
    if (!HTTP(method_incoming_request_path_with_query)(request, &path)) {
        return false;
    }
    bool page = path.len > 0 && path.ptr[0] == '/' && (path.len == 1 || path.ptr[1] == '?');
    http_counter_string_free(&path);
    return page;
}

// Sends the answer's text. Where the client is gone there is nobody to tell.
static void send_text(const struct answer *answer, HTTP(own_outgoing_body_t) body)
{
    HTTP(own_output_stream_t) stream;
    if (HTTP(method_outgoing_body_write)(HTTP(borrow_outgoing_body)(body), &stream)) {
        http_counter_list_u8_t list = {(uint8_t *)(uintptr_t)answer->text, answer->size};
        wasi_io_streams_stream_error_t error;
        if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(
                wasi_io_streams_borrow_output_stream(stream), &list, &error)) {
            wasi_io_streams_stream_error_free(&error);
        }
        wasi_io_streams_output_stream_drop_own(stream);
    }
    HTTP(error_code_t) error;
    if (!HTTP(static_outgoing_body_finish)(body, NULL, &error)) {
        HTTP(error_code_free)(&error);
    }
}

void exports_wasi_http_incoming_handler_handle(
    exports_wasi_http_incoming_handler_own_incoming_request_t request,
    exports_wasi_http_incoming_handler_own_response_outparam_t response_out)
{
    struct answer answer = {.status = 404};
    if (asks_for_page(HTTP(borrow_incoming_request)(request))) {
        count_view(&answer);
    } else {
        say(&answer, string_of("the counter is at /"));
    }
    say(&answer, string_of("\n"));
    HTTP(incoming_request_drop_own)(request);

    HTTP(own_outgoing_response_t)
    response = HTTP(constructor_outgoing_response)(HTTP(constructor_fields)());
    // A new response takes any status there is, and gives its body once.
    (void)HTTP(method_outgoing_response_set_status_code)(HTTP(borrow_outgoing_response)(response),
                                                         answer.status);
    HTTP(own_outgoing_body_t) body;
    bool has_body =
        HTTP(method_outgoing_response_body)(HTTP(borrow_outgoing_response)(response), &body);
    HTTP(result_own_outgoing_response_error_code_t) result = {.is_err = false, .val.ok = response};
    HTTP(static_response_outparam_set)(response_out, &result);
    if (has_body) {
        send_text(&answer, body);
    }
}
