// schedules: every order in which a few writers can take their steps, and many
// more at random.
//
// All orders: a depth-first walk over the choices of who goes next or dies. Each
// run is made from the start; where it comes to a state that was seen before, it
// ends there, for the rest was walked from that state then. A state is the disk
// as it is seen, all that each living writer has been told so far (which decides
// all it will do), and the answers given with who had them before whose call.
// Steps that no other writer can see are not stopped before (sim/port.h, `merges`).
// A writer that waits for its turn and sees what it saw before is where it was, but
// for its patience. A pause lasts long here, so that who does not move between
// five looks of another is revoked, at any step.
// The walk has no bound on how often the writers' steps alternate, and lets one of
// them die at every point. It bounds how often one change may be revoked (the number
// behind the l in a case's name), and counts the runs that this cut.
//
//   schedules pairs PART PARTS      every case of one operation each, a part of them
//   schedules triples PART PARTS    every case of two by one, one by the other
//   schedules threes PART PARTS     every case of one operation by each of three, to a bound
//   schedules listings PART PARTS   every case of a listing beside changes, to a bound
//   schedules case NAME [CHOICES]   one case, or one run of it with its trace
//   schedules random FIRST COUNT    runs from seeds
//   schedules seed SEED             one of them with its trace
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

// ---- States that were seen ----

struct seen {
    uint64_t *hashes; // 0: free
    size_t room, count;
};

static void seen_clear(struct seen *seen)
{
    memset(seen->hashes, 0, seen->room * sizeof *seen->hashes);
    seen->count = 0;
}

static void seen_grow(struct seen *seen)
{
    struct seen grown = {.room = seen->room == 0 ? 1 << 14 : seen->room * 2};
    grown.hashes = calloc(grown.room, sizeof *grown.hashes);
    if (grown.hashes == NULL) {
        abort();
    }
    for (size_t i = 0; i < seen->room; i++) {
        if (seen->hashes[i] != 0) {
            size_t at = seen->hashes[i] % grown.room;
            while (grown.hashes[at] != 0) {
                at = (at + 1) % grown.room;
            }
            grown.hashes[at] = seen->hashes[i];
        }
    }
    grown.count = seen->count;
    free(seen->hashes);
    *seen = grown;
}

// Adds a hash; false if it is there already.
static bool seen_add(struct seen *seen, uint64_t hash)
{
    if (2 * seen->count >= seen->room) {
        seen_grow(seen);
    }
    hash |= 1;
    size_t at = hash % seen->room;
    while (seen->hashes[at] != 0) {
        if (seen->hashes[at] == hash) {
            return false;
        }
        at = (at + 1) % seen->room;
    }
    seen->hashes[at] = hash;
    seen->count++;
    return true;
}

// ---- All orders ----

// What there is in `.kv/` at first: what a dead writer left, or the series of the
// first writer.
enum { START_HELD = world_lefts, starts };

static const char start_letters[starts + 1] = "eltdih";

struct order_case {
    enum op_kind programs[3][2]; // of each writer
    unsigned counts[3];
    unsigned writers;
    unsigned start;
    unsigned mood;
    bool present; // the key is there at first
    enum sim_port_listing listing;
    unsigned crashes;
    unsigned losses;
};

struct figures {
    uint64_t cases, bounded, runs, ends, cut, states, steps, operations, crashes, faults, failed;
    unsigned worst_losses;
};

static struct world world;
static struct choices choices;
static struct seen seen;

static unsigned choose_all(struct world *walked, const struct action *actions, unsigned count)
{
    (void)actions;
    if (choices_beyond(walked->choices) && !walked->trace && !seen_add(&seen, world_hash(walked))) {
        walked->outcome = WORLD_PRUNED;
        return 0;
    }
    return choices_pick(walked->choices, count);
}

static const char letters[op_kinds + 1] = {'s', 'd', 'i', 'w', 'g', 'l'};

// A case by its name: programs, start, key, mood, listing, crashes, losses:
// "si+d/ep00c1l2".
static void name_case(const struct order_case *one, char name[32])
{
    char *at = name;
    for (unsigned i = 0; i < one->writers; i++) {
        if (i > 0) {
            *at++ = '+';
        }
        for (unsigned j = 0; j < one->counts[i]; j++) {
            *at++ = letters[one->programs[i][j]];
        }
    }
    sprintf(at, "/%c%c%u%dc%ul%u", start_letters[one->start], one->present ? 'p' : 'a', one->mood,
            (int)one->listing, one->crashes, one->losses);
}

