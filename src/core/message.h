// message.h: puts one line of text together in a fixed buffer. What does not
// fit is left out.
#ifndef MESSAGE_H
#define MESSAGE_H

#include "bytes.h"

enum {
    message_quoted_bytes_max = 80, // of a name; a longer one is cut and "..." added
};

struct message {
    char *text; // not NUL-terminated
    size_t room;
    size_t size;
};

void message_text(struct message *message, const char *text);
void message_bytes(struct message *message, struct bytes text);
void message_number(struct message *message, uint64_t number);

// A name in double quotes: valid UTF-8 stays so, and control characters, '"'
// and '\' become \xHH, so that the line stays one line.
void message_quoted(struct message *message, struct bytes name);

#endif
