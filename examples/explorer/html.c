#include "html.h"

#include "core/hex.h"
#include "core/utf8.h"

#include <stdarg.h>
#include <stdlib.h>

enum { page_step_bytes = 16 * 1024 };

void page_raw(struct page *page, struct bytes bytes)
{
    page->failed = page->failed || bytes.size > page_bytes_max - page->size;
    if (!page->failed && bytes.size > page->room - page->size) {
        size_t room = page->room * 2 + bytes.size + page_step_bytes;
        uint8_t *text = realloc(page->text, room);
        page->failed = text == NULL;
        if (text != NULL) {
            page->text = text;
            page->room = room;
        }
    }
    if (!page->failed && bytes.size > 0) {
        memcpy(page->text + page->size, bytes.data, bytes.size);
        page->size += bytes.size;
    }
}

static void print_literal(struct page *page, const char *text)
{
    page_raw(page, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static void print_number(struct page *page, uint64_t number)
{
    uint8_t digits[20]; // of 2^64 - 1
    size_t at = sizeof digits;
    do {
        digits[--at] = (uint8_t)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    page_raw(page, (struct bytes){digits + at, sizeof digits - at});
}

static void print_hex(struct page *page, uint64_t number)
{
    uint8_t digits[16];
    hex_write_u64(number, digits);
    page_raw(page, (struct bytes){digits, sizeof digits});
}

// The character reference for a byte that has a meaning in markup or in a quoted
// attribute; NULL for all others.
static const char *reference(uint8_t byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

// Prints one character; U+FFFD for a NUL and for a byte that is not UTF-8.
static void print_character(struct page *page, struct bytes character)
{
    const char *text = character.size == 1 ? reference(character.data[0]) : NULL;
    if (text != NULL) {
        print_literal(page, text);
    } else if (character.size == 0 || character.data[0] == 0) {
        print_literal(page, "\xEF\xBF\xBD"); // U+FFFD
    } else {
        page_raw(page, character);
    }
}

static uint32_t code_point(struct bytes character)
{
    static const uint8_t first_bits[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = character.data[0] & first_bits[character.size];
    for (size_t i = 1; i < character.size; i++) {
        code = code << 6 | (character.data[i] & 0x3F);
    }
    return code;
}

// True for characters that are invisible or change the direction of text: with them,
// one name could look like another.
static bool is_unseen(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code <= 0xA0) || code == 0xAD || code == 0x61C ||
           (code >= 0x200B && code <= 0x200F) || (code >= 0x2028 && code <= 0x202F) ||
           (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF ||
           (code >= 0xFFF9 && code <= 0xFFFD) || (code >= 0xE0000 && code <= 0xE0FFF);
}

static void print_unseen(struct page *page, uint32_t code)
{
    static const char names[][3] = {"\\t", "\\n", "\\r"};
    print_literal(page, "<span class=\"esc\">");
    if (code == '\t' || code == '\n' || code == '\r') {
        print_literal(page, names[code == '\t' ? 0 : code == '\n' ? 1 : 2]);
    } else {
        uint8_t digits[16];
        hex_write_u64(code, digits);
        size_t at = 12;
        while (at > 8 && digits[at - 1] != '0') {
            at--;
        }
        print_literal(page, "U+");
        page_raw(page, (struct bytes){digits + at, sizeof digits - at});
    }
    print_literal(page, "</span>");
}

static void print_text(struct page *page, struct bytes text, bool visibly)
{
    for (size_t at = 0; at < text.size;) {
        struct bytes rest = {text.data + at, text.size - at};
        struct bytes character = {rest.data, utf8_size(rest)};
        if (visibly && character.size > 0 && is_unseen(code_point(character))) {
            print_unseen(page, code_point(character));
        } else {
            print_character(page, character);
        }
        at += character.size > 0 ? character.size : 1;
    }
}

static void print_url(struct page *page, struct bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
            (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' ||
            byte == '~') {
            page_raw(page, (struct bytes){&byte, 1});
        } else {
            uint8_t escape[3] = {'%', hex_digit(byte >> 4), hex_digit(byte & 15)};
            page_raw(page, (struct bytes){escape, sizeof escape});
        }
    }
}

void page_print(struct page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    while (*format != '\0') {
        size_t size = strcspn(format, "%");
        page_raw(page, (struct bytes){(const uint8_t *)format, size});
        format += size;
        if (*format == '\0') {
            break;
        }
        switch (format[1]) {
        case 't':
            print_text(page, va_arg(arguments, struct bytes), false);
            break;
        case 'v':
            print_text(page, va_arg(arguments, struct bytes), true);
            break;
        case 'u':
            print_url(page, va_arg(arguments, struct bytes));
            break;
        case 'n':
            print_number(page, va_arg(arguments, uint64_t));
            break;
        case 'x':
            print_hex(page, va_arg(arguments, uint64_t));
            break;
        case 's':
            print_literal(page, va_arg(arguments, const char *));
            break;
        default: // no directive
            abort();
        }
        format += 2;
    }
    va_end(arguments);
}

void page_free(struct page *page)
{
    free(page->text);
    *page = (struct page){.text = NULL};
}
