// How writers in several processes share one bucket: prints a Markdown row for
// each workload and number of processes.
//
//   contention DIRECTORY [SECONDS [PROCESSES...]]
//
// The core on the POSIX port, so almost nothing but the protocol is measured;
// contention.py does the same through the component. Each process has a store
// of its own; `fresh` sets one up for every call, as a request server does. Makes
// and removes DIRECTORY/b.

// Memory shared by processes without a file is beyond POSIX, on each system by another name.
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "core/store.h"
#include "posix/port.h"

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
};

enum workload {
    COUNTER, // increments on one counter
    KEYS,    // sets on a key of each process's own
    FRESH,   // increments on one counter, by a fresh store for every call
    workload_count,
};

static const char *const workload_names[workload_count] = {
    "increments, one counter", "sets, different keys", "increments, a fresh instance each"};

struct worker {
    uint64_t changes;
    uint64_t failures;
    uint64_t losses; // every loss of a claim ends in a pause
    uint64_t worst;  // nanoseconds that one change took at most
};

struct shared {
    atomic_uint ready;
    atomic_uint_least64_t start; // when to begin, 0 for not yet
    struct worker workers[processes_max];
};

static struct shared *shared;
static uint64_t losses;
static void (*posix_pause)(struct port *port, uint64_t nanoseconds);

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

static void counted_pause(struct port *port, uint64_t nanoseconds)
{
    losses++;
    posix_pause(port, nanoseconds);
}

static enum status change(struct store *store, enum workload workload, struct bytes key)
{
    struct bucket *bucket;
    enum status status = store_open(store, BYTES("b"), &bucket);
    if (status != STATUS_OK) {
        return status;
    }
    if (workload == KEYS) {
        status = store_set(bucket, key, BYTES("0123456789abcdef"));
    } else {
        uint64_t value;
        status = store_increment(bucket, BYTES("counter"), 1, COUNTER_UNSIGNED, &value);
    }
    store_close(bucket);
    return status;
}

static void work(const char *directory, enum workload workload, unsigned index, uint64_t length)
{
    struct worker *worker = &shared->workers[index];
    struct posix_port posix;
    if (posix_port_init(&posix, directory) != STATUS_OK) {
        fail(directory);
    }
    posix_pause = posix.port.pause;
    posix.port.pause = counted_pause;
    struct store store;
    store_init(&store, &posix.port);
    char key[16];
    int key_size = snprintf(key, sizeof key, "key-%u", index);
    atomic_fetch_add(&shared->ready, 1);
    while (atomic_load(&shared->start) == 0 || now() < atomic_load(&shared->start)) {
        usleep(100);
    }
    uint64_t end = atomic_load(&shared->start) + length;
    for (uint64_t before = now(); before < end;) {
        enum status status =
            change(&store, workload, (struct bytes){(const uint8_t *)key, (size_t)key_size});
        if (workload == FRESH) {
            store_free(&store);
            store_init(&store, &posix.port);
        }
        uint64_t after = now();
        worker->changes += status == STATUS_OK ? 1 : 0;
        worker->failures += status == STATUS_OK ? 0 : 1;
        worker->worst = after - before > worker->worst ? after - before : worker->worst;
        before = after;
    }
    worker->losses = losses;
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
                    remove_tree(inner); // as deep as `.kv/<id>/`, and no deeper
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

static bool print_row(const char *bucket, enum workload workload, unsigned count, double seconds)
{
    uint64_t total = 0, lost = 0, failures = 0, worst = 0;
    uint64_t slowest = UINT64_MAX, fastest = 0;
    for (unsigned i = 0; i < count; i++) {
        const struct worker *worker = &shared->workers[i];
        total += worker->changes;
        lost += worker->losses;
        failures += worker->failures;
        worst = worker->worst > worst ? worker->worst : worst;
        slowest = worker->changes < slowest ? worker->changes : slowest;
        fastest = worker->changes > fastest ? worker->changes : fastest;
    }
    double share = total > 0 ? (double)total / count : 1;
    static double alone[workload_count];
    if (count == 1) {
        alone[workload] = (double)total / seconds;
    }
    printf("| %s | %u | %.0f | %.2f | %.2f | %.2f | %.1f | %.3f | %llu |\n",
           workload_names[workload], count, (double)total / seconds,
           alone[workload] > 0 ? (double)total / seconds / alone[workload] : 0,
           (double)slowest / share, (double)fastest / share, (double)worst / 1e6,
           total > 0 ? (double)lost / (double)total : 0, (unsigned long long)failures);
    fflush(stdout);
    if (workload != KEYS && !counted_exactly(bucket, total)) {
        printf("the counter is not the number of increments\n");
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
    memset(shared, 0, sizeof *shared);
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
    passed = print_row(bucket, workload, count, seconds) && passed;
    remove_tree(bucket);
    return passed;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: contention DIRECTORY [SECONDS [PROCESSES...]]\n");
        return 2;
    }
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 5;
    unsigned counts[processes_max] = {1, 2, 4, 8};
    unsigned count = 4;
    for (count = argc > 3 ? 0 : count; (int)count < argc - 3; count++) {
        counts[count] = (unsigned)strtoul(argv[3 + count], NULL, 10);
        if (counts[count] < 1 || counts[count] > processes_max || count + 1 == processes_max) {
            fprintf(stderr, "1 to %d processes\n", processes_max);
            return 2;
        }
    }
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) {
        fail("mmap");
    }
    printf("| changes | processes | total/s | of one | slowest/share | fastest/share | worst ms "
           "| losses/change | gave up |\n|---|---|---|---|---|---|---|---|---|\n");
    fflush(stdout); // or each worker prints it once more
    bool passed = true;
    for (int workload = 0; workload < workload_count; workload++) {
        for (unsigned i = 0; i < count; i++) {
            passed = measure(argv[1], (enum workload)workload, counts[i], seconds) && passed;
        }
    }
    return passed ? 0 : 1;
}
