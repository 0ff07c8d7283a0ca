#include "call.h"

#include <stdio.h>

static const char *const call_names[port_calls_that_fail] = {
    "stat",        "open to read", "open to create", "open to list",
    "read",        "write",        "sync",           "close",
    "list",        "list_next",    "make_directory", "remove_directory",
    "remove_file", "rename",
};

const char *sim_port_call_name(enum port_call call)
{
    return call_names[call];
}

#define BIT(status) (1u << (status))

bool sim_port_can_fail(enum port_call call, enum status status)
{
    static const uint32_t any = BIT(STATUS_ACCESS) | BIT(STATUS_NO_MEMORY) | BIT(STATUS_IO);
    static const uint32_t path = BIT(STATUS_NO_ENTRY) | BIT(STATUS_NOT_DIRECTORY);
    static const uint32_t others[port_calls_that_fail] = {
        [CALL_STAT] = path | BIT(STATUS_IS_SYMLINK) | BIT(STATUS_BAD_NAME),
        [CALL_OPEN_READ] = path | BIT(STATUS_IS_SYMLINK) | BIT(STATUS_IN_USE) |
                           BIT(STATUS_TOO_LARGE) | BIT(STATUS_UNSUPPORTED),
        [CALL_OPEN_CREATE] =
            path | BIT(STATUS_EXISTS) | BIT(STATUS_NO_SPACE) | BIT(STATUS_BAD_NAME),
        [CALL_OPEN_LIST] = path | BIT(STATUS_IS_SYMLINK),
        [CALL_READ] = BIT(STATUS_IS_DIRECTORY),
        [CALL_WRITE] = BIT(STATUS_NO_SPACE) | BIT(STATUS_TOO_LARGE) | BIT(STATUS_IN_USE),
        [CALL_SYNC] = BIT(STATUS_NO_SPACE) | BIT(STATUS_UNSUPPORTED),
        [CALL_CLOSE] = BIT(STATUS_NO_SPACE),
        [CALL_LIST] = BIT(STATUS_NOT_DIRECTORY),
        [CALL_LIST_NEXT] = BIT(STATUS_NO_ENTRY) | BIT(STATUS_BAD_NAME),
        [CALL_MAKE_DIRECTORY] = path | BIT(STATUS_EXISTS) | BIT(STATUS_NO_SPACE) |
                                BIT(STATUS_BAD_NAME) | BIT(STATUS_IS_SYMLINK),
        [CALL_REMOVE_DIRECTORY] =
            path | BIT(STATUS_NOT_EMPTY) | BIT(STATUS_EXISTS) | BIT(STATUS_IN_USE),
        [CALL_REMOVE_FILE] = path | BIT(STATUS_IS_DIRECTORY) | BIT(STATUS_IN_USE),
        [CALL_RENAME] = path | BIT(STATUS_IS_DIRECTORY) | BIT(STATUS_NO_SPACE) |
                        BIT(STATUS_IN_USE) | BIT(STATUS_EXISTS) | BIT(STATUS_NOT_EMPTY),
    };
    return ((any | others[call]) & BIT(status)) != 0;
}

static uint64_t sim_random(struct port *port)
{
    // Mixed one to one, so that no two writers ever get the same number.
    struct sim_port *view = (struct sim_port *)port;
    view->random_call = view->calls;
    uint64_t state = view->salt + ((uint64_t)view->writer << 32 | ++view->randoms);
    return choices_random(&state);
}

static uint64_t sim_now(struct port *port)
{
    return ((struct sim_port *)port)->now;
}

static uint64_t sim_wall_clock(struct port *port)
{
    return ((struct sim_port *)port)->disk->clock;
}

static void sim_pause(struct port *port, uint64_t nanoseconds)
{
    struct sim_port *view = (struct sim_port *)port;
    struct sim_port_wait *wait = &view->wait;
    view->now += view->cost != NULL ? nanoseconds + view->wakeup : view->pause_nanoseconds;
    if (view->cost == NULL && view->random_call == view->calls && view->randoms > 0) {
        view->randoms--; // it only said how long to pause, which is of no consequence
    }
    view->pauses++;
    wait->same = wait->names == wait->last ? wait->same + 1 : 0;
    wait->last = wait->names;
    wait->names = 0;
    wait->tries = 0;
    wait->silent = view->merges && wait->same >= 1;
    view->seen = choices_mix(choices_mix(wait->before, wait->last), wait->same);
    if (view->trace) {
        printf("  writer %u: pause\n", view->writer);
    }
}

static const struct port_calls sim_calls = {
    .stat = sim_stat,
    .open = sim_open,
    .read = sim_read,
    .write = sim_write,
    .sync = sim_sync,
    .close = sim_close,
    .list = sim_list,
    .list_next = sim_list_next,
    .list_close = sim_list_close,
    .make_directory = sim_make_directory,
    .remove_directory = sim_remove_directory,
    .remove_file = sim_remove_file,
    .rename = sim_rename,
    .random = sim_random,
    .now = sim_now,
    .wall_clock = sim_wall_clock,
    .pause = sim_pause,
};

void sim_port_init(struct sim_port *view, struct disk *disk, unsigned writer, uint64_t salt)
{
    // Field by field: a view is large and most of it need not be cleared.
    view->port.calls = &sim_calls;
    view->disk = disk;
    view->point = NULL;
    view->writer = writer;
    view->salt = salt;
    view->randoms = view->random_call = 0;
    view->listing = LISTING_AT_ONCE;
    view->short_bytes = 0;
    view->fault = (struct sim_port_fault){.at = 0};
    view->calls = view->open_handles = view->takes = view->pauses = 0;
    view->now = sim_port_start_nanoseconds;
    view->pause_nanoseconds = sim_port_pause_nanoseconds;
    view->cost = NULL;
    view->wakeup = 0;
    view->has_turn = false;
    view->left = view->seen = 0;
    view->wait = (struct sim_port_wait){.directory = 0};
    view->trace = view->remember = view->merges = view->hidden = false;
    view->found[0] = view->found[1] = 0;
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        view->handles[i].inode = 0;
    }
}

uint64_t sim_port_hash(const struct sim_port *view, const uint64_t *hashes)
{
    uint64_t hash = choices_mix(view->seen, view->randoms);
    hash = choices_mix(hash, view->wait.names);
    hash = choices_mix(hash, view->wait.last + (view->wait.same << 8 | view->wait.tries));
    for (unsigned i = 0; i < 2; i++) {
        // The number of a removed directory is of no consequence.
        hash = choices_mix(hash, view->found[i] == 0 ? 0 : hashes[view->found[i]]);
    }
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        const struct sim_port_handle *handle = &view->handles[i];
        if (handle->inode == 0) {
            continue;
        }
        hash = choices_mix(hash, hashes[handle->inode] + i);
        bool snapshot = handle->is_listing && view->listing == LISTING_AT_ONCE;
        for (unsigned n = handle->next; snapshot && n < handle->count; n++) {
            struct bytes name = handle->snapshot[n].name;
            for (size_t at = 0; at < name.size; at++) {
                hash = (hash ^ name.data[at]) * 0x100000001B3;
            }
        }
    }
    return hash;
}

void sim_port_crash(struct sim_port *view)
{
    disk_settle(view->disk, 0);
    call_forget(view);
    for (unsigned i = 0; i < sim_port_handles_max; i++) {
        if (view->handles[i].inode != 0) {
            call_free_handle(view, &view->handles[i]);
        }
    }
}
