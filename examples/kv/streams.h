// streams.h: standard input, output and error, through wasi:cli and wasi:io.
#ifndef STREAMS_H
#define STREAMS_H

#include "kv.h"
#include "status.h"
#include "tool/output.h"
#include "value.h"

enum {
    stream_write_bytes_max = 4096, // what wasi:io takes in one blocking write
    stream_read_bytes_max = 64 * 1024,
};

// An output stream with a buffer. After a failed write the rest is dropped.
struct stream {
    struct output output;
    wasi_io_streams_own_output_stream_t handle;
    bool failed;
    size_t size;
    uint8_t buffer[stream_write_bytes_max];
};

// Takes `handle`; stream_close gives it back.
void stream_open(struct stream *stream, wasi_io_streams_own_output_stream_t handle, bool json);

// Writes out what is buffered and closes. False if not all of it got there.
bool stream_close(struct stream *stream);

// Reads standard input to its end. STATUS_NO_MEMORY or STATUS_IO on failure.
enum status stream_read_input(struct value *value);

#endif
