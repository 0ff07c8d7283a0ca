#include "port.h"

#include "component.h"
#include "core/buffer.h"

#include <stdlib.h>

// ---- Memory the host writes to ----

// Where the next allocation that the host makes in our memory goes, if it fits:
// so what it reads lands where it is wanted and is not copied again.
static struct {
    uint8_t *data;
    size_t size;
} landing;

// The canonical ABI's allocator, in place of the bindings' weak one. Unlike
// theirs it must not fail: the ABI has no way to say so.
__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size,
                                                                size_t align, size_t size);

void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
{
    if (size == 0) {
        return (void *)align;
    }
    bool landed = old != NULL && old == landing.data;
    if ((old == NULL || old_size == 0 || landed) && size <= landing.size) {
        return landing.data;
    }
    void *made = malloc(size);
    if (made == NULL) {
        __builtin_trap();
    }
    if (old_size > 0) {
        memcpy(made, old, old_size < size ? old_size : size);
    }
    if (old_size > 0 && !landed) {
        free(old);
    }
    return made;
}

// ---- The host's functions ----

// In the canonical ABI itself, as in exports.c: the bindings copy every answer, and
// most of it for nothing. `wasm-tools component new` checks the types against the
// WIT. An answer is laid out as the ABI lays out the WIT's result, which is as C does
// on wasm32: what is in it lies where its alignment asks for, the error with it.
static union {
    struct {
        bool failed;
        uint8_t code;
    } plain;
    struct {
        bool failed;
        union {
            uint8_t code;
            int32_t handle;
            struct {
                uint8_t *data;
                size_t size;
                bool end;
            } read;
            struct {
                bool found;
                struct {
                    uint8_t type;
                    struct buffer name;
                } entry;
            } next;
        };
    } narrow;
    struct {
        bool failed;
        union {
            uint8_t code;
            uint64_t written;
            struct {
                uint8_t type;
                uint64_t links;
                uint64_t size;
                uint64_t times[9];
            } stat;
        };
    } wide;
} answer;

_Static_assert(sizeof answer == 104 && offsetof(__typeof__(answer), narrow.next.entry.name) == 12 &&
                   offsetof(__typeof__(answer), wide.stat.size) == 24,
               "the canonical ABI's layout");

#define HOST(name)                                                                                 \
    __attribute__((import_module("wasi:filesystem/types@0.2.0"), import_name("[method]" name)))

HOST("descriptor.stat-at")
void host_stat_at(int32_t handle, int32_t follow, const uint8_t *path, size_t size, void *into);
HOST("descriptor.open-at")
void host_open_at(int32_t handle, int32_t follow, const uint8_t *path, size_t size, int32_t how,
                  int32_t rights, void *into);
HOST("descriptor.unlink-file-at")
void host_unlink_file_at(int32_t handle, const uint8_t *path, size_t size, void *into);
HOST("descriptor.read")
void host_read(int32_t handle, uint64_t size, uint64_t offset, void *into);
HOST("descriptor.write")
void host_write(int32_t handle, const void *data, size_t size, uint64_t offset, void *into);
HOST("descriptor.sync") void host_sync(int32_t handle, void *into);
HOST("descriptor.read-directory") void host_read_directory(int32_t handle, void *into);
HOST("directory-entry-stream.read-directory-entry")
void host_read_directory_entry(int32_t handle, void *into);
HOST("descriptor.create-directory-at")
void host_create_directory_at(int32_t handle, const uint8_t *path, size_t size, void *into);
HOST("descriptor.remove-directory-at")
void host_remove_directory_at(int32_t handle, const uint8_t *path, size_t size, void *into);
HOST("descriptor.rename-at")
void host_rename_at(int32_t handle, const uint8_t *from, size_t from_size, int32_t directory,
                    const uint8_t *to, size_t to_size, void *into);

// ---- Translation ----

