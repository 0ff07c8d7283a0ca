// sim/port.h: the port on a simulated disk, one view for each writer.
//
// A call that names a path does so in two steps, as a kernel does: it finds the
// directory that holds the last part (a rename both directories), and then acts
// in that directory, even if it was removed from where it was in between.
// Before each step the view calls `point`, where another writer may go on.
//
// A listing is, as `listing` says, taken at once when it begins, or entry by
// entry in the disk's order, up or down: then it shows what is made meanwhile
// ahead of it and not behind. The order is that of names, or, where the disk moves
// what is replaced, that of the latest replacement: an entry may then be missed, or
// be shown twice.
//
// Time. Each writer has a clock. Without `cost` it stands still but in a pause,
// which is as long as it takes (`pause_nanoseconds`): what may happen during it is
// for whoever chooses the orders. With `cost` every call takes what that says, in
// part before it acts, and a pause what was asked for; whoever drives the writers
// lets the one with the earliest clock act. The disk's clock is then the writer's.
//
// Where `merges` is set, steps that no other writer can see, or that see nothing of
// others, are taken with the one before: what is in a writer's own `.kv/<id>/`; finding
// a directory that nobody removes; and the looks of one that waits, from the third at
// which it saw the same. Not for a person who deletes `.kv/`.
//
// A fault is the nth port call made through the view. Calls that cannot fail
// (random, the clocks, pause, list_close) are not counted.
#ifndef SIM_PORT_H
#define SIM_PORT_H

#include "disk.h"
#include "support/port_call.h"

enum {
    sim_port_handles_max = 6,
    sim_port_snapshot_max = 96,
    sim_port_calls_max = 512, // remembered
};

// A writer's clock at first, and what a pause is worth where calls take no time: at
// that pace a writer that does not move on is revoked at the fifth look.
static const uint64_t sim_port_start_nanoseconds = 1000000000;
static const uint64_t sim_port_pause_nanoseconds = 2000000000;

enum sim_port_listing {
    LISTING_AT_ONCE,
    LISTING_UP,
    LISTING_DOWN,
    sim_port_listings,
};

struct sim_port_handle {
    disk_inode inode; // 0: not open
    bool is_listing;
    enum port_mode mode;
    bool started;         // a listing: an entry was given,
    struct entry last;    // and this is it
    unsigned next, count; // of a snapshot
    struct port_entry snapshot[sim_port_snapshot_max];
    uint8_t names[sim_port_snapshot_max][disk_name_max];
};

// A writer that waits for its turn tries and looks again and again. When it tries, it
// is where it was, so what it was told since it began is replaced by this.
struct sim_port_wait {
    uint64_t directory; // a hash of the name of what it wants to rename
    uint64_t before;    // all that it was told until it first tried
    uint64_t names;     // a hash of the names it saw since it last tried
    uint64_t last;      // and of those it saw before its last pause
    unsigned same;      // pauses before which it saw the same, one after the other
    unsigned tries;     // since the last pause
    bool silent;        // its looks are merged
};

struct sim_port_fault {
    unsigned at; // fails the nth call, from 1; 0: none does
    enum status status;
    bool for_good; // and every later one: like this, or where it cannot, STATUS_IO
    bool hit;
};

// One call as it was made.
struct sim_port_made {
    enum port_call call;
    char path[2 * disk_name_max];
};

struct sim_port {
    struct port port;
    struct disk *disk;
    void (*point)(struct sim_port *view); // NULL: nobody else is there
    unsigned writer;                      // its number; ids and inodes derive from it
    uint64_t salt;                        // more of that
    unsigned randoms;                     // taken so far,
    unsigned random_call;                 // and at which call the last
    enum sim_port_listing listing;
    unsigned short_bytes; // at most so many in a read or write; 0: no limit
    struct sim_port_fault fault;
    unsigned calls; // made so far
    unsigned open_handles;
    unsigned takes;             // turns taken since the world last set this to 0
    unsigned pauses;            // and pauses
    bool has_turn;              // the last rename took the turn, or used it without giving it back
    uint64_t now;               // the writer's clock
    uint64_t pause_nanoseconds; // that a pause takes without `cost`
    uint64_t wakeup;            // that it takes too long with it
    uint64_t (*cost)(struct sim_port *view, enum port_call call); // nanoseconds
    uint64_t left; // what the call under way still takes
    uint64_t seen; // a hash of all that the writer was told
    struct sim_port_wait wait;
    bool merges;
    bool hidden;         // the call under way is merged
    bool trace;          // prints every call
    disk_inode found[2]; // directories that a call under way has found
    struct sim_port_handle handles[sim_port_handles_max];
    struct sim_port_made made[sim_port_calls_max]; // filled in where `remember`
    bool remember;
};

void sim_port_init(struct sim_port *view, struct disk *disk, unsigned writer, uint64_t salt);

// A hash of all that the writer's next calls hang on, the disk's `hashes` given.
uint64_t sim_port_hash(const struct sim_port *view, const uint64_t *hashes);

// The writer died: its handles are gone.
void sim_port_crash(struct sim_port *view);

// True if a call of this kind can fail like this somewhere in the world.
bool sim_port_can_fail(enum port_call call, enum status status);

const char *sim_port_call_name(enum port_call call);

#endif