static bool parse_case(const char *name, struct order_case *one)
{
    *one = (struct order_case){.writers = 1};
    for (; *name != '\0' && *name != '/'; name++) {
        const char *letter = memchr(letters, *name, sizeof letters);
        unsigned writer = one->writers - 1;
        if (*name == '+' && one->writers < 3) {
            one->writers++;
        } else if (letter != NULL && one->counts[writer] < 2) {
            one->programs[writer][one->counts[writer]++] = (enum op_kind)(letter - letters);
        } else {
            return false;
        }
    }
    char start, present;
    unsigned listing;
    if (sscanf(name, "/%c%c%1u%1uc%1ul%u", &start, &present, &one->mood, &listing, &one->crashes,
               &one->losses) != 6 ||
        memchr(start_letters, start, starts) == NULL || one->mood >= disk_moods ||
        listing >= sim_port_listings) {
        return false;
    }
    one->start = (unsigned)(strchr(start_letters, start) - start_letters);
    one->present = present == 'p';
    one->listing = (enum sim_port_listing)listing;
    return true;
}

static void set_case_up(const struct order_case *one, bool trace)
{
    world_init(&world, &choices);
    world.choose = choose_all;
    world.opens_first = true;
    world.listing = one->listing;
    world.crashes_left = one->crashes;
    world.losses_max = one->losses;
    world.disk.mood = disk_mood_of(one->mood);
    disk_put(&world.disk, "b", NULL);
    world_put_left(&world, one->start == START_HELD ? LEFT_NOTHING : (enum world_left)one->start);
    if (one->present) {
        world_put_key(&world, 0, (struct state){true, true, 7000});
    }
    for (unsigned i = 0; i < one->writers; i++) {
        struct step program[2];
        for (unsigned j = 0; j < one->counts[i]; j++) {
            program[j] = (struct step){one->programs[i][j], 0, false};
        }
        struct writer *writer = world_add(&world, program, one->counts[i]);
        writer->series_first = one->start == START_HELD && i == 0;
        writer->view.trace = trace;
        writer->view.merges = true;
    }
    world.trace = trace;
}

static bool report(const char *what, const char *name)
{
    printf("FAILED: %s\n", world.failure);
    history_print(&world.history);
    disk_print(&world.disk);
    printf("  replay: build/sim/schedules %s %s ", what, name);
    if (!choices.random) {
        choices_print(&choices);
    }
    printf("\n");
    return false;
}

// One run of a case; false if it failed.
static bool run_case(const struct order_case *one, const char *name, bool trace,
                     struct figures *figures)
{
    set_case_up(one, trace);
    world_run(&world);
    figures->runs++;
    figures->steps += world.steps;
    bool ok = true;
    if (world.outcome == WORLD_CUT) {
        figures->cut++;
    } else if (world.outcome != WORLD_PRUNED) {
        figures->ends++;
        world_check(&world, 1);
        ok = world.outcome != WORLD_FAILED || report("case", name);
    }
    world_end(&world);
    return ok;
}

static void walk_case(const struct order_case *one, size_t states_max, struct figures *figures)
{
    char name[32];
    name_case(one, name);
    seen_clear(&seen);
    choices_parse(&choices, "");
    figures->cases++;
    do {
        if (!run_case(one, name, false, figures)) {
            figures->failed++;
            break; // the rest of the case would fail alike
        }
        if (states_max > 0 && seen.count > states_max) {
            figures->bounded++;
            break;
        }
    } while (choices_next(&choices));
    figures->states += seen.count;
}

// Which programs a family of cases has, in letters of the operations; a digit stands
// for every operation.
struct family {
    const char *name;
    const char *programs[4]; // up to NULL
    unsigned losses;
    bool listings;     // all of them
    size_t states_max; // the walk of a case ends there; 0: nowhere
};

static const struct family families[] = {
    {"pairs", {"1+2"}, 1, false, 0},
    {"triples", {"12+3"}, 1, false, 0},
    {"threes", {"1+2+3"}, 1, false, 200000},
    {"listings", {"l+1", "l+12", "l+1+2"}, 1, true, 200000},
};

// Fills in the program of a case; its digits take their operations from `number`.
static void set_programs(const char *program, unsigned number, struct order_case *one)
{
    one->writers = 1;
    memset(one->counts, 0, sizeof one->counts);
    for (; *program != '\0'; program++) {
        if (*program == '+') {
            one->writers++;
            continue;
        }
        enum op_kind kind = op_kinds;
        if (*program != 'l') {
            kind = number % op_kinds;
            number /= op_kinds;
        }
        unsigned writer = one->writers - 1;
        one->programs[writer][one->counts[writer]++] = kind;
    }
}

