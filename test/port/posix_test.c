#include "posix/port.h"

#include "core/path.h"
#include "support/fixture.h"
#include "support/test.h"

#include <fcntl.h>
#include <stdio.h> // rename
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct place below(struct bytes path)
{
    return (struct place){port_root, path};
}

static void start(struct posix_port *posix)
{
    CHECK_STATUS(STATUS_OK, posix_port_init(posix, "."));
}

static void end(struct posix_port *posix)
{
    CHECK_NUMBER(0, posix->open_handles);
    posix_port_free(posix);
}

// One entry of each kind.
static void make_kinds(void)
{
    file_write("file", BYTES("12345"));
    directory_make("directory");
    CHECK(symlink("file", "link") == 0);
    CHECK(symlink("directory", "directory-link") == 0);
    CHECK(mkfifo("pipe", 0666) == 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
    int made = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(made >= 0 && bind(made, (struct sockaddr *)&address, sizeof address) == 0);
    CHECK(close(made) == 0);
}

static enum port_kind kind_of(struct port *port, const char *path)
{
    struct port_stat look = {.kind = PORT_UNKNOWN};
    CHECK_STATUS(STATUS_OK, port_stat(port, below(text(path)), &look));
    return look.kind;
}

// A look tells what is there and a file's size, and follows no link.
static void test_look(void)
{
    make_kinds();
    struct posix_port posix;
    start(&posix);
    struct port *port = &posix.port;
    CHECK_NUMBER(PORT_FILE, kind_of(port, "file"));
    CHECK_NUMBER(PORT_DIRECTORY, kind_of(port, "directory"));
    CHECK_NUMBER(PORT_DIRECTORY, kind_of(port, "."));
    CHECK_NUMBER(PORT_SYMLINK, kind_of(port, "link"));
    CHECK_NUMBER(PORT_SYMLINK, kind_of(port, "directory-link"));
    CHECK_NUMBER(PORT_PIPE, kind_of(port, "pipe"));
    CHECK_NUMBER(PORT_SPECIAL, kind_of(port, "socket"));
    struct port_stat look;
    CHECK_STATUS(STATUS_OK, port_stat(port, below(text("file")), &look));
    CHECK_NUMBER(5, look.size);
    CHECK_STATUS(STATUS_NO_ENTRY, port_stat(port, below(text("none")), &look));
    CHECK_STATUS(STATUS_NO_ENTRY, port_stat(port, below(text("none/none")), &look));
    CHECK_STATUS(STATUS_NOT_DIRECTORY, port_stat(port, below(text("file/none")), &look));
    end(&posix);
}

// What cannot be opened says why, and a pipe holds nobody up.
static void test_open(void)
{
    static const struct {
        const char *path;
        enum port_mode mode;
        enum status status;
    } table[] = {
        {"file", PORT_READ, STATUS_OK},
        {"file", PORT_CREATE, STATUS_EXISTS},
        {"created", PORT_CREATE, STATUS_OK},
        {"directory", PORT_LIST, STATUS_OK},
        {"directory-link", PORT_LIST, STATUS_OK},
        {".", PORT_LIST, STATUS_OK},
        {"pipe", PORT_READ, STATUS_OK},
        {"pipe", PORT_CREATE, STATUS_EXISTS},
        {"none", PORT_READ, STATUS_NO_ENTRY},
        {"none", PORT_LIST, STATUS_NO_ENTRY},
        {"none/created", PORT_CREATE, STATUS_NO_ENTRY},
        {"file/created", PORT_CREATE, STATUS_NOT_DIRECTORY},
        {"file", PORT_LIST, STATUS_NOT_DIRECTORY},
        {"directory", PORT_CREATE, STATUS_EXISTS},
        {"link", PORT_READ, STATUS_IS_SYMLINK},
        {"link", PORT_CREATE, STATUS_EXISTS},
        {"socket", PORT_READ, STATUS_IO},
    };
    make_kinds();
    struct posix_port posix;
    start(&posix);
    struct port *port = &posix.port;
    port_handle handle;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("row %zu, %s", i, table[i].path);
        CHECK_STATUS(table[i].status,
                     port_open(port, below(text(table[i].path)), table[i].mode, &handle));
        CHECK_NUMBER(table[i].status == STATUS_OK ? 1 : 0, posix.open_handles);
        if (table[i].status == STATUS_OK) {
            CHECK_STATUS(STATUS_OK, port_close(port, handle));
        }
    }
    end(&posix);
}

