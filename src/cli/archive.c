// Reading an archive.
#include "archive.h"

#include "core/hex.h"
#include "core/message.h"
#include "core/utf8.h"

#include <stdlib.h>

enum {
    AT_FIRST_LINE,
    AT_HEAD,  // the line before a key, or that of the end
    AT_BODY,  // a key and a value
    AT_CHECK, // the line after them
    AT_END,
    AT_FAULT,
};

static enum archive_event wrong(struct archive_reader *reader, const char *what)
{
    reader->state = AT_FAULT;
    reader->wrong = what;
    return ARCHIVE_WRONG;
}

static enum archive_event damaged(struct archive_reader *reader)
{
    return wrong(reader, "it is damaged; export it again");
}

static struct bytes take(struct bytes *input, size_t size)
{
    struct bytes taken = {input->data, size};
    *input = (struct bytes){input->data + size, input->size - size};
    return taken;
}

static bool take_text(struct bytes *line, struct bytes text)
{
    if (line->size < text.size || !bytes_equal((struct bytes){line->data, text.size}, text)) {
        return false;
    }
    take(line, text.size);
    return true;
}

// A number as the writer puts it: digits, none of them a leading zero.
static bool take_number(struct bytes *line, uint64_t *number)
{
    uint64_t read = 0;
    size_t digits = 0;
    for (; digits < line->size; digits++) {
        unsigned digit = (unsigned)line->data[digits] - '0';
        if (digit > 9) {
            break;
        }
        if ((digits == 1 && read == 0) || read > (UINT64_MAX - digit) / 10) {
            return false;
        }
        read = read * 10 + digit;
    }
    take(line, digits);
    *number = read;
    return digits > 0;
}

// The rest of the line: the checksum of all before it.
static bool take_check(struct archive_reader *reader, struct bytes rest)
{
    struct bytes before = {reader->line, reader->line_size - rest.size};
    uint32_t crc = archive_crc(reader->crc, before);
    uint32_t told = 0;
    for (size_t i = 0; i < rest.size && i < archive_crc_digits; i++) {
        unsigned digit = hex_value(rest.data[i]);
        if (digit > 15) {
            return false;
        }
        told = told << 4 | digit;
    }
    if (rest.size != archive_crc_digits + 1 || rest.data[archive_crc_digits] != '\n' ||
        told != crc) {
        return false;
    }
    reader->crc = archive_crc(crc, rest);
    return true;
}

static enum archive_event read_first_line(struct archive_reader *reader, struct bytes line)
{
    bool one = bytes_equal(line, BYTES(ARCHIVE_FIRST_LINE "\n"));
    bool all = bytes_equal(line, BYTES(ARCHIVE_FIRST_LINE_OF_ALL "\n"));
    if (one && reader->takes_all) {
        return wrong(reader, "it is an export of one bucket; import it into one");
    }
    if (all && !reader->takes_all) {
        return wrong(reader, "it is an export of all buckets; import it with kv import --all");
    }
    if (one || all) {
        reader->crc = archive_crc(0, line);
        reader->state = AT_HEAD;
        return ARCHIVE_BEGUN;
    }
    if (take_text(&line, BYTES("kv-export "))) {
        return wrong(reader, "it is an export of another version; this kv reads 1 and 2");
    }
    return wrong(reader, "it is no export: its first line is not " ARCHIVE_FIRST_LINE);
}

static enum archive_event read_end(struct archive_reader *reader, struct bytes line)
{
    uint64_t keys;
    if (!take_number(&line, &keys) || !take_text(&line, BYTES(" crc ")) ||
        !take_check(reader, line)) {
        return damaged(reader);
    }
    if (keys != reader->keys) {
        return wrong(reader, "its end tells another number of keys than there were");
    }
    reader->state = AT_END;
    return ARCHIVE_ENDED;
}

static enum archive_event begin_body(struct archive_reader *reader, uint64_t key_size,
                                     uint64_t value_size)
{
    if (key_size > archive_size_max || value_size > archive_size_max - key_size) {
        return wrong(reader, "a key and its value in it are over 2 GiB");
    }
    reader->key_size = (size_t)key_size;
    reader->value_size = (size_t)value_size;
    reader->body.size = 0;
    reader->state = AT_BODY;
    return ARCHIVE_HUNGRY;
}

static enum archive_event read_bucket(struct archive_reader *reader, struct bytes line)
{
    uint64_t size;
    if (!take_number(&line, &size) || !take_text(&line, BYTES(" crc ")) ||
        !take_check(reader, line)) {
        return damaged(reader);
    }
    reader->is_bucket = true;
    return begin_body(reader, size, 0);
}

static enum archive_event read_head(struct archive_reader *reader, struct bytes line)
{
    uint64_t key_size;
    uint64_t value_size;
    reader->is_bucket = false;
    if (take_text(&line, BYTES("end "))) {
        return read_end(reader, line);
    }
    if (reader->takes_all && take_text(&line, BYTES("bucket "))) {
        return read_bucket(reader, line);
    }
    if (!take_text(&line, BYTES("key ")) || !take_number(&line, &key_size) ||
        !take_text(&line, BYTES(" value ")) || !take_number(&line, &value_size) ||
        !take_text(&line, BYTES(" crc ")) || !take_check(reader, line)) {
        return damaged(reader);
    }
    if (reader->takes_all && !reader->in_bucket) {
        return wrong(reader, "a key in it is in no bucket");
    }
    return begin_body(reader, key_size, value_size);
}

