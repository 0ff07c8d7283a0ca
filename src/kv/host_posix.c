#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "host.h"

#include "posix/port.h"
#include "wasi/root.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

// ---- Streams ----

bool host_write(enum host_stream stream, struct bytes bytes)
{
    int file = stream == HOST_OUT ? STDOUT_FILENO : STDERR_FILENO;
    while (bytes.size > 0) {
        ssize_t written = write(file, bytes.data, bytes.size);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return false;
        }
        bytes = (struct bytes){bytes.data + written, bytes.size - (size_t)written};
    }
    return true;
}

enum status host_read(struct bytes *piece)
{
    static uint8_t buffer[host_piece_bytes];
    ssize_t got;
    do {
        got = read(STDIN_FILENO, buffer, sizeof buffer);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return STATUS_IO;
    }
    *piece = (struct bytes){buffer, (size_t)got};
    return got == 0 ? STATUS_END : STATUS_OK;
}

bool host_is_terminal(enum host_stream stream)
{
    static const int files[] = {
        [HOST_IN] = STDIN_FILENO, [HOST_OUT] = STDOUT_FILENO, [HOST_ERR] = STDERR_FILENO};
    return isatty(files[stream]) == 1;
}

bool host_environment(const char *name, struct bytes *value)
{
    const char *found = getenv(name);
    if (found == NULL || found[0] == '\0') {
        return false;
    }
    *value = (struct bytes){(const uint8_t *)found, strlen(found)};
    return true;
}

// ---- The data ----

// What outlives host_open.
static struct {
    struct posix_port posix;
    bool open;
    struct store store;
    char why[store_message_bytes_max + host_place_bytes_max];
    char place[host_place_bytes_max];
} host;

static enum status fail(enum status status, const char *before, const char *place,
                        const char *after, const char **why)
{
    struct message message = {host.why, sizeof host.why - 1, 0};
    message_text(&message, before);
    message_text(&message, place);
    message_text(&message, after);
    host.why[message.size] = '\0';
    *why = host.why;
    return status;
}

static enum status read_settings(struct settings *settings, const char **why)
{
    struct message message = {host.why, sizeof host.why - 1, 0};
    for (char **variable = environ; *variable != NULL; variable++) {
        struct bytes all = {(const uint8_t *)*variable, strlen(*variable)};
        size_t end = bytes_find(all, '=');
        if (end == all.size) {
            continue;
        }
        struct bytes value = {all.data + end + 1, all.size - end - 1};
        enum status status =
            settings_apply(settings, (struct bytes){all.data, end}, value, &message);
        if (status != STATUS_OK) {
            host.why[message.size] = '\0';
            *why = host.why;
            return status;
        }
    }
    return STATUS_OK;
}

// The root below the data directory, by the rule that a component's host has for
// its directory ".".
static enum status find_root(struct settings *settings, const char **why)
{
    const struct preopen here = {.descriptor = 0, .path = BYTES(".")};
    struct bytes asked = {settings->root, settings->root_size};
    struct bytes below;
    size_t chosen;
    if (asked.size == 0) {
        return STATUS_OK;
    }
    enum status status = root_choose(&here, 1, asked, &chosen, &below);
    if (status != STATUS_OK) {
        return fail(status, "KEYVALUE_FILESYSTEM_ROOT", "",
                    " is not a plain path below the data directory, without empty, \".\" or "
                    "\"..\" parts",
                    why);
    }
    memmove(settings->root, below.data, below.size);
    settings->root_size = below.size;
    return STATUS_OK;
}

// Makes the directory and those above it. The path is the host's own copy.
static bool make_directories(char *path)
{
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            int made = mkdir(path, 0777);
            *at = '/';
            if (made < 0 && errno != EEXIST) {
                return false;
            }
        }
    }
    return mkdir(path, 0777) == 0 || errno == EEXIST;
}

static enum status open_directory(bool make, const char **why)
{
    enum status status = posix_port_init(&host.posix, host.place);
    if (status == STATUS_NO_ENTRY && make) {
        if (!make_directories(host.place)) {
            return fail(STATUS_NO_ROOT, "cannot make the data directory ", host.place, "", why);
        }
        status = posix_port_init(&host.posix, host.place);
    }
    if (status == STATUS_NO_ENTRY) {
        return fail(STATUS_NO_ROOT, "there is no data directory ", host.place,
                    "; a command that stores something makes it, and --data names another", why);
    }
    if (status == STATUS_NOT_DIRECTORY) {
        return fail(STATUS_NO_ROOT, "the data directory ", host.place, " is no directory", why);
    }
    if (status != STATUS_OK) {
        return fail(status, "cannot open the data directory ", host.place, "", why);
    }
    host.open = true;
    return STATUS_OK;
}

enum status host_open(struct bytes data, bool make, struct store **store, const char **why,
                      struct bytes *place)
{
    struct message message = {host.place, sizeof host.place - root_bytes_max - 2, 0};
    message_bytes(&message, data.size > 0 ? data : BYTES("data"));
    if (message.size == 0) {
        return fail(STATUS_NO_ROOT, "the path of the data directory is too long", "", "", why);
    }
    host.place[message.size] = '\0';
    *store = &host.store;
    enum status status = open_directory(make, why);
    if (status != STATUS_OK) {
        return status;
    }
    store_init(&host.store, &host.posix.port);
    status = read_settings(&host.store.settings, why);
    if (status == STATUS_OK) {
        status = find_root(&host.store.settings, why);
    }
    message.room = sizeof host.place;
    if (host.store.settings.root_size > 0) {
        message_text(&message, host.place[message.size - 1] == '/' ? "" : "/");
        message_bytes(&message,
                      (struct bytes){host.store.settings.root, host.store.settings.root_size});
    }
    *place = (struct bytes){(const uint8_t *)host.place, message.size};
    return status;
}

void host_close(void)
{
    if (host.open) {
        posix_port_free(&host.posix);
        host.open = false;
    }
}
