// Whose turn it is: what a writer does that finds others, living or dead.
#include "core/bucket.h"
#include "core/scratch.h"
#include "support/fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const uint64_t millisecond = 1000 * 1000;
static const uint64_t second = 1000 * 1000 * 1000;

static void set(struct fixture *fixture, const char *key, const char *value)
{
    CHECK_STATUS(STATUS_OK, store_set(fixture->bucket, text(key), text(value)));
}

static uint64_t increment(struct fixture *fixture, const char *key)
{
    uint64_t value = 0;
    CHECK_STATUS(STATUS_OK,
                 store_increment(fixture->bucket, text(key), 1, COUNTER_UNSIGNED, &value));
    return value;
}

static void write_as(const char *path)
{
    file_write(path, BYTES("prepared"));
}

// The first change of an instance takes so many calls of the host.
static void test_first_calls(void)
{
    static const unsigned expected[] = {7, 7, 10, 8};
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "n", "5");
    set(&fixture, "k", "v");
    increment(&fixture, "n"); // leaves a series behind
    fixture_end(&fixture);
    fixture_start(&fixture);
    set(&fixture, "k", "v"); // which this one puts aside
    fixture_end(&fixture);
    for (unsigned i = 0; i < 4; i++) {
        test_step("change %u", i);
        fixture_start(&fixture);
        port_watch_reset(&fixture.watch);
        if (i < 2) {
            set(&fixture, i == 0 ? "k" : "new", "v");
        } else if (i == 2) {
            increment(&fixture, "n");
        } else {
            CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("new")));
        }
        CHECK_NUMBER(expected[i], fixture.watch.calls);
        CHECK_NUMBER(0, directory_count("b/.kv/turn"));
        fixture_end(&fixture);
    }
}

// A series that is idle is put aside at once, by a change of any kind.
static void test_idle_series(void)
{
    struct fixture one, other;
    fixture_start(&one);
    fixture_start(&other);
    for (unsigned i = 1; i <= 40; i++) {
        test_step("round %u", i);
        set(&one, "a", "1");
        set(&one, "a", "2");
        set(&one, "a", "3");
        CHECK(one.bucket->turn.series);
        one.watch.later += second;
        uint64_t count = increment(&other, "n");
        CHECK_NUMBER(i, count);
        set(&one, "k", "v");
        set(&one, "k", "v");
        one.watch.later += second;
        CHECK_STATUS(STATUS_OK, store_delete(other.bucket, BYTES("k")));
    }
    CHECK_NUMBER(0, one.watch.waited + other.watch.waited);
    fixture_end(&one);
    fixture_end(&other);
}

// A writer whose series is put aside while it is at work leaves the turn to the others
// for a moment; otherwise the two would take it from each other with every change.
static void test_displaced(void)
{
    struct fixture one, other;
    fixture_start(&one);
    fixture_start(&other);
    set(&other, "b", "1");
    for (unsigned i = 0; i < 3; i++) {
        set(&one, "a", "1");
    }
    set(&other, "b", "2"); // puts the series aside, and keeps one
    CHECK_NUMBER(0, one.watch.waited + other.watch.waited);
    set(&one, "a", "2");
    CHECK(one.watch.waited >= 4 * millisecond && one.watch.waited <= 40 * millisecond);
    set(&other, "b", "3"); // its series had but one change: it was in vain
    CHECK_NUMBER(0, other.watch.waited);
    fixture_end(&one);
    fixture_end(&other);
}

// Two instances that change a bucket by turns, never at once, wait for nothing and
// soon do without series: each change takes at most twice the calls of one's alone.
static void test_by_turns(void)
{
    enum { warm = 600, measured = 200, alone = 5 };
    struct fixture fixtures[2];
    fixture_start(&fixtures[0]);
    fixture_start(&fixtures[1]);
    for (unsigned i = 0; i < warm + measured; i++) {
        if (i == warm) {
            port_watch_reset(&fixtures[0].watch);
            port_watch_reset(&fixtures[1].watch);
        }
        set(&fixtures[i % 2], "k", "v");
    }
    CHECK(fixtures[0].watch.calls + fixtures[1].watch.calls <= 2 * alone * measured);
    CHECK_NUMBER(0, fixtures[0].watch.waited + fixtures[1].watch.waited);
    fixture_end(&fixtures[0]);
    fixture_end(&fixtures[1]);
}

