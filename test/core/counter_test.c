#include "core/counter.h"

#include "support/test.h"

#include <stdio.h>

struct row {
    struct bytes content;
    int64_t delta;
    enum counter_sign sign;
    enum status status;
    struct bytes result; // where it is STATUS_OK
    uint64_t value;
};

#define LITERAL(literal) {(const uint8_t *)(literal), sizeof(literal) - 1}
#define ROW(content, delta, sign, result, value)                                                   \
    {LITERAL(content), (delta), (sign), STATUS_OK, LITERAL(result), (uint64_t)(value)}
#define REFUSED(content, delta, sign, status)                                                      \
    {LITERAL(content), (delta), (sign), (status), LITERAL(""), 0}
#define U COUNTER_UNSIGNED
#define S COUNTER_SIGNED

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        test_step("row %zu, \"%.*s\" %+lld", i, (int)rows[i].content.size,
                  (const char *)rows[i].content.data, (long long)rows[i].delta);
        struct counter counter;
        memset(&counter, 0xEE, sizeof counter);
        CHECK_STATUS(rows[i].status, counter_add(&rows[i].content, (uint64_t)rows[i].delta,
                                                 rows[i].sign, COUNTER_BINARY, &counter));
        if (rows[i].status == STATUS_OK) {
            CHECK_BYTES(rows[i].result, ((struct bytes){counter.bytes, counter.size}));
            CHECK_NUMBER(rows[i].value, counter.value);
        }
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof rows / sizeof rows[0])

// Without a file it counts from 0, as 8 bytes, little-endian.
static void test_absent(void)
{
    struct counter counter;
    CHECK_STATUS(STATUS_OK, counter_add(NULL, 0x0102030405060708, U, COUNTER_BINARY, &counter));
    CHECK_BYTES(BYTES("\x08\x07\x06\x05\x04\x03\x02\x01"),
                ((struct bytes){counter.bytes, counter.size}));
    CHECK_NUMBER(0x0102030405060708, counter.value);
    CHECK_STATUS(STATUS_OK, counter_add(NULL, (uint64_t)-2, S, COUNTER_BINARY, &counter));
    CHECK_BYTES(BYTES("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"),
                ((struct bytes){counter.bytes, counter.size}));
    CHECK_STATUS(STATUS_OK, counter_add(NULL, 0, U, COUNTER_BINARY, &counter));
    CHECK_BYTES(BYTES("\0\0\0\0\0\0\0\0"), ((struct bytes){counter.bytes, counter.size}));
    CHECK_STATUS(STATUS_OK, counter_add(NULL, UINT64_MAX, U, COUNTER_BINARY, &counter));
    CHECK_NUMBER(UINT64_MAX, counter.value);
}

