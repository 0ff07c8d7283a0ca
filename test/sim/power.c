// power.c: the power is cut, anything that was not synced is lost or not, and
// the store is opened on what is left. disk.h tells what a cut can leave.
//
// With level `all`: every change that returned is there, in an order that gives all
// answers, every value is whole, and the store works; reads and refused swaps do not
// count, for they may have seen a change that was not yet durable, before its writer
// was told that it is.
// With level `values`: every value is whole, and the store works; changes may be
// undone.
// With level `none`, on the idealised disk that writes before a rename: the same. On
// one that does not, as real ones: torn values are found, which also shows that this
// can find them.
//
//   power programs LIMIT        every short program of one writer, cut before
//                               every step, with everything a cut can leave up
//                               to LIMIT outcomes, and LIMIT at random beyond
//   power random FIRST COUNT    several writers, several cuts, from seeds
//   power seed SEED             one of them with its trace
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

enum mode { MODE_ALL, MODE_VALUES, MODE_IDEAL, MODE_NONE, modes };

static const char mode_letters[modes + 1] = "avin";

enum start {
    START_NO_BUCKET,
    START_EMPTY,
    START_LITTER, // see world.h
    START_FILE,
    START_SERIES,
    START_HELD,
    START_BUCKET_MADE, // by a writer that died before it synced the root
    START_KEY_DELETED, // by a writer that died before it synced the bucket
    starts,
};

static const char start_letters[starts + 1] = "neltdhbk";

struct figures {
    uint64_t runs, cuts, complete, outcomes, torn, lost, failed;
};

static struct world world;
static struct choices order;   // who goes next
static struct choices choices; // what a cut leaves
static struct disk before;     // the cut
static struct history told;    // before the cut

static unsigned choose_first(struct world *driven, const struct action *actions, unsigned count)
{
    (void)driven;
    (void)actions;
    (void)count;
    return 0;
}

static unsigned stick; // in 256, how often the running writer simply goes on

static unsigned random_below(unsigned limit)
{
    return (unsigned)(choices_random(&order.state) % limit);
}

static unsigned choose_random(struct world *driven, const struct action *actions, unsigned count)
{
    unsigned ready = driven->crashes_left > 0 ? count / 2 : count;
    if (actions[0].writer == driven->running && random_below(256) < stick) {
        return 0;
    }
    return random_below(random_below(16) == 0 ? count : ready);
}

static void set_up(enum mode mode, enum start start, bool present)
{
    world_init(&world, &choices);
    world.durable = mode == MODE_ALL      ? DURABLE_ALL
                    : mode == MODE_VALUES ? DURABLE_VALUES
                                          : DURABLE_NONE;
    world.disk.writes_before_rename = mode == MODE_IDEAL;
    world.create_buckets = start == START_NO_BUCKET;
    world.opens_first = start == START_HELD;
    if (start != START_NO_BUCKET && start != START_BUCKET_MADE) {
        disk_put(&world.disk, "b", NULL);
        if (present) {
            world_put_key(&world, 0, (struct state){true, true, 7000});
        }
    }
    if (start >= START_LITTER && start <= START_SERIES) {
        world_put_left(&world, (enum world_left)(start - START_LITTER + LEFT_LITTER));
    }
    disk_sync_all(&world.disk);
    if (start == START_BUCKET_MADE) {
        disk_put(&world.disk, "b", NULL);
    } else if (start == START_KEY_DELETED) {
        disk_set(&world.disk, disk_at(&world.disk, "b"), world_key_name(0), 0);
        (void)history_call(&world.history, (struct op){.kind = OP_DELETE, .writer = 99});
    }
}

// True where a key can, and must, be there.
static bool start_fits(enum start start, bool present)
{
    return start == START_KEY_DELETED
               ? present
               : !present || (start != START_NO_BUCKET && start != START_BUCKET_MADE);
}