static enum status commit_while_listed(struct port_watch *watch, enum port_call call,
                                       struct bytes path)
{
    (void)path;
    if (call != CALL_LIST_NEXT || watch->context == NULL) {
        return STATUS_OK;
    }
    const char *file = watch->context;
    watch->context = NULL;
    CHECK_NUMBER(0, unlink(file));
    return STATUS_NO_ENTRY; // wasmtime looks at each entry's kind, and finds none
}

// A writer that commits while its entry is listed leaves the turn to the next one.
static void test_commit_while_listed(void)
{
    static char file[] = "b/.kv/turn/0123456789ABCDEFa";
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "k", "before");
    write_as(file);
    fixture.watch.before = commit_while_listed;
    fixture.watch.context = file;
    fixture.bucket->turn.series = false;
    set(&fixture, "k", "after");
    CHECK(fixture.watch.context == NULL);
    fixture_end(&fixture);
}

// A writer that died in the middle of a change is revoked after the patience that
// its token asks for, and not before; then its directory is gone.
static void test_dead_writer(void)
{
    static const struct {
        const char *entry, *inner; // inner: NULL if the entry is the file
        unsigned least, most;      // milliseconds
    } table[] = {
        {"0123456789ABCDEFa", NULL, 100, 150},     {"0123456789ABCDEF", "1a", 100, 150},
        {"0123456789ABCDEFd", NULL, 800, 1200},    {"0123456789ABCDEF", "12d", 800, 1200},
        {"0123456789ABCDEFc", NULL, 400, 600},     {"foreign", NULL, 100, 150},
        {"0123456789ABCDEF", "foreign", 100, 150},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("%s/%s", table[i].entry, table[i].inner != NULL ? table[i].inner : "");
        CHECK(system("rm -rf b && mkdir -p b/.kv/turn") == 0);
        char path[100];
        snprintf(path, sizeof path, "b/.kv/turn/%s", table[i].entry);
        if (table[i].inner != NULL) {
            directory_make(path);
            snprintf(path, sizeof path, "b/.kv/turn/%s/%s", table[i].entry, table[i].inner);
        }
        write_as(path);
        struct fixture fixture;
        fixture_start(&fixture);
        set(&fixture, "k", "v");
        check_value(&fixture, "k", BYTES("v"));
        uint64_t took = port_now(&fixture.watch.port);
        CHECK(took >= table[i].least * millisecond && took <= table[i].most * millisecond);
        CHECK_NUMBER(0, directory_count("b/.kv/turn"));
        fixture_end(&fixture);
    }
}

struct holder {
    unsigned pauses;
    unsigned moves; // pauses at which it still goes on
};

// At each pause the one whose turn it is has gone on to another change.
static enum status move_on(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    struct holder *holder = watch->context;
    if (call == CALL_PAUSE && holder->pauses++ < holder->moves) {
        char name[2][64];
        snprintf(name[0], 64, "b/.kv/turn/0123456789ABCDEF/%Xa", holder->pauses);
        snprintf(name[1], 64, "b/.kv/turn/0123456789ABCDEF/%Xa", holder->pauses + 1);
        CHECK(rename(name[0], name[1]) == 0);
        watch->waited += 90 * millisecond;
    }
    return STATUS_OK;
}

// A writer that moves on is not revoked, however long others have waited.
static void test_moving_writer(void)
{
    CHECK(system("mkdir -p b/.kv/turn/0123456789ABCDEF") == 0);
    write_as("b/.kv/turn/0123456789ABCDEF/1a");
    struct fixture fixture;
    fixture_start(&fixture);
    struct holder holder = {0, 50};
    fixture.watch.context = &holder;
    fixture.watch.before = move_on;
    set(&fixture, "k", "v");
    CHECK(holder.pauses > holder.moves);
    CHECK(fixture.watch.waited > 4500 * millisecond);
    fixture_end(&fixture);
}

