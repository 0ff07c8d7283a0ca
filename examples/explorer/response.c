#include "response.h"

#include "core/message.h"

#define HTTP(name) wasi_http_types_##name

static const struct header common_headers[] = {
    {"x-content-type-options", {(const uint8_t *)"nosniff", 7}},
    {"x-frame-options", {(const uint8_t *)"DENY", 4}},
    {"referrer-policy",
     {(const uint8_t *)"same-origin", 11}}, // with no-referrer a form would send `Origin: null`
    {"cross-origin-resource-policy", {(const uint8_t *)"same-origin", 11}},
    {"cross-origin-opener-policy", {(const uint8_t *)"same-origin", 11}},
};

static void append(HTTP(borrow_fields_t) fields, const struct header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HTTP(field_key_t)
        name = {(uint8_t *)(uintptr_t)headers[i].name, strlen(headers[i].name)};
        HTTP(field_value_t)
        value = {(uint8_t *)(uintptr_t)headers[i].value.data, headers[i].value.size};
        HTTP(header_error_t) error;
        // A host may reserve a header for itself; the others are sent.
        if (!HTTP(method_fields_append)(fields, &name, &value, &error)) {
            HTTP(header_error_free)(&error);
        }
    }
}

static void flush(struct body *body)
{
    if (body->size == 0 || body->failed) {
        return;
    }
    explorer_list_u8_t list = {body->buffer, body->size};
    wasi_io_streams_stream_error_t error;
    if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(
            wasi_io_streams_borrow_output_stream(body->stream), &list, &error)) {
        wasi_io_streams_stream_error_free(&error);
        body->failed = true;
    }
    body->size = 0;
}

static void write(struct output *output, struct bytes bytes)
{
    struct body *body = (struct body *)output;
    while (bytes.size > 0 && !body->failed) {
        size_t room = sizeof body->buffer - body->size;
        size_t size = bytes.size < room ? bytes.size : room;
        memcpy(body->buffer + body->size, bytes.data, size);
        body->size += size;
        bytes = (struct bytes){bytes.data + size, bytes.size - size};
        if (body->size == sizeof body->buffer) {
            flush(body);
        }
    }
}

bool response_begin(struct response *response, uint16_t status, const struct header *headers,
                    size_t header_count, struct body *body)
{
    HTTP(own_fields_t) fields = HTTP(constructor_fields)();
    HTTP(borrow_fields_t) borrowed = HTTP(borrow_fields)(fields);
    append(borrowed, common_headers, sizeof common_headers / sizeof *common_headers);
    append(borrowed, headers, header_count);
    if (response->size != NULL) {
        char text[20];
        struct message message = {text, sizeof text, 0};
        message_number(&message, *response->size);
        const struct header size = {"content-length", {(const uint8_t *)text, message.size}};
        append(borrowed, &size, 1);
    }
    HTTP(own_outgoing_response_t) answer = HTTP(constructor_outgoing_response)(fields);
    HTTP(borrow_outgoing_response_t) answer_borrowed = HTTP(borrow_outgoing_response)(answer);
    // A new response takes any valid status, and its body can be taken once.
    (void)HTTP(method_outgoing_response_set_status_code)(answer_borrowed, status);
    bool has_body = HTTP(method_outgoing_response_body)(answer_borrowed, &body->handle);
    HTTP(result_own_outgoing_response_error_code_t) result = {.is_err = false, .val.ok = answer};
    HTTP(static_response_outparam_set)(response->out, &result);
    if (!has_body) {
        return false;
    }
    body->output = (struct output){.write = write};
    body->size = 0;
    body->failed = false;
    if (!HTTP(method_outgoing_body_write)(HTTP(borrow_outgoing_body)(body->handle),
                                          &body->stream)) {
        HTTP(outgoing_body_drop_own)(body->handle);
        return false;
    }
    return true;
}

void response_end(struct body *body, bool whole)
{
    flush(body);
    wasi_io_streams_output_stream_drop_own(body->stream);
    if (!whole || body->failed) {
        HTTP(outgoing_body_drop_own)(body->handle);
        return;
    }
    HTTP(error_code_t) error;
    if (!HTTP(static_outgoing_body_finish)(body->handle, NULL, &error)) {
        HTTP(error_code_free)(&error);
    }
}

void response_send(struct response *response, uint16_t status, const struct header *headers,
                   size_t header_count, struct bytes content)
{
    struct body body;
    response->size = response->head_alone ? NULL : &content.size;
    if (response_begin(response, status, headers, header_count, &body)) {
        if (!response->head_alone) {
            write(&body.output, content);
        }
        response_end(&body, true);
    }
}
