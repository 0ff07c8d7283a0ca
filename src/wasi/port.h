// wasi/port.h: the port on wasi:filesystem. For the component.
//
// An instance of the component has only one, since the host's answers are written
// to memory that several ports would share (imports.h, memory.h).
#ifndef WASI_PORT_H
#define WASI_PORT_H

#include "core/port.h"

struct wasi_port {
    struct port port;
    int32_t root;          // the preopened directory that holds the root, ours to the end
    struct bytes preopen;  // its guest path
    uint64_t random_state; // see random in wasi/port.c
};

// Sets up the port on the preopened directory that holds the guest path `root`
// (root.h has the rule and the errors). `*below` is the part of `root` below that
// directory.
enum status wasi_port_init(struct wasi_port *wasi, struct bytes root, struct bytes *below);

#endif
