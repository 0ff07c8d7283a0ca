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
    bool newline;
    struct number number;
};

static struct text parse_text(struct bytes content)
{
    struct text text = {.fits = true};
    size_t end = content.size;
    if (end > 0 && content.data[end - 1] == '\n') {
        text.newline = true;
        end--;
    }
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

static void write_text(struct counter *counter, enum counter_sign sign, bool newline)
{
    bool negative = sign == COUNTER_SIGNED && counter->value >> 63 != 0;
    uint64_t magnitude = negative ? 0 - counter->value : counter->value;
    uint8_t digits[20]; // of 2^64 - 1
    size_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + magnitude % 10);
        magnitude /= 10;
    } while (magnitude > 0);
    size_t plain = count + (negative ? 1 : 0) + (newline ? 1 : 0);

    size_t size = 0;
    if (negative) {
        counter->bytes[size++] = '-';
    }
    if (plain == binary_bytes) {
        counter->bytes[size++] = '0';
    }
    while (count > 0) {
        counter->bytes[size++] = digits[--count];
    }
    if (newline) {
        counter->bytes[size++] = '\n';
    }
    counter->size = size;
}

enum status counter_add(const struct bytes *content, uint64_t delta, enum counter_sign sign,
                        struct counter *counter)
{
    uint64_t old = 0;
    struct text text = {.is_text = false};
    if (content != NULL) {
        text = parse_text(*content);
        bool is_binary = content->size == binary_bytes;
        if (text.is_text && is_binary) {
            return STATUS_COUNTER_AMBIGUOUS;
        }
        if (!text.is_text && !is_binary) {
            return STATUS_NOT_COUNTER;
        }
        if (text.is_text && (!text.fits || !number_value(text.number, sign, &old))) {
            return STATUS_COUNTER_RANGE;
        }
        if (is_binary) {
            for (size_t i = 0; i < binary_bytes; i++) {
                old |= (uint64_t)content->data[i] << (8 * i);
            }
        }
    }
    if (!value_add(old, delta, sign, &counter->value)) {
        return STATUS_COUNTER_OVERFLOW;
    }
    if (text.is_text) {
        write_text(counter, sign, text.newline);
    } else {
        write_binary(counter);
    }
    return STATUS_OK;
}
