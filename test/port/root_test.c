#include "wasi/root.h"

#include "core/buffer.h"
#include "support/fixture.h"
#include "support/test.h"

enum { preopens_max = 4 };

// The guest paths of what is preopened, the setting, and what comes of it: which
// one is chosen and what is left, or -1 and why not.
static const struct {
    const char *preopens[preopens_max];
    const char *root;
    int chosen;
    const char *below;
    enum status status;
} table[] = {
    // The directory itself, however its end is written.
    {{"/data"}, "", 0, "", STATUS_OK},
    {{"/data"}, "/data", 0, "", STATUS_OK},
    {{"/data"}, "/data/", 0, "", STATUS_OK},
    {{"/data/"}, "/data", 0, "", STATUS_OK},
    {{"/data//"}, "/data///", 0, "", STATUS_OK},
    {{"/"}, "/", 0, "", STATUS_OK},
    {{"."}, ".", 0, "", STATUS_OK},
    {{""}, "./", 0, "", STATUS_OK},
    {{"./data"}, "data", 0, "", STATUS_OK},
    {{"data"}, "./data", 0, "", STATUS_OK},
    {{".."}, "..", 0, "", STATUS_OK},
    // Below it.
    {{"/data"}, "/data/below", 0, "below", STATUS_OK},
    {{"/data/"}, "/data/below/deeper/", 0, "below/deeper", STATUS_OK},
    {{"/"}, "/below/deeper", 0, "below/deeper", STATUS_OK},
    {{"."}, "below", 0, "below", STATUS_OK},
    {{""}, "././below", 0, "below", STATUS_OK},
    {{"."}, ".//below", 0, "below", STATUS_OK},
    {{"/data"}, "/data/...", 0, "...", STATUS_OK},
    {{"/data"}, "/data/..hidden/.x", 0, "..hidden/.x", STATUS_OK},
    // A name that begins with the directory's is another directory.
    {{"/tenant1"}, "/tenant10", -1, NULL, STATUS_NO_ROOT},
    {{"/tenant10", "/tenant1"}, "/tenant10", 0, "", STATUS_OK},
    {{"/tenant1", "/tenant10"}, "/tenant10", 1, "", STATUS_OK},
    {{"/tenant1", "/tenant10"}, "/tenant1", 0, "", STATUS_OK},
    {{"/tenant1", "/tenant10"}, "/tenant10/b", 1, "b", STATUS_OK},
    {{"/tenant1"}, "/tenant10/b", -1, NULL, STATUS_NO_ROOT},
    {{"/data"}, "/data2", -1, NULL, STATUS_NO_ROOT},
    {{"/data"}, "/data\r", -1, NULL, STATUS_NO_ROOT},
    {{"/data"}, "/data ", -1, NULL, STATUS_NO_ROOT},
    {{"/data"}, "/data.", -1, NULL, STATUS_NO_ROOT},
    {{"data"}, "data2", -1, NULL, STATUS_NO_ROOT},
    {{".."}, "...", -1, NULL, STATUS_NO_ROOT},
    {{".."}, "..x", -1, NULL, STATUS_NO_ROOT},
    {{"/data/"}, "/dat", -1, NULL, STATUS_NO_ROOT},
    {{"/größe"}, "/größe2", -1, NULL, STATUS_NO_ROOT},
    // Relative and absolute paths have nothing to do with each other.
    {{"."}, "/data", -1, NULL, STATUS_NO_ROOT},
    {{""}, "/", -1, NULL, STATUS_NO_ROOT},
    {{"/"}, "data", -1, NULL, STATUS_NO_ROOT},
    {{"/"}, ".", -1, NULL, STATUS_NO_ROOT},
    {{"/data"}, "data", -1, NULL, STATUS_NO_ROOT},
    {{"/data", "."}, ".//data", 1, "data", STATUS_OK},
    // Of several, the deepest, and of equals the last.
    {{"/one", "/two"}, "", 1, "", STATUS_OK},
    {{"/one", "/one"}, "/one/below", 1, "below", STATUS_OK},
    {{"/data", "/data/below"}, "/data/below/deeper", 1, "deeper", STATUS_OK},
    {{"/data/below", "/data"}, "/data/below/deeper", 0, "deeper", STATUS_OK},
    {{"/data/below", "/data"}, "/data/below2", 1, "below2", STATUS_OK},
    {{"/", "/data"}, "/data2", 0, "data2", STATUS_OK},
    {{".", ".."}, "..", 1, "", STATUS_OK},
    // Nothing is there to choose.
    {{NULL}, "", -1, NULL, STATUS_NO_ROOT},
    {{NULL}, "/data", -1, NULL, STATUS_NO_ROOT},
    // A way out of the directory, or a path with more than one meaning.
    {{"/data"}, "/data/..", -1, NULL, STATUS_BAD_SETTING},
    {{"/data"}, "/data/../secret", -1, NULL, STATUS_BAD_SETTING},
    {{"/data"}, "/data/below/../..", -1, NULL, STATUS_BAD_SETTING},
    {{"."}, "..", -1, NULL, STATUS_BAD_SETTING},
    {{"."}, "../data", -1, NULL, STATUS_BAD_SETTING},
    {{"/"}, "/..", -1, NULL, STATUS_BAD_SETTING},
    {{"/data"}, "/data/./below", -1, NULL, STATUS_BAD_SETTING},
    {{"/data"}, "/data/.", -1, NULL, STATUS_BAD_SETTING},
    {{"/data"}, "/data//below", -1, NULL, STATUS_BAD_SETTING},
    {{"/data"}, "/data/below//deeper", -1, NULL, STATUS_BAD_SETTING},
    {{"/"}, "//data", -1, NULL, STATUS_BAD_SETTING},
};