struct revoker {
    unsigned left;
    unsigned before; // the nth rename of a change is preceded by a revocation
    unsigned renames;
};

static enum status revoke(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    struct revoker *revoker = watch->context;
    if (call == CALL_RENAME && ++revoker->renames % 2 == 0 && revoker->left > 0) {
        revoker->left--;
        CHECK(system("rm -r b/.kv/turn/*") == 0);
        file_write("b/n", BYTES("40"));
    }
    return STATUS_OK;
}

// A change that is revoked is done again, reading again, and asks for twice the
// patience each time.
static void test_revoked(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    file_write("b/n", BYTES("1"));
    struct revoker revoker = {.left = 3};
    fixture.watch.context = &revoker;
    fixture.watch.before = revoke;
    CHECK_NUMBER(41, increment(&fixture, "n"));
    CHECK_NUMBER(0, revoker.left);
    file_check("b/n", BYTES("41"));
    fixture_end(&fixture);
}

// What writers of this version and of the one before it left is removed by whoever
// revokes, if it is old; what is young, and what a person put there, stays.
static void test_litter(void)
{
    CHECK(system("mkdir -p b/.kv/turn b/.kv/00000000000000A0 b/.kv/00000000000000a1 "
                 "b/.kv/00000000000000A2/00000000000000A2 b/.kv/00000000000000A3 b/.kv/notes") ==
          0);
    write_as("b/.kv/turn/0123456789ABCDEFa");
    write_as("b/.kv/00000000000000A0/new");
    write_as("b/.kv/00000000000000a1/00000000000000A1a");
    write_as("b/.kv/00000000000000A2/00000000000000A2/1a");
    write_as("b/.kv/00000000000000A3/00000000000000A3a");
    write_as("b/.kv/notes/mine");
    CHECK(system("touch -d '11 minutes ago' b/.kv/notes b/.kv/00000000000000A0 "
                 "b/.kv/00000000000000a1 b/.kv/00000000000000A2") == 0);
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "k", "v");
    CHECK(!file_exists("b/.kv/00000000000000A0") && !file_exists("b/.kv/00000000000000a1"));
    CHECK(!file_exists("b/.kv/00000000000000A2"));
    CHECK(file_exists("b/.kv/00000000000000A3/00000000000000A3a"));
    CHECK(file_exists("b/.kv/notes/mine"));
    fixture_end(&fixture);
}

static enum status put_in_place(struct port_watch *watch, enum port_call call, struct bytes path)
{
    const char **command = watch->context;
    if (call == CALL_RENAME && *command != NULL && bytes_equal(path, BYTES("b/k"))) {
        CHECK(system(*command) == 0);
        *command = NULL;
    }
    return STATUS_OK;
}

// A delete that finds something else than a file in the key's place, put there
// after it looked, puts it back, and says what it is.
static void test_delete_of_something_else(void)
{
    static const struct {
        const char *command;
        enum status status;
    } table[] = {
        {"rm b/k && mkdir b/k && echo mine > b/k/file", STATUS_IS_DIRECTORY},
        {"rm b/k && mkdir b/k", STATUS_IS_DIRECTORY},
        {"rm b/k && ln -s elsewhere b/k", STATUS_IS_SYMLINK},
        {"rm b/k && mkfifo b/k", STATUS_IS_PIPE},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("%s", table[i].command);
        CHECK(system("rm -rf b") == 0);
        struct fixture fixture;
        fixture_start(&fixture);
        file_write("b/k", BYTES("v"));
        const char *command = table[i].command;
        fixture.watch.context = &command;
        fixture.watch.before = put_in_place;
        CHECK_STATUS(table[i].status, store_delete(fixture.bucket, BYTES("k")));
        fixture.watch.before = NULL;
        CHECK(file_exists("b/k"));
        CHECK(i > 0 || file_exists("b/k/file"));
        CHECK_NUMBER(0, directory_count("b/.kv/turn"));
        fixture_end(&fixture);
    }
}

