#include "streams.h"

#include <stdlib.h>

bool stream_flush(struct stream *stream)
{
    if (stream->size > 0 && !stream->output.failed) {
        stream->output.failed =
            !host_write(stream->host, (struct bytes){stream->buffer, stream->size});
    }
    stream->size = 0;
    return !stream->output.failed;
}

static void flush(struct output *output)
{
    (void)stream_flush((struct stream *)output); // `failed` keeps it for the end
}

static void write(struct output *output, struct bytes bytes)
{
    struct stream *stream = (struct stream *)output;
    while (bytes.size > 0) {
        size_t room = sizeof stream->buffer - stream->size;
        size_t size = bytes.size < room ? bytes.size : room;
        memcpy(stream->buffer + stream->size, bytes.data, size);
        stream->size += size;
        bytes = (struct bytes){bytes.data + size, bytes.size - size};
        if (stream->size == sizeof stream->buffer) {
            flush(output);
        }
    }
}

void stream_open(struct stream *stream, enum host_stream host, const char *name)
{
    struct bytes off;
    bool terminal = host_is_terminal(host);
    stream->output = (struct output){
        .write = write,
        .flush = flush,
        .raw = !terminal,
        .terminal = terminal,
        .colour = terminal && !host_environment("NO_COLOR", &off),
        .done = "",
        .name = name,
    };
    stream->host = host;
    stream->size = 0;
}

// Makes room for `more` bytes after those of `value`.
static bool make_room(struct buffer *value, size_t *room, size_t more)
{
    if (more <= *room - value->size) {
        return true;
    }
    size_t larger = *room + *room / 2 + more;
    uint8_t *data = realloc(value->data, larger);
    if (data == NULL) {
        return false;
    }
    value->data = data;
    *room = larger;
    return true;
}

enum status stream_read_all(struct buffer *value)
{
    struct buffer made = {NULL, 0};
    size_t room = 0;
    struct bytes piece;
    enum status status = host_read(&piece);
    for (; status == STATUS_OK; status = host_read(&piece)) {
        if (piece.size > stream_input_bytes_max - made.size) {
            status = STATUS_TOO_LARGE;
            break;
        }
        if (!make_room(&made, &room, piece.size)) {
            status = STATUS_NO_MEMORY;
            break;
        }
        if (piece.size > 0) {
            memcpy(made.data + made.size, piece.data, piece.size);
            made.size += piece.size;
        }
    }
    if (status != STATUS_END) {
        buffer_free(&made);
        return status;
    }
    *value = made;
    return STATUS_OK;
}

bool stream_ask(struct output *err, const struct message *question, bool *yes)
{
    if (!host_is_terminal(HOST_IN) || !host_is_terminal(HOST_ERR)) {
        return false;
    }
    print_text(err, err->name);
    print_message(err, question);
    print_text(err, " [y/N] ");
    print_flush(err);
    struct bytes answer;
    *yes = host_read(&answer) == STATUS_OK && answer.size > 0 &&
           (answer.data[0] == 'y' || answer.data[0] == 'Y');
    return true;
}