// What an error is to us; one that is not here is STATUS_IO.
static const uint8_t statuses[] = {
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_ACCESS] = STATUS_ACCESS,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_PERMITTED] = STATUS_ACCESS,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_READ_ONLY] = STATUS_ACCESS,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_BUSY] = STATUS_IN_USE,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_TEXT_FILE_BUSY] = STATUS_IN_USE,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_QUOTA] = STATUS_NO_SPACE,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_INSUFFICIENT_SPACE] = STATUS_NO_SPACE,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_EXIST] = STATUS_EXISTS,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_FILE_TOO_LARGE] = STATUS_TOO_LARGE,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_OVERFLOW] = STATUS_TOO_LARGE,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_ILLEGAL_BYTE_SEQUENCE] = STATUS_BAD_NAME,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_INVALID] = STATUS_BAD_NAME,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_NAME_TOO_LONG] = STATUS_BAD_NAME,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_IS_DIRECTORY] = STATUS_IS_DIRECTORY,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_LOOP] = STATUS_IS_SYMLINK,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_NO_ENTRY] = STATUS_NO_ENTRY,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_INSUFFICIENT_MEMORY] = STATUS_NO_MEMORY,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_DIRECTORY] = STATUS_NOT_DIRECTORY,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_NOT_EMPTY] = STATUS_NOT_EMPTY,
    [WASI_FILESYSTEM_TYPES_ERROR_CODE_UNSUPPORTED] = STATUS_UNSUPPORTED,
};

static enum status outcome(bool failed, uint8_t code)
{
    if (!failed) {
        return STATUS_OK;
    }
    uint8_t status = code < sizeof statuses ? statuses[code] : STATUS_OK;
    return status != STATUS_OK ? (enum status)status : STATUS_IO;
}

// Of a call that answers nothing but whether it was done.
static enum status plain_outcome(void)
{
    return outcome(answer.plain.failed, answer.plain.code);
}

static enum status narrow_outcome(void)
{
    return outcome(answer.narrow.failed, answer.narrow.code);
}

static enum status wide_outcome(void)
{
    return outcome(answer.wide.failed, answer.wide.code);
}

// What a type is to us. A host gives no other: to tell is the canonical ABI's part.
static const uint8_t kinds[] = {
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_UNKNOWN] = PORT_UNKNOWN,
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_BLOCK_DEVICE] = PORT_SPECIAL,
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_CHARACTER_DEVICE] = PORT_SPECIAL,
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_DIRECTORY] = PORT_DIRECTORY,
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_FIFO] = PORT_PIPE,
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_SYMBOLIC_LINK] = PORT_SYMLINK,
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_REGULAR_FILE] = PORT_FILE,
    [WASI_FILESYSTEM_TYPES_DESCRIPTOR_TYPE_SOCKET] = PORT_SPECIAL,
};

static int32_t root_of(const struct port *port)
{
    return ((const struct wasi_port *)port)->root;
}

static int32_t at(const struct port *port, port_handle directory)
{
    return directory == port_root ? root_of(port) : (int32_t)directory;
}

// ---- The port ----

static enum status wasi_look(struct port *port, port_handle directory, struct bytes path,
                             struct port_stat *look)
{
    host_stat_at(at(port, directory), 0, path.data, path.size, &answer);
    enum status status = wide_outcome();
    if (status == STATUS_OK) {
        *look = (struct port_stat){kinds[answer.wide.stat.type], answer.wide.stat.size};
    }
    return status;
}

static enum status open_at(struct port *port, port_handle directory, struct bytes path,
                           wasi_filesystem_types_open_flags_t how,
                           wasi_filesystem_types_descriptor_flags_t rights, port_handle *file)
{
    host_open_at(at(port, directory), 0, path.data, path.size, how, rights, &answer);
    enum status status = narrow_outcome();
    if (status == STATUS_OK) {
        *file = answer.narrow.handle;
    }
    return status;
}

static enum status remove_file_at(struct port *port, port_handle directory, struct bytes path)
{
    host_unlink_file_at(at(port, directory), path.data, path.size, &answer);
    return plain_outcome();
}

// Always a new file: hosts block for ever in opening a named pipe, and what is
// emptied could have another name too.
static enum status open_new(struct port *port, port_handle directory, struct bytes path,
                            port_handle *file)
{
    wasi_filesystem_types_open_flags_t how =
        WASI_FILESYSTEM_TYPES_OPEN_FLAGS_CREATE | WASI_FILESYSTEM_TYPES_OPEN_FLAGS_EXCLUSIVE;
    wasi_filesystem_types_descriptor_flags_t rights = WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_WRITE;
    enum status status = open_at(port, directory, path, how, rights, file);
    if (status == STATUS_EXISTS) {
        status = remove_file_at(port, directory, path);
        if (status == STATUS_OK || status == STATUS_NO_ENTRY) {
            status = open_at(port, directory, path, how, rights, file);
        }
    }
    return status;
}

