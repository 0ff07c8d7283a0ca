// time: how writers of one bucket get on beside each other, computed.
//
// A clock of its own for each writer, in which every port call takes what a profile
// says; the writer whose clock is earliest acts next. So the figures are exact,
// come in seconds, and are the same on every machine. What a profile leaves to
// chance comes from a seed.
//
//   time table                                   the tables of the pages, as Markdown
//   time check                                   no writer starves, in any profile
//   time run PROFILE WORKLOAD WRITERS [SECONDS]  one row
#include "support/workload.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    writers_max = 64,
    per_mille = 1000,
};

static const uint64_t millisecond = 1000 * 1000;
static const uint64_t second = 1000 * 1000 * 1000;

struct profile {
    const char *name;
    uint64_t call;   // nanoseconds that a call takes, a fifth more or less
    uint64_t sync;   // and one that syncs
    uint64_t wakeup; // that a pause takes too long
    unsigned still;  // one call in so many meets a writer that is not on a processor; 0: none
    enum durable durable;
};

// Measured: a call of the component takes some 8 µs under wasmtime, and the kernel
// wakes a sleeper 60 µs late. With 20 busy processes on two processors a writer
// runs for 3 ms and then waits for the others.
static const struct profile profiles[] = {
    {"tmpfs", 8000, 8000, 60000, 0, DURABLE_NONE},
    {"busy", 8000, 8000, 60000, 400, DURABLE_NONE},
    {"sync-5", 8000, 5000000, 60000, 0, DURABLE_ALL},
    {"sync-30", 8000, 30000000, 60000, 0, DURABLE_ALL},
    {"sync-100", 8000, 100000000, 60000, 0, DURABLE_ALL},
    {"sync-300", 8000, 300000000, 60000, 0, DURABLE_ALL},
    {"network-1", 1000000, 1000000, 60000, 0, DURABLE_NONE},
    {"network-20", 20000000, 20000000, 60000, 0, DURABLE_NONE},
};
enum { profile_count = sizeof profiles / sizeof profiles[0] };

static const char *const profile_texts[profile_count] = {
    "memory, a quiet machine", "memory, 20 busy processes", "a sync takes 5 ms",
    "a sync takes 30 ms",      "a sync takes 100 ms",       "a sync takes 300 ms",
    "1 ms a call (a network)", "20 ms a call (far away)",
};

enum workload { COUNTER, KEYS, workloads };

static const char *const workload_names[2 * workloads] = {"counter", "keys", "fresh-counter",
                                                          "fresh-keys"};
static const char *const workload_texts[2 * workloads] = {
    "increments, one counter", "sets, different keys", "increments, a fresh instance each",
    "sets, different keys, a fresh instance each"};

// One run: what is done, and what came of it.
struct run {
    const struct profile *profile;
    enum workload workload;
    bool fresh; // an instance for each change
    unsigned writers;
    uint64_t end;        // of the clock; no change begins later
    unsigned changes;    // that each writer makes; 0: as many as it can
    uint64_t kill_every; // nanoseconds
    unsigned kills;      // writers that are killed in the middle of a change
    uint64_t slow;       // what each call of the first writer takes; 0: what the others' take

    unsigned done[writers_max];
    unsigned total, failed, lost;
    unsigned looks;           // at others' turns
    uint64_t longest;         // nanoseconds that one change took
    unsigned longest_changes; // that all writers ended during one change
    uint64_t latest;          // when the last change ended
    uint64_t gap;             // the longest time from a killed writer's end to the next change's
    uint64_t killed;          // when one was killed last and no change has ended since; 0: none
};

static struct run run;
static struct world world;
static struct choices choices;
static uint64_t random_state;
static unsigned slots[world_writers_max]; // whose changes each writer makes

static uint64_t spread(uint64_t nanoseconds)
{
    return nanoseconds * (per_mille - 200 + choices_random(&random_state) % 401) / per_mille;
}

