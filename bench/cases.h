// cases.h: the operations that are measured, written once for every side.
//
// A side is one way to do the work: wasi:keyvalue from inside a component
// (consumer.c, with the store or the floor behind it), plain system calls
// (native.c), the core on its POSIX port (core.c). What an operation gives is
// checked, so that a side that does less than it should is an error and no good
// time.
//
// A key is a name, '-', and the size of its value: so the floor, which keeps
// nothing, knows what to give. A key whose name begins with "absent" is absent.
// A bucket to list is called "list-" and the number of its keys.
#ifndef CASES_H
#define CASES_H

#include "core/bytes.h"

enum {
    case_many = 100, // keys of one batch
    case_many_bytes = 16,
};

struct pair {
    struct bytes key;
    struct bytes value;
};

// A side's calls, on the bucket that `open` gave. Each is false where it failed
// or found something else than it says here.
struct side {
    uint64_t (*now)(void);            // nanoseconds
    void *(*open)(struct bytes name); // NULL where it fails
    void (*close)(void *bucket);
    // The value has `size` bytes; it is freed. SIZE_MAX: the key is absent.
    bool (*get)(void *bucket, struct bytes key, size_t size);
    bool (*set)(void *bucket, const struct pair *pair);
    bool (*remove)(void *bucket, struct bytes key);
    bool (*exists)(void *bucket, struct bytes key); // it does
    bool (*increment)(void *bucket, struct bytes key);
    // Every value is there and as large as its pair's.
    bool (*get_many)(void *bucket, const struct pair *pairs, size_t count);
    bool (*set_many)(void *bucket, const struct pair *pairs, size_t count);
    bool (*list)(void *bucket, size_t count); // to its end, and has `count` keys
};

// What to do: `turns` times, by the clock, the case's operation `count` times.
struct order {
    struct bytes name;
    uint32_t size;
    uint32_t count;
    uint32_t turns;
};

// Does it and gives the nanoseconds of the turn that took least: what others on
// the machine take from a turn makes it longer, never shorter. False if an
// operation failed, or there is no such case:
//
//   get, set          a value of `size` bytes
//   absent, exists    of a get, and of a small value
//   open              and close again
//   increment         a counter of 8 bytes
//   delete            a small value is set and deleted
//   get-many, set-many   case_many values of case_many_bytes
//   first             the first change in a bucket; each turn takes the next of
//                     the buckets "first-0" and so on, and `count` is 1
//   list              the whole bucket with `size` keys
bool case_run(const struct side *side, const struct order *order, uint64_t *nanoseconds);

#endif
