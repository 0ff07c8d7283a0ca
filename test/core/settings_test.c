#include "core/settings.h"

#include "support/test.h"

static enum status apply(struct settings *settings, const char *name, const char *value,
                         struct message *why)
{
    return settings_apply(settings, text(name), text(value), why);
}

// Each setting is taken, and what is not ours is left alone.
static void test_taken(void)
{
    struct settings settings = {.root_size = 0};
    char room[512];
    struct message why = {room, sizeof room, 0};
    static const char *const others[] = {"PATH", "", "KEYVALUE_FILESYSTEM", "KEYVALUE_FILESYSTE_",
                                         "keyvalue_filesystem_root"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        CHECK_STATUS(STATUS_OK, apply(&settings, others[i], "x", &why));
    }
    CHECK(!settings.create_buckets && !settings.durable && settings.root_size == 0);
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_CREATE_BUCKETS", "1", &why));
    CHECK(settings.create_buckets && !settings.durable);
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_DURABLE", "1", &why));
    CHECK_NUMBER(DURABLE_ALL, settings.durable);
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_CREATE_BUCKETS", "0", &why));
    CHECK(!settings.create_buckets && settings.durable == DURABLE_ALL);
    static const char *const levels[] = {"none", "values", "all", "0"};
    static const enum durable meant[] = {DURABLE_NONE, DURABLE_VALUES, DURABLE_ALL, DURABLE_NONE};
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_DURABLE", levels[i], &why));
        CHECK_NUMBER(meant[i], settings.durable);
    }
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_COUNTERS", "text", &why));
    CHECK(settings.counters == COUNTER_TEXT);
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_COUNTERS", "binary", &why));
    CHECK(settings.counters == COUNTER_BINARY);
    CHECK(settings.names == NAMES_PLAIN);
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_NAMES", "portable", &why));
    CHECK(settings.names == NAMES_PORTABLE);
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_NAMES", "plain", &why));
    CHECK(settings.names == NAMES_PLAIN);
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_ROOT", "/data/kv", &why));
    CHECK_BYTES(BYTES("/data/kv"), ((struct bytes){settings.root, settings.root_size}));
    CHECK_NUMBER(0, why.size);
}

// An empty value is an unset one, even of a name that is not understood.
static void test_empty(void)
{
    struct settings settings = {.durable = DURABLE_ALL};
    char room[64];
    struct message why = {room, sizeof room, 0};
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_DURABLE", "", &why));
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_ROOT", "", &why));
    CHECK_STATUS(STATUS_OK, apply(&settings, "KEYVALUE_FILESYSTEM_OTHER", "", &why));
    CHECK(settings.durable && settings.root_size == 0 && why.size == 0);
}

// What is not understood is refused, and the reason names it.
static void test_refused(void)
{
    static const char *const table[][2] = {
        {"KEYVALUE_FILESYSTEM_DURABLE", "yes"},     {"KEYVALUE_FILESYSTEM_DURABLE", "2"},
        {"KEYVALUE_FILESYSTEM_DURABLE", "1 "},      {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS", "true"},
        {"KEYVALUE_FILESYSTEM_COUNTERS", "Text"},   {"KEYVALUE_FILESYSTEM_DURABLE", "value"},
        {"KEYVALUE_FILESYSTEM_NAMES", "1"},         {"KEYVALUE_FILESYSTEM_NAMES", "Portable"},
        {"KEYVALUE_FILESYSTEM_DURABLES", "1"},      {"KEYVALUE_FILESYSTEM_", "1"},
        {"KEYVALUE_FILESYSTEM_CREATE_BUCKET", "1"}, {"KEYVALUE_FILESYSTEM_root", "/data"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("%s=%s", table[i][0], table[i][1]);
        struct settings settings = {.root_size = 0};
        char room[512];
        struct message why = {room, sizeof room - 1, 0};
        CHECK_STATUS(STATUS_BAD_SETTING, apply(&settings, table[i][0], table[i][1], &why));
        CHECK(!settings.create_buckets && !settings.durable && settings.root_size == 0);
        CHECK(settings.names == NAMES_PLAIN);
        room[why.size] = '\0';
        CHECK(strstr(room, table[i][0]) != NULL && strstr(room, table[i][1]) != NULL);
    }
}

// A root of as many bytes as there is room for is taken, one more is refused.
static void test_root_length(void)
{
    char path[root_bytes_max + 2];
    memset(path, 'r', sizeof path);
    struct settings settings = {.root_size = 0};
    char room[512];
    struct message why = {room, sizeof room, 0};
    struct bytes name = BYTES("KEYVALUE_FILESYSTEM_ROOT");
    struct bytes value = {(const uint8_t *)path, root_bytes_max + 1};
    CHECK_STATUS(STATUS_BAD_SETTING, settings_apply(&settings, name, value, &why));
    CHECK(settings.root_size == 0 && why.size > 0);
    value.size = root_bytes_max;
    CHECK_STATUS(STATUS_OK, settings_apply(&settings, name, value, &why));
    CHECK_BYTES(value, ((struct bytes){settings.root, settings.root_size}));
}

const struct test settings_tests[] = {
    {"settings.taken", test_taken},
    {"settings.empty", test_empty},
    {"settings.refused", test_refused},
    {"settings.root_length", test_root_length},
    {NULL, NULL},
};
