#include "multipart.h"

#include "core/hex.h"

enum {
    BEFORE_FIRST, // the body begins with a delimiter without its CR LF
    AFTER_DELIMITER,
    IN_HEAD,
    IN_CONTENT,
    AFTER_LAST,
    AT_FAULT,
};

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

// Takes `prefix`, in lower case, off the front of `text`.
static bool take_word(struct bytes *text, struct bytes prefix)
{
    if (text->size < prefix.size) {
        return false;
    }
    for (size_t i = 0; i < prefix.size; i++) {
        if (lower(text->data[i]) != prefix.data[i]) {
            return false;
        }
    }
    *text = (struct bytes){text->data + prefix.size, text->size - prefix.size};
    return true;
}

// The value of a parameter after the first `;`: NAME=VALUE or NAME="VALUE".
static bool find_parameter(struct bytes header, struct bytes wanted, struct bytes *value)
{
    size_t at = bytes_find(header, ';');
    while (at < header.size) {
        at++;
        while (at < header.size && (header.data[at] == ' ' || header.data[at] == '\t')) {
            at++;
        }
        struct bytes rest = {header.data + at, header.size - at};
        bool found = take_word(&rest, wanted) && rest.size > 0 && rest.data[0] == '=';
        struct bytes all = {header.data + at, header.size - at};
        size_t equals = bytes_find(all, '=');
        size_t end = bytes_find(all, ';');
        size_t begin = equals + 1;
        if (equals < end && begin < all.size && all.data[begin] == '"') {
            begin++;
            end = begin + bytes_find((struct bytes){all.data + begin, all.size - begin}, '"');
        }
        if (found) {
            *value = (struct bytes){all.data + begin, end - begin};
            return true;
        }
        at += end;
        at += bytes_find((struct bytes){header.data + at, header.size - at}, ';');
    }
    return false;
}

bool multipart_begin(struct multipart *multipart, struct bytes content_type)
{
    struct bytes type = content_type;
    struct bytes boundary;
    if (!take_word(&type, BYTES("multipart/form-data")) || type.size == 0 || type.data[0] != ';' ||
        !find_parameter(type, BYTES("boundary"), &boundary) || boundary.size == 0 ||
        boundary.size > multipart_boundary_bytes_max ||
        bytes_find(boundary, '\r') < boundary.size) {
        return false;
    }
    memcpy(multipart->delimiter, "\r\n--", 4);
    memcpy(multipart->delimiter + 4, boundary.data, boundary.size);
    multipart->delimiter_size = 4 + boundary.size;
    multipart->matched = 2; // as if the line break before it had been there
    multipart->state = BEFORE_FIRST;
    return true;
}

static enum multipart_event wrong(struct multipart *multipart)
{
    multipart->state = AT_FAULT;
    return MULTIPART_WRONG;
}

static uint8_t take_byte(struct bytes *input)
{
    uint8_t byte = *input->data;
    *input = (struct bytes){input->data + 1, input->size - 1};
    return byte;
}

static enum multipart_event read_first(struct multipart *multipart, struct bytes *input)
{
    if (take_byte(input) != multipart->delimiter[multipart->matched]) {
        return wrong(multipart);
    }
    if (++multipart->matched == multipart->delimiter_size) {
        multipart->state = AFTER_DELIMITER;
        multipart->line_size = 0;
    }
    return MULTIPART_HUNGRY;
}

// A delimiter is followed by a line break and a part, or by two hyphens at the end.
static enum multipart_event read_after_delimiter(struct multipart *multipart, struct bytes *input)
{
    multipart->line[multipart->line_size++] = take_byte(input);
    if (multipart->line_size < 2) {
        return MULTIPART_HUNGRY;
    }
    struct bytes two = {multipart->line, 2};
    multipart->line_size = 0;
    if (bytes_equal(two, BYTES("--"))) {
        multipart->state = AFTER_LAST;
        return MULTIPART_END;
    }
    multipart->lines = 0;
    multipart->name = BYTES("");
    multipart->file = BYTES("");
    multipart->state = IN_HEAD;
    return bytes_equal(two, BYTES("\r\n")) ? MULTIPART_HUNGRY : wrong(multipart);
}

