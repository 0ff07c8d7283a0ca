// name.h: keys and bucket names to file names and back, one to one.
//
// Plain names: an ordinary name is its own file name. Escapes are '%' and two
// upper-case hex digits; escaped are '/', '\', NUL, a leading '.', and a '%'
// where it would otherwise read as one of these escapes.
//
// Portable names: file names that every common file system accepts, distinguishes
// and preserves. a-z, 0-9 and some punctuation stay as they are. Every other byte
// is '%' and two lower-case hex digits, so that no file name has a capital; so
// are a '.' or ' ' at either end and the first letter of a Windows device.
//
// In both the empty name is the file "%", and no file name begins with '.'.
// Pure functions, no I/O, no allocation. See docs/format.md.
#ifndef NAME_H
#define NAME_H

#include "bytes.h"
#include "status.h"

enum {
    name_bytes_max = 255, // of a file name; POSIX's NAME_MAX on common systems
};

// The two mappings. A root has one of them (mark.h).
enum names {
    NAMES_PLAIN,
    NAMES_PORTABLE,
};

// The file name's size in bytes, however long.
size_t name_encoded_size(enum names names, struct bytes name);

// Writes the file name of `name` to `file` (name_bytes_max bytes) and its size
// to `file_size`. STATUS_NAME_TOO_LONG if it does not fit.
enum status name_encode(enum names names, struct bytes name, uint8_t *file, size_t *file_size);

// Writes the name that `file` stands for to `name` (name_bytes_max bytes) and
// its size to `name_size`. False where the file is no key: its name begins
// with '.', it or what it stands for is not UTF-8, it is too long, or it is not
// what name_encode gives.
bool name_decode(enum names names, struct bytes file, uint8_t *name, size_t *name_size);

#endif
