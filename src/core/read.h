// read.h: a key's file as a value.
#ifndef READ_H
#define READ_H

#include "buffer.h"
#include "path.h"

// The largest value: a 32-bit memory can hold it and a copy.
static const uint64_t value_bytes_max = 1024 * 1024 * 1024;

// Stats a value. STATUS_NO_ENTRY, or what is there instead of a file
// (read_is_absent); STATUS_NO_SUCH_STORE if the bucket is no directory.
enum status read_stat(struct port *port, struct place place, struct port_stat *stat);

// Stats what may be a link to a directory, which counts as one.
enum status read_stat_followed(struct port *port, struct place place, struct port_stat *stat);

// Reads a value whole. More than `most` bytes are STATUS_TOO_LARGE.
// `value` is the caller's to free.
enum status read_value(struct port *port, struct place place, uint64_t most, struct buffer *value);

// True if a read answers that the key is absent: nothing is there, or no regular
// file.
bool read_is_absent(enum status status);

#endif