// What the writers were told that power loss may undo is forgotten.
static void forget_reads(struct history *history)
{
    for (unsigned i = 0; i < history->count; i++) {
        struct op *op = &history->ops[i];
        if (op->kind == OP_GET || op->end == END_REFUSED) {
            op->end = END_FAILED;
        }
    }
}

// The machine stops.
static void stop_writers(void)
{
    for (unsigned i = 0; i < world.writer_count; i++) {
        struct writer *writer = &world.writers[i];
        sim_port_crash(&writer->view);
        allocation_drop(&writer->memory);
        writer->crashed = true;
    }
    forget_reads(&world.history);
}

// Without the durable setting a key may hold anything it held, so what was told
// is no longer checked; but it must be whole.
static bool all_whole(unsigned keys)
{
    bool whole = true;
    for (unsigned key = 0; key < keys; key++) {
        bool ok;
        (void)world_key_state(&world.disk, key, &ok);
        whole = whole && ok;
    }
    return whole;
}

// What a power cut may take away without the durable setting.
static void forget_all(unsigned keys)
{
    world.history.count = 0;
    for (unsigned key = 0; key < keys; key++) {
        bool ok;
        world.history.start[key] = world_key_state(&world.disk, key, &ok);
    }
}

// Checks the store on one outcome of a cut.
static void check_outcome(enum mode mode, unsigned keys, struct figures *figures)
{
    figures->outcomes++;
    if (!all_whole(keys)) {
        figures->torn++;
        if (mode != MODE_NONE) {
            world_fail(&world, "a value is torn");
        }
        return;
    }
    if (mode != MODE_ALL) {
        forget_all(keys);
        world.create_buckets = true; // its directory may be gone as well
    }
    world_check(&world, keys);
}

static void report(const char *how)
{
    printf("FAILED: %s\n", world.failure);
    history_print(&world.history);
    printf("  before the cut:\n");
    disk_print(&before);
    printf("  now:\n");
    disk_print(&world.disk);
    printf("  replay: build/sim/power %s", how);
    if (!choices.random) {
        printf(" ");
        choices_print(&choices);
    }
    printf("\n");
}

// ---- One writer, every cut ----

struct power_case {
    enum op_kind program[2];
    unsigned count;
    enum mode mode;
    enum start start;
    bool present;
};

static void name_case(const struct power_case *one, unsigned step, char name[64])
{
    static const char letters[] = "sdiw";
    sprintf(name, "case %c%c/%c%c%c %u", letters[one->program[0]],
            one->count > 1 ? letters[one->program[1]] : '-', mode_letters[one->mode],
            start_letters[one->start], one->present ? 'p' : 'a', step);
}

static bool parse_case(const char *name, struct power_case *one)
{
    static const char letters[] = "sdiw";
    if (strlen(name) != 6 || strchr(letters, name[0]) == NULL || name[2] != '/' ||
        strchr(mode_letters, name[3]) == NULL || strchr(start_letters, name[4]) == NULL) {
        return false;
    }
    *one = (struct power_case){.count = name[1] == '-' ? 1 : 2};
    one->program[0] = (enum op_kind)(strchr(letters, name[0]) - letters);
    if (one->count > 1 && strchr(letters, name[1]) != NULL) {
        one->program[1] = (enum op_kind)(strchr(letters, name[1]) - letters);
    }
    one->mode = (enum mode)(strchr(mode_letters, name[3]) - mode_letters);
    one->start = (enum start)(strchr(start_letters, name[4]) - start_letters);
    one->present = name[5] == 'p';
    return true;
}

// Runs a case up to a step; false once it ends before.
static bool run_to(const struct power_case *one, unsigned step, bool trace)
{
    set_up(one->mode, one->start, one->present);
    world.choose = choose_first;
    world.stop_after = step;
    struct step program[2];
    for (unsigned i = 0; i < one->count; i++) {
        program[i] = (struct step){one->program[i], 0, false};
    }
    struct writer *writer = world_add(&world, program, one->count);
    writer->series_first = one->start == START_HELD;
    writer->view.trace = world.trace = trace;
    world_run(&world);
    bool stopped = world.outcome == WORLD_STOPPED;
    stop_writers();
    return stopped;
}

