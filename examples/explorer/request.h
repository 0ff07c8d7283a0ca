// request.h: one request, as wasi:http hands it over.
#ifndef REQUEST_H
#define REQUEST_H

#include "explorer.h"
#include "failure.h"
#include "form.h"

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER };

// What the request says. A header that is absent, or present more than once, is NULL.
struct request {
    enum method method;
    struct bytes authority; // the Host that it asks for; empty if it names none
    struct bytes route;     // the last part of the path: "" for the page
    struct form query;
    const struct bytes *origin;
    const struct bytes *site;
    const struct bytes *content_type;

    wasi_http_types_own_incoming_request_t handle;
    wasi_http_types_own_incoming_body_t body;
    wasi_io_streams_own_input_stream_t stream;
    bool has_body;
    explorer_list_u8_t piece;
    struct bytes headers[3];
    explorer_string_t texts[2]; // that authority, route and query point into
};

// Takes the handle. False if the address is not valid; close the request even then.
bool request_open(struct request *request,
                  exports_wasi_http_incoming_handler_own_incoming_request_t handle,
                  struct failure *failure);
void request_close(struct request *request);

enum body_read { BODY_PIECE, BODY_END, BODY_FAILED };

// Gives the next bytes of the body, good until the next call.
enum body_read request_read(struct request *request, struct bytes *piece);

#endif
