#include "counter.h"

enum { binary_bytes = 8 };

// A number as sign and magnitude, so that both drafts share the arithmetic.
struct number {
    bool negative;
    uint64_t magnitude;
};

struct text {
    bool is_text; // what counter.h calls decimal text
    bool fits;    // its magnitude fits 64 bits
    struct bytes line_end;
    struct number number;
};

// The line end of a text, empty where there is none.
static struct bytes line_end_of(struct bytes content)
{
    if (content.size == 0 || content.data[content.size - 1] != '\n') {
        return BYTES("");
    }
    bool carriage = content.size > 1 && content.data[content.size - 2] == '\r';
    return carriage ? BYTES("\r\n") : BYTES("\n");
}

static struct text parse_text(struct bytes content)
{
    struct text text = {.fits = true, .line_end = line_end_of(content)};
    size_t end = content.size - text.line_end.size;
    size_t at = 0;
    if (end > 0 && content.data[0] == '-') {
        text.number.negative = true;
        at++;
    }
    text.is_text = at < end;
    for (; at < end; at++) {
        uint8_t byte = content.data[at];
        if (byte < '0' || byte > '9') {
            text.is_text = false;
            return text;
        }
        uint64_t digit = (uint64_t)(byte - '0');
        if (text.number.magnitude > (UINT64_MAX - digit) / 10) {
            text.fits = false;
            continue;
        }
        text.number.magnitude = text.number.magnitude * 10 + digit;
    }
    return text;
}

static bool is_printable(uint8_t byte)
{
    return (byte >= 0x20 && byte < 0x7F) || (byte >= '\t' && byte <= '\r');
}

// True if these 8 bytes are what an editor or a shell writes as text: ASCII, or
// ASCII after the byte order mark of UTF-8 or of UTF-16. As binary numbers those
// are 6.5e17 and more, which nobody has counted to. The mark of UTF-16 alone
// says nothing: FF FE and zeros is 65,279.
static bool is_eight_of_text(const uint8_t *bytes)
{
    if (bytes[0] == 0xFF && bytes[1] == 0xFE) {
        for (size_t i = 2; i < binary_bytes; i += 2) {
            if (!is_printable(bytes[i]) || bytes[i + 1] != 0) {
                return false;
            }
        }
        return true;
    }
    bool marked = bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF;
    for (size_t i = marked ? 3 : 0; i < binary_bytes; i++) {
        if (!is_printable(bytes[i])) {
            return false;
        }
    }
    return true;
}

// The two's complement of a number, if the draft can count it.
static bool number_value(struct number number, enum counter_sign sign, uint64_t *value)
{
    uint64_t largest = sign == COUNTER_UNSIGNED ? UINT64_MAX : (uint64_t)INT64_MAX;
    if (number.negative && number.magnitude > 0) {
        if (sign == COUNTER_UNSIGNED || number.magnitude > (uint64_t)INT64_MAX + 1) {
            return false;
        }
        *value = 0 - number.magnitude;
        return true;
    }
    *value = number.magnitude;
    return number.magnitude <= largest;
}

// Adds two's complements; false on overflow or underflow.
static bool value_add(uint64_t a, uint64_t b, enum counter_sign sign, uint64_t *sum)
{
    *sum = a + b;
    if (sign == COUNTER_UNSIGNED) {
        return *sum >= a;
    }
    // Signed addition overflows where both terms differ in sign from the sum.
    return (((a ^ *sum) & (b ^ *sum)) >> 63) == 0;
}

static void write_binary(struct counter *counter)
{
    for (size_t i = 0; i < binary_bytes; i++) {
        counter->bytes[i] = (uint8_t)(counter->value >> (8 * i));
    }
    counter->size = binary_bytes;
}

static void write_text(struct counter *counter, enum counter_sign sign, struct bytes line_end)
{
    bool negative = sign == COUNTER_SIGNED && counter->value >> 63 != 0;
    uint64_t magnitude = negative ? 0 - counter->value : counter->value;
    uint8_t digits[20]; // of 2^64 - 1
    size_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    // A leading zero would do as well, but a shell reads it as octal.
    size_t plain = count + (negative ? 1 : 0);
    if (plain + line_end.size == binary_bytes) {
        line_end = line_end.size > 0 ? BYTES("") : BYTES("\n");
    }
    size_t size = 0;
    if (negative) {
        counter->bytes[size++] = '-';
    }
    while (count > 0) {
        counter->bytes[size++] = digits[--count];
    }
    memcpy(counter->bytes + size, line_end.data, line_end.size);
    counter->size = size + line_end.size;
}

// What the content of a counter's file counts.
static enum status read_counter(struct bytes content, enum counter_sign sign, struct text *text,
                                uint64_t *value)
{
    *text = parse_text(content);
    if (content.size == binary_bytes) {
        if (is_eight_of_text(content.data)) {
            return STATUS_COUNTER_AMBIGUOUS;
        }
        text->is_text = false;
        for (size_t i = 0; i < binary_bytes; i++) {
            *value |= (uint64_t)content.data[i] << (8 * i);
        }
        return STATUS_OK;
    }
    if (!text->is_text) {
        return STATUS_NOT_COUNTER;
    }
    return text->fits && number_value(text->number, sign, value) ? STATUS_OK : STATUS_COUNTER_RANGE;
}

enum status counter_add(const struct bytes *content, uint64_t delta, enum counter_sign sign,
                        enum counter_form made, struct counter *counter)
{
    uint64_t old = 0;
    struct text text = {.is_text = made == COUNTER_TEXT, .line_end = BYTES("")};
    if (content != NULL) {
        enum status status = read_counter(*content, sign, &text, &old);
        if (status != STATUS_OK) {
            return status;
        }
    }
    if (!value_add(old, delta, sign, &counter->value)) {
        return STATUS_COUNTER_OVERFLOW;
    }
    if (text.is_text) {
        write_text(counter, sign, text.line_end);
    } else {
        write_binary(counter);
    }
    return STATUS_OK;
}