// One outcome of the cut that `before` and `told` hold.
static bool try_outcome(const struct power_case *one, unsigned step, struct figures *figures)
{
    world.writer_count = 1;
    world.history = told;
    world.outcome = WORLD_STOPPED;
    // Where it was not durable yet, the bucket may have to be made again.
    world.create_buckets = one->start == START_NO_BUCKET || one->start == START_BUCKET_MADE;
    disk_cut_power(&before, &choices, &world.disk);
    check_outcome(one->mode, 1, figures);
    bool ok = world.outcome != WORLD_FAILED;
    if (!ok) {
        char name[64];
        name_case(one, step, name);
        figures->failed++;
        report(name);
    }
    for (unsigned i = 1; i < world.writer_count; i++) {
        sim_port_crash(&world.writers[i].view);
        allocation_drop(&world.writers[i].memory);
    }
    return ok;
}

// Everything that one cut can leave, up to a limit, and then some at random.
static bool try_outcomes(const struct power_case *one, unsigned step, unsigned limit,
                         struct figures *figures)
{
    before = world.disk;
    told = world.history;
    figures->cuts++;
    choices_parse(&choices, "");
    unsigned tried = 0;
    bool more = true;
    while (more && tried++ < limit) {
        if (!try_outcome(one, step, figures)) {
            return false;
        }
        more = choices_next(&choices);
    }
    figures->complete += !more;
    for (unsigned i = 0; more && i < limit; i++) {
        choices_seed(&choices, (uint64_t)step << 32 | i);
        bool ok = try_outcome(one, step, figures);
        choices.random = false;
        if (!ok) {
            return false;
        }
    }
    return true;
}

static void run_case(const struct power_case *one, unsigned limit, struct figures *figures)
{
    bool stopped = true;
    for (unsigned step = 1; stopped; step++) {
        stopped = run_to(one, step, false);
        figures->runs++;
        bool ok = try_outcomes(one, step, limit, figures);
        world_end(&world);
        if (!ok) {
            break;
        }
    }
}

static int end(const struct figures *figures, enum mode mode)
{
    static const char *const names[modes] = {
        "level all",
        "level values",
        "level none, an idealised disk that writes before a rename",
        "level none",
    };
    bool as_expected = (figures->torn > 0) == (mode == MODE_NONE);
    printf("%s: %llu cuts (%llu with every outcome), %llu outcomes, %llu with torn values\n",
           names[mode], (unsigned long long)figures->cuts, (unsigned long long)figures->complete,
           (unsigned long long)figures->outcomes, (unsigned long long)figures->torn);
    if (!as_expected && figures->failed == 0) {
        printf("FAILED: torn values where there should be none, or the other way round\n");
    }
    return figures->failed > 0 || !as_expected;
}

static int run_programs(unsigned limit)
{
    unsigned failed = 0;
    enum { changes = 4 }; // set, delete, increment, swap
    for (unsigned mode = 0; mode < modes; mode++) {
        struct figures figures = {0};
        for (unsigned n = 0; n < changes * (1 + changes) * starts * 2; n++) {
            unsigned programs = n / (starts * 2);
            struct power_case one = {.mode = mode, .start = n % starts, .count = 1};
            one.present = n / starts % 2 != 0;
            one.program[0] = programs % changes;
            if (programs >= changes) {
                one.count = 2;
                one.program[1] = programs / changes - 1;
            }
            if (start_fits(one.start, one.present)) {
                run_case(&one, limit, &figures);
            }
        }
        failed += end(&figures, mode) != 0;
    }
    printf("%u passed, %u failed\n", modes - failed, failed);
    return failed > 0;
}

// ---- Several writers, several cuts ----

