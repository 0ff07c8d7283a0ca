// text.h: text that is put together and handed over to wash.
#ifndef PLUGIN_TEXT_H
#define PLUGIN_TEXT_H

#include "cli/output.h"
#include "component.h"

struct text {
    struct output output;
    uint8_t *data;
    size_t size;
    size_t room;
    bool failed; // for want of memory; the text is empty then
};

struct text text_start(bool json);
void text_free(struct text *text);

// Hands the text over to the caller.
component_string_t text_give(struct text *text);

// The same without the line break at its end: wash adds its own.
component_string_t text_give_line(struct text *text);

// These words alone.
component_string_t text_words(const char *words);

#endif
