// imports.h: every function that the component imports, in the canonical ABI.
//
// Written by hand, since generated bindings copy every answer once more, mostly
// for nothing. `wasm-tools component new` checks the types against
// wit/. Arguments are flat: a string or list is its address and size, a handle a
// number. A result of more than one number is written to where the last argument
// points, laid out as the WIT's type is, which is as C does on wasm32; a list in
// it was allocated with cabi_realloc and is ours to free.
#ifndef IMPORTS_H
#define IMPORTS_H

#include "root.h"

#define IMPORT(module, name) __attribute__((import_module(module), import_name(name)))

// ---- wasi:filesystem ----

enum filesystem_error {
    FILESYSTEM_ACCESS,
    FILESYSTEM_WOULD_BLOCK,
    FILESYSTEM_ALREADY,
    FILESYSTEM_BAD_DESCRIPTOR,
    FILESYSTEM_BUSY,
    FILESYSTEM_DEADLOCK,
    FILESYSTEM_QUOTA,
    FILESYSTEM_EXIST,
    FILESYSTEM_FILE_TOO_LARGE,
    FILESYSTEM_ILLEGAL_BYTE_SEQUENCE,
    FILESYSTEM_IN_PROGRESS,
    FILESYSTEM_INTERRUPTED,
    FILESYSTEM_INVALID,
    FILESYSTEM_IO,
    FILESYSTEM_IS_DIRECTORY,
    FILESYSTEM_LOOP,
    FILESYSTEM_TOO_MANY_LINKS,
    FILESYSTEM_MESSAGE_SIZE,
    FILESYSTEM_NAME_TOO_LONG,
    FILESYSTEM_NO_DEVICE,
    FILESYSTEM_NO_ENTRY,
    FILESYSTEM_NO_LOCK,
    FILESYSTEM_INSUFFICIENT_MEMORY,
    FILESYSTEM_INSUFFICIENT_SPACE,
    FILESYSTEM_NOT_DIRECTORY,
    FILESYSTEM_NOT_EMPTY,
    FILESYSTEM_NOT_RECOVERABLE,
    FILESYSTEM_UNSUPPORTED,
    FILESYSTEM_NO_TTY,
    FILESYSTEM_NO_SUCH_DEVICE,
    FILESYSTEM_OVERFLOW,
    FILESYSTEM_NOT_PERMITTED,
    FILESYSTEM_PIPE,
    FILESYSTEM_READ_ONLY,
    FILESYSTEM_INVALID_SEEK,
    FILESYSTEM_TEXT_FILE_BUSY,
    FILESYSTEM_CROSS_DEVICE,
    filesystem_error_count,
};

enum descriptor_type {
    DESCRIPTOR_UNKNOWN,
    DESCRIPTOR_BLOCK_DEVICE,
    DESCRIPTOR_CHARACTER_DEVICE,
    DESCRIPTOR_DIRECTORY,
    DESCRIPTOR_FIFO,
    DESCRIPTOR_SYMBOLIC_LINK,
    DESCRIPTOR_REGULAR_FILE,
    DESCRIPTOR_SOCKET,
    descriptor_type_count,
};

enum path_flags {
    PATH_SYMLINK_FOLLOW = 1 << 0,
};

enum open_flags {
    OPEN_CREATE = 1 << 0,
    OPEN_DIRECTORY = 1 << 1,
    OPEN_EXCLUSIVE = 1 << 2,
    OPEN_TRUNCATE = 1 << 3,
};

enum descriptor_flags {
    DESCRIPTOR_READ = 1 << 0,
    DESCRIPTOR_WRITE = 1 << 1,
};

struct datetime {
    uint64_t seconds;
    uint32_t nanoseconds;
};

struct optional_datetime {
    bool some;
    struct datetime value;
};

struct descriptor_stat {
    uint8_t type;
    uint64_t link_count;
    uint64_t size;
    struct optional_datetime accessed;
    struct optional_datetime modified;
    struct optional_datetime changed;
};

struct directory_entry {
    uint8_t type;
    uint8_t *name;
    size_t name_size;
};

// A result's first byte says whether it failed, what follows is at its alignment,
// the error code too. So there are three layouts.

// result<_, error-code>
struct plain_result {
    bool failed;
    uint8_t code;
};