static void add_writers(unsigned keys)
{
    unsigned writers = 1 + random_below(3);
    for (unsigned i = 0; i < writers; i++) {
        struct step program[3];
        unsigned steps = 1 + random_below(3);
        for (unsigned j = 0; j < steps; j++) {
            program[j] = (struct step){random_below(op_kinds), random_below(keys), false};
        }
        struct writer *writer = world_add(&world, program, steps);
        writer->view.listing = random_below(sim_port_listings);
    }
}

// A machine's life: writers, a cut, writers on what it left, and so on.
static bool run_seed(uint64_t seed, bool trace, void *context)
{
    struct figures *figures = context;
    choices_seed(&order, seed);
    choices_seed(&choices, ~seed);
    enum mode mode = random_below(4) == 0 ? MODE_VALUES : MODE_ALL;
    unsigned keys = 1 + random_below(2);
    set_up(mode, random_below(START_HELD), random_below(2) == 0);
    world.disk.mood = disk_mood_of(random_below(disk_moods));
    world.disk.ticks = true;
    world.choose = choose_random;
    world.trace = trace;
    world.salt = choices_random(&order.state);
    unsigned rounds = 1 + random_below(3);
    for (unsigned round = 0; round < rounds && world.outcome == WORLD_RUNNING; round++) {
        add_writers(keys);
        world.crashes_left = random_below(2);
        stick = random_below(4) * 80;
        world.stop_after = world.steps + 1 + random_below(150);
        world_run(&world);
        if (world.outcome == WORLD_FAILED) {
            break;
        }
        stop_writers();
        before = world.disk;
        figures->cuts++;
        disk_cut_power(&before, &choices, &world.disk);
        world.outcome = WORLD_RUNNING;
        if (mode != MODE_ALL && all_whole(keys)) {
            forget_all(keys);
            world.create_buckets = true;
        }
        if (trace) {
            printf("  the power is cut\n");
        }
    }
    figures->runs++;
    check_outcome(mode, keys, figures);
    bool ok = world.outcome != WORLD_FAILED;
    if (!ok) {
        char name[32];
        sprintf(name, "seed %llu", (unsigned long long)seed);
        report(name);
    }
    world_end(&world);
    return ok;
}

static int run_random(uint64_t first, uint64_t count)
{
    struct figures figures = {0};
    figures.failed += world_run_seeds(first, count, run_seed, &figures);
    printf("%llu lives at random, %llu power cuts\n", (unsigned long long)figures.runs,
           (unsigned long long)figures.cuts);
    printf("%llu passed, %llu failed\n", (unsigned long long)(figures.runs - figures.failed),
           (unsigned long long)figures.failed);
    return figures.failed > 0;
}

static int replay_case(const char *name, unsigned step, const char *list)
{
    struct power_case one;
    struct figures figures = {0};
    if (!parse_case(name, &one)) {
        fprintf(stderr, "no case has this name\n");
        return 2;
    }
    (void)run_to(&one, step, true);
    before = world.disk;
    told = world.history;
    choices_parse(&choices, list);
    bool ok = try_outcome(&one, step, &figures);
    world_end(&world);
    return ok ? 0 : 1;
}

int main(int count, char **arguments)
{
    struct figures figures = {0};
    choices_init(&choices);
    choices_init(&order);
    const char *what = count > 1 ? arguments[1] : "";
    if (strcmp(what, "programs") == 0 && count == 3) {
        return run_programs((unsigned)atoi(arguments[2]));
    }
    if (strcmp(what, "random") == 0 && count == 4) {
        return run_random(strtoull(arguments[2], NULL, 10), strtoull(arguments[3], NULL, 10));
    }
    if (strcmp(what, "seed") == 0 && count == 3) {
        return run_seed(strtoull(arguments[2], NULL, 10), true, &figures) ? 0 : 1;
    }
    if (strcmp(what, "case") == 0 && count >= 4) {
        return replay_case(arguments[2], (unsigned)atoi(arguments[3]),
                           count > 4 ? arguments[4] : "");
    }
    fprintf(stderr, "usage: power programs LIMIT | random FIRST COUNT | seed SEED\n");
    return 2;
}
