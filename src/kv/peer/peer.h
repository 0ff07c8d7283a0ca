// peer.h: whether a volume that two machines share keeps what the store relies on.
//
// `kv doctor ROOT --peer COMMAND` runs COMMAND, another `kv doctor ROOT --serve`
// on the other machine or mount, and lets both sides take single steps in a
// directory of their own below the root: one writes, the other looks. The names of
// the properties are those of docs/shared.md.
#ifndef PEER_H
#define PEER_H

#include "cli/session.h"
#include "core/path.h"

enum peer_step_kind {
    PEER_STAT,
    PEER_READ,
    PEER_WRITE, // makes a file with these bytes
    PEER_RENAME,
    PEER_MAKE,
    PEER_REMOVE, // of a directory
    PEER_UNLINK,
    PEER_OPEN,      // keeps the file open,
    PEER_READ_OPEN, // and this reads and closes it
    peer_step_kinds,
};

enum {
    peer_name_bytes_max = 64,
    peer_value_bytes_max = 128,
};

// One step of a side. Names are relative to the directory of the questions.
struct peer_step {
    enum peer_step_kind kind;
    char name[peer_name_bytes_max];
    char target[peer_name_bytes_max]; // of a rename
    char value[peer_value_bytes_max]; // of a write
};

struct peer_answer {
    enum status status;
    uint64_t size;                    // by the stat
    char value[peer_value_bytes_max]; // that was read, NUL-terminated; a zero byte is '?'
};

// A side of the volume: this machine's, or the peer's.
struct peer_side {
    bool (*take)(struct peer_side *side, const struct peer_step *step, struct peer_answer *answer);
    struct port *port; // of this machine
    struct path path;  // of the questions' directory
    port_handle open;  // what PEER_OPEN opened,
    bool is_open;      // if anything
    int to, from;      // the peer's ends of two pipes
};

// Takes a step on this machine.
bool peer_take_here(struct peer_side *side, const struct peer_step *step,
                    struct peer_answer *answer);

// Asks both sides for all properties, prints what holds, and says what to do. True
// if all do. `file_system` is its name, NULL if it is not known.
bool peer_ask(struct output *out, struct peer_side sides[2], const char *file_system);

// The two halves of the command. They need processes and pipes: the component says
// that it has none.
enum command_exit peer_doctor(struct session *session, struct bytes command);
enum command_exit peer_serve(struct session *session);

#endif
