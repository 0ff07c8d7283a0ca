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

// Sets up the port on the preopened directory that holds the guest path `root`,
// the last one if that is empty, and writes what is left of the path below it
// to `below` (root_bytes_max bytes). STATUS_NO_ROOT if there is none;
// STATUS_BAD_SETTING if `root` has an empty, "." or ".." part, or is too long.
enum status wasi_port_init(struct wasi_port *wasi, struct bytes root, uint8_t *below,
                           size_t *below_size);

#endif
