// An increment gives what exact arithmetic gives, in the form that the counter had,
// or is refused where there is no exact answer.
#include "core/counter.h"
#include "fuzz.h"

__extension__ typedef __int128 wide;

// The number that decimal text shows, if it is that and in reach of 64 bits.
static bool is_text(struct bytes content, wide *number)
{
    size_t end = content.size;
    end -= end > 0 && content.data[end - 1] == '\n' ? 1 : 0;
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

static wide from_u64(uint64_t bits, enum counter_sign sign)
{
    return sign == COUNTER_SIGNED && bits >> 63 != 0 ? (wide)bits - ((wide)1 << 64) : (wide)bits;
}

static bool in_reach(wide number, enum counter_sign sign)
{
    return sign == COUNTER_SIGNED ? number >= INT64_MIN && number <= INT64_MAX
                                  : number >= 0 && number <= UINT64_MAX;
}

static void check_sum(const struct bytes *content, uint64_t delta, enum counter_sign sign)
{
    wide old = 0;
    bool text = content != NULL && is_text(*content, &old);
    bool binary = content != NULL && content->size == 8;
    struct bytes rest = content != NULL ? *content : BYTES("");
    if (binary && !text) {
        old = from_u64(fuzz_u64(&rest), sign);
    }
    struct counter counter = {.size = 0};
    enum status status = counter_add(content, delta, sign, &counter);
    if (content != NULL && text == binary) {
        MUST(status == (text ? STATUS_COUNTER_AMBIGUOUS : STATUS_NOT_COUNTER));
        return;
    }
    wide sum = old + from_u64(delta, sign);
    if (!in_reach(old, sign) || !in_reach(sum, sign)) {
        MUST(status == STATUS_COUNTER_RANGE || status == STATUS_COUNTER_OVERFLOW);
        return;
    }
    MUST(status == STATUS_OK);
    MUST(from_u64(counter.value, sign) == sum);
    struct bytes made = {counter.bytes, counter.size};
    wide shown = 0;
    MUST(counter.size <= sizeof counter.bytes);
    if (text) {
        MUST(made.size != 8 && is_text(made, &shown) && shown == sum);
        MUST((made.data[made.size - 1] == '\n') == (content->data[content->size - 1] == '\n'));
    } else {
        MUST(made.size == 8 && from_u64(fuzz_u64(&made), sign) == sum);
    }
}

void fuzz_counter(struct bytes input)
{
    uint8_t flags = fuzz_byte(&input);
    uint64_t delta = fuzz_u64(&input);
    enum counter_sign sign = flags & 1 ? COUNTER_SIGNED : COUNTER_UNSIGNED;
    check_sum(flags & 2 ? NULL : &input, delta, sign);
}
