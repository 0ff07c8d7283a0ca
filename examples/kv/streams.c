#include "streams.h"

#include <stdlib.h>

static void flush(struct stream *stream)
{
    if (stream->size > 0 && !stream->failed) {
        kv_list_u8_t contents = {stream->buffer, stream->size};
        wasi_io_streams_stream_error_t error;
        if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(
                wasi_io_streams_borrow_output_stream(stream->handle), &contents, &error)) {
            wasi_io_streams_stream_error_free(&error);
            stream->failed = true;
        }
    }
    stream->size = 0;
}

static void stream_write(struct output *output, struct bytes bytes)
{
    struct stream *stream = (struct stream *)output;
    while (bytes.size > 0) {
        size_t room = sizeof stream->buffer - stream->size;
        size_t size = bytes.size < room ? bytes.size : room;
        memcpy(stream->buffer + stream->size, bytes.data, size);
        stream->size += size;
        bytes = (struct bytes){bytes.data + size, bytes.size - size};
        if (stream->size == sizeof stream->buffer) {
            flush(stream);
        }
    }
}

void stream_open(struct stream *stream, wasi_io_streams_own_output_stream_t handle, bool json)
{
    stream->output = (struct output){
        .write = stream_write, .json = json, .raw = true, .done = "", .name = "kv: "};
    stream->handle = handle;
    stream->failed = false;
    stream->size = 0;
}

bool stream_close(struct stream *stream)
{
    flush(stream);
    wasi_io_streams_output_stream_drop_own(stream->handle);
    return !stream->failed;
}

// Makes room for `more` bytes behind those of `value`.
static bool make_room(struct value *value, size_t *room, size_t more)
{
    if (more <= *room - value->size) {
        return true;
    }
    if (*room > SIZE_MAX / 2 - more) {
        return false;
    }
    size_t larger = *room * 2 + more;
    uint8_t *data = realloc(value->data, larger);
    if (data == NULL) {
        return false;
    }
    value->data = data;
    *room = larger;
    return true;
}

static enum status read_on(wasi_io_streams_borrow_input_stream_t input, struct value *value)
{
    size_t room = 0;
    for (;;) {
        kv_list_u8_t read;
        wasi_io_streams_stream_error_t error;
        if (!wasi_io_streams_method_input_stream_blocking_read(input, stream_read_bytes_max, &read,
                                                               &error)) {
            bool ended = error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED;
            wasi_io_streams_stream_error_free(&error);
            return ended ? STATUS_OK : STATUS_IO;
        }
        bool fits = make_room(value, &room, read.len);
        if (fits && read.len > 0) {
            memcpy(value->data + value->size, read.ptr, read.len);
            value->size += read.len;
        }
        kv_list_u8_free(&read);
        if (!fits) {
            return STATUS_NO_MEMORY;
        }
    }
}

enum status stream_read_input(struct value *value)
{
    struct value made = {NULL, 0};
    wasi_cli_stdin_own_input_stream_t input = wasi_cli_stdin_get_stdin();
    enum status status = read_on(wasi_io_streams_borrow_input_stream(input), &made);
    wasi_io_streams_input_stream_drop_own(input);
    if (status == STATUS_OK) {
        *value = made;
    } else {
        value_free(&made);
    }
    return status;
}
