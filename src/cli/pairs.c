#include "pairs.h"

#include "core/utf8.h"
#include "escape.h"

#include <stdlib.h>

static size_t count_lines(const struct buffer *text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text->size; i++) {
        lines += text->data[i] == '\n';
    }
    return lines;
}

static size_t find(const uint8_t *bytes, size_t size, uint8_t byte)
{
    const uint8_t *at = size > 0 ? memchr(bytes, byte, size) : NULL;
    return at == NULL ? size : (size_t)(at - bytes);
}

// Reads one line; gives what is wrong with it, NULL if nothing is.
static const char *read_line(uint8_t *line, size_t size, struct pair *pair)
{
    size_t key_size = find(line, size, '\t');
    if (key_size == size) {
        return "there is no tab between a key and its value";
    }
    uint8_t *value = line + key_size + 1;
    size_t value_size = size - key_size - 1;
    if (!escape_undo(line, &key_size) || !escape_undo(value, &value_size)) {
        return "a backslash is followed by none of n, t, r, \\ and xHH";
    }
    *pair = (struct pair){{line, key_size}, {value, value_size}};
    return utf8_valid(pair->key) ? NULL : "the key is not valid UTF-8";
}

enum status pairs_read(struct buffer *text, struct pair **pairs, size_t *count, struct message *why)
{
    struct pair *made = calloc(count_lines(text), sizeof *made);
    if (made == NULL) {
        return STATUS_NO_MEMORY;
    }
    size_t kept = 0;
    size_t number = 1;
    for (size_t at = 0; at < text->size; number++) {
        uint8_t *line = text->data + at;
        size_t size = find(line, text->size - at, '\n');
        at += size + 1;
        if (size == 0) {
            continue;
        }
        const char *wrong = read_line(line, size, &made[kept++]);
        if (wrong != NULL) {
            message_text(why, "standard input, line ");
            message_number(why, number);
            message_text(why, ": ");
            message_text(why, wrong);
            free(made);
            return STATUS_BAD_NAME;
        }
    }
    *pairs = made;
    *count = kept;
    return STATUS_OK;
}
