// host.h: what kv needs of where it runs, beside the port of the core.
//
// host_posix.c is the native program's, host_wasi.c the component's: the build
// picks the file. What a host has not, it says so; nothing here ends the program.
#ifndef HOST_H
#define HOST_H

#include "core/store.h"

enum host_stream {
    HOST_IN,
    HOST_OUT,
    HOST_ERR,
};

enum {
    host_piece_bytes = 64 * 1024, // of standard input, at most in one piece
    host_place_bytes_max = 2048,
};

// ---- Streams ----

// Writes all of the bytes. False if that failed.
bool host_write(enum host_stream stream, struct bytes bytes);

// The next piece of standard input, until the next call; STATUS_END after the last.
enum status host_read(struct bytes *piece);

// True if a person is at the other end.
bool host_is_terminal(enum host_stream stream);

// ---- The environment ----

// An environment variable, which lives as long as the program. False if it is not
// set, or empty.
bool host_environment(const char *name, struct bytes *value);

// ---- The data ----

// Sets the store up on the directory `data`, and in it on the root of the settings.
// `data` is empty where none was given. `make` makes what is missing; without it
// STATUS_NO_ROOT if the directory is not there. The reason of a failure is in
// `why`, a static string; with STATUS_OK `*place` is what a person calls the root.
enum status host_open(struct bytes data, bool make, struct store **store, const char **why,
                      struct bytes *place);
void host_close(void);

#endif
