// settings.h: what a user can choose, as environment variables.
//
//   KEYVALUE_FILESYSTEM_ROOT            where the buckets are: the guest path of a
//                                       preopened directory or one below it
//   KEYVALUE_FILESYSTEM_CREATE_BUCKETS  1: open makes a missing bucket
//   KEYVALUE_FILESYSTEM_DURABLE         1: a change survives a power loss
//   KEYVALUE_FILESYSTEM_NAMES           portable: file names that every disk takes
//                                       and tells apart; plain: as name.h says
//
// An empty value is an unset one. What is not understood is refused, unknown
// names that begin alike included, so that no wish is silently ignored.
#ifndef SETTINGS_H
#define SETTINGS_H

#include "bytes.h"
#include "message.h"
#include "path.h"
#include "status.h"

struct settings {
    uint8_t root[root_bytes_max]; // the root's path, for the port; see wasi_port_init
    size_t root_size;             // 0: the port's own directory
    bool create_buckets;
    bool durable;
    enum names names;
};

// Applies one environment variable; others than ours are left alone.
// STATUS_BAD_SETTING, with the reason appended to `why`, if it is not
// understood.
enum status settings_apply(struct settings *settings, struct bytes name, struct bytes value,
                           struct message *why);

#endif
