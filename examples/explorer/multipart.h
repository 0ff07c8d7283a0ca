// multipart.h: the body of a form with enctype="multipart/form-data" (RFC 7578),
// read piece by piece. It does no input of its own and allocates nothing.
#ifndef MULTIPART_H
#define MULTIPART_H

#include "core/bytes.h"

enum {
    multipart_boundary_bytes_max = 70, // RFC 2046
    multipart_line_bytes_max = 2048,   // of a part's head
    multipart_name_bytes_max = 32,     // of a field; ours are shorter
    multipart_head_lines_max = 16,
};

enum multipart_event {
    MULTIPART_HUNGRY,   // the input is used up
    MULTIPART_PART,     // a part begins: `name`, `file`
    MULTIPART_DATA,     // some of its content: `data`
    MULTIPART_PART_END, // it is whole
    MULTIPART_END,      // so is the body
    MULTIPART_WRONG,    // it is no such body, for good
};

// All zero, and then multipart_begin.
struct multipart {
    int state;
    uint8_t delimiter[4 + multipart_boundary_bytes_max]; // CR LF -- BOUNDARY
    size_t delimiter_size;
    size_t matched; // bytes of it that were met
    uint8_t line[multipart_line_bytes_max];
    size_t line_size;
    size_t lines;      // of this head
    struct bytes name; // these two of the last MULTIPART_PART, in `line` or `kept`
    struct bytes file; // the name that a file had; nothing where it is no file
    struct bytes data;
    uint8_t kept[multipart_name_bytes_max + multipart_line_bytes_max];
};

// Takes the boundary out of a Content-Type header; false if it is of another type.
bool multipart_begin(struct multipart *multipart, struct bytes content_type);

// Takes bytes off the front of `input` up to the next event. `data` is a part of the
// input, or of the delimiter, until the next call.
enum multipart_event multipart_read(struct multipart *multipart, struct bytes *input);

#endif