static unsigned count_programs(const char *program)
{
    unsigned count = 1;
    for (; *program != '\0'; program++) {
        count *= *program >= '1' && *program <= '9' ? op_kinds : 1;
    }
    return count;
}

// Walks the cases of a family whose number is `part` modulo `parts`. The disks' moods
// and, where no keys are listed, the ways of listing go round from case to case.
static void walk_all(const struct family *family, unsigned part, unsigned parts,
                     struct figures *figures)
{
    // Those that do not replace an empty directory take too many steps for all orders.
    static const unsigned moods[] = {0, 1, 2, 3, 4, 7};
    enum { mood_count = sizeof moods / sizeof moods[0] };
    unsigned number = 0;
    for (unsigned p = 0; family->programs[p] != NULL; p++) {
        unsigned programs = count_programs(family->programs[p]);
        unsigned variants = starts * 2 * (family->listings ? sim_port_listings : 1);
        for (unsigned i = 0; i < programs * variants; i++, number++) {
            unsigned variant = i % variants;
            struct order_case one = {.losses = family->losses};
            set_programs(family->programs[p], i / variants, &one);
            one.start = variant % starts;
            one.present = variant / starts % 2 != 0;
            // Where one died already, that is enough.
            one.crashes = one.start != LEFT_FILE && one.start != LEFT_SERIES;
            one.mood = moods[(number + number / 13) % mood_count];
            one.listing = (family->listings ? variant / starts / 2 : number) % sim_port_listings;
            if (number % parts == part) {
                walk_case(&one, family->states_max, figures);
            }
        }
    }
}

// ---- Orders at random ----

// How a seed's run is driven.
struct drive {
    unsigned stick; // in 256, how often the running writer simply goes on
    unsigned crash; // in 4096, how often one dies
    bool restarts;  // and another takes over the rest of its program
};

static struct drive drive;

static unsigned random_below(unsigned limit)
{
    return (unsigned)(choices_random(&choices.state) % limit);
}

static unsigned choose_random(struct world *driven, const struct action *actions, unsigned count)
{
    unsigned ready = driven->crashes_left > 0 ? count / 2 : count;
    if (count > ready && random_below(4096) < drive.crash) {
        return ready + random_below(ready);
    }
    if (actions[0].writer == driven->running && random_below(256) < drive.stick) {
        return 0;
    }
    return random_below(ready);
}

// Another takes over what the dead writer had left, but for what it was at.
static void restart(struct world *driven, struct writer *dead)
{
    unsigned next = dead->done_count + 1;
    if (drive.restarts && next < dead->program_count &&
        driven->writer_count + 2 < world_writers_max) {
        struct writer *writer = world_add(driven, dead->program + next, dead->program_count - next);
        writer->view.listing = dead->view.listing;
    }
}

static void add_random_writer(unsigned keys, unsigned steps_max, bool faults)
{
    static const enum status statuses[] = {STATUS_IO, STATUS_NO_SPACE, STATUS_ACCESS,
                                           STATUS_NO_MEMORY, STATUS_IN_USE};
    enum { short_pause = 4 * 1000 * 1000 };
    struct step program[world_program_max];
    unsigned steps = 1 + random_below(steps_max);
    for (unsigned i = 0; i < steps; i++) {
        // Where a lost directory is an input/output error, so is a deleted `.kv/`.
        bool wipe = random_below(24) == 0 && (world.disk.mood.lost == STATUS_OK || faults);
        program[i] = (struct step){random_below(op_kinds + 1), random_below(keys), wipe};
    }
    struct writer *writer = world_add(&world, program, steps);
    writer->view.listing = random_below(sim_port_listings);
    if (random_below(4) == 0) {
        writer->view.pause_nanoseconds = short_pause; // several tries to a look at the turn
    }
    if (faults && random_below(2) == 0) {
        writer->view.fault = (struct sim_port_fault){.at = 1 + random_below(40),
                                                     .status = statuses[random_below(5)]};
    }
}

