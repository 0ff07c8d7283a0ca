// world.h: several writers, each with its own store, on one simulated disk.
//
// Each writer is a coroutine that runs a program on the bucket "b". Before each
// step of a port call and before each operation it stops, and the world asks
// which writer goes on, or which one dies there. Operations are written down in
// a history with the tightest times there are: called when the first step is
// taken, returned with the last.
//
// Calling order: world_init; set the disk up (world_disk_ready where power may
// be cut); world_add for each writer; world_run; look at the outcome; world_end.
#ifndef WORLD_H
#define WORLD_H

#include "core/store.h"
#include "core/turn.h"
#include "history.h"
#include "port.h"
#include "support/allocation.h"

enum {
    world_writers_max = 72,
    world_program_max = 8,
    world_stack_bytes = 256 * 1024,
};

enum world_outcome {
    WORLD_RUNNING,
    WORLD_ENDED,   // every writer ended its program or died
    WORLD_PRUNED,  // whoever chooses has seen this state before
    WORLD_CUT,     // a change was revoked more often than was asked for
    WORLD_STOPPED, // a power cut
    WORLD_FAILED,
};

// One step of a program.
struct step {
    enum op_kind kind; // op_kinds: list the keys
    unsigned key;
    bool wipe; // instead of all that: delete `.kv/`, as a person may at any time
};

// What a writer that died long ago left in `.kv/`.
enum world_left {
    LEFT_NOTHING,
    LEFT_LITTER, // it prepared: a file, a series, and what the store's first version left
    LEFT_FILE,   // it had the turn, with one change
    LEFT_SERIES, // it had the turn, in the middle of a series or a deletion
    LEFT_IDLE,   // it had the turn, and nothing to do
    world_lefts,
};

struct world;

struct writer {
    struct sim_port view; // first: the port's `struct port *` is this writer
    struct world *world;
    struct store store;
    struct allocation_owner memory;
    struct step program[world_program_max];
    unsigned program_count;
    unsigned done_count;                 // steps that ended
    bool series_first;                   // has a series before the run begins
    void (*body)(struct writer *writer); // what it does in place of a program
    bool quiet;                          // does not stop: it is not time yet
    bool starting;                       // its next stop is its first
    bool skip;                           // does not stop at the next point: it just has
    bool ended, crashed;
    unsigned values;   // used so far, so that all that is written differs
    unsigned errors;   // operations that failed
    enum status error; // the last one
    void *stack;
    struct world_context *context;
};

// What is to be done next: which writer goes on, or dies.
struct action {
    struct writer *writer;
    bool crash;
};

struct world {
    struct disk disk;
    struct history history;
    struct choices *choices;
    struct writer writers[world_writers_max];
    unsigned writer_count;
    unsigned crashes_left;
    unsigned crashes;
    unsigned losses_max;   // more of one change, and the run is cut; 0: no limit
    unsigned stop_after;   // port steps, then the power is cut; 0: never
    unsigned steps;        // taken so far, by all writers
    unsigned worst_losses; // of one change, seen so far
    enum durable durable;
    bool create_buckets;
    bool errors_allowed; // faults are about,
    bool any_error;      // and they may look like anything
    bool keys_vanish;    // a listing may leave keys out
    bool trace;
    enum world_left left;
    bool opens_first; // writers have opened the bucket before the run begins
    enum sim_port_listing listing;
    uint64_t salt;
    enum world_outcome outcome;
    char failure[256];
    struct writer *running;
    struct world_context *main;
    // Picks one of the actions; sets outcome instead to end the run there.
    unsigned (*choose)(struct world *world, const struct action *actions, unsigned count);
    // Told after a writer died.
    void (*crashed)(struct world *world, struct writer *writer);
};

// The names of the keys of programs, "k0" and so on.
struct bytes world_key_name(unsigned key);

// What the file of a key holds; false in `ok` if it is no value that a program
// could have written whole.
struct state world_key_state(const struct disk *disk, unsigned key, bool *ok);

// A value that nobody has written before; the bytes of one, in `room`; and back from a
// file's bytes, false if world_write_value does not give them.
enum { world_value_max = 32 };
struct state world_new_value(struct writer *writer, bool text);
struct bytes world_write_value(struct state state, uint8_t room[world_value_max]);
bool world_read_value(struct bytes bytes, struct state *state);

// Where a writer stops, and the world asks who goes on.
void world_point(struct sim_port *view);

void world_init(struct world *world, struct choices *choices);

// The key's value before the run; also in the history.
void world_put_key(struct world *world, unsigned key, struct state state);

// Puts there what a dead writer left, a long time before the run.
void world_put_left(struct world *world, enum world_left left);

struct writer *world_add(struct world *world, const struct step *program, unsigned count);

// Runs until the outcome is no longer WORLD_RUNNING.
void world_run(struct world *world);

// One operation by a writer that was not in the run, to its end.
struct writer *world_fresh(struct world *world);
void world_do(struct writer *writer, struct step step);

// Fails the world with a reason (printf's way), if it has not failed yet.
__attribute__((format(printf, 2, 3))) void world_fail(struct world *world, const char *format, ...);

// Checks what must hold of every end: answers that can be explained, keys that
// are whole, no litter beyond what crashed writers leave, and then, after one
// more change by a fresh writer, none at all.
void world_check(struct world *world, unsigned keys);

// Drops what the writers hold.
void world_end(struct world *world);

// Runs so many seeds, though none after five have failed. Returns how many have.
uint64_t world_run_seeds(uint64_t first, uint64_t count,
                         bool (*run)(uint64_t seed, bool trace, void *context), void *context);

// A hash of everything that the rest of the run hangs on.
uint64_t world_hash(const struct world *world);

#endif