static uint64_t cost_of(struct sim_port *view, enum port_call call)
{
    const struct profile *profile = run.profile;
    if (run.slow > 0 && slots[view->writer] == 0) {
        return run.slow;
    }
    uint64_t cost = spread(call == CALL_SYNC ? profile->sync : profile->call);
    if (profile->still > 0 && choices_random(&random_state) % profile->still == 0) {
        cost += 10 * millisecond + choices_random(&random_state) % (190 * millisecond);
    }
    return cost;
}

// True if the turn is somebody's in the middle of a change.
static bool turn_is_busy(void)
{
    disk_inode turn = disk_at(&world.disk, "b/.kv/turn");
    for (unsigned i = 0; i < world.disk.entry_count && turn != 0; i++) {
        const struct entry *entry = &world.disk.entries[i];
        if (entry->directory == turn) {
            return world.disk.inodes[entry->target].kind == PORT_FILE ||
                   !disk_empty(&world.disk, entry->target);
        }
    }
    return false;
}

// The earliest goes on. Where writers are to be killed, it is those that have the
// turn, at times spread over the run; another one takes their place.
static unsigned choose_earliest(struct world *timed, const struct action *actions, unsigned count)
{
    unsigned ready = timed->crashes_left > 0 ? count / 2 : count;
    unsigned best = 0;
    for (unsigned i = 1; i < ready; i++) {
        if (actions[i].writer->view.now < actions[best].writer->view.now) {
            best = i;
        }
    }
    const struct writer *writer = actions[best].writer;
    uint64_t due = second + run.kill_every * (run.kills - timed->crashes_left + 1);
    if (timed->crashes_left > 0 && run.killed == 0 && writer->view.now > due &&
        writer->view.has_turn && turn_is_busy()) {
        return ready + best;
    }
    return best;
}

static void note_change(struct writer *writer, uint64_t began, unsigned before, enum status status)
{
    uint64_t now = writer->view.now;
    unsigned number = slots[writer->view.writer];
    run.failed += status != STATUS_OK;
    run.lost += writer->view.takes > 1 ? writer->view.takes - 1 : 0;
    run.looks += writer->view.pauses;
    writer->view.takes = writer->view.pauses = 0;
    run.longest = now - began > run.longest ? now - began : run.longest;
    if (run.killed != 0) {
        run.gap = now - run.killed > run.gap ? now - run.killed : run.gap;
        run.killed = 0;
    }
    if (status == STATUS_OK && (run.changes > 0 || now <= run.end)) {
        run.total++;
        run.done[number]++;
    }
    unsigned changes = run.total - before;
    run.longest_changes = changes > run.longest_changes ? changes : run.longest_changes;
    run.latest = now > run.latest ? now : run.latest;
}

static void start_store(struct writer *writer)
{
    store_init(&writer->store, &writer->view.port);
    writer->store.settings.durable = run.profile->durable;
}

static bool goes_on(const struct writer *writer, unsigned number)
{
    if (run.changes == 0 || writer->view.now >= run.end) {
        return writer->view.now < run.end;
    }
    return run.done[run.slow > 0 ? 0 : number] < run.changes; // beside a slow one until it has done
}

static void work(struct writer *writer)
{
    char key[16];
    unsigned number = slots[writer->view.writer];
    int size = snprintf(key, sizeof key, "k%u", number);
    while (goes_on(writer, number)) {
        uint64_t began = writer->view.now;
        unsigned before = run.total;
        enum status status =
            run.workload == KEYS
                ? workload_change(&writer->store, (struct bytes){(uint8_t *)key, (size_t)size},
                                  BYTES("0123456789abcdef"))
                : workload_change(&writer->store, BYTES("counter"), BYTES(""));
        note_change(writer, began, before, status);
        if (run.fresh) {
            store_free(&writer->store);
            start_store(writer);
        }
    }
}

static void add(uint64_t now, unsigned slot)
{
    struct writer *writer = world_add(&world, NULL, 0);
    slots[writer->view.writer] = slot;
    writer->body = work;
    writer->quiet = false;
    writer->view.now = now;
    writer->view.cost = cost_of;
    writer->view.wakeup = run.profile->wakeup;
    start_store(writer);
}

