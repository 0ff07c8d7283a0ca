// name.h: keys and bucket names to file names and back, one to one.
//
// An ordinary name is its own file name. Escapes are '%' and two upper-case hex
// digits; escaped are '/', '\', NUL, a leading '.', and a '%' where leaving it
// would read as one of these escapes. The empty name is the file "%".
// Pure functions, no I/O, no allocation. See docs/format.md.
#ifndef NAME_H
#define NAME_H

#include "bytes.h"
#include "status.h"

enum {
    name_bytes_max = 255, // of a file name; POSIX's NAME_MAX on common systems
};

// The file name's size in bytes, however long.
size_t name_encoded_size(struct bytes name);

// Writes the file name of `name` to `file` (name_bytes_max bytes) and its size
// to `file_size`. STATUS_NAME_TOO_LONG if it does not fit.
enum status name_encode(struct bytes name, uint8_t *file, size_t *file_size);

// Writes the name that `file` stands for to `name` (name_bytes_max bytes) and
// its size to `name_size`. False where the file is no key: its name begins
// with '.', is not UTF-8, is too long, or is not what name_encode gives.
bool name_decode(struct bytes file, uint8_t *name, size_t *name_size);

#endif
