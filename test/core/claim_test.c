#include "core/claim.h"

#include "support/world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Writers' directories as they may have been left, 64 being removed at a time.
enum { rival_count = 200 };

static void set(struct world *world, const char *key, const char *value, enum status expected)
{
    CHECK_STATUS(expected, store_set(world->bucket, text(key), text(value)));
}

// Makes `.kv/`, with a claim-like entry in it to put things into.
static void make_rival(void)
{
    directory_make("b");
    directory_make("b/.kv");
    directory_make("b/.kv/0123456789ABCDEF");
}

// A writer removes all others, whatever a crash left in their directories, and
// of itself leaves one directory.
static void test_rivals(void)
{
    directory_make("b");
    directory_make("b/.kv");
    for (int i = 0; i < rival_count; i++) {
        char path[64];
        snprintf(path, sizeof path, "b/.kv/%016X", i);
        directory_make(path);
        size_t size = strlen(path);
        if (i % 2 == 1) {
            strcpy(path + size, "/new");
            file_write(path, BYTES("torn"));
        }
        if (i % 3 == 1) {
            strcpy(path + size, "/old");
            file_write(path, BYTES("removed"));
        }
    }
    struct world world;
    world_start(&world);
    set(&world, "k", "v", STATUS_OK);
    check_value(&world, "k", BYTES("v"));
    char own[300];
    only_entry("b/.kv", own, sizeof own);
    CHECK_NUMBER(0, directory_count(own));
    world_end(&world);
}

// What has a claim's name but is no directory is removed, a link without what
// it leads to; what no writer would make in `.kv/` is left alone.
static void test_strays(void)
{
    directory_make("b");
    directory_make("b/.kv");
    directory_make("outside");
    file_write("outside/new", BYTES("mine"));
    file_write("b/.kv/0000000000000001", BYTES("stray"));
    CHECK(symlink("../../outside", "b/.kv/0000000000000002") == 0);
    CHECK(symlink("nowhere", "b/.kv/0000000000000003") == 0);
    static const char *const others[] = {"b/.kv/README", "b/.kv/000000000000000a",
                                         "b/.kv/00000000000000000", "b/.kv/000000000000000"};
    for (size_t i = 0; i < 4; i++) {
        file_write(others[i], BYTES("x"));
    }
    struct world world;
    world_start(&world);
    set(&world, "k", "v", STATUS_OK);
    check_value(&world, "k", BYTES("v"));
    file_check("outside/new", BYTES("mine"));
    CHECK_NUMBER(5, directory_count("b/.kv"));
    for (size_t i = 0; i < 4; i++) {
        file_check(others[i], BYTES("x"));
    }
    world_end(&world);
}

static void check_refused(struct world *world, uint64_t waits)
{
    port_watch_reset(&world->watch);
    set(world, "k", "new", STATUS_SCRATCH);
    check_message(world, "remove .kv");
    CHECK_STATUS(STATUS_SCRATCH, store_delete(world->bucket, text("k")));
    uint64_t value;
    CHECK_STATUS(STATUS_SCRATCH,
                 store_increment(world->bucket, text("n"), 1, COUNTER_SIGNED, &value));
    CHECK_NUMBER(waits, world->watch.of[CALL_PAUSE]);
    check_value(world, "k", BYTES("old"));
    check_absent(world, "n");
}

// Where `.kv` is a file, changes are refused without waiting, and it stays;
// once it is gone, they work.
static void test_scratch_is_file(void)
{
    directory_make("b");
    file_write("b/k", BYTES("old"));
    file_write("b/.kv", BYTES("mine"));
    struct world world;
    world_start(&world);
    check_refused(&world, 0);
    file_check("b/.kv", BYTES("mine"));
    file_remove("b/.kv");
    set(&world, "k", "new", STATUS_OK);
    check_value(&world, "k", BYTES("new"));
    world_end(&world);
}

// Where `.kv` is a link to a directory, changes are refused, and nothing in that
// directory is removed or left behind.
static void test_scratch_is_link(void)
{
    directory_make("b");
    file_write("b/k", BYTES("old"));
    directory_make("outside");
    directory_make("outside/0123456789ABCDEF");
    file_write("outside/0123456789ABCDEF/new", BYTES("mine"));
    CHECK(symlink("../outside", "b/.kv") == 0);
    struct world world;
    world_start(&world);
    check_refused(&world, 0);
    file_check("outside/0123456789ABCDEF/new", BYTES("mine"));
    CHECK_NUMBER(1, directory_count("outside"));
    world_end(&world);
}

// Where `.kv` is a link to nothing, changes are refused at once, too, and not
// taken for claims that others take away.
static void test_scratch_is_dangling_link(void)
{
    directory_make("b");
    file_write("b/k", BYTES("old"));
    CHECK(symlink("nowhere", "b/.kv") == 0);
    struct world world;
    world_start(&world);
    check_refused(&world, 0);
    CHECK(!file_exists("b/nowhere"));
    world_end(&world);
}

