// test.h: the harness of the native tests.
//
// A test is a function that opens with one sentence: what must hold. Each runs
// in a process of its own, in a fresh temporary directory, so that one that
// crashes, hangs or leaks fails alone. A failed check ends the test.
#ifndef TEST_H
#define TEST_H

#include "core/bytes.h"
#include "core/status.h"

struct test {
    const char *name;
    void (*run)(void);
};

// Each ends with an entry without name.
extern const struct test allocation_tests[];
extern const struct test counter_tests[];
extern const struct test heap_tests[];
extern const struct test list_tests[];
extern const struct test mark_tests[];
extern const struct test memory_tests[];
extern const struct test message_tests[];
extern const struct test name_tests[];
extern const struct test patience_tests[];
extern const struct test posix_tests[];
extern const struct test root_tests[];
extern const struct test scan_tests[];
extern const struct test settings_tests[];
extern const struct test store_bucket_tests[];
extern const struct test store_change_tests[];
extern const struct test store_kept_tests[];
extern const struct test store_read_tests[];
extern const struct test turn_tests[];

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            test_fail(__FILE__, __LINE__, #condition);                                             \
        }                                                                                          \
    } while (0)

#define CHECK_NUMBER(expected, actual)                                                             \
    test_number(__FILE__, __LINE__, #actual, (unsigned long long)(expected),                       \
                (unsigned long long)(actual))

#define CHECK_STATUS(expected, actual)                                                             \
    test_status(__FILE__, __LINE__, #actual, (expected), (actual))

#define CHECK_BYTES(expected, actual) test_bytes(__FILE__, __LINE__, #actual, (expected), (actual))

// Says in a failure where in a table or a loop it was.
void test_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

_Noreturn void test_fail(const char *file, int line, const char *what);
void test_number(const char *file, int line, const char *what, unsigned long long expected,
                 unsigned long long actual);
void test_status(const char *file, int line, const char *what, enum status expected,
                 enum status actual);
void test_bytes(const char *file, int line, const char *what, struct bytes expected,
                struct bytes actual);

// Wraps a NUL-terminated string.
struct bytes text(const char *string);

// Random bits that TEST_SEED (1 if unset) determines.
uint64_t test_random(void);

#endif