// A read gives at most 64 KiB from where it is told to, and nothing at the end.
static void test_read_write(void)
{
    struct posix_port posix;
    start(&posix);
    struct port *port = &posix.port;
    enum { size = port_read_bytes_max + 10 };
    uint8_t *bytes = calloc(2, size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    port_handle file;
    CHECK_STATUS(STATUS_OK, port_open(port, below(text("f")), PORT_CREATE, &file));
    for (size_t total = 0; total < size;) {
        size_t written = 0;
        CHECK_STATUS(STATUS_OK,
                     port_write(port, file, bytes + total, size - total, total, &written));
        CHECK(written > 0);
        total += written;
    }
    CHECK_STATUS(STATUS_OK, port_sync(port, file));
    CHECK_STATUS(STATUS_OK, port_close(port, file));
    file_check("f", (struct bytes){bytes, size});

    size_t got = 0;
    CHECK_STATUS(STATUS_OK, port_open(port, below(text("f")), PORT_READ, &file));
    CHECK_STATUS(STATUS_OK, port_read(port, file, bytes + size, size, 0, &got));
    CHECK_NUMBER(port_read_bytes_max, got);
    CHECK_STATUS(STATUS_OK, port_read(port, file, bytes + size + got, size, got, &got));
    CHECK_NUMBER(10, got);
    CHECK(memcmp(bytes, bytes + size, size) == 0);
    CHECK_STATUS(STATUS_OK, port_read(port, file, bytes, 1, size, &got));
    CHECK_NUMBER(0, got);
    CHECK_STATUS(STATUS_OK, port_close(port, file));

    CHECK_STATUS(STATUS_OK, port_open(port, below(text(".")), PORT_READ, &file));
    CHECK_STATUS(STATUS_IS_DIRECTORY, port_read(port, file, bytes, 1, 0, &got));
    CHECK_STATUS(STATUS_OK, port_close(port, file));
    free(bytes);
    end(&posix);
}

// Making, removing and renaming say what is in the way.
static void test_entries(void)
{
    make_kinds();
    struct posix_port posix;
    start(&posix);
    struct port *port = &posix.port;
    CHECK_STATUS(STATUS_EXISTS, port_make_directory(port, below(text("directory"))));
    CHECK_STATUS(STATUS_EXISTS, port_make_directory(port, below(text("file"))));
    CHECK_STATUS(STATUS_NO_ENTRY, port_make_directory(port, below(text("none/d"))));
    CHECK_STATUS(STATUS_OK, port_make_directory(port, below(text("directory/d"))));
    enum status status = port_remove_directory(port, below(text("directory")));
    CHECK(status == STATUS_NOT_EMPTY || status == STATUS_EXISTS);
    CHECK_STATUS(STATUS_NOT_DIRECTORY, port_remove_directory(port, below(text("file"))));
    CHECK_STATUS(STATUS_NOT_DIRECTORY, port_remove_directory(port, below(text("directory-link"))));
    CHECK_STATUS(STATUS_NO_ENTRY, port_remove_directory(port, below(text("none"))));
    CHECK_STATUS(STATUS_NO_ENTRY, port_remove_file(port, below(text("none"))));
    status = port_remove_file(port, below(text("directory")));
    CHECK(status == STATUS_IS_DIRECTORY || status == STATUS_ACCESS);

    CHECK_STATUS(STATUS_NO_ENTRY, port_rename(port, below(text("none")), below(text("file"))));
    CHECK_STATUS(STATUS_NO_ENTRY, port_rename(port, below(text("file")), below(text("none/file"))));
    CHECK_STATUS(STATUS_IS_DIRECTORY,
                 port_rename(port, below(text("file")), below(text("directory/d"))));
    file_write("other", BYTES("other"));
    CHECK_STATUS(STATUS_OK, port_rename(port, below(text("other")), below(text("file"))));
    file_check("file", BYTES("other"));
    CHECK(!file_exists("other"));
    CHECK_STATUS(STATUS_OK, port_remove_file(port, below(text("link"))));
    CHECK(file_exists("file"));
    CHECK_STATUS(STATUS_OK, port_remove_directory(port, below(text("directory/d"))));
    CHECK(!file_exists("directory/d"));
    end(&posix);
}

// Paths from an open directory lead into that directory, wherever it was moved to,
// and nowhere once it is removed.
static void test_directory(void)
{
    struct posix_port posix;
    start(&posix);
    struct port *port = &posix.port;
    directory_make("d");
    file_write("file", BYTES("moved"));
    port_handle directory;
    port_handle file;
    CHECK_STATUS(STATUS_OK, port_open(port, below(text("d")), PORT_LIST, &directory));
    CHECK(rename("d", "elsewhere") == 0);
    directory_make("d");
    CHECK_STATUS(STATUS_OK,
                 port_open(port, (struct place){directory, text("made")}, PORT_CREATE, &file));
    CHECK_STATUS(STATUS_OK, port_close(port, file));
    CHECK_STATUS(STATUS_OK,
                 port_rename(port, below(text("file")), (struct place){directory, text("target")}));
    file_check("elsewhere/target", BYTES("moved"));
    CHECK_NUMBER(0, directory_count("d"));
    struct port_stat look;
    CHECK_STATUS(STATUS_OK, port_stat(port, (struct place){directory, text("made")}, &look));
    CHECK_NUMBER(PORT_FILE, look.kind);
    CHECK(system("rm -r elsewhere") == 0);
    file_write("file", BYTES("stays"));
    CHECK_STATUS(STATUS_NO_ENTRY, port_stat(port, (struct place){directory, text("made")}, &look));
    CHECK_STATUS(STATUS_NO_ENTRY,
                 port_open(port, (struct place){directory, text("made")}, PORT_CREATE, &file));
    CHECK_STATUS(STATUS_NO_ENTRY,
                 port_rename(port, below(text("file")), (struct place){directory, text("target")}));
    file_check("file", BYTES("stays"));
    CHECK_STATUS(STATUS_OK, port_close(port, directory));
    end(&posix);
}

// A path with a NUL in it, or longer than any that the core makes, is a bad name.
static void test_bad_paths(void)
{
    struct posix_port posix;
    start(&posix);
    struct port *port = &posix.port;
    struct port_stat look;
    file_write("a", BYTES(""));
    CHECK_STATUS(STATUS_BAD_NAME, port_stat(port, below(BYTES("a\0b")), &look));
    uint8_t path[path_bytes_max + 1];
    memset(path, '/', sizeof path);
    path[0] = '.';
    CHECK_STATUS(STATUS_OK, port_stat(port, below((struct bytes){path, path_bytes_max}), &look));
    CHECK_STATUS(STATUS_BAD_NAME,
                 port_stat(port, below((struct bytes){path, path_bytes_max + 1}), &look));
    memset(path, 'a', sizeof path);
    CHECK_STATUS(STATUS_BAD_NAME, port_stat(port, below((struct bytes){path, 256}), &look));
    CHECK_STATUS(STATUS_BAD_NAME, port_make_directory(port, below((struct bytes){path, 256})));
    CHECK_STATUS(STATUS_BAD_NAME,
                 port_rename(port, below(text("a")), below((struct bytes){path, 256})));
    end(&posix);
}

// The listing gives each entry once, with a kind that a look confirms, without
// "." and "..", and two listings of one directory do not disturb each other.
static void test_list(void)
{
    make_kinds();
    struct posix_port posix;
    start(&posix);
    struct port *port = &posix.port;
    port_handle directory;
    port_handle listings[2];
    CHECK_STATUS(STATUS_OK, port_open(port, below(text(".")), PORT_LIST, &directory));
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(STATUS_OK, port_list(port, directory, &listings[i]));
    }
    CHECK_NUMBER(3, posix.open_handles);
    for (int count = 0; count < 6; count++) {
        for (int i = 0; i < 2; i++) {
            struct port_entry entry;
            struct port_stat look;
            CHECK_STATUS(STATUS_OK, port_list_next(port, listings[i], &entry));
            CHECK(!bytes_equal(entry.name, BYTES(".")) && !bytes_equal(entry.name, BYTES("..")));
            CHECK_STATUS(STATUS_OK, port_stat(port, below(entry.name), &look));
            CHECK(entry.kind == look.kind || entry.kind == PORT_UNKNOWN);
        }
    }
    for (int i = 0; i < 2; i++) {
        struct port_entry entry;
        CHECK_STATUS(STATUS_END, port_list_next(port, listings[i], &entry));
        port_list_close(port, listings[i]);
    }
    CHECK_STATUS(STATUS_OK, port_close(port, directory));
    end(&posix);
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t left;
    uint64_t right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return (left > right) - (left < right);
}