// A directory that a delete moved and died with is in nobody's way, and is kept.
static void test_moved_directory(void)
{
    CHECK(system("mkdir -p b/.kv/turn/0123456789ABCDEF/1a/inside") == 0);
    struct fixture fixture;
    fixture_start(&fixture);
    set(&fixture, "k", "v");
    CHECK(system("ls b/.kv/kept-*/inside > /dev/null") == 0);
    CHECK_NUMBER(0, directory_count("b/.kv/turn"));
    fixture_end(&fixture);
}

// A disk that is full until directories are removed from it.
static enum status full(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    int *room = watch->context;
    if (call == CALL_REMOVE_DIRECTORY) {
        ++*room;
    } else if (call == CALL_MAKE_DIRECTORY) {
        return --*room < 0 ? STATUS_NO_SPACE : STATUS_OK;
    } else if (call == CALL_WRITE) {
        return STATUS_NO_SPACE;
    }
    return STATUS_OK;
}

// A fresh instance deletes on a full disk, also after one that kept a series; a set
// is refused there and leaves nothing behind.
static void test_full_disk(void)
{
    for (unsigned series = 0; series < 2; series++) {
        test_step("after %s", series ? "a series" : "one change");
        CHECK(system("rm -rf b") == 0);
        struct fixture fixture;
        fixture_start(&fixture);
        set(&fixture, "k", "v");
        for (unsigned i = 0; i < 3 && series; i++) {
            set(&fixture, "k", "v");
        }
        fixture_end(&fixture);
        fixture_start(&fixture);
        int room = 0;
        fixture.watch.context = &room;
        fixture.watch.before = full;
        CHECK_STATUS(STATUS_OK, store_delete(fixture.bucket, BYTES("k")));
        check_absent(&fixture, "k");
        room = 1;
        CHECK_STATUS(STATUS_NO_SPACE, store_set(fixture.bucket, BYTES("k"), BYTES("v")));
        check_absent(&fixture, "k");
        fixture.watch.before = NULL;
        CHECK(directory_count("b/.kv") <= 2);
        fixture_end(&fixture);
    }
}

static enum status refuse_commit(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)watch;
    bool from_turn = path.size > 11 && memcmp(path.data, "b/.kv/turn/", 11) == 0;
    return call == CALL_RENAME && from_turn ? STATUS_ACCESS : STATUS_OK;
}

// A commit that is refused leaves no value in `.kv/` and the turn to others.
static void test_refused_commit(void)
{
    struct fixture fixture;
    fixture_start(&fixture);
    for (unsigned i = 0; i < 6; i++) {
        test_step("change %u", i);
        fixture.watch.before = refuse_commit;
        CHECK_STATUS(STATUS_ACCESS, store_set(fixture.bucket, BYTES("k"), BYTES("secret")));
        fixture.watch.before = NULL;
        CHECK(system("! grep -r secret b/.kv") == 0);
        fixture.watch.waited = 0;
        set(&fixture, "k", "v");
        CHECK_NUMBER(0, fixture.watch.waited);
    }
    fixture_end(&fixture);
}

// Two instances that are given the same random numbers do not meet.
static void test_same_random_numbers(void)
{
    struct fixture one, other;
    fixture_start(&one);
    fixture_start(&other);
    other.posix.random_state = one.posix.random_state;
    for (unsigned i = 1; i <= 50; i++) {
        CHECK_NUMBER(2 * i - 1, increment(&one, "n"));
        CHECK_NUMBER(2 * i, increment(&other, "n"));
    }
    fixture_end(&one);
    fixture_end(&other);
}

const struct test turn_tests[] = {
    {"turn.first_calls", test_first_calls},
    {"turn.idle_series", test_idle_series},
    {"turn.displaced", test_displaced},
    {"turn.by_turns", test_by_turns},
    {"turn.commit_while_listed", test_commit_while_listed},
    {"turn.dead_writer", test_dead_writer},
    {"turn.moving_writer", test_moving_writer},
    {"turn.revoked", test_revoked},
    {"turn.litter", test_litter},
    {"turn.delete_of_something_else", test_delete_of_something_else},
    {"turn.moved_directory", test_moved_directory},
    {"turn.full_disk", test_full_disk},
    {"turn.refused_commit", test_refused_commit},
    {"turn.same_random_numbers", test_same_random_numbers},
    {NULL, NULL},
};
