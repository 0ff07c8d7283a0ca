#include "message.h"

#include "hex.h"

static void push(struct message *message, const void *text, size_t size)
{
    size_t room = message->room - message->size;
    if (size > room) {
        return;
    }
    memcpy(message->text + message->size, text, size);
    message->size += size;
}

void message_text(struct message *message, const char *text)
{
    push(message, text, strlen(text));
}

void message_bytes(struct message *message, struct bytes text)
{
    push(message, text.data, text.size);
}

void message_number(struct message *message, uint64_t number)
{
    uint8_t digits[20]; // of 2^64 - 1
    size_t at = sizeof digits;
    do {
        digits[--at] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    push(message, digits + at, sizeof digits - at);
}

void message_quoted(struct message *message, struct bytes name)
{
    size_t end = name.size;
    if (end > message_quoted_bytes_max) {
        end = message_quoted_bytes_max;
        while (end > 0 && (name.data[end] & 0xC0) == 0x80) {
            end--; // not inside a UTF-8 sequence
        }
    }
    message_text(message, "\"");
    for (size_t at = 0; at < end;) {
        uint8_t byte = name.data[at];
        size_t size = 1;
        if (byte < 0x20 || byte == 0x7F || byte == '"' || byte == '\\') {
            uint8_t escape[4] = {'\\', 'x', hex_digit(byte >> 4), hex_digit(byte & 15)};
            push(message, escape, sizeof escape);
        } else {
            // A character as a whole: half of one, where the room ends, is not UTF-8.
            while (at + size < end && (name.data[at + size] & 0xC0) == 0x80) {
                size++;
            }
            push(message, name.data + at, size);
        }
        at += size;
    }
    message_text(message, end < name.size ? "...\"" : "\"");
}
