#include "port.h"

#include "imports.h"
#include "memory.h"

// What the host answers, one call at a time. Large enough that it does not belong on the stack.
static union {
    struct plain_result plain;
    struct narrow_result narrow;
    struct wide_result wide;
} answer;

// ---- Translation ----

// What an error is to us; one that is not here is STATUS_IO.
static const uint8_t statuses[] = {
    [FILESYSTEM_ACCESS] = STATUS_ACCESS,
    [FILESYSTEM_NOT_PERMITTED] = STATUS_ACCESS,
    [FILESYSTEM_READ_ONLY] = STATUS_ACCESS,
    [FILESYSTEM_BUSY] = STATUS_IN_USE,
    [FILESYSTEM_TEXT_FILE_BUSY] = STATUS_IN_USE,
    [FILESYSTEM_QUOTA] = STATUS_NO_SPACE,
    [FILESYSTEM_INSUFFICIENT_SPACE] = STATUS_NO_SPACE,
    [FILESYSTEM_EXIST] = STATUS_EXISTS,
    [FILESYSTEM_FILE_TOO_LARGE] = STATUS_TOO_LARGE,
    [FILESYSTEM_OVERFLOW] = STATUS_TOO_LARGE,
    [FILESYSTEM_ILLEGAL_BYTE_SEQUENCE] = STATUS_BAD_NAME,
    [FILESYSTEM_INVALID] = STATUS_BAD_NAME,
    [FILESYSTEM_NAME_TOO_LONG] = STATUS_BAD_NAME,
    [FILESYSTEM_IS_DIRECTORY] = STATUS_IS_DIRECTORY,
    [FILESYSTEM_LOOP] = STATUS_IS_SYMLINK,
    [FILESYSTEM_NO_ENTRY] = STATUS_NO_ENTRY,
    [FILESYSTEM_INSUFFICIENT_MEMORY] = STATUS_NO_MEMORY,
    [FILESYSTEM_NOT_DIRECTORY] = STATUS_NOT_DIRECTORY,
    [FILESYSTEM_NOT_EMPTY] = STATUS_NOT_EMPTY,
    [FILESYSTEM_UNSUPPORTED] = STATUS_UNSUPPORTED,
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
    [DESCRIPTOR_UNKNOWN] = PORT_UNKNOWN,
    [DESCRIPTOR_BLOCK_DEVICE] = PORT_SPECIAL,
    [DESCRIPTOR_CHARACTER_DEVICE] = PORT_SPECIAL,
    [DESCRIPTOR_DIRECTORY] = PORT_DIRECTORY,
    [DESCRIPTOR_FIFO] = PORT_PIPE,
    [DESCRIPTOR_SYMBOLIC_LINK] = PORT_SYMLINK,
    [DESCRIPTOR_REGULAR_FILE] = PORT_FILE,
    [DESCRIPTOR_SOCKET] = PORT_SPECIAL,
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
    descriptor_stat_at(at(port, directory), 0, path.data, path.size, &answer.wide);
    enum status status = wide_outcome();
    if (status == STATUS_OK) {
        *look = (struct port_stat){kinds[answer.wide.stat.type], answer.wide.stat.size};
    }
    return status;
}

static enum status open_at(struct port *port, port_handle directory, struct bytes path, int32_t how,
                           int32_t rights, port_handle *file)
{
    descriptor_open_at(at(port, directory), 0, path.data, path.size, how, rights, &answer.narrow);
    enum status status = narrow_outcome();
    if (status == STATUS_OK) {
        *file = answer.narrow.handle;
    }
    return status;
}

static enum status remove_file_at(struct port *port, port_handle directory, struct bytes path)
{
    descriptor_unlink_file_at(at(port, directory), path.data, path.size, &answer.plain);
    return plain_outcome();
}

// Always a new file: hosts block for ever in opening a named pipe, and what is
// emptied could have another name too.
static enum status open_new(struct port *port, port_handle directory, struct bytes path,
                            port_handle *file)
{
    int32_t how = OPEN_CREATE | OPEN_EXCLUSIVE;
    int32_t rights = DESCRIPTOR_WRITE;
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
    return open_at(port, directory, path, mode == PORT_LIST ? OPEN_DIRECTORY : 0, DESCRIPTOR_READ,
                   file);
}

