// contract.h: what every port must do, as tests over port.h alone.
//
// The core is proved on a simulated disk, and shipped on wasi:filesystem. That
// the proof speaks of what is shipped rests on this: the same tests pass on every
// port. They run on POSIX over whatever file systems can be mounted (native.c), on
// the simulated disk, and as a component in wasmtime and jco (component.c).
//
// Before each test its root is made anew and holds the fixture; whoever runs the
// tests makes it, by other means than the port:
//
//     file            "12345"
//     directory/      with the file `inside`, "inside"
//     odd/            with the file `a`, ""
//   and with contract_links:
//     link            -> file
//     directory-link  -> directory
//     dangling        -> nowhere
//     loop            -> loop
//   and with contract_pipes:     pipe, a named pipe
//   and with contract_sockets:   socket, a socket
//   and with contract_raw_names: odd/<FF>, "", a name that is not UTF-8
//
// A test ends at its first failed check, which `failure` then describes; it may
// leave handles open then, and has none open otherwise.
#ifndef CONTRACT_H
#define CONTRACT_H

#include "core/message.h"
#include "core/port.h"

enum contract_has {
    contract_links = 1 << 0,
    contract_pipes = 1 << 1,
    contract_sockets = 1 << 2,
    contract_raw_names = 1 << 3,
    contract_times = 1 << 4,  // the clock goes on by itself, and files have times
    contract_inodes = 1 << 5, // an open directory is not known by its path alone
};

struct contract {
    struct port *port;
    unsigned has;        // of enum contract_has
    size_t file_bytes;   // the largest file to write: at most contract_bytes_max
    size_t name_bytes;   // the longest name there can be; 0: not to be tried
    unsigned entries;    // of the largest directory to make
    char failure[512];   // what failed
    size_t failure_size; // 0: nothing did
};

enum {
    contract_bytes_max = 3 * port_read_bytes_max + 10,
    contract_entries_max = 600,
};

struct contract_test {
    const char *name;
    void (*run)(struct contract *contract);
};

// All of them; each ends with an entry without name.
extern const struct contract_test contract_file_tests[];
extern const struct contract_test contract_name_tests[];
extern const struct contract_test contract_directory_tests[];

// The test of that number, counted over all three; NULL beyond the last.
const struct contract_test *contract_test_at(size_t number);

// ---- For the tests ----

// A failed check ends the test.
#define EXPECT(contract, condition)                                                                \
    do {                                                                                           \
        if (!contract_check((contract), __FILE__, __LINE__, #condition, (condition))) {            \
            return;                                                                                \
        }                                                                                          \
    } while (0)

// A call's status is this one.
#define EXPECT_STATUS(contract, expected, call) EXPECT_ONE_OF(contract, 1ULL << (expected), call)

// A call's status is one of several, ONE_OF(...): the hosts differ, and the core knows it.
#define EXPECT_ONE_OF(contract, expected, call)                                                    \
    do {                                                                                           \
        if (!contract_status((contract), __FILE__, __LINE__, #call, (expected), (call))) {         \
            return;                                                                                \
        }                                                                                          \
    } while (0)

#define EITHER(a, b) (1ULL << (a) | 1ULL << (b))

bool contract_check(struct contract *contract, const char *file, int line, const char *what,
                    bool holds);
bool contract_status(struct contract *contract, const char *file, int line, const char *what,
                     unsigned long long expected, enum status actual);

// A place below the root, or below an open directory.
struct place at(const char *path);
struct place in(port_handle directory, const char *path);

// Makes a file with this content; the status of what failed.
enum status contract_write(struct contract *contract, struct place place, struct bytes content);

// True if the file holds this, as `read` gives it.
bool contract_holds(struct contract *contract, struct place place, struct bytes content);

// Whether there is something at the place, of any kind.
bool contract_exists(struct contract *contract, struct place place);

// The kind of what is there, not followed; PORT_UNKNOWN if nothing is.
enum port_kind contract_kind(struct contract *contract, struct place place);

#endif
