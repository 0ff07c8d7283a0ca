#include "doctor.h"

static bool ends_with(struct bytes text, struct bytes end)
{
    return text.size >= end.size &&
           bytes_equal((struct bytes){text.data + text.size - end.size, end.size}, end);
}

static bool contains(struct bytes text, struct bytes part)
{
    for (size_t at = 0; at + part.size <= text.size; at++) {
        if (bytes_equal((struct bytes){text.data + at, part.size}, part)) {
            return true;
        }
    }
    return false;
}

static bool is_filler(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

// True if, but for blanks, line ends, a sign and the marks and zero bytes of other
// encodings, there are digits and nothing else.
static bool is_number_meant(struct bytes content)
{
    size_t digits = 0;
    bool done = false;
    for (size_t at = 0; at < content.size; at++) {
        uint8_t byte = content.data[at];
        bool is_digit = byte >= '0' && byte <= '9';
        if (is_digit && done) {
            return false;
        }
        digits += is_digit;
        done = done || (digits > 0 && is_filler(byte));
        bool sign = (byte == '-' || byte == '+') && digits == 0;
        bool mark = (byte >= 0xEF || byte == 0xBB || byte == 0xBF) && at < 3;
        if (!is_digit && !is_filler(byte) && !sign && !mark && byte != '\0') {
            return false;
        }
    }
    return digits > 0;
}

enum finding judge_value(struct bytes content)
{
    struct counter counter;
    if (content.size > counter_bytes_max || !is_number_meant(content)) {
        return FINDING_NONE;
    }
    // In binary, zero bytes stand beside what happens to be a digit.
    bool zeros = bytes_find(content, '\0') < content.size;
    bool wide = content.size >= 2 && content.data[0] == 0xFF && content.data[1] == 0xFE;
    if (zeros && !wide) {
        return FINDING_NONE;
    }
    enum status status = counter_add(&content, 0, COUNTER_SIGNED, COUNTER_TEXT, &counter);
    switch (status) {
    case STATUS_OK:
        return FINDING_NONE;
    case STATUS_COUNTER_AMBIGUOUS:
        return FINDING_COUNTER_EIGHT;
    case STATUS_COUNTER_RANGE:
        return FINDING_COUNTER_RANGE;
    default:
        return FINDING_COUNTER_FORM;
    }
}

bool judge_is_leftover(struct bytes file)
{
    bool hashed = file.size > 2 && file.data[0] == '#' && file.data[file.size - 1] == '#';
    bool office = file.size > 2 && file.data[0] == '~' && file.data[1] == '$';
    return hashed || office || (file.size > 1 && ends_with(file, BYTES("~"))) ||
           ends_with(file, BYTES(".swp")) || ends_with(file, BYTES(".orig")) ||
           contains(file, BYTES(".sync-conflict-")) || contains(file, BYTES("conflicted copy")) ||
           bytes_equal(file, BYTES("Thumbs.db")) || bytes_equal(file, BYTES("desktop.ini"));
}

bool judge_is_portable(struct bytes file)
{
    uint8_t name[name_bytes_max];
    struct bytes key = {name, 0};
    uint8_t again[name_bytes_max];
    size_t size;
    return name_decode(NAMES_PLAIN, file, name, &key.size) &&
           name_encode(NAMES_PORTABLE, key, again, &size) == STATUS_OK &&
           bytes_equal((struct bytes){again, size}, file);
}

static uint8_t folded(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

int judge_compare_folded(struct bytes a, struct bytes b)
{
    for (size_t at = 0; at < a.size && at < b.size; at++) {
        int order = folded(a.data[at]) - folded(b.data[at]);
        if (order != 0) {
            return order;
        }
    }
    return (a.size > b.size) - (a.size < b.size);
}
