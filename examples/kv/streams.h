// streams.h: standard input, output and error, through wasi:cli and wasi:io.
#ifndef STREAMS_H
#define STREAMS_H

#include "cli/output.h"
#include "core/buffer.h"
#include "core/status.h"
#include "kv.h"

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

// Takes `handle`; stream_close gives it back. `name` goes in front of messages.
void stream_open(struct stream *stream, wasi_io_streams_own_output_stream_t handle,
                 const char *name);

// Writes out what is buffered.
void stream_flush(struct stream *stream);

// Writes out what is buffered and closes. False if not all of it got there.
bool stream_close(struct stream *stream);

// Standard input, piece by piece.
struct input {
    wasi_cli_stdin_own_input_stream_t handle;
    kv_list_u8_t piece;
};

void input_open(struct input *input);
void input_close(struct input *input);

// Gives the next bytes, good until the next call. STATUS_END behind the last
// one, STATUS_IO on failure.
enum status input_read(struct input *input, struct bytes *piece);

// Reads standard input to its end. STATUS_NO_MEMORY or STATUS_IO on failure.
enum status input_read_all(struct buffer *value);

#endif
