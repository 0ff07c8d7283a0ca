// Reading and writing a component's streams (streams_wasi.h).
#include "host.h"

#include "streams_wasi.h"
#include "wasi_cli.h"

#include <stdlib.h>

enum { write_bytes_max = 4096 }; // what wasi:io takes in one blocking write

static void drop_error(const struct cli_stream_error *error)
{
    if (error->tag == CLI_LAST_OPERATION_FAILED) {
        cli_drop_error(error->error);
    }
}

bool host_write(enum host_stream stream, struct bytes bytes)
{
    while (bytes.size > 0) {
        size_t size = bytes.size < write_bytes_max ? bytes.size : write_bytes_max;
        struct cli_written written;
        cli_blocking_write(streams_wasi(stream), bytes.data, size, &written);
        if (written.failed) {
            drop_error(&written.error);
            return false;
        }
        bytes = (struct bytes){bytes.data + size, bytes.size - size};
    }
    return true;
}

enum status host_read(struct bytes *piece)
{
    static struct cli_string kept; // until the next call
    if (kept.size > 0) {
        free(kept.data);
        kept.size = 0;
    }
    struct cli_read read;
    cli_blocking_read(streams_wasi(HOST_IN), host_piece_bytes, &read);
    if (read.failed) {
        drop_error(&read.error);
        return read.error.tag == CLI_CLOSED ? STATUS_END : STATUS_IO;
    }
    kept = read.bytes;
    *piece = (struct bytes){kept.data, kept.size};
    return STATUS_OK;
}
