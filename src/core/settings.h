// settings.h: what a user can choose, as environment variables.
//
//   KEYVALUE_FILESYSTEM_ROOT            where the buckets are: the guest path of a
//                                       preopened directory or one below it
//   KEYVALUE_FILESYSTEM_CREATE_BUCKETS  1: open makes a missing bucket
//   KEYVALUE_FILESYSTEM_DURABLE         none (0), values, all (1): what a change
//                                       syncs before it is acknowledged
//   KEYVALUE_FILESYSTEM_NAMES           portable: file names that every disk takes
//                                       and tells apart; plain: as name.h says
//   KEYVALUE_FILESYSTEM_COUNTERS        text: new counters are decimal text;
//                                       binary: 8 bytes
//
// An empty value counts as unset. An invalid value is refused, and so is an unknown
// name with our prefix, so that no setting is silently ignored.
#ifndef SETTINGS_H
#define SETTINGS_H

#include "counter.h"
#include "message.h"
#include "path.h"

enum durable {
    DURABLE_NONE,   // the host's file system writes when it likes
    DURABLE_VALUES, // a value is synced before its name points to it
    DURABLE_ALL,    // and the name before the call returns
};

struct settings {
    uint8_t root[root_bytes_max]; // the root's path, below the port's own directory
    size_t root_size;             // 0: that directory itself
    bool create_buckets;
    enum durable durable;
    enum names names;
    enum counter_form counters; // of new ones
};

// Applies one environment variable; those without our prefix are ignored.
// STATUS_BAD_SETTING, with the reason appended to `why`, if it is not valid.
enum status settings_apply(struct settings *settings, struct bytes name, struct bytes value,
                           struct message *why);

#endif
