// sim/port.h: the port on a simulated disk, one view for each writer.
//
// A call that names a path does so in two steps, as a kernel does: it finds the
// directory that holds the last part (a rename both directories), and then acts
// in that directory, even if it was removed from where it was in between.
// Before each step the view calls `point`, where another writer may go on.
//
// A listing is, as `listing` says, taken at once when it begins, or entry by
// entry in the order of names, up or down: then it shows what is made meanwhile
// ahead of it and not behind.
//
// A writer that finds a rival's directory not empty pauses and tries again, some
// times. What may come in between may as well come before its first try, so there
// is no point in trying again: all orders are there without it.
//
// A fault is the nth port call made through the view. Calls that cannot fail
// (random, pause, list_close) are not counted.
#ifndef SIM_PORT_H
#define SIM_PORT_H

#include "disk.h"

enum {
    sim_port_handles_max = 8,
    sim_port_snapshot_max = 96,
    sim_port_calls_max = 512, // remembered
};

enum sim_port_call {
    CALL_LOOK,
    CALL_OPEN_READ,
    CALL_OPEN_CREATE,
    CALL_OPEN_LIST,
    CALL_READ,
    CALL_WRITE,
    CALL_SYNC,
    CALL_CLOSE,
    CALL_LIST,
    CALL_LIST_NEXT,
    CALL_MAKE_DIRECTORY,
    CALL_REMOVE_DIRECTORY,
    CALL_REMOVE_FILE,
    CALL_RENAME,
    sim_port_call_kinds,
};

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
    bool started; // a listing: an entry was given,
    uint8_t size; // and this is its name
    uint8_t name[disk_name_max];
    unsigned next, count; // of a snapshot
    struct port_entry snapshot[sim_port_snapshot_max];
    uint8_t names[sim_port_snapshot_max][disk_name_max];
};

struct sim_port_fault {
    unsigned at; // fails the nth call, from 1; 0: none does
    enum status status;
    bool for_good; // and every later one: like this, or where it cannot, STATUS_IO
    bool hit;
};

// One call as it was made.
struct sim_port_made {
    enum sim_port_call call;
    char path[2 * disk_name_max]; // its last two parts
};

struct sim_port {
    struct port port;
    struct disk *disk;
    void (*point)(struct sim_port *view); // NULL: nobody else is there
    unsigned writer;                      // its number; ids and inodes derive from it
    uint64_t salt;                        // more of that
    unsigned randoms;                     // taken so far
    enum sim_port_listing listing;
    unsigned short_bytes; // at most so many in a read or write; 0: no limit
    struct sim_port_fault fault;
    unsigned calls; // made so far
    unsigned open_handles;
    unsigned pauses;      // for lost claims, since the last change that succeeded; see claim_wait
    bool refused;         // the last call was to remove a directory that is not empty,
    bool waited;          // and a pause came after it
    uint64_t seen;        // a hash of all that the writer was told,
    uint64_t seen_before; // and of what it was told before its operation
    bool trace;           // prints every call
    disk_inode found[2];  // directories that a call under way has found
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
bool sim_port_can_fail(enum sim_port_call call, enum status status);

const char *sim_port_call_name(enum sim_port_call call);

#endif