// Files, links and empty directories that a person put into a claim's directory
// go with it.
static void test_foreign_content(void)
{
    make_rival();
    file_write("outside", BYTES("mine"));
    file_write("b/.kv/0123456789ABCDEF/notes", BYTES("x"));
    file_write("b/.kv/0123456789ABCDEF/a name\nwith lines", BYTES("x"));
    directory_make("b/.kv/0123456789ABCDEF/empty");
    directory_make("b/.kv/0123456789ABCDEF/new");
    CHECK(symlink("../../../outside", "b/.kv/0123456789ABCDEF/link") == 0);
    struct world world;
    world_start(&world);
    set(&world, "k", "v", STATUS_OK);
    check_value(&world, "k", BYTES("v"));
    CHECK(!file_exists("b/.kv/0123456789ABCDEF"));
    file_check("outside", BYTES("mine"));
    world_end(&world);
}

// A directory with something in it, inside of a claim's directory, is refused,
// and what is in it stays.
static void test_foreign_tree(void)
{
    static const char *const names[] = {"tree", "new", "old"};
    make_rival();
    for (size_t i = 0; i < 3; i++) {
        test_step("%s", names[i]);
        char tree[64];
        char inside[80];
        snprintf(tree, sizeof tree, "b/.kv/0123456789ABCDEF/%s", names[i]);
        snprintf(inside, sizeof inside, "%s/mine", tree);
        directory_make(tree);
        file_write(inside, BYTES("mine"));
        file_write("b/k", BYTES("old"));
        struct world world;
        world_start(&world);
        // Six times for each change, as for a rival that may finish.
        check_refused(&world, 3 * 6);
        file_check(inside, BYTES("mine"));
        CHECK_NUMBER(1, directory_count("b/.kv"));
        file_remove(inside);
        file_remove(tree);
        world_end(&world);
    }
}

// A claim that another writer or a person removed between two changes is taken again.
static void test_lost_between(void)
{
    struct world world;
    world_start(&world);
    set(&world, "k", "1", STATUS_OK);
    char own[300];
    only_entry("b/.kv", own, sizeof own);
    file_remove(own);
    set(&world, "k", "2", STATUS_OK);
    check_value(&world, "k", BYTES("2"));

    char again[300];
    only_entry("b/.kv", again, sizeof again);
    CHECK(strcmp(own, again) != 0);
    file_remove(again);
    file_remove("b/.kv");
    set(&world, "k", "3", STATUS_OK);
    check_value(&world, "k", BYTES("3"));

    only_entry("b/.kv", own, sizeof own);
    file_remove(own);
    CHECK_STATUS(STATUS_OK, store_delete(world.bucket, text("k")));
    check_absent(&world, "k");
    only_entry("b/.kv", own, sizeof own);
    CHECK_NUMBER(0, directory_count(own));
    world_end(&world);
}

struct thief {
    enum port_call at;  // the claim is stolen before this call,
    unsigned times;     // so often,
    const char *leaves; // and the counter `n` then holds this
};

static enum status steal(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)path;
    struct thief *thief = watch->context;
    if (call == thief->at && thief->times > 0 && directory_count("b/.kv") == 1) {
        thief->times--;
        char own[300];
        only_entry("b/.kv", own, sizeof own);
        char inside[310];
        snprintf(inside, sizeof inside, "%s/new", own);
        (void)remove(inside);
        file_remove(own);
        if (thief->leaves != NULL) {
            file_write("b/n", text(thief->leaves));
        }
    }
    return STATUS_OK;
}

// A claim lost in the middle of a change, before any of its calls, makes the
// whole change happen again, from the value as it is by then.
static void test_lost_within(void)
{
    static const enum port_call calls[] = {CALL_LOOK,  CALL_OPEN,  CALL_READ,
                                           CALL_WRITE, CALL_CLOSE, CALL_RENAME};
    struct world world;
    world_start(&world);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        test_step("call %d", (int)calls[i]);
        file_write("b/n", BYTES("10"));
        set(&world, "k", "v", STATUS_OK); // so that there is a claim to lose
        struct thief thief = {calls[i], 3, "100"};
        world.watch.context = &thief;
        world.watch.before = steal;
        uint64_t value = 0;
        CHECK_STATUS(STATUS_OK,
                     store_increment(world.bucket, text("n"), 1, COUNTER_UNSIGNED, &value));
        world.watch.before = NULL;
        CHECK_NUMBER(0, thief.times);
        CHECK_NUMBER(101, value);
        check_value(&world, "n", BYTES("101"));
        char own[300];
        only_entry("b/.kv", own, sizeof own);
        CHECK_NUMBER(0, directory_count(own));
    }
    world_end(&world);
}

// A delete that loses its claim before the rename takes it again, and one that
// finds the key gone under a claim that stands is content.
static void test_lost_delete(void)
{
    struct world world;
    world_start(&world);
    set(&world, "k", "v", STATUS_OK);
    struct thief thief = {CALL_RENAME, 5, NULL};
    world.watch.context = &thief;
    world.watch.before = steal;
    CHECK_STATUS(STATUS_OK, store_delete(world.bucket, text("k")));
    CHECK_NUMBER(0, thief.times);
    CHECK_NUMBER(6, world.watch.of[CALL_RENAME] - 1);
    check_absent(&world, "k");
    world_end(&world);
}