static enum archive_event read_check(struct archive_reader *reader, struct bytes line)
{
    if (!take_text(&line, BYTES("crc ")) || !take_check(reader, line)) {
        return damaged(reader);
    }
    if (!utf8_valid(archive_key(reader))) {
        return wrong(reader, reader->is_bucket ? "a bucket's name in it is not valid UTF-8"
                                               : "a key in it is not valid UTF-8");
    }
    reader->state = AT_HEAD;
    reader->in_bucket = true;
    if (reader->is_bucket) {
        return ARCHIVE_BUCKET;
    }
    reader->keys++;
    return ARCHIVE_KEY;
}

// Takes what there is of a line; a whole one is read.
static enum archive_event take_line(struct archive_reader *reader, struct bytes *input)
{
    uint8_t byte = 0;
    while (byte != '\n') {
        if (input->size == 0) {
            return ARCHIVE_HUNGRY;
        }
        if (reader->line_size == sizeof reader->line) {
            return reader->state == AT_FIRST_LINE
                       ? read_first_line(reader, (struct bytes){reader->line, reader->line_size})
                       : damaged(reader);
        }
        byte = *take(input, 1).data;
        reader->line[reader->line_size++] = byte;
        reader->at++;
    }
    struct bytes line = {reader->line, reader->line_size};
    enum archive_event event = reader->state == AT_FIRST_LINE ? read_first_line(reader, line)
                               : reader->state == AT_HEAD     ? read_head(reader, line)
                                                              : read_check(reader, line);
    reader->line_size = 0;
    return event;
}

// Makes room for more of a body of `size` bytes, as much as is there already and a
// step, no more than it will take.
static bool make_room(struct archive_reader *reader, size_t size)
{
    if (reader->body.size < reader->room) {
        return true;
    }
    size_t room = reader->room +
                  (reader->body.size > archive_step_bytes ? reader->body.size : archive_step_bytes);
    room = room < size ? room : size;
    uint8_t *data = realloc(reader->body.data, room);
    if (data == NULL) {
        return false;
    }
    reader->body.data = data;
    reader->room = room;
    return true;
}

static enum archive_event take_body(struct archive_reader *reader, struct bytes *input)
{
    struct buffer *body = &reader->body;
    size_t size = reader->key_size + 1 + (reader->is_bucket ? 0 : reader->value_size + 1);
    while (body->size < size && input->size > 0) {
        if (!make_room(reader, size)) {
            reader->state = AT_FAULT;
            return ARCHIVE_NO_MEMORY;
        }
        size_t room = (reader->room < size ? reader->room : size) - body->size;
        struct bytes taken = take(input, input->size < room ? input->size : room);
        memcpy(body->data + body->size, taken.data, taken.size);
        body->size += taken.size;
        reader->at += taken.size;
        reader->crc = archive_crc(reader->crc, taken);
    }
    if (body->size == size) {
        if (body->data[reader->key_size] != '\n' || body->data[size - 1] != '\n') {
            return damaged(reader);
        }
        reader->state = AT_CHECK;
    }
    return ARCHIVE_HUNGRY;
}

enum archive_event archive_read(struct archive_reader *reader, struct bytes *input)
{
    enum archive_event event = ARCHIVE_HUNGRY;
    while (event == ARCHIVE_HUNGRY && input->size > 0) {
        if (reader->state == AT_FAULT) {
            return reader->wrong != NULL ? ARCHIVE_WRONG : ARCHIVE_NO_MEMORY;
        }
        if (reader->state == AT_END) {
            return wrong(reader, "it goes on after its end; one stream is one export");
        }
        event = reader->state == AT_BODY ? take_body(reader, input) : take_line(reader, input);
    }
    return event;
}

// True if the input may go on to be an export's first line.
static bool may_begin(struct bytes line)
{
    static const struct bytes firsts[2] = {
        {(const uint8_t *)ARCHIVE_FIRST_LINE, sizeof ARCHIVE_FIRST_LINE - 1},
        {(const uint8_t *)ARCHIVE_FIRST_LINE_OF_ALL, sizeof ARCHIVE_FIRST_LINE_OF_ALL - 1},
    };
    for (unsigned i = 0; i < 2; i++) {
        struct bytes first = firsts[i];
        first.size = line.size < first.size ? line.size : first.size;
        if (bytes_equal(line, first)) {
            return true;
        }
    }
    return false;
}

enum archive_event archive_cut(struct archive_reader *reader)
{
    if (reader->state == AT_END) {
        return ARCHIVE_ENDED;
    }
    struct bytes line = {reader->line, reader->line_size};
    if (reader->state == AT_FIRST_LINE && !may_begin(line)) {
        return read_first_line(reader, line);
    }
    return wrong(reader, reader->at == 0 ? "it is empty" : "it was cut: its end is missing");
}

struct bytes archive_key(const struct archive_reader *reader)
{
    return (struct bytes){reader->body.data, reader->key_size};
}

struct bytes archive_value(const struct archive_reader *reader)
{
    return (struct bytes){reader->body.data + reader->key_size + 1, reader->value_size};
}

void archive_free(struct archive_reader *reader)
{
    buffer_free(&reader->body);
    *reader = (struct archive_reader){.state = AT_FIRST_LINE};
}
