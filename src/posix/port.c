// What a directory entry is (d_type) is beyond POSIX, on each system by another name.
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "port.h"

#include "core/path.h"
#include "translate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h> // renameat
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { second = 1000 * 1000 * 1000 }; // in nanoseconds

// macOS has another name for it.
static struct timespec modified_of(const struct stat *stat)
{
#ifdef __APPLE__
    return stat->st_mtimespec;
#else
    return stat->st_mtim;
#endif
}

static struct posix_port *posix_of(struct port *port)
{
    return (struct posix_port *)port;
}

// A path as the system calls take it.
struct text {
    char bytes[path_bytes_max + 1];
};

static enum status text_of(struct bytes path, struct text *text)
{
    if (path.size > path_bytes_max || memchr(path.data, '\0', path.size) != NULL) {
        return STATUS_BAD_NAME;
    }
    memcpy(text->bytes, path.data, path.size);
    text->bytes[path.size] = '\0';
    return STATUS_OK;
}

// ---- The port ----

static int at(struct port *port, struct place place)
{
    return place.directory == port_root ? posix_of(port)->root : (int)place.directory;
}

static uint64_t nanoseconds(struct timespec time)
{
    return (uint64_t)time.tv_sec * second + (uint64_t)time.tv_nsec;
}

static enum status posix_stat(struct port *port, struct place place, bool follow,
                              struct port_stat *result)
{
    struct text text;
    enum status status = text_of(place.path, &text);
    if (status != STATUS_OK) {
        return status;
    }
    struct stat found;
    if (fstatat(at(port, place), text.bytes, &found, follow ? 0 : AT_SYMLINK_NOFOLLOW) < 0) {
        // Stale is a directory that is gone; of a path, a file that may have been replaced.
        return errno == ESTALE && place.directory == port_root ? STATUS_IO : translate_errno(errno);
    }
    *result = (struct port_stat){translate_mode(found.st_mode), (uint64_t)found.st_size,
                                 nanoseconds(modified_of(&found))};
    return STATUS_OK;
}

static int open_again(int directory, const char *path, int flags)
{
    int opened;
    do {
        opened = openat(directory, path, flags, 0666);
    } while (opened < 0 && errno == EINTR);
    return opened;
}

static enum status posix_open(struct port *port, struct place place, enum port_mode mode,
                              port_handle *file)
{
    struct text text;
    enum status status = text_of(place.path, &text);
    if (status != STATUS_OK) {
        return status;
    }
    // Without O_NONBLOCK, a pipe would hold us up until someone opens its other end.
    int flags = O_CLOEXEC | O_NONBLOCK;
    switch (mode) {
    case PORT_READ:
        flags |= O_RDONLY | O_NOFOLLOW;
        break;
    case PORT_CREATE:
        flags |= O_WRONLY | O_CREAT | O_EXCL;
        break;
    case PORT_LIST:
        flags |= O_RDONLY | O_DIRECTORY;
        break;
    }
    int opened = open_again(at(port, place), text.bytes, flags);
    if (opened < 0) {
        return translate_errno(errno);
    }
    posix_of(port)->open_handles++;
    *file = opened;
    return STATUS_OK;
}

static enum status posix_read(struct port *port, port_handle file, void *bytes, size_t size,
                              uint64_t offset, size_t *got)
{
    (void)port;
    size_t asked = size < port_read_bytes_max ? size : port_read_bytes_max;
    ssize_t count;
    do {
        count = pread((int)file, bytes, asked, (off_t)offset);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return translate_errno(errno);
    }
    *got = (size_t)count;
    return STATUS_OK;
}

static enum status posix_write(struct port *port, port_handle file, const void *bytes, size_t size,
                               uint64_t offset, size_t *written)
{
    (void)port;
    ssize_t count;
    do {
        count = pwrite((int)file, bytes, size, (off_t)offset);
    } while (count < 0 && errno == EINTR);
    if (count < 0) {
        return translate_errno(errno);
    }
    *written = (size_t)count;
    return STATUS_OK;
}

static enum status posix_sync(struct port *port, port_handle file)
{
    (void)port;
    int returned;
    do {
        returned = fsync((int)file);
    } while (returned < 0 && errno == EINTR);
    return translate_result(returned);
}

static enum status posix_close(struct port *port, port_handle file)
{
    posix_of(port)->open_handles--;
    // After EINTR the descriptor is gone, or in a state nobody can tell: to
    // close it again could close another one.
    int returned = close((int)file);
    return returned < 0 && errno == EINTR ? STATUS_OK : translate_result(returned);
}

static enum status posix_list(struct port *port, port_handle directory, port_handle *listing)
{
    // Opened anew, since a duplicate would share the position of other listings.
    int opened = open_again((int)directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0) {
        return translate_errno(errno);
    }
    DIR *stream = fdopendir(opened);
    if (stream == NULL) {
        enum status status = translate_errno(errno);
        (void)close(opened); // the failure to tell is the first one
        return status;
    }
    posix_of(port)->open_handles++;
    *listing = (port_handle)stream;
    return STATUS_OK;
}

