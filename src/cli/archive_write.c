// Writing an archive.
#include "archive.h"

#include "core/hex.h"
#include "core/message.h"

// Sixteen steps in the table, so that it can be read.
uint32_t archive_crc(uint32_t crc, struct bytes bytes)
{
    static const uint32_t steps[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    crc = ~crc;
    for (size_t i = 0; i < bytes.size; i++) {
        crc ^= bytes.data[i];
        crc = steps[crc & 15] ^ crc >> 4;
        crc = steps[crc & 15] ^ crc >> 4;
    }
    return ~crc;
}

static void put(struct archive_writer *writer, struct bytes bytes)
{
    writer->crc = archive_crc(writer->crc, bytes);
    writer->output->write(writer->output, bytes);
}

static void put_number(struct archive_writer *writer, const char *before, uint64_t number)
{
    char text[archive_line_bytes_max];
    struct message message = {text, sizeof text, 0};
    message_text(&message, before);
    message_number(&message, number);
    put(writer, (struct bytes){(const uint8_t *)text, message.size});
}

// Ends a line with the checksum of all before it.
static void put_check(struct archive_writer *writer, struct bytes before)
{
    put(writer, before);
    uint8_t digits[archive_crc_digits + 1];
    for (unsigned i = 0; i < archive_crc_digits; i++) {
        digits[i] = hex_digit(writer->crc >> (4 * (archive_crc_digits - 1 - i)) & 15);
    }
    digits[archive_crc_digits] = '\n';
    put(writer, (struct bytes){digits, sizeof digits});
}

void archive_begin(struct archive_writer *writer, struct output *output)
{
    *writer = (struct archive_writer){.output = output};
    put(writer, BYTES(ARCHIVE_FIRST_LINE "\n"));
}

void archive_begin_all(struct archive_writer *writer, struct output *output)
{
    *writer = (struct archive_writer){.output = output};
    put(writer, BYTES(ARCHIVE_FIRST_LINE_OF_ALL "\n"));
}

void archive_bucket(struct archive_writer *writer, struct bytes bucket)
{
    put_number(writer, "bucket ", bucket.size);
    put_check(writer, BYTES(" crc "));
    put(writer, bucket);
    put_check(writer, BYTES("\ncrc "));
}

void archive_add(struct archive_writer *writer, struct bytes key, struct bytes value)
{
    put_number(writer, "key ", key.size);
    put_number(writer, " value ", value.size);
    put_check(writer, BYTES(" crc "));
    put(writer, key);
    put(writer, BYTES("\n"));
    put(writer, value);
    put_check(writer, BYTES("\ncrc "));
    writer->keys++;
}

void archive_end(struct archive_writer *writer)
{
    put_number(writer, "end ", writer->keys);
    put_check(writer, BYTES(" crc "));
}
