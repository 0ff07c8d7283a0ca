#include "read.h"

#include <stdlib.h>

enum {
    again_max = 4, // times, for what another machine may have replaced meanwhile
};

// On a file system that several machines share, a host can find the file and lose it
// before it has looked at it: its handle is stale. Hosts say that in the words for an
// input/output error, so one is asked about again.
static enum status stat_name(struct port *port, struct place place, bool follow,
                             struct port_stat *stat)
{
    enum status status;
    unsigned again = 0;
    do {
        status = follow ? port_stat_followed(port, place, stat) : port_stat(port, place, stat);
    } while (status == STATUS_IO && again++ < again_max);
    return status;
}

enum status read_stat(struct port *port, struct place place, struct port_stat *stat)
{
    struct port_stat found;
    enum status status = stat_name(port, place, false, &found);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_DIRECTORY ? STATUS_NO_SUCH_STORE : status;
    }
    switch (found.kind) {
    case PORT_FILE:
        *stat = found;
        return STATUS_OK;
    case PORT_DIRECTORY:
        return STATUS_IS_DIRECTORY;
    case PORT_SYMLINK:
        return STATUS_IS_SYMLINK;
    case PORT_PIPE:
        return STATUS_IS_PIPE;
    case PORT_SPECIAL:
    case PORT_UNKNOWN:
        return STATUS_IS_SPECIAL;
    }
    return STATUS_IS_SPECIAL;
}

// Without following first: hosts need three system calls to follow, and one where
// there is nothing to follow.
enum status read_stat_followed(struct port *port, struct place place, struct port_stat *stat)
{
    enum status status = stat_name(port, place, false, stat);
    return status == STATUS_OK && stat->kind == PORT_SYMLINK ? stat_name(port, place, true, stat)
                                                             : status;
}

bool read_is_absent(enum status status)
{
    return status == STATUS_NO_ENTRY || status == STATUS_IS_DIRECTORY ||
           status == STATUS_IS_SYMLINK || status == STATUS_IS_PIPE || status == STATUS_IS_SPECIAL;
}

// A buffer that a read fills.
struct filling {
    uint8_t *data;
    size_t room;
    size_t total;
};

// Makes more room, for a file that is larger than its stat said.
static enum status make_room(struct filling *filling, uint64_t most)
{
    if (filling->total > most) {
        return STATUS_TOO_LARGE;
    }
    uint64_t room = (uint64_t)filling->room * 2;
    if (room > most + 1) {
        room = most + 1;
    }
    uint8_t *larger = buffer_grow(filling->data, filling->total, (size_t)room);
    if (larger == NULL) {
        return STATUS_NO_MEMORY;
    }
    filling->data = larger;
    filling->room = (size_t)room;
    return STATUS_OK;
}

// Reads an open file to its end. `size` is what its stat said. There is room for
// one byte more, so that a short read shows the end without another call; but
// not on a host that was seen to give less than there is.
static enum status read_all(struct port *port, port_handle file, size_t size, uint64_t most,
                            struct filling *filling)
{
    bool full_reads = true;
    for (;;) {
        if (filling->total == filling->room) {
            enum status status = make_room(filling, most);
            if (status != STATUS_OK) {
                return status;
            }
        }
        size_t left = filling->room - filling->total;
        size_t asked = left < port_read_bytes_max ? left : port_read_bytes_max;
        size_t got;
        enum status status =
            port_read(port, file, filling->data + filling->total, asked, filling->total, &got);
        if (status != STATUS_OK) {
            return status;
        }
        filling->total += got;
        if (got == 0 || (got < asked && filling->total == size && full_reads)) {
            return STATUS_OK;
        }
        full_reads = full_reads && got == asked;
    }
}

// Reads the file at `place`, of which a stat said `size`.
static enum status read_file(struct port *port, struct place place, uint64_t size, uint64_t most,
                             struct buffer *value)
{
    port_handle file;
    enum status status = port_open(port, place, PORT_READ, &file);
    if (status != STATUS_OK) {
        return status;
    }
    struct filling filling = {malloc((size_t)size + 1), (size_t)size + 1, 0};
    status = filling.data == NULL ? STATUS_NO_MEMORY
                                  : read_all(port, file, (size_t)size, most, &filling);
    // Nothing was written, so whatever close says, the value is what was read.
    (void)port_close(port, file);
    if (status == STATUS_OK) {
        *value = (struct buffer){filling.data, filling.total};
        return STATUS_OK;
    }
    free(filling.data);
    // Of an open file these say nothing about the key: a counter must not start
    // again from 0.
    return status == STATUS_NO_ENTRY || status == STATUS_IS_SYMLINK ? STATUS_IO : status;
}

// A value that another machine replaces between the stat and the last read may be gone
// for a moment, be a stale handle, or come out shorter than the stat said: then it is
// stat'ed and read again, but not for ever.
enum status read_value(struct port *port, struct place place, uint64_t most, struct buffer *value)
{
    for (unsigned again = 0;; again++) {
        struct port_stat stat;
        enum status status = read_stat(port, place, &stat);
        if (status != STATUS_OK) {
            return status;
        }
        if (stat.size > most) {
            return STATUS_TOO_LARGE;
        }
        struct buffer made;
        status = read_file(port, place, stat.size, most, &made);
        bool shorter = status == STATUS_OK && made.size < stat.size;
        if (again < again_max && (shorter || status == STATUS_NO_ENTRY || status == STATUS_IO)) {
            if (shorter) {
                buffer_free(&made);
            }
            continue;
        }
        if (status == STATUS_OK) {
            *value = made;
        }
        // It is there and cannot be opened: no reason for a counter to begin anew.
        return status == STATUS_NO_ENTRY ? STATUS_IO : status;
    }
}
