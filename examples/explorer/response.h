// response.h: sends one response through wasi:http.
//
// Every response has the headers that keep a browser from guessing another type (nosniff)
// and other sites from embedding it.
#ifndef RESPONSE_H
#define RESPONSE_H

#include "cli/output.h"
#include "explorer.h"

enum { response_write_bytes_max = 4096 }; // what wasi:io takes in one blocking write

struct header {
    const char *name;
    struct bytes value;
};

// The body of a response that is sent piece by piece. `output` writes to it.
struct body {
    struct output output;
    wasi_http_types_own_outgoing_body_t handle;
    wasi_io_streams_own_output_stream_t stream;
    bool failed; // the client is gone; the rest is dropped
    size_t size;
    uint8_t buffer[response_write_bytes_max];
};

struct response {
    exports_wasi_http_incoming_handler_own_response_outparam_t out;
    bool head_alone;    // for HEAD
    const size_t *size; // of the body; NULL if it is not known
};

// Sends the status and the headers. False if no body can be sent.
bool response_begin(struct response *response, uint16_t status, const struct header *headers,
                    size_t header_count, struct body *body);

// Ends the body. Unless it is `whole`, the client sees that it was cut short.
void response_end(struct body *body, bool whole);

// Sends a whole response.
void response_send(struct response *response, uint16_t status, const struct header *headers,
                   size_t header_count, struct bytes content);

#endif