// The directory whose path the setting's begins with, part by part, is chosen, the
// rest of the path is what lies below it, and nothing else is taken for it.
static void test_choose(void)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("row %zu, %s", i, table[i].root);
        struct preopen preopens[preopens_max] = {{.descriptor = 0}};
        size_t count = 0;
        while (count < preopens_max && table[i].preopens[count] != NULL) {
            preopens[count].path = text(table[i].preopens[count]);
            count++;
        }
        size_t chosen = 99;
        struct bytes below = BYTES("unset");
        CHECK_STATUS(table[i].status,
                     root_choose(preopens, count, text(table[i].root), &chosen, &below));
        if (table[i].status != STATUS_OK) {
            CHECK(chosen == 99 && bytes_equal(below, BYTES("unset")));
            continue;
        }
        CHECK_NUMBER(table[i].chosen, chosen);
        CHECK(bytes_equal(text(table[i].below), below));
    }
}

// A NUL in the path ends nothing: it is refused.
static void test_nul(void)
{
    struct preopen preopen = {0, BYTES("/data")};
    size_t chosen;
    struct bytes below;
    CHECK_STATUS(STATUS_BAD_SETTING,
                 root_choose(&preopen, 1, BYTES("/data/a\0b"), &chosen, &below));
    CHECK_STATUS(STATUS_NO_ROOT, root_choose(&preopen, 1, BYTES("/data\0"), &chosen, &below));
}

// Nothing is read beyond the ends of a path.
static void test_ends(void)
{
    static const char *const paths[] = {"/", "/data", ".", "./", ".//", "..", "", "/data/", "data"};
    enum { count = sizeof paths / sizeof paths[0] };
    for (size_t i = 0; i < count * count; i++) {
        struct bytes preopen_path = text(paths[i / count]);
        struct bytes root = text(paths[i % count]);
        // Each in a block of its own size, whose end the sanitizer watches.
        struct buffer asked;
        struct buffer guest;
        CHECK_STATUS(STATUS_OK, buffer_copy(root, &asked));
        CHECK_STATUS(STATUS_OK, buffer_copy(preopen_path, &guest));
        struct preopen preopen = {0, buffer_bytes(&guest)};
        size_t chosen;
        struct bytes below;
        enum status status = root_choose(&preopen, 1, buffer_bytes(&asked), &chosen, &below);
        CHECK(status == STATUS_NO_ROOT || status == STATUS_OK || status == STATUS_BAD_SETTING);
        buffer_free(&asked);
        buffer_free(&guest);
    }
}

const struct test root_tests[] = {
    {"root.choose", test_choose},
    {"root.nul", test_nul},
    {"root.ends", test_ends},
    {NULL, NULL},
};
