#include "wasi/memory.h"

#include "support/test.h"

#include <stdlib.h>

// The canonical ABI's allocator, which the host calls.
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size);

// What the host allocates during a call with a landing place lies there, if it
// fits, however the host grows it; and once.
static void test_landing(void)
{
    uint8_t place[8];
    memory_land(place, sizeof place);
    uint8_t *made = cabi_realloc(NULL, 0, 1, 4);
    CHECK(made == place);
    memcpy(made, "1234", 4);
    CHECK(cabi_realloc(made, 4, 1, 8) == place);
    uint8_t *second = cabi_realloc(NULL, 0, 1, 4);
    CHECK(second != place);
    memory_free(second, 4);
    memory_landed();
}

// What outgrows the landing place is moved with its bytes, and the place is not
// freed.
static void test_outgrown(void)
{
    uint8_t place[4];
    memory_land(place, sizeof place);
    uint8_t *made = cabi_realloc(NULL, 0, 1, 4);
    CHECK(made == place);
    memcpy(made, "1234", 4);
    made = cabi_realloc(made, 4, 1, 5);
    CHECK(made != place && memcmp(made, "1234", 4) == 0);
    made = cabi_realloc(made, 5, 1, 500);
    CHECK(made != place && memcmp(made, "1234", 4) == 0);
    memory_landed();
    memory_free(made, 500);

    memory_land(place, sizeof place);
    made = cabi_realloc(NULL, 0, 1, 5);
    CHECK(made != place);
    memory_landed();
    memory_free(made, 5);
}

// After the call the place is memory like any other: a block that lies there and
// grows is moved and freed, as the search for leaks confirms.
static void test_after(void)
{
    uint8_t *place = malloc(16);
    CHECK(place != NULL);
    memory_land(place, 16);
    CHECK(cabi_realloc(NULL, 0, 1, 4) == place);
    memory_landed();
    memcpy(place, "text of a string", 16);
    // The host grows a string that was allocated where something once landed.
    uint8_t *grown = cabi_realloc(place, 16, 1, 32);
    CHECK(grown != place && memcmp(grown, "text of a string", 16) == 0);
    memory_free(grown, 32);
}

// A list without bytes takes no memory, and one that loses its bytes gives it back.
static void test_empty(void)
{
    CHECK(cabi_realloc(NULL, 0, 8, 0) == (void *)8);
    memory_free((void *)8, 0);
    void *made = cabi_realloc(NULL, 0, 1, 4);
    CHECK(cabi_realloc(made, 4, 1, 0) == (void *)1);
    uint8_t place[4];
    memory_land(place, sizeof place);
    CHECK(cabi_realloc(NULL, 0, 1, 0) == (void *)1);
    CHECK(cabi_realloc((void *)1, 0, 1, 4) == place);
    CHECK(cabi_realloc(place, 4, 1, 0) == (void *)1);
    memory_landed();
}

const struct test memory_tests[] = {
    {"memory.landing", test_landing},
    {"memory.outgrown", test_outgrown},
    {"memory.after", test_after},
    {"memory.empty", test_empty},
    {NULL, NULL},
};
