#include "request.h"

#include <stdlib.h>

#define HTTP(name) wasi_http_types_##name

enum { body_piece_bytes_max = 64 * 1024 };

static struct bytes bytes_of(explorer_string_t text)
{
    return (struct bytes){text.ptr, text.len};
}

static enum method read_method(HTTP(borrow_incoming_request_t) handle)
{
    HTTP(method_t) method;
    HTTP(method_incoming_request_method)(handle, &method);
    enum method read = method.tag == WASI_HTTP_TYPES_METHOD_GET    ? METHOD_GET
                       : method.tag == WASI_HTTP_TYPES_METHOD_HEAD ? METHOD_HEAD
                       : method.tag == WASI_HTTP_TYPES_METHOD_POST ? METHOD_POST
                                                                   : METHOD_OTHER;
    HTTP(method_free)(&method);
    return read;
}

// Copies a header that is there once into `value`, which keeps it.
static const struct bytes *read_header(HTTP(borrow_fields_t) headers, const char *name,
                                       struct bytes *value)
{
    explorer_string_t key = {(uint8_t *)(uintptr_t)name, strlen(name)};
    HTTP(list_field_value_t) values;
    HTTP(method_fields_get)(headers, &key, &values);
    bool once = values.len == 1 && values.ptr[0].len > 0;
    if (once) {
        *value = (struct bytes){values.ptr[0].ptr, values.ptr[0].len};
        values.len = 0; // its bytes are `value`'s now
    }
    if (once) {
        free(values.ptr);
    } else {
        HTTP(list_field_value_free)(&values);
    }
    return once ? value : NULL;
}

static void read_headers(struct request *request)
{
    HTTP(own_fields_t)
    fields = HTTP(method_incoming_request_headers)(HTTP(borrow_incoming_request)(request->handle));
    HTTP(borrow_fields_t) headers = HTTP(borrow_fields)(fields);
    request->origin = read_header(headers, "origin", &request->headers[0]);
    request->site = read_header(headers, "sec-fetch-site", &request->headers[1]);
    request->content_type = read_header(headers, "content-type", &request->headers[2]);
    HTTP(fields_drop_own)(fields);
}

static bool read_address(struct request *request, explorer_string_t address)
{
    size_t path_size = bytes_find(bytes_of(address), '?');
    size_t begin = path_size;
    while (begin > 0 && address.ptr[begin - 1] != '/') {
        begin--;
    }
    request->route = (struct bytes){address.ptr + begin, path_size - begin};
    size_t query = path_size < address.len ? path_size + 1 : path_size;
    return form_parse(address.ptr + query, address.len - query, &request->query);
}

bool request_open(struct request *request,
                  exports_wasi_http_incoming_handler_own_incoming_request_t handle,
                  struct failure *failure)
{
    *request = (struct request){.handle = handle};
    HTTP(borrow_incoming_request_t) borrowed = HTTP(borrow_incoming_request)(handle);
    request->method = read_method(borrowed);
    if (HTTP(method_incoming_request_authority)(borrowed, &request->texts[0])) {
        request->authority = bytes_of(request->texts[0]);
    }
    read_headers(request);
    if (HTTP(method_incoming_request_path_with_query)(borrowed, &request->texts[1]) &&
        !read_address(request, request->texts[1])) {
        return fail(failure, 400, "The address is not valid: too many fields, or not UTF-8.");
    }
    return true;
}

void request_close(struct request *request)
{
    free(request->piece.ptr);
    if (request->has_body) {
        wasi_io_streams_input_stream_drop_own(request->stream);
        HTTP(incoming_body_drop_own)(request->body);
    }
    HTTP(incoming_request_drop_own)(request->handle);
    for (size_t i = 0; i < sizeof request->headers / sizeof *request->headers; i++) {
        free((uint8_t *)(uintptr_t)request->headers[i].data);
    }
    free(request->texts[0].ptr);
    free(request->texts[1].ptr);
}

static bool open_body(struct request *request)
{
    if (request->has_body) {
        return true;
    }
    if (!HTTP(method_incoming_request_consume)(HTTP(borrow_incoming_request)(request->handle),
                                               &request->body)) {
        return false;
    }
    if (!HTTP(method_incoming_body_stream)(HTTP(borrow_incoming_body)(request->body),
                                           &request->stream)) {
        HTTP(incoming_body_drop_own)(request->body);
        return false;
    }
    request->has_body = true;
    return true;
}

enum body_read request_read(struct request *request, struct bytes *piece)
{
    if (!open_body(request)) {
        return BODY_FAILED;
    }
    free(request->piece.ptr);
    request->piece = (explorer_list_u8_t){.ptr = NULL};
    wasi_io_streams_stream_error_t error;
    if (!wasi_io_streams_method_input_stream_blocking_read(
            wasi_io_streams_borrow_input_stream(request->stream), body_piece_bytes_max,
            &request->piece, &error)) {
        request->piece = (explorer_list_u8_t){.ptr = NULL};
        enum body_read read =
            error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED ? BODY_END : BODY_FAILED;
        wasi_io_streams_stream_error_free(&error);
        return read;
    }
    *piece = (struct bytes){request->piece.ptr, request->piece.len};
    if (request->piece.len == 0) {
        request->piece.ptr = NULL;
    }
    return BODY_PIECE;
}
