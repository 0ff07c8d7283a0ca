// port_call.h: what the core can ask of a port, for tests that count calls, answer them
// or let them fail.
#ifndef PORT_CALL_H
#define PORT_CALL_H

#include "core/port.h"

enum port_call {
    CALL_STAT,
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
    port_calls_that_fail, // how many can: all before this
    CALL_LIST_CLOSE = port_calls_that_fail,
    CALL_RANDOM,
    CALL_NOW,
    CALL_WALL_CLOCK,
    CALL_PAUSE,
    port_call_kinds,
};

// Which of the calls an open in this mode is.
static inline enum port_call port_call_of_open(enum port_mode mode)
{
    return mode == PORT_READ     ? CALL_OPEN_READ
           : mode == PORT_CREATE ? CALL_OPEN_CREATE
                                 : CALL_OPEN_LIST;
}

#endif
