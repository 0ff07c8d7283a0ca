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
    [FILESYSTEM_CROSS_DEVICE] = STATUS_CROSS_DEVICE,
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

static struct wasi_port *wasi_of(struct port *port)
{
    return (struct wasi_port *)port;
}

static int32_t directory_of(struct port *port, struct place place)
{
    return place.directory == port_root ? wasi_of(port)->root : (int32_t)place.directory;
}

static uint64_t nanoseconds_of(struct datetime time)
{
    return time.seconds * (1000 * 1000 * 1000) + time.nanoseconds;
}

// ---- Files ----

static enum status wasi_stat(struct port *port, struct place place, bool follow,
                             struct port_stat *stat)
{
    descriptor_stat_at(directory_of(port, place), follow ? PATH_SYMLINK_FOLLOW : 0, place.path.data,
                       place.path.size, &answer.wide);
    enum status status = wide_outcome();
    if (status == STATUS_OK) {
        const struct descriptor_stat *found = &answer.wide.stat;
        enum port_kind kind = kinds[found->type];
        *stat = (struct port_stat){
            // wasmtime knows no pipe and no socket: it is something special that is none
            // of the kinds it can tell.
            .kind = kind == PORT_UNKNOWN ? PORT_SPECIAL : kind,
            .size = found->size,
            .modified = found->modified.some ? nanoseconds_of(found->modified.value) : 0,
        };
    }
    return status;
}

static enum status wasi_open(struct port *port, struct place place, enum port_mode mode,
                             port_handle *file)
{
    // A directory with `read` alone: jco refuses to open one with `mutate-directory`.
    static const struct {
        uint8_t path_flags;
        uint8_t open_flags;
        uint8_t flags;
    } how[] = {
        [PORT_READ] = {0, 0, DESCRIPTOR_READ},
        [PORT_CREATE] = {0, OPEN_CREATE | OPEN_EXCLUSIVE, DESCRIPTOR_WRITE},
        [PORT_LIST] = {PATH_SYMLINK_FOLLOW, OPEN_DIRECTORY, DESCRIPTOR_READ},
    };
    descriptor_open_at(directory_of(port, place), how[mode].path_flags, place.path.data,
                       place.path.size, how[mode].open_flags, how[mode].flags, &answer.narrow);
    enum status status = narrow_outcome();
    if (status == STATUS_OK) {
        *file = answer.narrow.handle;
    }
    return status;
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

// ---- Listings ----

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
    return bytes_find(name, 0xEF) < name.size;
}

static enum status wasi_list_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    (void)port;
    static uint8_t name[4 * 255]; // room for any host's idea of a long name
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

// ---- Names ----

static enum status wasi_make_directory(struct port *port, struct place place)
{
    descriptor_create_directory_at(directory_of(port, place), place.path.data, place.path.size,
                                   &answer.plain);
    return plain_outcome();
}

static enum status wasi_remove_directory(struct port *port, struct place place)
{
    descriptor_remove_directory_at(directory_of(port, place), place.path.data, place.path.size,
                                   &answer.plain);
    return plain_outcome();
}

static enum status wasi_remove_file(struct port *port, struct place place)
{
    descriptor_unlink_file_at(directory_of(port, place), place.path.data, place.path.size,
                              &answer.plain);
    return plain_outcome();
}

static enum status wasi_rename(struct port *port, struct place from, struct place to)
{
    descriptor_rename_at(directory_of(port, from), from.path.data, from.path.size,
                         directory_of(port, to), to.path.data, to.path.size, &answer.plain);
    return plain_outcome();
}

// ---- Random numbers and time ----

// SplitMix64's finisher: each bit of the number changes half of the result's.
static uint64_t mixed(uint64_t bits)
{
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
    return bits ^ bits >> 31;
}

// SplitMix64: no number comes twice in 2^64. So an id costs no call of the host.
static uint64_t wasi_random(struct port *port)
{
    return mixed(wasi_of(port)->random_state += 0x9E3779B97F4A7C15);
}

static uint64_t wasi_now(struct port *port)
{
    (void)port;
    return monotonic_clock_now();
}

static uint64_t wasi_wall_clock(struct port *port)
{
    (void)port;
    struct datetime time;
    wall_clock_now(&time);
    return nanoseconds_of(time);
}

// Where instances begin to count. A host may give each the same random numbers,
// and a monotonic clock that begins with it: the time of day tells them apart.
static uint64_t seed(struct port *port)
{
    return mixed(mixed(random_get_u64() ^ wasi_now(port)) ^ wasi_wall_clock(port));
}

static void wasi_pause(struct port *port, uint64_t nanoseconds)
{
    (void)port;
    int32_t pollable = monotonic_clock_subscribe_duration(nanoseconds);
    pollable_block(pollable);
    pollable_drop(pollable);
}

// ---- Setting up ----

static const struct port_calls calls = {
    .stat = wasi_stat,
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
    .now = wasi_now,
    .wall_clock = wasi_wall_clock,
    .pause = wasi_pause,
};

// Keeps the preopened directory that holds the root, and gives the others back.
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
    if (status == STATUS_OK) {
        wasi->port.calls = &calls;
        wasi->random_state = seed(&wasi->port);
    }
    return status;
}
