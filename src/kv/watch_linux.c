// inotify: the kernel tells of what happens to the names in a directory. A change
// of the store's is a rename into the bucket or out of it; one of a person's ends
// with a file that was open for writing being closed.
#define _GNU_SOURCE

#include "watch.h"

#include "core/name.h"
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
    events_bytes_max = 64 * 1024,
    set_mask = IN_MOVED_TO | IN_CLOSE_WRITE,
    delete_mask = IN_MOVED_FROM | IN_DELETE,
    gone_mask = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT,
};

static bool is_file(struct watch *watch, struct bytes file)
{
    struct path path;
    struct port_stat stat;
    path_copy(&path, &watch->bucket);
    path_push(&path, file);
    // What is gone by now was a file for all we know; its deletion comes next.
    return port_stat(watch->session->store->port, path_place(&path), &stat) != STATUS_OK ||
           stat.kind == PORT_FILE;
}

static bool tell(struct watch *watch, const struct inotify_event *event)
{
    uint8_t key[name_bytes_max];
    size_t size;
    struct bytes file = {(const uint8_t *)event->name, strnlen(event->name, event->len)};
    if ((event->mask & IN_Q_OVERFLOW) != 0) {
        print_error(watch->session->err, "other",
                    BYTES("changes came faster than they could be told; some are missing"));
        print_flush(watch->session->err);
        return true;
    }
    if ((event->mask & IN_ISDIR) != 0 || file.size == 0 || file.size > name_bytes_max ||
        !name_decode(watch->session->store->settings.names, file, key, &size)) {
        return true;
    }
    if ((event->mask & delete_mask) != 0) {
        return watch_tell(watch, WATCH_DELETE, (struct bytes){key, size});
    }
    return !is_file(watch, file) || watch_tell(watch, WATCH_SET, (struct bytes){key, size});
}

static enum status gone(struct watch *watch)
{
    return store_fail(watch->session->store, "watch", &watch->session->command->bucket, NULL,
                      STATUS_NO_SUCH_STORE, NULL);
}

static enum status read_events(struct watch *watch, int events)
{
    _Alignas(struct inotify_event) char buffer[events_bytes_max];
    for (;;) {
        ssize_t got = read(events, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < (ssize_t)sizeof(struct inotify_event)) {
            return store_fail(watch->session->store, "watch", NULL, NULL, STATUS_IO, NULL);
        }
        for (const char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;
            if ((event->mask & gone_mask) != 0) {
                return gone(watch);
            }
            if (!tell(watch, event)) {
                return STATUS_OK;
            }
            at += sizeof *event + event->len;
        }
    }
}

enum status watch_events(struct watch *watch)
{
    char directory[host_place_bytes_max + path_bytes_max];
    struct bytes place = watch->session->place;
    size_t root = watch->session->store->settings.root_size;
    (void)snprintf(directory, sizeof directory, "%.*s/%.*s", (int)place.size,
                   (const char *)place.data, (int)(watch->bucket.size - root),
                   (const char *)watch->bucket.bytes + root);
    int events = inotify_init1(IN_CLOEXEC);
    if (events < 0) {
        return STATUS_UNSUPPORTED;
    }
    enum status status = STATUS_UNSUPPORTED;
    if (inotify_add_watch(events, directory,
                          set_mask | delete_mask | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) >=
        0) {
        status = read_events(watch, events);
    }
    (void)close(events); // nothing was written
    return status;
}