// Browsers write quotes and line breaks in a file's name as %22, %0D and %0A.
static size_t undo_escapes(uint8_t *text, struct bytes name)
{
    size_t size = 0;
    for (size_t at = 0; at < name.size; at++) {
        struct bytes escape = {name.data + at, 3};
        text[size] = name.data[at];
        if (name.size - at >= 3 &&
            (bytes_equal(escape, BYTES("%22")) || bytes_equal(escape, BYTES("%0D")) ||
             bytes_equal(escape, BYTES("%0A")))) {
            text[size] = (uint8_t)(hex_value(escape.data[1]) << 4 | hex_value(escape.data[2]));
            at += 2;
        }
        size++;
    }
    return size;
}

static void read_head_line(struct multipart *multipart, struct bytes line)
{
    struct bytes value;
    if (!take_word(&line, BYTES("content-disposition:"))) {
        return;
    }
    if (find_parameter(line, BYTES("name"), &value) && value.size <= multipart_name_bytes_max) {
        memcpy(multipart->kept, value.data, value.size);
        multipart->name = (struct bytes){multipart->kept, value.size};
    }
    if (find_parameter(line, BYTES("filename"), &value)) {
        uint8_t *file = multipart->kept + multipart_name_bytes_max;
        multipart->file = (struct bytes){file, undo_escapes(file, value)};
    }
}

static enum multipart_event read_head(struct multipart *multipart, struct bytes *input)
{
    if (multipart->line_size == sizeof multipart->line ||
        multipart->lines == multipart_head_lines_max) {
        return wrong(multipart);
    }
    uint8_t byte = take_byte(input);
    multipart->line[multipart->line_size++] = byte;
    if (byte != '\n') {
        return MULTIPART_HUNGRY;
    }
    size_t size = multipart->line_size;
    multipart->line_size = 0;
    multipart->lines++;
    if (size < 2 || multipart->line[size - 2] != '\r') {
        return wrong(multipart);
    }
    if (size > 2) {
        read_head_line(multipart, (struct bytes){multipart->line, size - 2});
        return MULTIPART_HUNGRY;
    }
    multipart->state = IN_CONTENT;
    multipart->matched = 0;
    return MULTIPART_PART;
}

// The delimiter has a single CR, its first byte. So when a partial match fails, no other
// match can have begun inside it.
static enum multipart_event read_content(struct multipart *multipart, struct bytes *input)
{
    const uint8_t *begin = input->data;
    while (input->size > 0 && multipart->matched == 0) {
        size_t plain = bytes_find(*input, '\r');
        *input = (struct bytes){input->data + plain, input->size - plain};
        if (plain > 0) {
            multipart->data = (struct bytes){begin, plain};
            return MULTIPART_DATA;
        }
        take_byte(input);
        multipart->matched = 1;
    }
    while (input->size > 0 && multipart->matched < multipart->delimiter_size) {
        if (*input->data != multipart->delimiter[multipart->matched]) {
            multipart->data = (struct bytes){multipart->delimiter, multipart->matched};
            multipart->matched = 0;
            return MULTIPART_DATA;
        }
        take_byte(input);
        multipart->matched++;
    }
    if (multipart->matched < multipart->delimiter_size) {
        return MULTIPART_HUNGRY;
    }
    multipart->state = AFTER_DELIMITER;
    return MULTIPART_PART_END;
}

enum multipart_event multipart_read(struct multipart *multipart, struct bytes *input)
{
    enum multipart_event event = MULTIPART_HUNGRY;
    while (event == MULTIPART_HUNGRY && input->size > 0) {
        switch (multipart->state) {
        case BEFORE_FIRST:
            event = read_first(multipart, input);
            break;
        case AFTER_DELIMITER:
            event = read_after_delimiter(multipart, input);
            break;
        case IN_HEAD:
            event = read_head(multipart, input);
            break;
        case IN_CONTENT:
            event = read_content(multipart, input);
            break;
        case AFTER_LAST: // usually a line break; it is ignored
            *input = (struct bytes){input->data + input->size, 0};
            break;
        default:
            return MULTIPART_WRONG;
        }
    }
    return event;
}