static enum status wasi_open(struct port *port, port_handle directory, struct bytes path,
                             enum port_mode mode, port_handle *file)
{
    if (mode == PORT_CREATE) {
        return open_new(port, directory, path, file);
    }
    // With `read` alone: jco refuses to open a directory with `mutate-directory`.
    return open_at(port, directory, path,
                   mode == PORT_LIST ? WASI_FILESYSTEM_TYPES_OPEN_FLAGS_DIRECTORY : 0,
                   WASI_FILESYSTEM_TYPES_DESCRIPTOR_FLAGS_READ, file);
}

static enum status wasi_read(struct port *port, port_handle file, void *bytes, size_t size,
                             uint64_t offset, size_t *got)
{
    (void)port;
    landing.data = bytes;
    landing.size = size;
    host_read((int32_t)file, size, offset, &answer);
    landing.size = 0;
    enum status status = narrow_outcome();
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *data = answer.narrow.read.data;
    *got = answer.narrow.read.size;
    if (*got > 0 && data != bytes) {
        // The host allocated more than it was asked for. Take what was asked.
        *got = *got < size ? *got : size;
        memcpy(bytes, data, *got);
        free(data);
    }
    return STATUS_OK;
}

static enum status wasi_write(struct port *port, port_handle file, const void *bytes, size_t size,
                              uint64_t offset, size_t *written)
{
    (void)port;
    host_write((int32_t)file, bytes, size, offset, &answer);
    enum status status = wide_outcome();
    if (status == STATUS_OK) {
        *written = answer.wide.written < size ? (size_t)answer.wide.written : size;
    }
    return status;
}

static enum status wasi_sync(struct port *port, port_handle file)
{
    (void)port;
    host_sync((int32_t)file, &answer);
    return plain_outcome();
}

static enum status wasi_close(struct port *port, port_handle file)
{
    (void)port;
    wasi_filesystem_types_descriptor_drop_own(
        (wasi_filesystem_types_own_descriptor_t){(int32_t)file});
    return STATUS_OK;
}

static enum status wasi_list(struct port *port, port_handle directory, port_handle *listing)
{
    (void)port;
    host_read_directory((int32_t)directory, &answer);
    enum status status = narrow_outcome();
    if (status == STATUS_OK) {
        *listing = answer.narrow.handle;
    }
    return status;
}

// True if the name may have U+FFFD in it, which begins with this byte. jco puts
// it where a name is not UTF-8, and there is nothing by the name that it makes.
static bool may_be_made_up(struct bytes name)
{
    bool may = false;
    for (size_t i = 0; i < name.size; i++) {
        may |= name.data[i] == 0xEF;
    }
    return may;
}

static enum status wasi_list_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    (void)port;
    static uint8_t name[4 * name_bytes_max]; // room for any host's idea of a long name
    landing.data = name;
    landing.size = sizeof name;
    host_read_directory_entry((int32_t)listing, &answer);
    landing.size = 0;
    enum status status = narrow_outcome();
    if (status != STATUS_OK) {
        return status;
    }
    if (!answer.narrow.next.found) {
        return STATUS_END;
    }
    struct buffer made = answer.narrow.next.entry.name;
    struct bytes found = buffer_bytes(&made);
    *entry = (struct port_entry){
        may_be_made_up(found) ? PORT_UNKNOWN : kinds[answer.narrow.next.entry.type], found};
    if (made.size > 0 && made.data != name) {
        free(made.data); // over any name's size: no entry for us
        return STATUS_BAD_NAME;
    }
    return STATUS_OK;
}

static void wasi_list_close(struct port *port, port_handle listing)
{
    (void)port;
    wasi_filesystem_types_directory_entry_stream_drop_own(
        (wasi_filesystem_types_own_directory_entry_stream_t){(int32_t)listing});
}

static enum status wasi_make_directory(struct port *port, struct bytes path)
{
    host_create_directory_at(root_of(port), path.data, path.size, &answer);
    return plain_outcome();
}

static enum status wasi_remove_directory(struct port *port, struct bytes path)
{
    host_remove_directory_at(root_of(port), path.data, path.size, &answer);
    return plain_outcome();
}

static enum status wasi_remove_file(struct port *port, struct bytes path)
{
    return remove_file_at(port, port_root, path);
}

static enum status wasi_rename(struct port *port, struct bytes from, port_handle directory,
                               struct bytes to)
{
    host_rename_at(root_of(port), from.data, from.size, at(port, directory), to.data, to.size,
                   &answer);
    return plain_outcome();
}

static uint64_t wasi_random(struct port *port)
{
    (void)port;
    return wasi_random_random_get_random_u64();
}

