// fixture.h: what a test of the store works on: one directory, a store in it, and
// what a person would do to its files.
#ifndef FIXTURE_H
#define FIXTURE_H

#include "core/store.h"
#include "port_watch.h"
#include "posix/port.h"
#include "test.h"

// A store as one instance of the component has it. Not to be moved.
struct fixture {
    struct posix_port posix;
    struct port_watch watch; // over `posix`, under `store`
    struct store store;
    struct bucket *bucket; // "b"
};

// Opens the bucket `b` of the test's directory, made if it is not there.
void fixture_start(struct fixture *fixture);

// Closes and frees all, and checks that the port has no handle open.
void fixture_end(struct fixture *fixture);

// No handle is open but the directory of a bucket that is kept for changes.
void check_handles(const struct fixture *fixture);

// The key's value on disk is these bytes, as is what the store reads.
void check_value(struct fixture *fixture, const char *key, struct bytes expected);
void check_absent(struct fixture *fixture, const char *key);

// The failure's message holds this.
void check_message(const struct fixture *fixture, const char *part);

// Files, by paths from the test's directory. They fail the test where the
// system says no.
void file_write(const char *path, struct bytes content);
struct buffer file_read(const char *path); // the caller frees it
void file_check(const char *path, struct bytes expected);
bool file_exists(const char *path); // of any kind, links not followed
void directory_make(const char *path);
void file_remove(const char *path); // of any kind; a directory must be empty
unsigned directory_count(const char *path);

// Writes the path of the only entry of a directory to `entry`.
void only_entry(const char *directory, char *entry, size_t room);

#endif
