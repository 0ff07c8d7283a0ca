#include "output.h"

#include "core/hex.h"
#include "core/message.h"
#include "core/utf8.h"
#include "escape.h"

// Called all over: inlined, it would be a tenth of the plugin.
__attribute__((noinline)) void print_text(struct output *output, const char *text)
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
    } else if (utf8_valid(value)) {
        json_string(output, value);
    } else {
        json_base64(output, value);
    }
}

// ---- Results ----

void print_done(struct output *output)
{
    print_text(output, output->json ? "{\"ok\": true}\n" : output->done);
}

// No control characters, those of U+0080 to U+009F included: a terminal obeys them.
static bool is_text(struct bytes bytes)
{
    for (size_t at = 0; at < bytes.size; at++) {
        uint8_t byte = bytes.data[at];
        bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
        if (control || (byte == 0xC2 && at + 1 < bytes.size && bytes.data[at + 1] < 0xA0)) {
            return false;
        }
    }
    return utf8_valid(bytes);
}

static void print_count(struct output *output, int64_t number)
{
    char digits[21]; // of -2^63
    struct message text = {digits, sizeof digits, 0};
    message_text(&text, number < 0 ? "-" : "");
    message_number(&text, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
    output->write(output, (struct bytes){(const uint8_t *)digits, text.size});
}

static void print_binary(struct output *output, struct bytes value)
{
    enum { head_bytes = 32, counter_bytes = 8 };
    print_count(output, (int64_t)value.size);
    print_text(output, value.size == 1 ? " byte, not text:" : " bytes, not text:");
    for (size_t i = 0; i < value.size && i < head_bytes; i++) {
        uint8_t hex[3] = {' ', hex_digit(value.data[i] >> 4), hex_digit(value.data[i] & 15)};
        output->write(output, (struct bytes){hex, sizeof hex});
    }
    print_text(output, value.size > head_bytes ? " ..." : "");
    if (value.size == counter_bytes) {
        uint64_t count = 0;
        for (size_t i = counter_bytes; i > 0; i--) {
            count = count << 8 | value.data[i - 1];
        }
        print_text(output, " (as a counter: ");
        print_count(output, (int64_t)count);
        print_text(output, ")");
    }
}

void print_value(struct output *output, bool found, struct bytes value)
{
    if (output->json) {
        print_text(output, "{\"value\": ");
        json_value(output, found, value);
        print_text(output, "}\n");
    } else if (found && (output->raw || is_text(value))) {
        output->write(output, value);
    } else if (found) {
        print_binary(output, value);
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
    print_text(output, output->json ? "{\"value\": " : "");
    print_count(output, number);
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

void print_names_begin(struct output *output, const char *what)
{
    if (output->json) {
        print_text(output, "{\"");
        print_text(output, what);
        print_text(output, "\": [");
    }
}

void print_name(struct output *output, bool first, struct bytes name)
{
    if (output->json) {
        print_text(output, first ? "" : ", ");
        json_string(output, name);
    } else {
        escape_print(output, name);
        print_text(output, "\n");
    }
}

void print_names_end(struct output *output)
{
    print_text(output, output->json ? "]}\n" : "");
}

void print_facts_begin(struct output *output)
{
    print_text(output, output->json ? "{" : "");
}

void print_fact(struct output *output, bool first, const char *name, struct bytes value)
{
    print_text(output, !output->json ? "" : first ? "\"" : ", \"");
    print_text(output, name);
    print_text(output, output->json ? "\": " : ": ");
    if (output->json) {
        json_string(output, value);
    } else {
        escape_print(output, value);
        print_text(output, "\n");
    }
}

void print_facts_end(struct output *output)
{
    print_text(output, output->json ? "}\n" : "");
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
    print_text(output, output->name);
    output->write(output, message);
    print_text(output, "\n");
}

void print_about(struct output *output, const char *kind, const char *before,
                 const struct bytes *key, const char *between, struct bytes bucket,
                 const char *after)
{
    char text[2 * (message_quoted_bytes_max * 4 + 8) + 256]; // with every byte escaped
    struct message message = {text, sizeof text, 0};
    message_text(&message, before);
    if (key != NULL) {
        message_quoted(&message, *key);
        message_text(&message, between);
    }
    message_quoted(&message, bucket);
    message_text(&message, after);
    print_error(output, kind, (struct bytes){(const uint8_t *)text, message.size});
}

void print_no_key(struct output *output, struct bytes key, struct bytes bucket)
{
    print_about(output, "", "there is no key ", &key, " in the bucket ", bucket, "");
}

void print_no_bucket(struct output *output, struct bytes bucket, const char *advice)
{
    print_about(output, "no-such-store", "there is no bucket ", NULL, "", bucket, advice);
}

void print_denied(struct output *output, struct bytes bucket)
{
    print_about(output, "access-denied", "access denied to the bucket ", NULL, "", bucket,
                "; check the permissions of its directory and files");
}
