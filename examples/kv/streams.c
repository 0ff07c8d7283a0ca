#include "streams.h"

#include <stdlib.h>

void stream_flush(struct stream *stream)
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
            stream_flush(stream);
        }
    }
}

void stream_open(struct stream *stream, wasi_io_streams_own_output_stream_t handle,
                 const char *name)
{
    stream->output = (struct output){.write = stream_write, .raw = true, .done = "", .name = name};
    stream->handle = handle;
    stream->failed = false;
    stream->size = 0;
}

bool stream_close(struct stream *stream)
{
    stream_flush(stream);
    wasi_io_streams_output_stream_drop_own(stream->handle);
    return !stream->failed;
}

// ---- Standard input ----

void input_open(struct input *input)
{
    *input = (struct input){.handle = wasi_cli_stdin_get_stdin()};
}

void input_close(struct input *input)
{
    kv_list_u8_free(&input->piece);
    wasi_io_streams_input_stream_drop_own(input->handle);
}

enum status input_read(struct input *input, struct bytes *piece)
{
    kv_list_u8_free(&input->piece);
    input->piece = (kv_list_u8_t){NULL, 0};
    wasi_io_streams_stream_error_t error;
    if (!wasi_io_streams_method_input_stream_blocking_read(
            wasi_io_streams_borrow_input_stream(input->handle), stream_read_bytes_max,
            &input->piece, &error)) {
        bool ended = error.tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED;
        wasi_io_streams_stream_error_free(&error);
        return ended ? STATUS_END : STATUS_IO;
    }
    *piece = (struct bytes){input->piece.ptr, input->piece.len};
    return STATUS_OK;
}

// Makes room for `more` bytes behind those of `value`.
static bool make_room(struct buffer *value, size_t *room, size_t more)
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

enum status input_read_all(struct buffer *value)
{
    struct buffer made = {NULL, 0};
    size_t room = 0;
    struct input input;
    input_open(&input);
    struct bytes piece;
    enum status status = input_read(&input, &piece);
    for (; status == STATUS_OK; status = input_read(&input, &piece)) {
        if (!make_room(&made, &room, piece.size)) {
            status = STATUS_NO_MEMORY;
            break;
        }
        if (piece.size > 0) {
            memcpy(made.data + made.size, piece.data, piece.size);
            made.size += piece.size;
        }
    }
    input_close(&input);
    if (status != STATUS_END) {
        buffer_free(&made);
        return status;
    }
    *value = made;
    return STATUS_OK;
}