// A claim that is lost without end is an error in the end, and the value stays.
static void test_lost_always(void)
{
    struct world world;
    world_start(&world);
    set(&world, "k", "old", STATUS_OK);
    struct thief thief = {CALL_RENAME, UINT32_MAX, NULL};
    world.watch.context = &thief;
    world.watch.before = steal;
    set(&world, "k", "new", STATUS_BUSY);
    check_message(&world, "set: bucket \"b\", key \"k\": other writers took the bucket 1000 times");
    check_message(&world, " ms; nothing was changed; try again");
    world.watch.before = NULL;
    check_value(&world, "k", BYTES("old"));
    set(&world, "k", "new", STATUS_OK);
    check_value(&world, "k", BYTES("new"));
    world_end(&world);
}

static enum status vanish(struct port_watch *watch, enum port_call call, struct bytes path)
{
    (void)watch;
    (void)path;
    if (call == CALL_REMOVE_FILE && file_exists("b/.kv/0000000000000001")) {
        file_remove("b/.kv/0000000000000001");
    }
    return STATUS_OK;
}

// A stray file that another writer removes at the same moment is no error.
static void test_stray_vanishes(void)
{
    directory_make("b");
    directory_make("b/.kv");
    file_write("b/.kv/0000000000000001", BYTES("stray"));
    struct world world;
    world_start(&world);
    world.watch.before = vanish;
    set(&world, "k", "v", STATUS_OK);
    world_end(&world);
}

// Two writers that draw the same random numbers have claims of their own.
static void test_same_random(void)
{
    struct world one;
    struct world two;
    world_start(&one);
    world_start(&two);
    set(&one, "k", "first", STATUS_OK);
    char own[300];
    only_entry("b/.kv", own, sizeof own);
    file_remove(own);
    one.posix.random_state = two.posix.random_state = 1;
    (void)two.posix.port.random(&two.posix.port); // what the other takes for its wait
    set(&one, "k", "one", STATUS_OK);
    set(&two, "k", "two", STATUS_OK);
    CHECK_NUMBER(2, two.watch.of[CALL_RANDOM]);
    CHECK_NUMBER(1, directory_count("b/.kv"));
    check_value(&one, "k", BYTES("two"));
    world_end(&two);
    world_end(&one);
}

// A wait is random, up to 64 ms behind the first loss, and up to half as long behind
// each further one, down to 4 ms.
struct waits {
    struct port port;
    uint64_t random;
    uint64_t waited;
};

static uint64_t waits_random(struct port *port)
{
    return ((struct waits *)port)->random;
}

static void waits_pause(struct port *port, uint64_t nanoseconds)
{
    ((struct waits *)port)->waited = nanoseconds;
}

static void test_waits(void)
{
    struct waits waits = {.port = {.random = waits_random, .pause = waits_pause}};
    static const struct {
        unsigned losses;
        uint64_t longest; // milliseconds
    } table[] = {{1, 64}, {2, 32}, {3, 16}, {4, 8}, {5, 4}, {6, 4}, {1000, 4}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("loss %u", table[i].losses);
        uint64_t longest = table[i].longest * 1000 * 1000;
        for (uint64_t random = longest - 1; random <= longest; random++) {
            waits.random = random;
            uint64_t expected = random % longest;
            CHECK_NUMBER(expected, claim_wait(&waits.port, table[i].losses));
            CHECK_NUMBER(expected, waits.waited);
        }
    }
}

// Thousands of claims that were left behind are removed in two listings, not in one
// for every few of them.
static void test_many_left(void)
{
    enum { left = 3000 };
    directory_make("b");
    directory_make("b/.kv");
    for (unsigned i = 0; i < left; i++) {
        char path[64];
        snprintf(path, sizeof path, "b/.kv/%016X", i);
        directory_make(path);
    }
    struct world world;
    world_start(&world);
    set(&world, "k", "v", STATUS_OK);
    CHECK_NUMBER(1, directory_count("b/.kv"));
    CHECK_NUMBER(2, world.watch.of[CALL_LIST]);
    CHECK_NUMBER(left, world.watch.of[CALL_REMOVE_DIRECTORY]);
    world_end(&world);
}

const struct test claim_tests[] = {
    {"claim.rivals", test_rivals},
    {"claim.strays", test_strays},
    {"claim.scratch_is_file", test_scratch_is_file},
    {"claim.scratch_is_link", test_scratch_is_link},
    {"claim.scratch_is_dangling_link", test_scratch_is_dangling_link},
    {"claim.foreign_content", test_foreign_content},
    {"claim.foreign_tree", test_foreign_tree},
    {"claim.lost_between", test_lost_between},
    {"claim.lost_within", test_lost_within},
    {"claim.lost_delete", test_lost_delete},
    {"claim.lost_always", test_lost_always},
    {"claim.stray_vanishes", test_stray_vanishes},
    {"claim.same_random", test_same_random},
    {"claim.waits", test_waits},
    {"claim.many_left", test_many_left},
    {NULL, NULL},
};