static void set_random_up(uint64_t seed, bool trace, unsigned *keys)
{
    static const unsigned sticks[] = {0, 128, 220, 245};
    choices_seed(&choices, seed);
    world_init(&world, &choices);
    world.choose = choose_random;
    world.crashed = restart;
    world.trace = trace;
    world.salt = choices_random(&choices.state);
    drive = (struct drive){.stick = sticks[random_below(4)], .restarts = random_below(2) == 0};
    if (random_below(2) == 0) {
        world.crashes_left = 1 + random_below(3);
        drive.crash = 10 + random_below(100);
    }
    world.durable = random_below(2) == 0 ? DURABLE_NONE : (enum durable)random_below(3);
    world.disk.mood = disk_mood_of(random_below(disk_moods));
    world.disk.ticks = true;
    world.errors_allowed = random_below(4) == 0;
    *keys = 1 + random_below(3);
    disk_put(&world.disk, "b", NULL);
    world_put_left(&world, (enum world_left)random_below(world_lefts));
    for (unsigned key = 0; key < *keys; key++) {
        if (random_below(2) == 0) {
            world_put_key(&world, key, (struct state){true, true, 7000});
        }
    }
    unsigned writers = 3 + random_below(3);
    for (unsigned i = 0; i < writers; i++) {
        add_random_writer(*keys, 9 / writers, world.errors_allowed);
    }
}

static bool run_seed(uint64_t seed, bool trace, void *context)
{
    struct figures *figures = context;
    unsigned keys;
    set_random_up(seed, trace, &keys);
    world_run(&world);
    figures->runs++;
    figures->steps += world.steps;
    figures->operations += world.history.count;
    figures->crashes += world.crashes;
    for (unsigned i = 0; i < world.writer_count; i++) {
        figures->faults += world.writers[i].view.fault.hit;
    }
    if (world.worst_losses > figures->worst_losses) {
        figures->worst_losses = world.worst_losses;
    }
    world_check(&world, keys);
    bool ok = world.outcome != WORLD_FAILED;
    if (!ok) {
        char name[32];
        sprintf(name, "%llu", (unsigned long long)seed);
        report("seed", name);
    }
    world_end(&world);
    return ok;
}

static int run_random(uint64_t first, uint64_t count)
{
    struct figures figures = {0};
    figures.failed += world_run_seeds(first, count, run_seed, &figures);
    printf("%llu schedules at random, %llu steps, %llu operations, %llu crashes, %llu faults, at "
           "most %u revocations of one change\n",
           (unsigned long long)figures.runs, (unsigned long long)figures.steps,
           (unsigned long long)figures.operations, (unsigned long long)figures.crashes,
           (unsigned long long)figures.faults, figures.worst_losses);
    printf("%llu passed, %llu failed\n", (unsigned long long)(figures.runs - figures.failed),
           (unsigned long long)figures.failed);
    return figures.failed > 0;
}

static int end(const struct figures *figures)
{
    printf("%llu cases (%llu to a bound), %llu states, %llu runs, %llu ends checked, %llu cut, "
           "%llu steps\n",
           (unsigned long long)figures->cases, (unsigned long long)figures->bounded,
           (unsigned long long)figures->states, (unsigned long long)figures->runs,
           (unsigned long long)figures->ends, (unsigned long long)figures->cut,
           (unsigned long long)figures->steps);
    printf("%llu passed, %llu failed\n", (unsigned long long)(figures->cases - figures->failed),
           (unsigned long long)figures->failed);
    return figures->failed > 0;
}

int main(int count, char **arguments)
{
    struct figures figures = {0};
    choices_init(&choices);
    seen_grow(&seen);
    if (count >= 3 && strcmp(arguments[1], "case") == 0) {
        struct order_case one;
        if (!parse_case(arguments[2], &one)) {
            fprintf(stderr, "no case has this name\n");
            return 2;
        }
        if (count == 3) {
            walk_case(&one, 0, &figures);
            return end(&figures);
        }
        choices_parse(&choices, arguments[3]);
        return run_case(&one, arguments[2], true, &figures) ? 0 : 1;
    }
    if (count == 4 && strcmp(arguments[1], "random") == 0) {
        return run_random(strtoull(arguments[2], NULL, 10), strtoull(arguments[3], NULL, 10));
    }
    if (count == 3 && strcmp(arguments[1], "seed") == 0) {
        return run_seed(strtoull(arguments[2], NULL, 10), true, &figures) ? 0 : 1;
    }
    for (unsigned i = 0; count == 4 && i < sizeof families / sizeof families[0]; i++) {
        if (strcmp(arguments[1], families[i].name) == 0) {
            walk_all(&families[i], (unsigned)atoi(arguments[2]), (unsigned)atoi(arguments[3]),
                     &figures);
            return end(&figures);
        }
    }
    fprintf(stderr, "usage: see the head of test/sim/schedules.c\n");
    return 2;
}
