#include "text.h"

#include "core/buffer.h"

#include <stdlib.h>

static void text_write(struct output *output, struct bytes bytes)
{
    struct text *text = (struct text *)output;
    if (bytes.size > text->room - text->size && !text->failed) {
        size_t room = text->room * 2 + bytes.size;
        uint8_t *data = room < text->room ? NULL : buffer_grow(text->data, text->size, room);
        text->failed = data == NULL;
        text->data = data != NULL ? data : text->data;
        text->room = data != NULL ? room : text->room;
    }
    if (bytes.size > 0 && !text->failed) {
        memcpy(text->data + text->size, bytes.data, bytes.size);
        text->size += bytes.size;
    }
}

struct text text_start(bool json)
{
    return (struct text){
        .output = {.write = text_write, .json = json, .done = "done\n", .name = ""},
    };
}

void text_free(struct text *text)
{
    free(text->data);
    *text = text_start(text->output.json);
}

component_string_t text_give(struct text *text)
{
    if (text->size == 0) {
        text_free(text);
    }
    return (component_string_t){text->data, text->size};
}

component_string_t text_give_line(struct text *text)
{
    if (text->size > 0 && text->data[text->size - 1] == '\n') {
        text->size--;
    }
    return text_give(text);
}

component_string_t text_words(const char *words)
{
    struct text text = text_start(false);
    print_text(&text.output, words);
    return text_give(&text);
}