// No two random numbers of two instances are the same.
static void test_random_numbers(void)
{
    enum { count = 20000 };
    uint64_t *numbers = calloc(count, sizeof *numbers);
    for (size_t half = 0; half < 2; half++) {
        struct posix_port posix;
        start(&posix);
        for (size_t i = 0; i < count / 2; i++) {
            numbers[half * (count / 2) + i] = port_random(&posix.port);
        }
        end(&posix);
    }
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    for (size_t i = 1; i < count; i++) {
        CHECK(numbers[i - 1] != numbers[i]);
    }
    free(numbers);
}

// Without its directory there is no port.
static void test_no_directory(void)
{
    struct posix_port posix;
    CHECK_STATUS(STATUS_NO_ENTRY, posix_port_init(&posix, "none"));
    file_write("file", BYTES(""));
    CHECK_STATUS(STATUS_NOT_DIRECTORY, posix_port_init(&posix, "file"));
}

const struct test posix_tests[] = {
    {"posix.look", test_look},
    {"posix.open", test_open},
    {"posix.read_write", test_read_write},
    {"posix.entries", test_entries},
    {"posix.directory", test_directory},
    {"posix.bad_paths", test_bad_paths},
    {"posix.list", test_list},
    {"posix.random", test_random_numbers},
    {"posix.no_directory", test_no_directory},
    {NULL, NULL},
};
