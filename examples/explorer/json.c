#include "json.h"

#include "core/utf8.h"

// ---- Tokens ----

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

// The byte at `at`; NUL, which no token contains, past the end.
static uint8_t byte_at(struct bytes text, size_t at)
{
    return at < text.size ? text.data[at] : 0;
}

static bool is_hex(uint8_t byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

// The size of the string at the front, quotes included; 0 if there is none.
static size_t string_size(struct bytes text)
{
    for (size_t at = 1; at < text.size; at++) {
        uint8_t byte = text.data[at];
        if (byte == '"') {
            return at + 1;
        }
        if (byte < 0x20) {
            return 0;
        }
        if (byte == '\\') {
            byte = byte_at(text, ++at);
            if (byte == 'u') {
                for (size_t end = at + 4; at < end; at++) {
                    if (!is_hex(byte_at(text, at + 1))) {
                        return 0;
                    }
                }
            } else if (byte == 0 || strchr("\"\\/bfnrt", byte) == NULL) {
                return 0;
            }
        }
    }
    return 0;
}

static size_t skip_digits(struct bytes text, size_t at)
{
    while (is_digit(byte_at(text, at))) {
        at++;
    }
    return at;
}

// The size of the number at the front; 0 if there is none.
static size_t number_size(struct bytes text)
{
    size_t at = byte_at(text, 0) == '-' ? 1 : 0;
    if (!is_digit(byte_at(text, at))) {
        return 0;
    }
    at = byte_at(text, at) == '0' ? at + 1 : skip_digits(text, at);
    if (byte_at(text, at) == '.') {
        size_t end = skip_digits(text, at + 1);
        if (end == at + 1) {
            return 0;
        }
        at = end;
    }
    if (byte_at(text, at) == 'e' || byte_at(text, at) == 'E') {
        at++;
        at += byte_at(text, at) == '+' || byte_at(text, at) == '-' ? 1 : 0;
        size_t end = skip_digits(text, at);
        if (end == at) {
            return 0;
        }
        at = end;
    }
    return at;
}

// The size of the string, number or word at the front; 0 if there is none.
static size_t scalar_size(struct bytes text)
{
    static const struct bytes words[] = {
        {(const uint8_t *)"true", 4}, {(const uint8_t *)"false", 5}, {(const uint8_t *)"null", 4}};
    if (text.data[0] == '"') {
        return string_size(text);
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text.size >= words[i].size &&
            bytes_equal((struct bytes){text.data, words[i].size}, words[i])) {
            return words[i].size;
        }
    }
    return number_size(text);
}

// ---- Structure ----

// What may come next.
enum expected { VALUE, VALUE_OR_END, NAME, NAME_OR_END, COLON, COMMA_OR_END, NOTHING };

struct checker {
    uint8_t closers[json_depth_max]; // of what is open
    size_t depth;
    enum expected expected;
};

static void close_one(struct checker *checker)
{
    checker->depth--;
    checker->expected = checker->depth > 0 ? COMMA_OR_END : NOTHING;
}

static bool check_open(struct checker *checker, uint8_t byte)
{
    if ((checker->expected != VALUE && checker->expected != VALUE_OR_END) ||
        checker->depth == json_depth_max) {
        return false;
    }
    checker->closers[checker->depth++] = byte == '{' ? '}' : ']';
    checker->expected = byte == '{' ? NAME_OR_END : VALUE_OR_END;
    return true;
}

static bool check_close(struct checker *checker, uint8_t byte)
{
    bool may_end = checker->expected == COMMA_OR_END || checker->expected == NAME_OR_END ||
                   checker->expected == VALUE_OR_END;
    if (!may_end || checker->closers[checker->depth - 1] != byte) {
        return false;
    }
    close_one(checker);
    return true;
}

static bool check_scalar(struct checker *checker, bool string)
{
    if (checker->expected == NAME || checker->expected == NAME_OR_END) {
        checker->expected = COLON;
        return string;
    }
    if (checker->depth == 0 || (checker->expected != VALUE && checker->expected != VALUE_OR_END)) {
        return false;
    }
    checker->expected = COMMA_OR_END;
    return true;
}

static bool check_mark(struct checker *checker, uint8_t byte)
{
    if (byte == ':' && checker->expected == COLON) {
        checker->expected = VALUE;
        return true;
    }
    if (byte == ',' && checker->expected == COMMA_OR_END) {
        checker->expected = checker->closers[checker->depth - 1] == '}' ? NAME : VALUE;
        return true;
    }
    return false;
}

bool json_valid(struct bytes text)
{
    struct checker checker = {.expected = VALUE};
    for (size_t at = 0; at < text.size;) {
        uint8_t byte = text.data[at];
        size_t size = 1;
        bool right = true;
        if (byte == '{' || byte == '[') {
            right = check_open(&checker, byte);
        } else if (byte == '}' || byte == ']') {
            right = check_close(&checker, byte);
        } else if (byte == ':' || byte == ',') {
            right = check_mark(&checker, byte);
        } else if (!is_blank(byte)) {
            size = scalar_size((struct bytes){text.data + at, text.size - at});
            right = size > 0 && check_scalar(&checker, byte == '"');
        }
        if (!right) {
            return false;
        }
        at += size;
    }
    return checker.expected == NOTHING && utf8_valid(text);
}

// ---- Printing ----

// Begins a line. Deep inside, the indentation grows no more: it would be most of the page.
static void print_line(struct page *page, size_t depth)
{
    page_print(page, "\n");
    for (size_t i = 0; i < depth && i < json_indent_max; i++) {
        page_print(page, "  ");
    }
}

static size_t skip_blanks(struct bytes text, size_t at)
{
    while (is_blank(byte_at(text, at))) {
        at++;
    }
    return at;
}

static void print_scalar(struct page *page, struct bytes scalar, bool name)
{
    const char *kind = name                                     ? "name"
                       : scalar.data[0] == '"'                  ? "string"
                       : is_digit(scalar.data[scalar.size - 1]) ? "number"
                                                                : "word";
    page_print(page, "<span class=\"json-%s\">%t</span>", kind, scalar);
}

void json_print(struct page *page, struct bytes text)
{
    size_t depth = 0;
    for (size_t at = skip_blanks(text, 0); at < text.size; at = skip_blanks(text, at)) {
        uint8_t byte = text.data[at];
        struct bytes mark = {text.data + at, 1};
        size_t next = skip_blanks(text, at + 1);
        if (byte == '{' || byte == '[') {
            page_raw(page, mark);
            if (byte_at(text, next) == byte + 2) { // empty: it stays on one line
                page_raw(page, (struct bytes){text.data + next, 1});
                at = next;
            } else {
                print_line(page, ++depth);
            }
        } else if (byte == '}' || byte == ']') {
            print_line(page, --depth);
            page_raw(page, mark);
        } else if (byte == ',') {
            page_raw(page, mark);
            print_line(page, depth);
        } else if (byte == ':') {
            page_print(page, ": ");
        } else {
            size_t size = scalar_size((struct bytes){text.data + at, text.size - at});
            bool name = byte_at(text, skip_blanks(text, at + size)) == ':';
            print_scalar(page, (struct bytes){text.data + at, size}, name);
            at += size - 1;
        }
        at++;
    }
}