// 8 bytes that are no text are the number, and stay 8 bytes, up to both ends of its range.
static void test_binary(void)
{
    static const struct row rows[] = {
        ROW("\x29\0\0\0\0\0\0\0", 1, U, "\x2A\0\0\0\0\0\0\0", 42),
        ROW("\xFF\0\0\0\0\0\0\0", 1, U, "\0\x01\0\0\0\0\0\0", 256),
        ROW("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 1, U, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", -1),
        REFUSED("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 1, U, STATUS_COUNTER_OVERFLOW),
        ROW("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 0, U, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", -1),
        // The draft that has no negative numbers sees one of the other as a large one.
        ROW("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 1, S, "\0\0\0\0\0\0\0\0", 0),
        ROW("\0\0\0\0\0\0\0\0", -1, S, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", -1),
        REFUSED("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 1, S, STATUS_COUNTER_OVERFLOW),
        ROW("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\x7F", 1, S, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F",
            INT64_MAX),
        REFUSED("\0\0\0\0\0\0\0\x80", -1, S, STATUS_COUNTER_OVERFLOW),
        ROW("\x01\0\0\0\0\0\0\x80", -1, S, "\0\0\0\0\0\0\0\x80", INT64_MIN),
        REFUSED("\0\0\0\0\0\0\0\x80", INT64_MIN, S, STATUS_COUNTER_OVERFLOW),
        ROW("\0\0\0\0\0\0\0\0", INT64_MIN, S, "\0\0\0\0\0\0\0\x80", INT64_MIN),
        REFUSED("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", INT64_MIN, S, STATUS_COUNTER_OVERFLOW),
        ROW("\0\0\0\0\0\0\0\x80", INT64_MAX, S, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", -1),
        // 8 bytes that are nearly text.
        ROW("-\n\0\0\0\0\0\0", 1, U, ".\n\0\0\0\0\0\0", 0x0A2E),
        ROW("1234567\0", 1, U, "2234567\0", 0x0037363534333232),
        ROW("1234567\x7F", 1, U, "2234567\x7F", 0x7F37363534333232),
        ROW("1234\x08\x36\x37\x38", 1, U, "2234\x08\x36\x37\x38", 0x3837360834333232),
        ROW("\xFF\xFE\0\0\0\0\0\0", 1, U, "\0\xFF\0\0\0\0\0\0", 65280),
        ROW("\xFF\xFE"
            "1\0"
            "2\0"
            "\0\0",
            1, U,
            "\0\xFF"
            "1\0"
            "2\0"
            "\0\0",
            0x000000320031FF00),
        ROW("\xEF\xBB\xBF"
            "1234\0",
            1, U,
            "\xF0\xBB\xBF"
            "1234\0",
            0x0034333231BFBBF0),
    };
    CHECK_ROWS(rows);
}

// Decimal text stays text, its line end stays or stays away, and leading zeros go.
static void test_text(void)
{
    static const struct row rows[] = {
        ROW("41\n", 1, U, "42\n", 42),
        ROW("41", 1, U, "42", 42),
        ROW("0", 0, U, "0", 0),
        ROW("9", 1, U, "10", 10),
        ROW("9\n", 1, S, "10\n", 10),
        ROW("007\n", 1, U, "8\n", 8),
        ROW("-5", 3, S, "-2", -2),
        ROW("-5\n", 5, S, "0\n", 0),
        ROW("-5\n", 6, S, "1\n", 1),
        ROW("5", -6, S, "-1", -1),
        ROW("41\r\n", 1, U, "42\r\n", 42),
        ROW("9999\r\n", 1, U, "10000\r\n", 10000),
        ROW("-0", 0, S, "0", 0),
        ROW("-0", 1, U, "1", 1),
        ROW("-00000\n", 1, U, "1\n", 1),
        ROW("-007", 0, S, "-7", -7),
        ROW("000000000000000000000000000000000000000000000000000000000000001", 1, U, "2", 2),
    };
    CHECK_ROWS(rows);
}

// Without a file a text counter has no line end; but it is never 8 bytes.
static void test_absent_text(void)
{
    struct counter counter;
    CHECK_STATUS(STATUS_OK, counter_add(NULL, 7, U, COUNTER_TEXT, &counter));
    CHECK_BYTES(BYTES("7"), ((struct bytes){counter.bytes, counter.size}));
    CHECK_STATUS(STATUS_OK, counter_add(NULL, (uint64_t)-7, S, COUNTER_TEXT, &counter));
    CHECK_BYTES(BYTES("-7"), ((struct bytes){counter.bytes, counter.size}));
    CHECK_STATUS(STATUS_OK, counter_add(NULL, 12345678, U, COUNTER_TEXT, &counter));
    CHECK_BYTES(BYTES("12345678\n"), ((struct bytes){counter.bytes, counter.size}));
}

// 8 bytes of text are refused, whatever they say and in which encoding.
static void test_eight_bytes_read(void)
{
    static const struct row rows[] = {
        REFUSED("12345678", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("12345678", 1, S, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("1234567\n", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("123456\r\n", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("123456\n\n", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED(" 1234567", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("1234567 ", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("\t\v\f\r\n   ", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("1234567a", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("password", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("-1234567", 1, S, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("-123456\n", 1, S, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("00000000", 1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("\xEF\xBB\xBF"
                "12345",
                1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("\xEF\xBB\xBF"
                "123\r\n",
                1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("\xFF\xFE"
                "1\0"
                "2\0"
                "3\0",
                1, U, STATUS_COUNTER_AMBIGUOUS),
        REFUSED("\xFF\xFE"
                "1\0"
                "\r\0"
                "\n\0",
                1, U, STATUS_COUNTER_AMBIGUOUS),
    };
    CHECK_ROWS(rows);
}

// Text of 8 bytes is never written: it loses its line end or gains one. A leading
// zero would make it octal to a shell.
static void test_eight_bytes_written(void)
{
    static const struct row rows[] = {
        ROW("9999999", 1, U, "10000000\n", 10000000),
        ROW("10000000\n", 1, U, "10000001\n", 10000001),
        ROW("099999999", 1, U, "100000000", 100000000),
        ROW("999999\n", 1, U, "1000000", 1000000),
        ROW("1000000", 1, U, "1000001", 1000001),
        ROW("99999\r\n", 1, U, "100000", 100000),
        ROW("100000000\n", -1, S, "99999999\n", 99999999),
        ROW("-999999", -1, S, "-1000000\n", -1000000),
        ROW("-1000000\n", 1, S, "-999999", -999999),
        ROW("-99999\n", -1, S, "-100000", -100000),
    };
    CHECK_ROWS(rows);
}

// Numbers beyond the draft's range are refused, as text that is there or as a sum.
static void test_ranges(void)
{
    static const struct row rows[] = {
        ROW("18446744073709551614\n", 1, U, "18446744073709551615\n", UINT64_MAX),
        REFUSED("18446744073709551615\n", 1, U, STATUS_COUNTER_OVERFLOW),
        ROW("18446744073709551615\n", 0, U, "18446744073709551615\n", UINT64_MAX),
        REFUSED("18446744073709551616\n", 0, U, STATUS_COUNTER_RANGE),
        REFUSED("18446744073709551620", 0, U, STATUS_COUNTER_RANGE),
        REFUSED("99999999999999999999999999", 0, U, STATUS_COUNTER_RANGE),
        REFUSED("-1", 2, U, STATUS_COUNTER_RANGE),
        ROW("9223372036854775806", 1, S, "9223372036854775807", INT64_MAX),
        REFUSED("9223372036854775807", 1, S, STATUS_COUNTER_OVERFLOW),
        REFUSED("9223372036854775808", -1, S, STATUS_COUNTER_RANGE),
        REFUSED("18446744073709551615", -1, S, STATUS_COUNTER_RANGE),
        ROW("-9223372036854775807", -1, S, "-9223372036854775808", INT64_MIN),
        REFUSED("-9223372036854775808", -1, S, STATUS_COUNTER_OVERFLOW),
        ROW("-9223372036854775808\n", 0, S, "-9223372036854775808\n", INT64_MIN),
        REFUSED("-9223372036854775809", 1, S, STATUS_COUNTER_RANGE),
        REFUSED("-99999999999999999999999", 1, S, STATUS_COUNTER_RANGE),
        ROW("9223372036854775807", 1, U, "9223372036854775808", 9223372036854775808U),
    };
    CHECK_ROWS(rows);
}

// Anything else is no counter.
static void test_garbage(void)
{
    static const struct row rows[] = {
        REFUSED("", 1, U, STATUS_NOT_COUNTER),
        REFUSED("\n", 1, U, STATUS_NOT_COUNTER),
        REFUSED("-", 1, S, STATUS_NOT_COUNTER),
        REFUSED("-\n", 1, S, STATUS_NOT_COUNTER),
        REFUSED("+1", 1, S, STATUS_NOT_COUNTER),
        REFUSED(" 1", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1 ", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1\n\n", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1\r", 1, U, STATUS_NOT_COUNTER),
        REFUSED("\r\n", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1\n\r", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1\r\r\n", 1, U, STATUS_NOT_COUNTER),
        REFUSED("--1", 1, S, STATUS_NOT_COUNTER),
        REFUSED("1-", 1, S, STATUS_NOT_COUNTER),
        REFUSED("0x10", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1.5", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1e3", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1\0", 1, U, STATUS_NOT_COUNTER),
        REFUSED("\n1", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1:", 1, U, STATUS_NOT_COUNTER),
        REFUSED("1/", 1, U, STATUS_NOT_COUNTER),
        REFUSED("hello", 1, U, STATUS_NOT_COUNTER),
        REFUSED("\0\0\0\0\0\0\0", 1, U, STATUS_NOT_COUNTER),
        REFUSED("\0\0\0\0\0\0\0\0\0", 1, U, STATUS_NOT_COUNTER),
        REFUSED("\xD9\xA1\xD9\xA2", 1, U, STATUS_NOT_COUNTER), // Arabic digits
    };
    CHECK_ROWS(rows);
}

// Random text counters give the sum that 128-bit arithmetic gives, in range, and
// never 8 bytes.
static void test_random_sums(void)
{
    for (int round = 0; round < 50000; round++) {
        enum counter_sign sign = test_random() % 2 == 0 ? U : S;
        uint64_t old = test_random() >> test_random() % 64;
        uint64_t delta = test_random() >> test_random() % 64;
        bool negative = sign == S && test_random() % 2 == 0;
        delta = sign == S && test_random() % 2 == 0 ? 0 - delta : delta;
        old = sign == S ? old >> 1 : old;
        static const char *const line_ends[] = {"", "\n", "\r\n"};
        const char *line_end = line_ends[test_random() % 3];
        char content[64];
        int size = snprintf(content, sizeof content, "%s%s%llu%s", negative ? "-" : "",
                            test_random() % 4 == 0 ? "00" : "", (unsigned long long)old, line_end);
        test_step("round %d, \"%s\" + %llu", round, content, (unsigned long long)delta);
        struct bytes bytes = {(const uint8_t *)content, (size_t)size};
        struct counter counter;
        enum status status = counter_add(&bytes, delta, sign, COUNTER_BINARY, &counter);
        __extension__ typedef __int128 wide;
        wide sum = (negative ? -(wide)old : (wide)old) + (sign == S ? (wide)(int64_t)delta : delta);
        wide least = sign == S ? INT64_MIN : 0;
        wide most = sign == S ? (wide)INT64_MAX : (wide)UINT64_MAX;
        if (size == 8) {
            CHECK_STATUS(STATUS_COUNTER_AMBIGUOUS, status);
        } else if (sum < least || sum > most) {
            CHECK_STATUS(STATUS_COUNTER_OVERFLOW, status);
        } else {
            CHECK_STATUS(STATUS_OK, status);
            CHECK_NUMBER((uint64_t)sum, counter.value);
            char expected[64];
            bool below = sum < 0;
            unsigned long long magnitude = (unsigned long long)(below ? -sum : sum);
            int plain = snprintf(expected, sizeof expected, "%s%llu%s", below ? "-" : "", magnitude,
                                 line_end);
            if (plain == 8) {
                snprintf(expected, sizeof expected, "%s%llu%s", below ? "-" : "", magnitude,
                         line_end[0] != '\0' ? "" : "\n");
            }
            CHECK_BYTES(text(expected), ((struct bytes){counter.bytes, counter.size}));
        }
    }
}

const struct test counter_tests[] = {
    {"counter.absent", test_absent},
    {"counter.binary", test_binary},
    {"counter.text", test_text},
    {"counter.absent_text", test_absent_text},
    {"counter.eight_bytes_read", test_eight_bytes_read},
    {"counter.eight_bytes_written", test_eight_bytes_written},
    {"counter.ranges", test_ranges},
    {"counter.garbage", test_garbage},
    {"counter.random", test_random_sums},
    {NULL, NULL},
};