static void wasi_pause(struct port *port, uint64_t nanoseconds)
{
    (void)port;
    wasi_io_poll_own_pollable_t pollable =
        wasi_clocks_monotonic_clock_subscribe_duration(nanoseconds);
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
    wasi_io_poll_pollable_drop_own(pollable);
}

// ---- Finding the root ----

// Without trailing slashes and a leading "./"; the current directory is "".
static struct bytes trimmed(struct bytes path)
{
    while (path.size > 1 && path.data[path.size - 1] == '/') {
        path.size--;
    }
    while (path.size >= 2 && path.data[0] == '.' && path.data[1] == '/') {
        path.data += 2;
        path.size -= 2;
    }
    return bytes_equal(path, BYTES(".")) ? BYTES("") : path;
}

// True if `root` is the preopened directory or below it; `below` is the rest.
static bool holds(struct bytes preopen, struct bytes root, struct bytes *below)
{
    if (preopen.size == 0) {
        *below = root;
        return root.size == 0 || root.data[0] != '/';
    }
    if (root.size < preopen.size || memcmp(root.data, preopen.data, preopen.size) != 0) {
        return false;
    }
    *below = (struct bytes){root.data + preopen.size, root.size - preopen.size};
    bool divided = preopen.data[preopen.size - 1] == '/';
    if (below->size > 0 && !divided) {
        divided = below->data[0] == '/';
        below->data++;
        below->size--;
    }
    return below->size == 0 || divided;
}

// True if no part of the path is empty, "." or "..".
static bool is_plain(struct bytes path)
{
    size_t start = 0;
    for (size_t at = 0; at <= path.size && path.size > 0; at++) {
        if (at < path.size && path.data[at] != '/') {
            continue;
        }
        struct bytes part = {path.data + start, at - start};
        if (part.size == 0 || bytes_equal(part, BYTES(".")) || bytes_equal(part, BYTES(".."))) {
            return false;
        }
        start = at + 1;
    }
    return true;
}

// The preopened directory to use: the one that holds most of `root`, the last
// one listed where several do or none is asked for. -1 if there is none.
static int choose(const wasi_filesystem_preopens_list_tuple2_own_descriptor_string_t *preopens,
                  struct bytes root, struct bytes *below)
{
    int chosen = -1;
    *below = (struct bytes){NULL, 0};
    for (size_t i = 0; i < preopens->len; i++) {
        struct bytes path = {preopens->ptr[i].f1.ptr, preopens->ptr[i].f1.len};
        struct bytes rest = {NULL, 0};
        if (root.size == 0 || (holds(trimmed(path), trimmed(root), &rest) &&
                               (chosen < 0 || rest.size <= below->size))) {
            chosen = (int)i;
            *below = rest;
        }
    }
    return chosen;
}

enum status wasi_port_init(struct wasi_port *wasi, struct bytes root, uint8_t *below,
                           size_t *below_size)
{
    wasi_filesystem_preopens_list_tuple2_own_descriptor_string_t preopens;
    wasi_filesystem_preopens_get_directories(&preopens);
    struct bytes rest;
    int chosen = choose(&preopens, root, &rest);
    enum status status = chosen < 0 ? STATUS_NO_ROOT : STATUS_OK;
    if (status == STATUS_OK && (!is_plain(rest) || rest.size > root_bytes_max)) {
        status = STATUS_BAD_SETTING;
    }
    for (size_t i = 0; i < preopens.len; i++) {
        if (status == STATUS_OK && (int)i == chosen) {
            wasi->root = preopens.ptr[i].f0.__handle;
            wasi->preopen = (struct bytes){preopens.ptr[i].f1.ptr, preopens.ptr[i].f1.len};
        } else {
            wasi_filesystem_types_descriptor_drop_own(preopens.ptr[i].f0);
            component_string_free(&preopens.ptr[i].f1);
        }
    }
    if (preopens.len > 0) {
        free(preopens.ptr);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (rest.size > 0) {
        memcpy(below, rest.data, rest.size);
    }
    *below_size = rest.size;
    wasi->port = (struct port){
        .look = wasi_look,
        .open = wasi_open,
        .read = wasi_read,
        .write = wasi_write,
        .sync = wasi_sync,
        .close = wasi_close,
        .list = wasi_list,
        .list_next = wasi_list_next,
        .list_close = wasi_list_close,
        .make_directory = wasi_make_directory,
        .remove_directory = wasi_remove_directory,
        .remove_file = wasi_remove_file,
        .rename = wasi_rename,
        .random = wasi_random,
        .pause = wasi_pause,
    };
    return STATUS_OK;
}