static enum status wasi_read(struct port *port, port_handle file, void *bytes, size_t size,
                             uint64_t offset, size_t *got)
{
    (void)port;
    memory_land(bytes, size);
    descriptor_read((int32_t)file, size, offset, &answer.narrow);
    memory_landed();
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
        memory_free(data, answer.narrow.read.size);
    }
    return STATUS_OK;
}

static enum status wasi_write(struct port *port, port_handle file, const void *bytes, size_t size,
                              uint64_t offset, size_t *written)
{
    (void)port;
    descriptor_write((int32_t)file, bytes, size, offset, &answer.wide);
    enum status status = wide_outcome();
    if (status == STATUS_OK) {
        *written = answer.wide.written < size ? (size_t)answer.wide.written : size;
    }
    return status;
}

static enum status wasi_sync(struct port *port, port_handle file)
{
    (void)port;
    descriptor_sync((int32_t)file, &answer.plain);
    return plain_outcome();
}

static enum status wasi_close(struct port *port, port_handle file)
{
    (void)port;
    descriptor_drop((int32_t)file);
    return STATUS_OK;
}

static enum status wasi_list(struct port *port, port_handle directory, port_handle *listing)
{
    (void)port;
    descriptor_read_directory((int32_t)directory, &answer.narrow);
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
    memory_land(name, sizeof name);
    directory_stream_next((int32_t)listing, &answer.narrow);
    memory_landed();
    enum status status = narrow_outcome();
    if (status != STATUS_OK) {
        return status;
    }
    if (!answer.narrow.next.some) {
        return STATUS_END;
    }
    struct directory_entry next = answer.narrow.next.entry;
    struct bytes found = {next.name, next.name_size};
    if (found.size > 0 && found.data != name) {
        memory_free(found.data, found.size); // longer than any name of ours
        return STATUS_BAD_NAME;
    }
    *entry = (struct port_entry){may_be_made_up(found) ? PORT_UNKNOWN : kinds[next.type], found};
    return STATUS_OK;
}

static void wasi_list_close(struct port *port, port_handle listing)
{
    (void)port;
    directory_stream_drop((int32_t)listing);
}

static enum status wasi_make_directory(struct port *port, struct bytes path)
{
    descriptor_create_directory_at(root_of(port), path.data, path.size, &answer.plain);
    return plain_outcome();
}

static enum status wasi_remove_directory(struct port *port, struct bytes path)
{
    descriptor_remove_directory_at(root_of(port), path.data, path.size, &answer.plain);
    return plain_outcome();
}

static enum status wasi_remove_file(struct port *port, struct bytes path)
{
    return remove_file_at(port, port_root, path);
}

static enum status wasi_rename(struct port *port, struct bytes from, port_handle directory,
                               struct bytes to)
{
    descriptor_rename_at(root_of(port), from.data, from.size, at(port, directory), to.data, to.size,
                         &answer.plain);
    return plain_outcome();
}

static uint64_t wasi_random(struct port *port)
{
    (void)port;
    return random_get_u64();
}

static void wasi_pause(struct port *port, uint64_t nanoseconds)
{
    (void)port;
    int32_t pollable = monotonic_clock_subscribe_duration(nanoseconds);
    pollable_block(pollable);
    pollable_drop(pollable);
}

// ---- Setting up ----

// Keeps the preopened directory that holds the root, and gives the others back.
// What is left of the root's path lies in `root`.
static enum status take_preopen(struct wasi_port *wasi, struct bytes root, struct bytes *below)
{
    struct preopens_result given;
    preopens_get_directories(&given);
    size_t chosen = 0;
    enum status status = root_choose(given.preopens, given.count, root, &chosen, below);
    for (size_t i = 0; i < given.count; i++) {
        const struct preopen *preopen = &given.preopens[i];
        if (status == STATUS_OK && i == chosen) {
            wasi->root = preopen->descriptor;
            wasi->preopen = preopen->path;
        } else {
            descriptor_drop(preopen->descriptor);
            memory_free(preopen->path.data, preopen->path.size);
        }
    }
    memory_free(given.preopens, given.count);
    return status;
}

enum status wasi_port_init(struct wasi_port *wasi, struct bytes root, struct bytes *below)
{
    enum status status = take_preopen(wasi, root, below);
    if (status != STATUS_OK) {
        return status;
    }
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
