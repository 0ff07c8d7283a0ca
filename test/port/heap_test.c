#include "wasi/heap.h"

#include "support/test.h"

#include <stdlib.h>

enum { page = 4096, arena_bytes = 16 * page };

// A memory that grows by pages inside an arena.
struct memory {
    struct heap heap;
    uint8_t *arena;
    size_t size; // of the region
    size_t most;
    unsigned grown;
};

static size_t more(struct heap *heap, size_t bytes)
{
    struct memory *memory = (struct memory *)heap;
    size_t rounded = (bytes + page - 1) / page * page;
    if (bytes > memory->most || rounded > memory->most - memory->size) {
        return 0;
    }
    memory->size += rounded;
    memory->grown++;
    return rounded;
}

static struct memory memory_start(size_t size, size_t most)
{
    struct memory memory = {
        .heap = {.more = more}, .arena = malloc(most), .size = size, .most = most};
    CHECK(memory.arena != NULL);
    memset(memory.arena, 0xA5, most);
    return memory;
}

struct piece {
    uint8_t *place;
    size_t size;
    uint8_t fill;
};

static void check_piece(const struct memory *memory, const struct piece *piece)
{
    CHECK(piece->place >= memory->arena);
    CHECK(piece->place + piece->size <= memory->arena + memory->size);
    CHECK((uintptr_t)piece->place % 16 == 0);
    for (size_t i = 0; i < piece->size; i++) {
        CHECK(piece->place[i] == piece->fill);
    }
}

// Whatever is allocated and freed in whatever order, blocks are aligned, inside the
// region, and keep their bytes; and what is freed can all be had again at once.
static void test_random_use(void)
{
    enum { pieces = 64, steps = 20000 };
    struct memory memory = memory_start(page, arena_bytes);
    heap_start(&memory.heap, memory.arena + 24, memory.size - 24);
    struct piece list[pieces] = {{NULL, 0, 0}};
    unsigned refused = 0;
    for (unsigned step = 0; step < steps; step++) {
        struct piece *piece = &list[test_random() % pieces];
        if (piece->place != NULL) {
            check_piece(&memory, piece);
            heap_free(&memory.heap, piece->place);
            piece->place = NULL;
            continue;
        }
        piece->size = test_random() % 8 == 0 ? test_random() % 20000 : test_random() % 300;
        piece->fill = (uint8_t)step;
        piece->place = heap_allocate(&memory.heap, piece->size);
        if (piece->place == NULL) {
            refused++;
        } else {
            memset(piece->place, piece->fill, piece->size);
        }
    }
    CHECK(refused > 0 && refused < steps / 4);
    for (unsigned i = 0; i < pieces; i++) {
        if (list[i].place != NULL) {
            check_piece(&memory, &list[i]);
            heap_free(&memory.heap, list[i].place);
        }
    }
    size_t grown = memory.grown;
    void *all = heap_allocate(&memory.heap, memory.size - 200);
    CHECK(all != NULL && memory.grown == grown);
    heap_free(&memory.heap, all);
    free(memory.arena);
}

// A block that is larger than what is left at the end grows the region by what is
// missing, not by its whole size.
static void test_growth(void)
{
    struct memory memory = memory_start(page, arena_bytes);
    heap_start(&memory.heap, memory.arena, memory.size);
    uint8_t *first = heap_allocate(&memory.heap, 1000);
    CHECK(first != NULL && memory.grown == 0);
    uint8_t *second = heap_allocate(&memory.heap, 2 * page);
    CHECK(second != NULL && memory.size == 3 * page);
    heap_free(&memory.heap, second);
    heap_free(&memory.heap, first);
    CHECK(heap_allocate(&memory.heap, 3 * page - 200) != NULL);
    CHECK_NUMBER(3 * page, memory.size);
    free(memory.arena);
}

// Where there is no more memory, and for sizes beyond all memory, there is nothing, and
// what is there is as it was.
static void test_refused(void)
{
    struct memory memory = memory_start(page, 4 * page);
    heap_start(&memory.heap, memory.arena, memory.size);
    struct piece piece = {heap_allocate(&memory.heap, 100), 100, 7};
    CHECK(piece.place != NULL);
    memset(piece.place, 7, 100);
    static const size_t sizes[] = {4 * page,      SIZE_MAX,      SIZE_MAX - 1, SIZE_MAX - 15,
                                   SIZE_MAX - 31, SIZE_MAX - 64, SIZE_MAX / 2, SIZE_MAX / 2 + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        test_step("%zu bytes", sizes[i]);
        CHECK(heap_allocate(&memory.heap, sizes[i]) == NULL);
    }
    check_piece(&memory, &piece);
    CHECK(heap_allocate(&memory.heap, 3 * page) != NULL);
    heap_free(&memory.heap, NULL);
    check_piece(&memory, &piece);
    free(memory.arena);
}

// A region of the least size serves, at whatever address it begins.
static void test_start(void)
{
    for (size_t offset = 0; offset < 64; offset++) {
        struct memory memory = memory_start(offset + heap_start_bytes_min, 2 * page);
        heap_start(&memory.heap, memory.arena + offset, heap_start_bytes_min);
        uint8_t *small = heap_allocate(&memory.heap, 1);
        CHECK(small != NULL && (uintptr_t)small % 16 == 0);
        uint8_t *large = heap_allocate(&memory.heap, 1000);
        CHECK(large != NULL && large + 1000 <= memory.arena + memory.size);
        memset(small, 1, 1);
        memset(large, 2, 1000);
        heap_free(&memory.heap, small);
        heap_free(&memory.heap, large);
        free(memory.arena);
    }
}

const struct test heap_tests[] = {
    {"heap.random_use", test_random_use},
    {"heap.growth", test_growth},
    {"heap.refused", test_refused},
    {"heap.start", test_start},
    {NULL, NULL},
};
