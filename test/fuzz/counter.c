// An increment gives what exact arithmetic gives, in the form that the counter had,
// or is refused where there is no exact answer.
#include "core/counter.h"
#include "fuzz.h"

__extension__ typedef __int128 wide;

static size_t line_end_size(struct bytes content)
{
    size_t size = content.size;
    if (size == 0 || content.data[size - 1] != '\n') {
        return 0;
    }
    return size > 1 && content.data[size - 2] == '\r' ? 2 : 1;
}

// The number that decimal text shows, if it is that and in reach of 64 bits.
static bool is_text(struct bytes content, wide *number)
{
    size_t end = content.size - line_end_size(content);
    size_t at = end > 0 && content.data[0] == '-' ? 1 : 0;
    bool negative = at == 1;
    if (at >= end) {
        return false;
    }
    wide sum = 0;
    for (; at < end; at++) {
        if (content.data[at] < '0' || content.data[at] > '9') {
            return false;
        }
        sum = sum * 10 + (content.data[at] - '0');
        sum = sum > (wide)1 << 65 ? (wide)1 << 65 : sum; // as good as any number out of reach
    }
    *number = negative ? -sum : sum;
    return true;
}

// 8 bytes that somebody has written as text: in ASCII, or behind a byte order mark.
static bool is_eight_of_text(struct bytes content)
{
    if (content.size != 8) {
        return false;
    }
    bool wide_mark = memcmp(content.data, "\xFF\xFE", 2) == 0;
    size_t mark = wide_mark ? 2 : memcmp(content.data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    for (size_t i = mark; i < 8; i++) {
        uint8_t byte = content.data[i];
        bool shown = (byte >= ' ' && byte <= '~') || (byte >= '\t' && byte <= '\r');
        if (wide_mark && i % 2 == 1 ? byte != 0 : !shown) {
            return false;
        }
    }
    return true;
}

static wide from_u64(uint64_t bits, enum counter_sign sign)
{
    return sign == COUNTER_SIGNED && bits >> 63 != 0 ? (wide)bits - ((wide)1 << 64) : (wide)bits;
}

static bool in_reach(wide number, enum counter_sign sign)
{
    return sign == COUNTER_SIGNED ? number >= INT64_MIN && number <= INT64_MAX
                                  : number >= 0 && number <= UINT64_MAX;
}

static void check_sum(const struct bytes *content, uint64_t delta, enum counter_sign sign,
                      enum counter_form form)
{
    wide old = 0;
    bool binary = content != NULL ? content->size == 8 : form == COUNTER_BINARY;
    bool text = content != NULL && is_text(*content, &old);
    struct bytes rest = content != NULL ? *content : BYTES("");
    struct counter counter = {.size = 0};
    enum status status = counter_add(content, delta, sign, form, &counter);
    if (content != NULL && is_eight_of_text(*content)) {
        MUST(status == STATUS_COUNTER_AMBIGUOUS);
        return;
    }
    if (content != NULL && !binary && !text) {
        MUST(status == STATUS_NOT_COUNTER);
        return;
    }
    if (binary) {
        old = from_u64(fuzz_u64(&rest), sign);
    }
    wide sum = old + from_u64(delta, sign);
    if (!in_reach(old, sign) || !in_reach(sum, sign)) {
        MUST(status == STATUS_COUNTER_RANGE || status == STATUS_COUNTER_OVERFLOW);
        return;
    }
    MUST(status == STATUS_OK);
    MUST(from_u64(counter.value, sign) == sum);
    struct bytes made = {counter.bytes, counter.size};
    MUST(counter.size <= sizeof counter.bytes);
    if (binary) {
        MUST(made.size == 8 && from_u64(fuzz_u64(&made), sign) == sum);
        return;
    }
    wide shown = 0;
    MUST(made.size != 8 && is_text(made, &shown) && shown == sum);
    // A line end is kept, unless the text would be 8 bytes with it or without it.
    size_t line_end = content != NULL ? line_end_size(*content) : 0;
    MUST(line_end_size(made) == line_end || made.size - line_end_size(made) + line_end == 8);
}

void fuzz_counter(struct bytes input)
{
    uint8_t flags = fuzz_byte(&input);
    uint64_t delta = fuzz_u64(&input);
    enum counter_sign sign = flags & 1 ? COUNTER_SIGNED : COUNTER_UNSIGNED;
    enum counter_form form = flags & 4 ? COUNTER_TEXT : COUNTER_BINARY;
    check_sum(flags & 2 ? NULL : &input, delta, sign, form);
}