static enum status posix_list_next(struct port *port, port_handle listing, struct port_entry *entry)
{
    (void)port;
    for (;;) {
        errno = 0;
        const struct dirent *found = readdir((DIR *)listing);
        if (found == NULL) {
            // Linux says ENOENT in a directory that was removed: there is nothing in it.
            return errno == 0 || errno == ENOENT ? STATUS_END : translate_errno(errno);
        }
        struct bytes name = {(const uint8_t *)found->d_name, strlen(found->d_name)};
        if (!bytes_equal(name, BYTES(".")) && !bytes_equal(name, BYTES(".."))) {
            *entry = (struct port_entry){translate_entry(found->d_type), name};
            return STATUS_OK;
        }
    }
}

static void posix_list_close(struct port *port, port_handle listing)
{
    posix_of(port)->open_handles--;
    (void)closedir((DIR *)listing); // nothing was written
}

static enum status posix_make_directory(struct port *port, struct place place)
{
    struct text text;
    enum status status = text_of(place.path, &text);
    return status == STATUS_OK ? translate_result(mkdirat(at(port, place), text.bytes, 0777))
                               : status;
}

static enum status remove_at(struct port *port, struct place place, int flags)
{
    struct text text;
    enum status status = text_of(place.path, &text);
    return status == STATUS_OK ? translate_result(unlinkat(at(port, place), text.bytes, flags))
                               : status;
}

static enum status posix_remove_directory(struct port *port, struct place place)
{
    return remove_at(port, place, AT_REMOVEDIR);
}

static enum status posix_remove_file(struct port *port, struct place place)
{
    return remove_at(port, place, 0);
}

static enum status posix_rename(struct port *port, struct place from, struct place to)
{
    struct text old_text;
    struct text new_text;
    enum status status = text_of(from.path, &old_text);
    if (status == STATUS_OK) {
        status = text_of(to.path, &new_text);
    }
    return status == STATUS_OK ? translate_result(renameat(at(port, from), old_text.bytes,
                                                           at(port, to), new_text.bytes))
                               : status;
}

// SplitMix64: a counter and a finisher, so no number comes twice in 2^64.
static uint64_t posix_random(struct port *port)
{
    uint64_t bits = posix_of(port)->random_state += 0x9E3779B97F4A7C15;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
    return bits ^ bits >> 31;
}

static uint64_t clock_of(clockid_t clock)
{
    struct timespec time;
    return clock_gettime(clock, &time) == 0 ? nanoseconds(time) : 0;
}

static uint64_t posix_now(struct port *port)
{
    (void)port;
    return clock_of(CLOCK_MONOTONIC);
}

static uint64_t posix_wall_clock(struct port *port)
{
    (void)port;
    return clock_of(CLOCK_REALTIME);
}

static void posix_pause(struct port *port, uint64_t nanoseconds)
{
    (void)port;
    struct timespec time = {(time_t)(nanoseconds / second), (long)(nanoseconds % second)};
    (void)nanosleep(&time, NULL); // a signal may cut it short: about this long will do
}

static const struct port_calls calls = {
    .stat = posix_stat,
    .open = posix_open,
    .read = posix_read,
    .write = posix_write,
    .sync = posix_sync,
    .close = posix_close,
    .list = posix_list,
    .list_next = posix_list_next,
    .list_close = posix_list_close,
    .make_directory = posix_make_directory,
    .remove_directory = posix_remove_directory,
    .remove_file = posix_remove_file,
    .rename = posix_rename,
    .random = posix_random,
    .now = posix_now,
    .wall_clock = posix_wall_clock,
    .pause = posix_pause,
};

// ---- Setting up ----

static enum status read_seed(uint64_t *seed)
{
    int source = open_again(AT_FDCWD, "/dev/urandom", O_RDONLY | O_CLOEXEC);
    if (source < 0) {
        return translate_errno(errno);
    }
    ssize_t count = read(source, seed, sizeof *seed);
    (void)close(source); // nothing was written
    return count == (ssize_t)sizeof *seed ? STATUS_OK : STATUS_IO;
}

enum status posix_port_init(struct posix_port *posix, const char *path)
{
    uint64_t seed = 0;
    enum status status = read_seed(&seed);
    if (status != STATUS_OK) {
        return status;
    }
    int root = open_again(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        return translate_errno(errno);
    }
    posix->root = root;
    posix->open_handles = 0;
    posix->random_state = seed ^ clock_of(CLOCK_MONOTONIC) << 20;
    posix->port.calls = &calls;
    return STATUS_OK;
}

void posix_port_free(struct posix_port *posix)
{
    (void)close(posix->root); // a directory open to read: nothing was written
}
