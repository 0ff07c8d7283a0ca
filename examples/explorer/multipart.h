// multipart.h: parses the body of a form with enctype="multipart/form-data" (RFC 7578)
// piece by piece. It reads nothing itself and allocates nothing.
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
    MULTIPART_DATA,     // part of its content: `data`
    MULTIPART_PART_END, // the part is complete
    MULTIPART_END,      // the body is complete
    MULTIPART_WRONG,    // the body is malformed; every further call says so
};

// All zero, and then multipart_begin.
struct multipart {
    int state;
    uint8_t delimiter[4 + multipart_boundary_bytes_max]; // CR LF -- BOUNDARY
    size_t delimiter_size;
    size_t matched; // how much of it was matched
    uint8_t line[multipart_line_bytes_max];
    size_t line_size;
    size_t lines;      // of this head
    struct bytes name; // these two are of the last MULTIPART_PART, in `kept`
    struct bytes file; // the name of the uploaded file; empty for other fields
    struct bytes data;
    uint8_t kept[multipart_name_bytes_max + multipart_line_bytes_max];
};

// Takes the boundary from a Content-Type header; false if the type is another one.
bool multipart_begin(struct multipart *multipart, struct bytes content_type);

// Consumes bytes from the front of `input` up to the next event. `data` points into the
// input or the delimiter, and is valid until the next call.
enum multipart_event multipart_read(struct multipart *multipart, struct bytes *input);

#endif
