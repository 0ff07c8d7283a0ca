#include "output.h"

#include "escape.h"
#include "hex.h"

void print_text(struct output *output, const char *text)
{
    output->write(output, (struct bytes){(const uint8_t *)text, strlen(text)});
}

// ---- JSON ----

static void json_string(struct output *output, struct bytes text)
{
    size_t start = 0;
    print_text(output, "\"");
    for (size_t at = 0; at < text.size; at++) {
        uint8_t byte = text.data[at];
        if (byte >= 0x20 && byte != '"' && byte != '\\') {
            continue;
        }
        output->write(output, (struct bytes){text.data + start, at - start});
        start = at + 1;
        if (byte < 0x20) {
            uint8_t escape[6] = {'\\', 'u', '0', '0', hex_digit(byte >> 4), hex_digit(byte & 15)};
            output->write(output, (struct bytes){escape, sizeof escape});
        } else {
            uint8_t escape[2] = {'\\', byte};
            output->write(output, (struct bytes){escape, sizeof escape});
        }
    }
    output->write(output, (struct bytes){text.data + start, text.size - start});
    print_text(output, "\"");
}

static void json_base64(struct output *output, struct bytes bytes)
{
    static const uint8_t digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    print_text(output, "{\"base64\": \"");
    for (size_t at = 0; at < bytes.size; at += 3) {
        size_t left = bytes.size - at;
        uint32_t bits = (uint32_t)bytes.data[at] << 16;
        bits |= left > 1 ? (uint32_t)bytes.data[at + 1] << 8 : 0;
        bits |= left > 2 ? bytes.data[at + 2] : 0;
        uint8_t group[4] = {digits[bits >> 18], digits[bits >> 12 & 63],
                            left > 1 ? digits[bits >> 6 & 63] : '=',
                            left > 2 ? digits[bits & 63] : '='};
        output->write(output, (struct bytes){group, sizeof group});
    }
    print_text(output, "\"}");
}

static void json_value(struct output *output, bool found, struct bytes value)
{
    if (!found) {
        print_text(output, "null");
    } else if (escape_is_utf8(value)) {
        json_string(output, value);
    } else {
        json_base64(output, value);
    }
}

// ---- Results ----

void print_done(struct output *output)
{
    if (output->json) {
        print_text(output, "{\"ok\": true}\n");
    }
}

void print_value(struct output *output, bool found, struct bytes value)
{
    if (output->json) {
        print_text(output, "{\"value\": ");
        json_value(output, found, value);
        print_text(output, "}\n");
    } else if (found) {
        output->write(output, value);
    }
}

void print_exists(struct output *output, bool exists)
{
    print_text(output, output->json ? "{\"exists\": " : "");
    print_text(output, exists ? "true" : "false");
    print_text(output, output->json ? "}\n" : "\n");
}

void print_number(struct output *output, int64_t number)
{
    uint8_t digits[20]; // of -2^63
    size_t at = sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (uint8_t)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0) {
        digits[--at] = '-';
    }
    print_text(output, output->json ? "{\"value\": " : "");
    output->write(output, (struct bytes){digits + at, sizeof digits - at});
    print_text(output, output->json ? "}\n" : "\n");
}

void print_swapped(struct output *output)
{
    if (output->json) {
        print_text(output, "{\"swapped\": true}\n");
    }
}

void print_not_swapped(struct output *output, bool found, struct bytes current)
{
    if (output->json) {
        print_text(output, "{\"swapped\": false, \"current\": ");
        json_value(output, found, current);
        print_text(output, "}\n");
    }
}

void print_keys_begin(struct output *output)
{
    print_text(output, output->json ? "{\"keys\": [" : "");
}

void print_key(struct output *output, bool first, struct bytes key)
{
    if (output->json) {
        print_text(output, first ? "" : ", ");
        json_string(output, key);
    } else {
        escape_print(output, key);
        print_text(output, "\n");
    }
}

void print_keys_end(struct output *output)
{
    print_text(output, output->json ? "]}\n" : "");
}

void print_entries_begin(struct output *output)
{
    print_text(output, output->json ? "{\"entries\": [" : "");
}

void print_entry(struct output *output, bool first, struct bytes key, bool found,
                 struct bytes value)
{
    if (output->json) {
        print_text(output, first ? "{\"key\": " : ", {\"key\": ");
        json_string(output, key);
        print_text(output, ", \"value\": ");
        json_value(output, found, value);
        print_text(output, "}");
        return;
    }
    escape_print(output, key);
    if (found) {
        print_text(output, "\t");
        escape_print(output, value);
    }
    print_text(output, "\n");
}

void print_entries_end(struct output *output)
{
    print_text(output, output->json ? "]}\n" : "");
}

void print_error(struct output *output, const char *kind, struct bytes message)
{
    if (output->json) {
        print_text(output, "{\"error\": {\"kind\": \"");
        print_text(output, kind);
        print_text(output, "\", \"message\": ");
        json_string(output, message);
        print_text(output, "}}\n");
        return;
    }
    print_text(output, "kv: ");
    output->write(output, message);
    print_text(output, "\n");
}
