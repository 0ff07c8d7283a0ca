// disk.c: a disk that records what is done to it, in one order.
//
//   disk LOG BYTES DIRECTORY
//
// mounts two files at DIRECTORY, until it is unmounted:
//
//   disk   BYTES bytes, held in memory. Every write and every fsync goes to LOG
//   mark   what is written here goes to LOG as it is, as a mark among them
//
// A loop device over `disk` is a block device; the flushes of a file system on it
// come here as fsyncs. One thread serves all requests, so the order of LOG is the
// order in which things happened. LOG is a sequence of a `struct record` each, with
// `size` bytes after it for a write or a mark.
//
// It speaks FUSE to the kernel itself (linux/fuse.h), since two files need no library.
// It needs root. Exit status 0 once it is unmounted, 1 with a message for an error.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { write_bytes_max = 1 << 20, page_bytes = 4096, forever_seconds = 1000000 };
enum { node_root = FUSE_ROOT_ID, node_disk, node_mark };

struct record {
    uint32_t kind; // 'W' a write, 'F' a flush, 'M' a mark
    uint32_t size;
    uint64_t offset;
};

struct disk {
    int device; // /dev/fuse
    int log;
    uint8_t *bytes;
    uint64_t size;
};

struct request {
    const struct fuse_in_header *header;
    const void *body;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void append(struct disk *disk, char kind, const void *data, uint32_t size, uint64_t offset)
{
    struct record record = {(uint32_t)kind, size, offset};
    struct iovec parts[] = {{&record, sizeof record}, {(void *)data, size}};
    if (writev(disk->log, parts, 2) != (ssize_t)(sizeof record + size)) {
        fail("the log");
    }
}

// Answers with an error of the kernel's (0 for none) and `size` bytes.
static void reply(struct disk *disk, struct request request, int error, const void *data,
                  size_t size)
{
    struct fuse_out_header header = {
        .len = (uint32_t)(sizeof header + size), .error = -error, .unique = request.header->unique};
    struct iovec parts[] = {{&header, sizeof header}, {(void *)data, size}};
    // ENOENT: whoever asked has been interrupted and does not wait any more.
    if (writev(disk->device, parts, 2) < 0 && errno != ENOENT) {
        fail("a reply");
    }
}

static struct fuse_attr attributes(const struct disk *disk, uint64_t node)
{
    struct fuse_attr attributes = {.ino = node, .nlink = 1, .blksize = page_bytes};
    attributes.mode = node == node_root ? S_IFDIR | 0700 : S_IFREG | 0600;
    attributes.size = node == node_disk ? disk->size : 0;
    return attributes;
}

static void initialise(struct disk *disk, struct request request)
{
    const struct fuse_init_in *in = request.body;
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor = in->minor < FUSE_KERNEL_MINOR_VERSION ? in->minor : FUSE_KERNEL_MINOR_VERSION,
        .max_readahead = in->max_readahead,
        .flags = in->flags & (FUSE_BIG_WRITES | FUSE_MAX_PAGES),
        .max_background = 16,
        .congestion_threshold = 12,
        .max_write = write_bytes_max,
        .time_gran = 1,
        .max_pages = write_bytes_max / page_bytes};
    reply(disk, request, 0, &out, sizeof out);
}

static void look_up(struct disk *disk, struct request request)
{
    const char *name = request.body;
    struct fuse_entry_out out = {.entry_valid = forever_seconds, .attr_valid = forever_seconds};
    out.nodeid = strcmp(name, "disk") == 0 ? node_disk : strcmp(name, "mark") == 0 ? node_mark : 0;
    out.attr = attributes(disk, out.nodeid);
    reply(disk, request, out.nodeid == 0 ? ENOENT : 0, &out, out.nodeid == 0 ? 0 : sizeof out);
}

static void get_attributes(struct disk *disk, struct request request)
{
    struct fuse_attr_out out = {.attr_valid = forever_seconds};
    out.attr = attributes(disk, request.header->nodeid);
    reply(disk, request, 0, &out, sizeof out);
}

