// read.h: a key's file as a value.
#ifndef READ_H
#define READ_H

#include "buffer.h"
#include "path.h"

// What a value may have at most: what a 32-bit memory can hold beside a copy.
static const uint64_t value_bytes_max = 1024 * 1024 * 1024;

// Stats a value. STATUS_NO_ENTRY, or what is there instead of a file
// (read_is_absent); STATUS_NO_SUCH_STORE if the bucket is no directory.
enum status read_stat(struct port *port, struct place place, struct port_stat *stat);

// Reads a value whole. More than `most` bytes are STATUS_TOO_LARGE.
// `value` is the caller's to free.
enum status read_value(struct port *port, struct place place, uint64_t most, struct buffer *value);

// True for what a reader takes for absent: nothing, or no regular file.
bool read_is_absent(enum status status);

#endif
