#include "output.h"

#include "core/hex.h"
#include "core/utf8.h"
#include "escape.h"
#include "json.h"

// Called all over: inlined, it would be a tenth of the plugin.
__attribute__((noinline)) void print_text(struct output *output, const char *text)
{
    output->write(output, (struct bytes){(const uint8_t *)text, strlen(text)});
}

void print_message(struct output *output, const struct message *message)
{
    output->write(output, (struct bytes){(const uint8_t *)message->text, message->size});
}

void print_flush(struct output *output)
{
    if (output->flush != NULL) {
        output->flush(output);
    }
}

void print_colour(struct output *output, enum print_colour colour)
{
    static const char *const codes[] = {
        [PRINT_PLAIN] = "\x1B[0m",
        [PRINT_DIM] = "\x1B[2m",
        [PRINT_RED] = "\x1B[31m",
        [PRINT_AMBER] = "\x1B[33m",
    };
    if (output->colour) {
        print_text(output, codes[colour]);
    }
}

// ---- Numbers and times ----

static void message_padded(struct message *message, uint64_t number, size_t width, const char *pad)
{
    char digits[20]; // of 2^64 - 1
    struct message made = {digits, sizeof digits, 0};
    message_number(&made, number);
    for (size_t size = made.size; size < width; size++) {
        message_text(message, pad);
    }
    message_bytes(message, (struct bytes){(const uint8_t *)digits, made.size});
}

void print_unsigned(struct output *output, uint64_t number, size_t width)
{
    char text[64];
    struct message message = {text, sizeof text, 0};
    message_padded(&message, number, width, " ");
    print_message(output, &message);
}

// The date of a day, counted from 1970, by the Gregorian calendar: in eras of 400
// years that begin in March, so that a leap day is the last day of its year.
static void message_date(struct message *message, uint64_t day)
{
    enum { era_days = 146097, days_to_1970 = 719468 };
    uint64_t since = day + days_to_1970;
    uint64_t of_era = since % era_days;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t march_month = (5 * of_year + 2) / 153;
    uint64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    year += since / era_days * 400 + (month <= 2 ? 1 : 0);
    message_padded(message, year, 4, "0");
    message_text(message, "-");
    message_padded(message, month, 2, "0");
    message_text(message, "-");
    message_padded(message, of_year - (153 * march_month + 2) / 5 + 1, 2, "0");
}

void print_time(struct output *output, uint64_t nanoseconds)
{
    char text[64];
    struct message message = {text, sizeof text, 0};
    uint64_t seconds = nanoseconds / 1000000000;
    if (nanoseconds == 0) {
        print_text(output, "-");
        return;
    }
    message_date(&message, seconds / 86400);
    message_text(&message, "T");
    message_padded(&message, seconds / 3600 % 24, 2, "0");
    message_text(&message, ":");
    message_padded(&message, seconds / 60 % 60, 2, "0");
    message_text(&message, ":");
    message_padded(&message, seconds % 60, 2, "0");
    message_text(&message, "Z");
    print_message(output, &message);
}

// ---- Results ----

void print_done(struct output *output)
{
    print_text(output, output->json ? "{\"ok\": true}\n" : output->done);
}

// No control characters, those of U+0080 to U+009F included: a terminal obeys them.
bool print_is_text(struct bytes bytes)
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
    print_colour(output, PRINT_DIM);
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
    print_colour(output, PRINT_PLAIN);
}

void print_value(struct output *output, bool found, struct bytes value)
{
    if (output->json) {
        print_text(output, "{\"value\": ");
        json_value(output, found, value);
        print_text(output, "}\n");
    } else if (found && (output->raw || print_is_text(value))) {
        output->write(output, value);
        bool ended = value.size > 0 && value.data[value.size - 1] == '\n';
        print_text(output, output->terminal && !ended ? "\n" : "");
    } else if (found) {
        print_binary(output, value);
        print_text(output, output->terminal ? "\n" : "");
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

void print_name_long(struct output *output, bool first, struct bytes name, uint64_t size,
                     uint64_t modified)
{
    enum { size_columns = 10 };
    if (output->json) {
        print_text(output, first ? "{\"key\": " : ", {\"key\": ");
        json_string(output, name);
        print_text(output, ", \"bytes\": ");
        print_unsigned(output, size, 0);
        print_text(output, ", \"modified\": \"");
        print_time(output, modified);
        print_text(output, "\"}");
        return;
    }
    print_colour(output, PRINT_DIM);
    print_unsigned(output, size, size_columns);
    print_text(output, "  ");
    print_time(output, modified);
    print_colour(output, PRINT_PLAIN);
    print_text(output, "  ");
    escape_print(output, name);
    print_text(output, "\n");
}

void print_names_end(struct output *output)
{
    print_text(output, output->json ? "]}\n" : "");
}

void print_facts_begin(struct output *output)
{
    print_text(output, output->json ? "{" : "");
}

static void begin_fact(struct output *output, bool first, const char *name)
{
    print_text(output, !output->json ? "" : first ? "\"" : ", \"");
    print_text(output, name);
    print_text(output, output->json ? "\": " : ": ");
}

void print_fact(struct output *output, bool first, const char *name, struct bytes value)
{
    begin_fact(output, first, name);
    if (output->json) {
        json_string(output, value);
    } else {
        escape_print(output, value);
        print_text(output, "\n");
    }
}

void print_fact_number(struct output *output, bool first, const char *name, int64_t number)
{
    begin_fact(output, first, name);
    print_count(output, number);
    print_text(output, output->json ? "" : "\n");
}

void print_fact_time(struct output *output, bool first, const char *name, uint64_t nanoseconds)
{
    begin_fact(output, first, name);
    print_text(output, output->json ? "\"" : "");
    print_time(output, nanoseconds);
    print_text(output, output->json ? "\"" : "\n");
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
    print_colour(output, PRINT_RED);
    print_text(output, output->name);
    print_colour(output, PRINT_PLAIN);
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
    print_about(output, "no-such-key", "there is no key ", &key, " in the bucket ", bucket, "");
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