static void open_file(struct disk *disk, struct request request)
{
    struct fuse_open_out out = {.open_flags = FOPEN_DIRECT_IO}; // nothing waits in a cache
    reply(disk, request, 0, &out, sizeof out);
}

static void read_file(struct disk *disk, struct request request)
{
    const struct fuse_read_in *in = request.body;
    uint64_t left = request.header->nodeid == node_disk && in->offset < disk->size
                        ? disk->size - in->offset
                        : 0;
    reply(disk, request, 0, disk->bytes + (left > 0 ? in->offset : 0),
          in->size < left ? in->size : (size_t)left);
}

static void write_file(struct disk *disk, struct request request)
{
    const struct fuse_write_in *in = request.body;
    const uint8_t *data = (const uint8_t *)(in + 1);
    struct fuse_write_out out = {.size = in->size};
    if (request.header->nodeid == node_mark) {
        append(disk, 'M', data, in->size, 0);
    } else if (in->offset > disk->size || in->size > disk->size - in->offset) {
        reply(disk, request, ENOSPC, NULL, 0);
        return;
    } else {
        memcpy(disk->bytes + in->offset, data, in->size);
        append(disk, 'W', data, in->size, in->offset);
    }
    reply(disk, request, 0, &out, sizeof out);
}

static void sync_file(struct disk *disk, struct request request)
{
    if (request.header->nodeid == node_disk) {
        append(disk, 'F', NULL, 0, 0);
    }
    reply(disk, request, 0, NULL, 0);
}

static void serve(struct disk *disk, struct request request)
{
    switch (request.header->opcode) {
    case FUSE_INIT:
        initialise(disk, request);
        break;
    case FUSE_LOOKUP:
        look_up(disk, request);
        break;
    case FUSE_GETATTR:
    case FUSE_SETATTR: // there is nothing to set
        get_attributes(disk, request);
        break;
    case FUSE_OPEN:
        open_file(disk, request);
        break;
    case FUSE_READ:
        read_file(disk, request);
        break;
    case FUSE_WRITE:
        write_file(disk, request);
        break;
    case FUSE_FSYNC:
        sync_file(disk, request);
        break;
    case FUSE_FLUSH:
    case FUSE_RELEASE:
        reply(disk, request, 0, NULL, 0);
        break;
    case FUSE_FORGET: // these want no answer
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        break;
    default:
        reply(disk, request, ENOSYS, NULL, 0);
    }
}

static void mount_at(struct disk *disk, const char *directory)
{
    disk->device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (disk->device < 0) {
        fail("/dev/fuse");
    }
    char options[100];
    snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", disk->device);
    if (mount("recorded", directory, "fuse", MS_NOSUID | MS_NODEV, options) != 0) {
        fail("mount");
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: disk LOG BYTES DIRECTORY\n");
        return 1;
    }
    struct disk disk = {.size = strtoull(argv[2], NULL, 10)};
    disk.bytes = mmap(NULL, disk.size, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    disk.log = open(argv[1], O_CREAT | O_TRUNC | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    if (disk.bytes == MAP_FAILED || disk.log < 0) {
        fail(argv[1]);
    }
    mount_at(&disk, argv[3]);
    static _Alignas(8) uint8_t buffer[write_bytes_max + 2 * page_bytes];
    for (;;) {
        ssize_t size = read(disk.device, buffer, sizeof buffer);
        if (size < 0 && errno == ENODEV) {
            return 0; // unmounted
        }
        // A request may be taken back before it is read.
        if (size < 0 && errno != EINTR && errno != ENOENT && errno != EAGAIN) {
            fail("a request");
        }
        if (size > 0) {
            const struct fuse_in_header *header = (const struct fuse_in_header *)buffer;
            serve(&disk, (struct request){header, header + 1});
        }
    }
}
