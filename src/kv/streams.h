// streams.h: standard output and error with a buffer each, and standard input.
#ifndef STREAMS_H
#define STREAMS_H

#include "cli/session.h"
#include "host.h"

enum {
    stream_buffer_bytes = 64 * 1024,
    stream_input_bytes_max = 1024 * 1024 * 1024, // of a value that comes from standard input
};

// After a failed write the rest is dropped, and `output.failed` set.
struct stream {
    struct output output;
    enum host_stream host;
    size_t size;
    uint8_t buffer[stream_buffer_bytes];
};

// `name` goes before messages.
void stream_open(struct stream *stream, enum host_stream host, const char *name);

// Writes out what is buffered. False if not all of it got there, now or before.
bool stream_flush(struct stream *stream);

// Reads standard input to its end. STATUS_NO_MEMORY, STATUS_IO, or
// STATUS_TOO_LARGE over stream_input_bytes_max.
enum status stream_read_all(struct buffer *value);

// Asks a person yes or no; false where none is there.
bool stream_ask(struct output *err, const struct message *question, bool *yes);

#endif
