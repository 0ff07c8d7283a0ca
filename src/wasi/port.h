// wasi/port.h: the port on wasi:filesystem. For the component.
//
// One instance of the component has one: cabi_realloc, through which the host
// hands over what it read, is global by its nature.
#ifndef WASI_PORT_H
#define WASI_PORT_H

#include "core/path.h"
#include "core/port.h"

struct wasi_port {
    struct port port;
    int32_t root;         // the preopened directory that holds the root, ours to the end
    struct bytes preopen; // its guest path
};

// Sets up the port on the preopened directory that holds the guest path `root`
// (root.h has the rule and the errors). `*below` is the part of `root` below that
// directory.
enum status wasi_port_init(struct wasi_port *wasi, struct bytes root, struct bytes *below);

#endif
