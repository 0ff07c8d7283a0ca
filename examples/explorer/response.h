// response.h: one answer, through wasi:http.
//
// Every answer carries what keeps a browser from taking a value for anything else
// than what it is sent as: a strict content security policy, nosniff, and no place
// in other pages.
#ifndef RESPONSE_H
#define RESPONSE_H

#include "cli/output.h"
#include "explorer.h"

enum { response_write_bytes_max = 4096 }; // what wasi:io takes in one blocking write

struct header {
    const char *name;
    struct bytes value;
};

// The body of an answer that is sent piece by piece. `output` writes to it.
struct body {
    struct output output;
    wasi_http_types_own_outgoing_body_t handle;
    wasi_io_streams_own_output_stream_t stream;
    bool failed; // the other side is gone: the rest is dropped
    size_t size;
    uint8_t buffer[response_write_bytes_max];
};

struct response {
    exports_wasi_http_incoming_handler_own_response_outparam_t out;
    bool head_alone;    // HEAD asks for no body
    const size_t *size; // of the body, where it is known
};

// Sends the status and the headers. False if there is no way to send a body.
bool response_begin(struct response *response, uint16_t status, const struct header *headers,
                    size_t header_count, struct body *body);

// Ends it. Unless it is `whole`, the other side is told that something is missing.
void response_end(struct body *body, bool whole);

// All of it in one.
void response_send(struct response *response, uint16_t status, const struct header *headers,
                   size_t header_count, struct bytes content);

#endif
