#include "test.h"

#include "allocation.h"
#include "child.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    hang_seconds = 120, // far beyond what any test takes: what is still running then hangs
};

static char step[256];
static uint64_t seed = 1;
static uint64_t random_state;

void test_step(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(step, sizeof step, format, arguments);
    va_end(arguments);
}

_Noreturn void test_fail(const char *file, int line, const char *what)
{
    printf("  %s:%d: %s%s%s\n", file, line, what, step[0] != '\0' ? "; at step: " : "", step);
    fflush(stdout);
    _exit(1); // without the search for leaks, which would hide what failed
}

void test_number(const char *file, int line, const char *what, unsigned long long expected,
                 unsigned long long actual)
{
    if (expected != actual) {
        char text[512];
        snprintf(text, sizeof text, "%s is %llu, not %llu", what, actual, expected);
        test_fail(file, line, text);
    }
}

void test_status(const char *file, int line, const char *what, enum status expected,
                 enum status actual)
{
    if (expected != actual) {
        char text[512];
        snprintf(text, sizeof text, "%s is status %d (%s), not %d (%s)", what, (int)actual,
                 status_text(actual), (int)expected, status_text(expected));
        test_fail(file, line, text);
    }
}

// Appends bytes as a C string would have them, cut where there is no more room.
static size_t quote(char *text, size_t room, struct bytes bytes)
{
    size_t size = 0;
    for (size_t i = 0; i < bytes.size && size + 5 < room; i++) {
        uint8_t byte = bytes.data[i];
        size += (size_t)snprintf(text + size, room - size,
                                 byte < 0x20 || byte >= 0x7F ? "\\x%02X" : "%c", byte);
    }
    return size;
}

void test_bytes(const char *file, int line, const char *what, struct bytes expected,
                struct bytes actual)
{
    if (bytes_equal(expected, actual)) {
        return;
    }
    char shown[2][200] = {"", ""};
    quote(shown[0], sizeof shown[0], actual);
    quote(shown[1], sizeof shown[1], expected);
    char text[600];
    snprintf(text, sizeof text, "%s is \"%s\" (%zu bytes), not \"%s\" (%zu bytes)", what, shown[0],
             actual.size, shown[1], expected.size);
    test_fail(file, line, text);
}

struct bytes text(const char *string)
{
    return (struct bytes){(const uint8_t *)string, strlen(string)};
}

uint64_t test_random(void)
{
    uint64_t bits = random_state += 0x9E3779B97F4A7C15;
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
    return bits ^ bits >> 31;
}

// The child's part: the test, from inside of its directory.
static void run_here(const void *context, const char *name)
{
    (void)name;
    const struct test *test = context;
    static struct allocation_owner memory;
    random_state = seed;
    allocation_switch(&memory);
    test->run();
    CHECK_NUMBER(0, memory.blocks); // what the core has not freed
}

static bool run_test(const struct test *test)
{
    const char *parent = getenv("TMPDIR");
    if (parent == NULL) {
        // In memory if possible: a disk may be made to work by each of 20000 renames.
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    }
    bool passed = child_passes(parent, hang_seconds, run_here, test);
    if (passed) {
        printf("ok %s\n", test->name);
    }
    return passed;
}

static bool is_chosen(const struct test *test, int count, char **prefixes)
{
    for (int i = 0; i < count; i++) {
        if (strncmp(test->name, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return count == 0;
}

int main(int argc, char **argv)
{
    static const struct test *const modules[] = {
        name_tests,         counter_tests,    message_tests,    settings_tests,
        posix_tests,        list_tests,       store_read_tests, store_bucket_tests,
        store_change_tests, store_kept_tests, allocation_tests, mark_tests,
        scan_tests,         turn_tests,       patience_tests,   root_tests,
        memory_tests,       heap_tests,
    };
    const char *given = getenv("TEST_SEED");
    if (given != NULL) {
        seed = strtoull(given, NULL, 10);
    }
    unsigned passed = 0;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        for (const struct test *test = modules[i]; test->name != NULL; test++) {
            if (!is_chosen(test, argc - 1, argv + 1)) {
                continue;
            }
            if (run_test(test)) {
                passed++;
            } else {
                failed++;
                printf("FAILED %s; replay: TEST_SEED=%llu %s %s\n", test->name,
                       (unsigned long long)seed, argv[0], test->name);
            }
        }
    }
    printf("%u passed, %u failed\n", passed, failed);
    return failed > 0 || passed == 0 ? 1 : 0;
}
