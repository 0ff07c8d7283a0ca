// How writers in several processes share one bucket, without a host: the core on the
// POSIX port, so almost nothing but the protocol is measured.
//
//   contention DIRECTORY WORKLOAD PROCESSES SECONDS SYNC_MS
//
// Prints the changes of all processes, of the slowest one, the longest change in
// microseconds, and the changes that failed; contention.py makes tables of it. Each
// process has a store of its own; `fresh` sets one up for every call, as a request
// server does. With SYNC_MS beyond 0 changes are durable, and a sync takes that long.
// Makes and removes DIRECTORY/b.

// Memory shared by processes without a file is beyond POSIX, on each system by another name.
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "core/store.h"
#include "posix/port.h"
#include "support/workload.h"

#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    processes_max = 64,
    path_room = 4096,
    long_bytes = 256 * 1024 * 1024,
};

enum workload {
    COUNTER,       // increments on one counter
    KEYS,          // sets on a key of each process's own
    FRESH_COUNTER, // the same, by a fresh store for every call
    FRESH_KEYS,
    LONG, // sets of a large value by the first, beside the counter's increments
    workload_count,
};

static const char *const workload_names[workload_count] = {"counter", "keys", "fresh-counter",
                                                           "fresh-keys", "long"};

struct worker {
    uint64_t changes;
    uint64_t failures;
    uint64_t worst; // nanoseconds that one change took at most
};

struct shared {
    atomic_uint ready;
    atomic_uint_least64_t start; // when to begin, 0 for not yet
    struct worker workers[processes_max];
};

static struct shared *shared;
static uint64_t sync_nanoseconds; // that a sync takes; 0: nothing is synced

static _Noreturn void fail(const char *what)
{
    perror(what);
    exit(1);
}

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static enum status slow_sync(struct port *port, port_handle file)
{
    (void)file;
    port_pause(port, sync_nanoseconds);
    return STATUS_OK;
}

static struct bytes long_value(void)
{
    static uint8_t *value;
    if (value == NULL) {
        value = malloc(long_bytes);
        if (value == NULL) {
            fail("malloc");
        }
        memset(value, 'v', long_bytes);
    }
    return (struct bytes){value, long_bytes};
}

static enum status change(struct store *store, enum workload workload, unsigned index,
                          struct bytes key)
{
    if (workload == LONG && index == 0) {
        return workload_change(store, BYTES("long"), long_value());
    }
    if (workload == KEYS || workload == FRESH_KEYS) {
        return workload_change(store, key, BYTES("0123456789abcdef"));
    }
    return workload_change(store, BYTES("counter"), BYTES(""));
}

static void start_store(struct store *store, struct port *port)
{
    store_init(store, port);
    store->settings.durable = sync_nanoseconds > 0 ? DURABLE_ALL : DURABLE_NONE;
}

static void work(const char *directory, enum workload workload, unsigned index, uint64_t length)
{
    struct worker *worker = &shared->workers[index];
    struct posix_port posix;
    if (posix_port_init(&posix, directory) != STATUS_OK) {
        fail(directory);
    }
    struct port_calls calls = *posix.port.calls;
    calls.sync = slow_sync;
    posix.port.calls = &calls;
    struct store store;
    start_store(&store, &posix.port);
    char key[16];
    int key_size = snprintf(key, sizeof key, "key-%u", index);
    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->start) == 0 || now() < atomic_load(&shared->start)) {
        usleep(100);
    }
    uint64_t end = atomic_load(&shared->start) + length;
    for (uint64_t before = now(); before < end;) {
        enum status status =
            change(&store, workload, index, (struct bytes){(const uint8_t *)key, (size_t)key_size});
        if (workload == FRESH_COUNTER || workload == FRESH_KEYS) {
            store_free(&store);
            start_store(&store, &posix.port);
        }
        uint64_t after = now();
        worker->changes += status == STATUS_OK ? 1 : 0;
        worker->failures += status == STATUS_OK ? 0 : 1;
        worker->worst = after - before > worker->worst ? after - before : worker->worst;
        before = after;
    }
    store_free(&store);
    posix_port_free(&posix);
}

static void remove_tree(const char *path)
{
    DIR *stream = opendir(path);
    if (stream != NULL) {
        for (const struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
                char inner[path_room];
                snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
                if (remove(inner) != 0) {
                    remove_tree(inner); // as deep as `.kv/turn/<id>/`, and no deeper
                }
            }
        }
        closedir(stream);
    }
    rmdir(path);
}

// The counter's 8 bytes must say what the workers were told.
static bool counted_exactly(const char *bucket, uint64_t changes)
{
    char path[path_room + 16];
    snprintf(path, sizeof path, "%s/counter", bucket);
    uint64_t value = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fread(&value, sizeof value, 1, file) != 1) {
        fail(path);
    }
    fclose(file);
    return value == changes;
}

static bool print_figures(const char *bucket, enum workload workload, unsigned count)
{
    uint64_t total = 0, failures = 0, worst = 0, slowest = UINT64_MAX;
    for (unsigned i = 0; i < count; i++) {
        const struct worker *worker = &shared->workers[i];
        total += worker->changes;
        failures += worker->failures;
        worst = worker->worst > worst ? worker->worst : worst;
        slowest = worker->changes < slowest ? worker->changes : slowest;
    }
    printf("%llu %llu %llu %llu\n", (unsigned long long)total, (unsigned long long)slowest,
           (unsigned long long)worst / 1000, (unsigned long long)failures);
    bool keys = workload == KEYS || workload == FRESH_KEYS || workload == LONG;
    if (!keys && !counted_exactly(bucket, total)) {
        fprintf(stderr, "the counter is not the number of increments\n");
        return false;
    }
    return true;
}

static bool measure(const char *directory, enum workload workload, unsigned count, double seconds)
{
    char bucket[path_room];
    snprintf(bucket, sizeof bucket, "%s/b", directory);
    remove_tree(bucket);
    if (mkdir(bucket, 0777) != 0) {
        fail(bucket);
    }
    for (unsigned i = 0; i < count; i++) {
        pid_t child = fork();
        if (child < 0) {
            fail("fork");
        }
        if (child == 0) {
            work(directory, workload, i, (uint64_t)(seconds * 1e9));
            exit(0);
        }
    }
    while (atomic_load(&shared->ready) < count) {
        usleep(1000);
    }
    atomic_store(&shared->start, now() + 10 * 1000 * 1000);
    bool passed = true;
    for (unsigned i = 0; i < count; i++) {
        int status;
        passed = wait(&status) > 0 && status == 0 && passed;
    }
    passed = print_figures(bucket, workload, count) && passed;
    remove_tree(bucket);
    return passed;
}

int main(int argc, char **argv)
{
    unsigned workload = 0;
    while (argc == 6 && workload < workload_count &&
           strcmp(argv[2], workload_names[workload]) != 0) {
        workload++;
    }
    unsigned count = argc == 6 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
    if (workload == workload_count || count < 1 || count > processes_max) {
        fprintf(stderr, "usage: contention DIRECTORY WORKLOAD PROCESSES SECONDS SYNC_MS\n");
        return 2;
    }
    sync_nanoseconds = (uint64_t)(strtod(argv[5], NULL) * 1e6);
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        fail("mmap");
    }
    return measure(argv[1], (enum workload)workload, count, strtod(argv[4], NULL)) ? 0 : 1;
}
