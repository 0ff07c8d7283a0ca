// escape.h: any bytes on one line of text.
//
// Valid UTF-8 stays as it is; a backslash, a control character and a byte that
// is not UTF-8 become `\\`, `\n`, `\t`, `\r` or `\xHH`. So a line break or a tab
// in the text is never part of a key or value, and each form means one thing.
#ifndef ESCAPE_H
#define ESCAPE_H

#include "output.h"

// Prints `bytes` so that they stay on the line.
void escape_print(struct output *output, struct bytes bytes);

// Undoes that in place and sets the new size; false if an escape is none of the
// above, and then the bytes are spoilt.
bool escape_undo(uint8_t *bytes, size_t *size);

#endif
