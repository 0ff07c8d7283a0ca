// port_watch.h: a port that forwards to another one, counts the calls, and lets
// a test act between them.
#ifndef PORT_WATCH_H
#define PORT_WATCH_H

#include "port_call.h"

struct port_watch {
    struct port port;
    struct port *below;
    unsigned calls;  // all of them but random, the clocks and pause
    uint64_t waited; // nanoseconds in pauses, which the clocks have gone on for
    bool real_time;  // the clocks and pauses are those below: for a test of two processes
    uint64_t later;  // nanoseconds that a test lets pass
    unsigned of[port_call_kinds];
    size_t transfer_max; // bytes that one read or write moves at most; 0: as many as it likes
    bool writes_nothing; // a write succeeds and moves no byte
    bool unknown_kinds;  // a listing does not tell what its entries are

    // Called before each forwarded call; `path` is the one it has first, if
    // any. Another status than STATUS_OK is the call's answer in its place
    // (but a close is forwarded all the same). May be NULL.
    enum status (*before)(struct port_watch *watch, enum port_call call, struct bytes path);
    void *context; // for `before`
};

void port_watch_init(struct port_watch *watch, struct port *below);

// Forgets the calls so far.
void port_watch_reset(struct port_watch *watch);

// A `before` that lets the call with a number fail. Its context:
struct port_watch_fault {
    unsigned at;    // the call that fails, from 1; 0: none
    unsigned calls; // so far, all but random, the clocks, pause and closing a listing
    enum status status;
    enum port_call call; // the one that failed
};

enum status port_watch_fail(struct port_watch *watch, enum port_call call, struct bytes path);

#endif
