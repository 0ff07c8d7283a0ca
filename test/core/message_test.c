#include "core/message.h"

#include "support/test.h"

static struct bytes said(const struct message *message)
{
    return (struct bytes){(const uint8_t *)message->text, message->size};
}

// Text and numbers follow each other.
static void test_parts(void)
{
    char room[64];
    struct message message = {room, sizeof room, 0};
    message_text(&message, "a: ");
    message_number(&message, 0);
    message_text(&message, " ");
    message_number(&message, UINT64_MAX);
    CHECK_BYTES(BYTES("a: 0 18446744073709551615"), said(&message));
}

// A name stays readable and on one line.
static void test_quoting(void)
{
    static const struct {
        struct bytes name;
        const char *quoted;
    } table[] = {
        {{(const uint8_t *)"", 0}, "\"\""},
        {{(const uint8_t *)"user:123", 8}, "\"user:123\""},
        {{(const uint8_t *)"gr\xC3\xB6\xC3\x9F"
                           "e",
          7},
         "\"gr\xC3\xB6\xC3\x9F"
         "e\""},
        {{(const uint8_t *)"a\"b\\c", 5}, "\"a\\x22b\\x5Cc\""},
        {{(const uint8_t *)"a\nb\r\t\x7F\0", 7}, "\"a\\x0Ab\\x0D\\x09\\x7F\\x00\""},
        {{(const uint8_t *)"\x1B[31m", 5}, "\"\\x1B[31m\""},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("row %zu", i);
        char room[64];
        struct message message = {room, sizeof room, 0};
        message_quoted(&message, table[i].name);
        CHECK_BYTES(text(table[i].quoted), said(&message));
    }
}

// A name of 80 bytes is whole, and a longer one is cut between two characters.
static void test_cutting(void)
{
    // One to four bytes of "a", then characters of that many bytes.
    static const char *const characters[] = {"b", "\xC3\xB6", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t width = 1; width <= 4; width++) {
        for (size_t lead = 0; lead < 4; lead++) {
            test_step("%zu bytes, then characters of %zu", lead, width);
            uint8_t name[200];
            size_t size = lead;
            memset(name, 'a', lead);
            while (size + width <= 120) {
                memcpy(name + size, characters[width - 1], width);
                size += width;
            }
            size_t whole = lead + (message_quoted_bytes_max - lead) / width * width;
            char room[300];
            struct message message = {room, sizeof room, 0};
            message_quoted(&message, (struct bytes){name, size});
            uint8_t expected[200] = {'"'};
            memcpy(expected + 1, name, whole);
            memcpy(expected + 1 + whole, "...\"", 4);
            CHECK_BYTES(((struct bytes){expected, whole + 5}), said(&message));

            message.size = 0;
            message_quoted(&message, (struct bytes){name, whole});
            expected[1 + whole] = '"';
            CHECK_BYTES(((struct bytes){expected, whole + 2}), said(&message));
        }
    }
}

// Where the room ends inside of a character, all of it is left out: half of one
// is not UTF-8, which no host takes.
static void test_room(void)
{
    for (size_t size = 0; size < 24; size++) {
        test_step("room of %zu", size);
        char room[24];
        memset(room, 'x', sizeof room);
        struct message message = {room, size, 0};
        message_quoted(&message, BYTES("\xC3\xB6\xE2\x82\xAC\xF0\x9F\x98\x80\n\xC3\xB6"));
        message_text(&message, "end");
        CHECK(message.size <= size);
        for (size_t i = size; i < sizeof room; i++) {
            CHECK(room[i] == 'x');
        }
        for (size_t i = 0; i < message.size;) {
            uint8_t first = (uint8_t)room[i];
            size_t width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
            CHECK(first < 0x80 || first >= 0xC2);
            CHECK(message.size - i >= width);
            for (size_t at = 1; at < width; at++) {
                CHECK(((uint8_t)room[i + at] & 0xC0) == 0x80);
            }
            i += width;
        }
    }
}

const struct test message_tests[] = {
    {"message.parts", test_parts},
    {"message.quoting", test_quoting},
    {"message.cutting", test_cutting},
    {"message.room", test_room},
    {NULL, NULL},
};