// Of what is aligned to 4 bytes.
struct narrow_result {
    bool failed;
    union {
        uint8_t code;
        int32_t handle;
        // tuple<list<u8>, bool>
        struct {
            uint8_t *data;
            size_t size;
            bool end;
        } read;
        // option<directory-entry>
        struct {
            bool some;
            struct directory_entry entry;
        } next;
    };
};

// Of what is aligned to 8 bytes.
struct wide_result {
    bool failed;
    union {
        uint8_t code;
        uint64_t written;
        struct descriptor_stat stat;
    };
};

_Static_assert(sizeof(void *) != 4 || (offsetof(struct narrow_result, next.entry.name) == 12 &&
                                       offsetof(struct wide_result, stat.size) == 24 &&
                                       offsetof(struct wide_result, stat.modified.value) == 64 &&
                                       sizeof(struct wide_result) == 104),
               "the canonical ABI's layout");

#define FILESYSTEM(name) IMPORT("wasi:filesystem/types@0.2.0", name)

FILESYSTEM("[method]descriptor.stat-at")
void descriptor_stat_at(int32_t descriptor, int32_t path_flags, const uint8_t *path, size_t size,
                        struct wide_result *result);
FILESYSTEM("[method]descriptor.open-at")
void descriptor_open_at(int32_t descriptor, int32_t path_flags, const uint8_t *path, size_t size,
                        int32_t open_flags, int32_t flags, struct narrow_result *result);
FILESYSTEM("[method]descriptor.read")
void descriptor_read(int32_t descriptor, uint64_t size, uint64_t offset,
                     struct narrow_result *result);
FILESYSTEM("[method]descriptor.write")
void descriptor_write(int32_t descriptor, const uint8_t *data, size_t size, uint64_t offset,
                      struct wide_result *result);
FILESYSTEM("[method]descriptor.sync")
void descriptor_sync(int32_t descriptor, struct plain_result *result);
FILESYSTEM("[method]descriptor.read-directory")
void descriptor_read_directory(int32_t descriptor, struct narrow_result *result);
FILESYSTEM("[method]descriptor.create-directory-at")
void descriptor_create_directory_at(int32_t descriptor, const uint8_t *path, size_t size,
                                    struct plain_result *result);
FILESYSTEM("[method]descriptor.remove-directory-at")
void descriptor_remove_directory_at(int32_t descriptor, const uint8_t *path, size_t size,
                                    struct plain_result *result);
FILESYSTEM("[method]descriptor.unlink-file-at")
void descriptor_unlink_file_at(int32_t descriptor, const uint8_t *path, size_t size,
                               struct plain_result *result);
FILESYSTEM("[method]descriptor.rename-at")
void descriptor_rename_at(int32_t descriptor, const uint8_t *from, size_t from_size,
                          int32_t to_descriptor, const uint8_t *to, size_t to_size,
                          struct plain_result *result);
FILESYSTEM("[resource-drop]descriptor") void descriptor_drop(int32_t descriptor);
FILESYSTEM("[method]directory-entry-stream.read-directory-entry")
void directory_stream_next(int32_t stream, struct narrow_result *result);
FILESYSTEM("[resource-drop]directory-entry-stream") void directory_stream_drop(int32_t stream);

// list<tuple<own<descriptor>, string>>
struct preopens_result {
    struct preopen *preopens;
    size_t count;
};

IMPORT("wasi:filesystem/preopens@0.2.0", "get-directories")
void preopens_get_directories(struct preopens_result *result);

// ---- The rest ----

// list<tuple<string, string>>
struct environment_result {
    struct variable {
        struct bytes name;
        struct bytes value;
    } *variables;
    size_t count;
};

IMPORT("wasi:cli/environment@0.2.0", "get-environment")
void environment_get(struct environment_result *result);

IMPORT("wasi:random/random@0.2.0", "get-random-u64") uint64_t random_get_u64(void);

IMPORT("wasi:clocks/wall-clock@0.2.0", "now") void wall_clock_now(struct datetime *result);

IMPORT("wasi:clocks/monotonic-clock@0.2.0", "now") uint64_t monotonic_clock_now(void);
IMPORT("wasi:clocks/monotonic-clock@0.2.0", "subscribe-duration")
int32_t monotonic_clock_subscribe_duration(uint64_t nanoseconds);
IMPORT("wasi:io/poll@0.2.0", "[method]pollable.block") void pollable_block(int32_t pollable);
IMPORT("wasi:io/poll@0.2.0", "[resource-drop]pollable") void pollable_drop(int32_t pollable);

#endif