static void killed(struct world *timed, struct writer *writer)
{
    (void)timed;
    run.killed = writer->view.now;
    if (world.writer_count < world_writers_max) {
        add(writer->view.now, slots[writer->view.writer]);
    }
}

static void make_run(uint64_t seed)
{
    random_state = seed;
    world_init(&world, &choices);
    world.choose = choose_earliest;
    world.crashed = killed;
    world.crashes_left = run.kills;
    world.salt = choices_random(&random_state);
    world.disk.recycles = true;
    disk_put(&world.disk, "b", NULL);
    for (unsigned i = 0; i < run.writers; i++) {
        add(second + i * millisecond / run.writers, i);
    }
    world_run(&world);
    if (world.outcome != WORLD_ENDED) {
        printf("FAILED: %s\n", world.failure);
    }
    world_end(&world);
}

// What one change of a writer alone takes.
static uint64_t time_alone(const struct profile *profile, enum workload workload, bool fresh)
{
    run = (struct run){.profile = profile,
                       .workload = workload,
                       .fresh = fresh,
                       .writers = 1,
                       .changes = profile->still > 0 ? 5000 : 100,
                       .end = UINT64_MAX};
    make_run(1);
    if (run.total != run.changes) {
        printf("FAILED: a writer alone made %u of %u changes\n", run.total, run.changes);
        exit(1);
    }
    return (run.latest - second) / run.changes;
}

static void set_up(const struct profile *profile, enum workload workload, bool fresh,
                   unsigned writers)
{
    run =
        (struct run){.profile = profile, .workload = workload, .fresh = fresh, .writers = writers};
}

static double share_of_slowest(void)
{
    unsigned least = run.total;
    for (unsigned i = 0; i < run.writers; i++) {
        least = run.done[i] < least ? run.done[i] : least;
    }
    return run.total > 0 ? (double)least * run.writers / run.total : 0;
}

static void print_row(const struct profile *profile, unsigned workload, unsigned writers,
                      uint64_t length)
{
    uint64_t alone = time_alone(profile, workload % workloads, workload >= workloads);
    set_up(profile, workload % workloads, workload >= workloads, writers);
    if (length == 0) {
        length = profile->still > 0 ? 20 * second : 2 * second;
        length = 300 * alone > length ? 300 * alone : length;
    }
    run.end = second + length;
    make_run(writers);
    printf("| %s | %s | %u | %.2f | %.2f | %.0f ms | %.1f | %u | %.1f |%s\n",
           profile_texts[profile - profiles], workload_texts[workload], writers,
           (double)run.total * (double)alone / (double)length, share_of_slowest(),
           (double)run.longest / (double)millisecond, (double)run.longest_changes / (double)writers,
           run.lost, (double)run.looks / (double)(run.total > 0 ? run.total : 1),
           run.failed > 0 ? " failed" : "");
    fflush(stdout);
}

static void print_kills(const struct profile *profile)
{
    uint64_t alone = time_alone(profile, COUNTER, false);
    set_up(profile, COUNTER, false, 8);
    run.kills = 8;
    run.end = second + 40 * second + 400 * alone;
    run.kill_every = (run.end - second) / 9;
    make_run(1);
    printf("| %s | %.0f ms | %.0f ms |\n", profile_texts[profile - profiles],
           (double)run.gap / (double)millisecond, (double)alone / (double)millisecond);
    fflush(stdout);
}

static int print_tables(void)
{
    static const unsigned counts[] = {2, 8, 32};
    printf("| where | changes | writers | of one alone | slowest of its share | longest wait | in "
           "turns of all | revoked | looks for each change "
           "|\n|---|---|---|---|---|---|---|---|---|\n");
    for (unsigned p = 0; p < profile_count; p++) {
        for (unsigned workload = 0; workload < 2 * workloads; workload++) {
            for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
                print_row(&profiles[p], workload, counts[i], 0);
            }
        }
    }
    printf("\n| where | from a kill in the middle of a change to the end of the next one of eight "
           "writers | a change alone |\n|---|---|---|\n");
    for (unsigned p = 0; p < profile_count; p++) {
        print_kills(&profiles[p]);
    }
    return 0;
}

