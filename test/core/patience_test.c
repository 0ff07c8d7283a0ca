#include "core/patience.h"

#include "support/test.h"

static const uint64_t millisecond = 1000 * 1000;

// A look at the same names, so long after the one before.
static bool look_after(struct patience *patience, uint64_t milliseconds, uint64_t seen)
{
    uint64_t now = patience->looked + milliseconds * millisecond;
    return patience_ends(patience, now, now, seen, 0);
}

// One that was itself suspended between two looks has not watched: it does not end
// its patience for that, however long it was.
static void test_suspended(void)
{
    struct patience patience;
    patience_begin(&patience, millisecond);
    CHECK(!look_after(&patience, 1, 7));
    CHECK(!look_after(&patience, 100 * 1000, 7));
    CHECK(!look_after(&patience, 100 * 1000, 7));
    CHECK(!look_after(&patience, 100 * 1000, 7));
    CHECK(look_after(&patience, 100 * 1000, 7));
}

// Whoever moves on is not revoked, however long it has the turn.
static void test_moving(void)
{
    struct patience patience;
    patience_begin(&patience, millisecond);
    for (uint64_t seen = 1; seen < 1000; seen++) {
        CHECK(!look_after(&patience, 20, seen / 3));
    }
}

// A writer that has seen many turns pass pauses less, on the same disk, than one that has
// just seen the first; beside a series the pauses are longer; and none is so long that a
// dead writer would go unnoticed.
static void test_pause(void)
{
    struct patience patience;
    patience_begin(&patience, millisecond);
    CHECK_NUMBER(4 * millisecond, patience_pause(&patience, 500));
    patience.series = true;
    CHECK_NUMBER(10 * millisecond, patience_pause(&patience, 500));
    patience.series = false;
    uint64_t pauses[100];
    for (uint64_t turn = 0; turn < 100; turn++) {
        CHECK(!look_after(&patience, 20, turn + 1));
        CHECK(!look_after(&patience, 20, turn + 1));
        pauses[turn] = patience_pause(&patience, 500);
    }
    CHECK(pauses[1] >= 3 * millisecond && pauses[1] <= 5 * millisecond);
    CHECK(pauses[30] <= pauses[1] / 3 && pauses[99] <= pauses[1] / 10);
    for (uint64_t random = 0; random < 1000; random++) {
        CHECK(patience_pause(&patience, random) >= 30 * 1000);
    }
}

const struct test patience_tests[] = {
    {"patience.suspended", test_suspended},
    {"patience.moving", test_moving},
    {"patience.pause", test_pause},
    {NULL, NULL},
};