// Every writer makes its changes, in a time that the sum of all changes gives; and
// where all move on, none is revoked.
static bool check_end(const struct profile *profile, unsigned workload, unsigned writers,
                      unsigned kills)
{
    enum { changes = 6, times_max = 4 };
    uint64_t alone = time_alone(profile, workload % workloads, workload >= workloads);
    set_up(profile, workload % workloads, workload >= workloads, writers);
    run.changes = changes;
    run.kills = kills;
    run.kill_every = writers * changes * alone / 3;
    uint64_t bound = times_max * (writers * changes * alone + (1 + kills) * second);
    run.end = second + bound;
    make_run(7);
    bool good = world.outcome == WORLD_ENDED && run.failed == 0 && run.total == writers * changes &&
                run.latest - second <= bound;
    if (!good) {
        printf(
            "FAILED: %s, %s, %u writers, %u killed: %u of %u changes, %u failed, %u revoked, after "
            "%.0f ms of at most %.0f\n  again: build/sim/time run %s %s %u\n",
            profile->name, workload_names[workload], writers, kills, run.total, writers * changes,
            run.failed, run.lost, (double)(run.latest - second) / (double)millisecond,
            (double)bound / (double)millisecond, profile->name, workload_names[workload], writers);
    }
    return good;
}

// A writer whose every change takes longer than others have patience for at first
// gets on nevertheless, beside others that are quick: what was revoked asks for more.
static bool check_slow(void)
{
    enum { changes = 5, others = 3 };
    set_up(&profiles[0], COUNTER, true, 1 + others);
    run.slow = 30 * millisecond;
    run.changes = changes;
    run.end = 60 * second;
    make_run(5);
    bool good = run.failed == 0 && run.done[0] == changes;
    if (!good) {
        printf("FAILED: a slow writer made %u of %u changes in a minute, %u failed, %u revoked\n",
               run.done[0], (unsigned)changes, run.failed, run.lost);
    }
    return good;
}

static int check_all(void)
{
    static const unsigned counts[] = {2, 8, 64};
    unsigned passed = check_slow();
    unsigned failed = 1 - passed;
    for (unsigned p = 0; p < profile_count; p++) {
        for (unsigned workload = 0; workload < 2 * workloads; workload++) {
            for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
                bool good = check_end(&profiles[p], workload, counts[i], 0);
                good = (counts[i] != 8 || check_end(&profiles[p], workload, 8, 2)) && good;
                passed += good;
                failed += !good;
            }
        }
    }
    printf("no writer starves: %u runs\n%u passed, %u failed\n", passed + failed, passed, failed);
    return failed > 0;
}

static int find(const char *const *names, unsigned count, const char *name)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return (int)i;
        }
    }
    return -1;
}

int main(int count, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    choices_init(&choices);
    const char *what = count > 1 ? arguments[1] : "";
    const char *names[profile_count];
    for (unsigned i = 0; i < profile_count; i++) {
        names[i] = profiles[i].name;
    }
    if (strcmp(what, "table") == 0) {
        return print_tables();
    }
    if (strcmp(what, "check") == 0) {
        return check_all();
    }
    if (strcmp(what, "run") == 0 && count >= 5) {
        int profile = find(names, profile_count, arguments[2]);
        int workload = find(workload_names, 2 * workloads, arguments[3]);
        unsigned writers = (unsigned)atoi(arguments[4]);
        if (profile >= 0 && workload >= 0 && writers >= 1 && writers <= writers_max) {
            print_row(&profiles[profile], (unsigned)workload, writers,
                      count > 5 ? (uint64_t)atoi(arguments[5]) * second : 0);
            return 0;
        }
    }
    fprintf(stderr, "usage: time table | check | run PROFILE WORKLOAD WRITERS [SECONDS]\n");
    return 2;
}
