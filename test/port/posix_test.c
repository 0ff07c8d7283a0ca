#include "posix/port.h"

#include "core/path.h"
#include "support/test.h"
#include "support/world.h"

#include <fcntl.h>
#include <stdio.h> // rename
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void start(struct fs_posix *posix)
{
    CHECK_STATUS(STATUS_OK, fs_posix_init(posix, "."));
}

static void end(struct fs_posix *posix)
{
    CHECK_NUMBER(0, posix->open_handles);
    fs_posix_free(posix);
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

static enum fs_kind kind_of(struct fs *fs, const char *path)
{
    struct fs_look look = {FS_UNKNOWN, 0};
    CHECK_STATUS(STATUS_OK, fs->look(fs, fs_root, text(path), &look));
    return look.kind;
}

// A look tells what is there and a file's size, and follows no link.
static void test_look(void)
{
    make_kinds();
    struct fs_posix posix;
    start(&posix);
    struct fs *fs = &posix.fs;
    CHECK_NUMBER(FS_FILE, kind_of(fs, "file"));
    CHECK_NUMBER(FS_DIRECTORY, kind_of(fs, "directory"));
    CHECK_NUMBER(FS_DIRECTORY, kind_of(fs, "."));
    CHECK_NUMBER(FS_SYMLINK, kind_of(fs, "link"));
    CHECK_NUMBER(FS_SYMLINK, kind_of(fs, "directory-link"));
    CHECK_NUMBER(FS_PIPE, kind_of(fs, "pipe"));
    CHECK_NUMBER(FS_SPECIAL, kind_of(fs, "socket"));
    struct fs_look look;
    CHECK_STATUS(STATUS_OK, fs->look(fs, fs_root, text("file"), &look));
    CHECK_NUMBER(5, look.size);
    CHECK_STATUS(STATUS_NO_ENTRY, fs->look(fs, fs_root, text("none"), &look));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->look(fs, fs_root, text("none/none"), &look));
    CHECK_STATUS(STATUS_NOT_DIRECTORY, fs->look(fs, fs_root, text("file/none"), &look));
    end(&posix);
}

// What cannot be opened says why, and a pipe holds nobody up.
static void test_open(void)
{
    static const struct {
        const char *path;
        enum fs_mode mode;
        enum status status;
    } table[] = {
        {"file", FS_READ, STATUS_OK},
        {"file", FS_CREATE, STATUS_OK},
        {"created", FS_CREATE, STATUS_OK},
        {"directory", FS_LIST, STATUS_OK},
        {".", FS_LIST, STATUS_OK},
        {"pipe", FS_READ, STATUS_OK},
        {"pipe", FS_CREATE, STATUS_IO},
        {"none", FS_READ, STATUS_NO_ENTRY},
        {"none", FS_LIST, STATUS_NO_ENTRY},
        {"none/created", FS_CREATE, STATUS_NO_ENTRY},
        {"file/created", FS_CREATE, STATUS_NOT_DIRECTORY},
        {"file", FS_LIST, STATUS_NOT_DIRECTORY},
        {"directory", FS_CREATE, STATUS_IS_DIRECTORY},
        {"link", FS_READ, STATUS_IS_SYMLINK},
        {"link", FS_CREATE, STATUS_IS_SYMLINK},
        {"socket", FS_READ, STATUS_IO},
    };
    make_kinds();
    struct fs_posix posix;
    start(&posix);
    struct fs *fs = &posix.fs;
    fs_handle handle;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("row %zu, %s", i, table[i].path);
        CHECK_STATUS(table[i].status,
                     fs->open(fs, fs_root, text(table[i].path), table[i].mode, &handle));
        CHECK_NUMBER(table[i].status == STATUS_OK ? 1 : 0, posix.open_handles);
        if (table[i].status == STATUS_OK) {
            CHECK_STATUS(STATUS_OK, fs->close(fs, handle));
        }
    }
    enum status status = fs->open(fs, fs_root, text("directory-link"), FS_LIST, &handle);
    CHECK(status == STATUS_NOT_DIRECTORY || status == STATUS_IS_SYMLINK);
    end(&posix);
}

// A read gives at most 64 KiB from where it is told to, and nothing at the end.
static void test_read_write(void)
{
    struct fs_posix posix;
    start(&posix);
    struct fs *fs = &posix.fs;
    enum { size = fs_read_bytes_max + 10 };
    uint8_t *bytes = calloc(2, size);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 256);
    }
    fs_handle file;
    CHECK_STATUS(STATUS_OK, fs->open(fs, fs_root, text("f"), FS_CREATE, &file));
    for (size_t total = 0; total < size;) {
        size_t written = 0;
        CHECK_STATUS(STATUS_OK, fs->write(fs, file, bytes + total, size - total, total, &written));
        CHECK(written > 0);
        total += written;
    }
    CHECK_STATUS(STATUS_OK, fs->sync(fs, file));
    CHECK_STATUS(STATUS_OK, fs->close(fs, file));
    file_check("f", (struct bytes){bytes, size});

    size_t got = 0;
    CHECK_STATUS(STATUS_OK, fs->open(fs, fs_root, text("f"), FS_READ, &file));
    CHECK_STATUS(STATUS_OK, fs->read(fs, file, bytes + size, size, 0, &got));
    CHECK_NUMBER(fs_read_bytes_max, got);
    CHECK_STATUS(STATUS_OK, fs->read(fs, file, bytes + size + got, size, got, &got));
    CHECK_NUMBER(10, got);
    CHECK(memcmp(bytes, bytes + size, size) == 0);
    CHECK_STATUS(STATUS_OK, fs->read(fs, file, bytes, 1, size, &got));
    CHECK_NUMBER(0, got);
    CHECK_STATUS(STATUS_OK, fs->close(fs, file));

    CHECK_STATUS(STATUS_OK, fs->open(fs, fs_root, text("f"), FS_CREATE, &file));
    CHECK_STATUS(STATUS_OK, fs->close(fs, file));
    file_check("f", BYTES(""));
    CHECK_STATUS(STATUS_OK, fs->open(fs, fs_root, text("."), FS_READ, &file));
    CHECK_STATUS(STATUS_IS_DIRECTORY, fs->read(fs, file, bytes, 1, 0, &got));
    CHECK_STATUS(STATUS_OK, fs->close(fs, file));
    free(bytes);
    end(&posix);
}

// Making, removing and renaming say what is in the way.
static void test_entries(void)
{
    make_kinds();
    struct fs_posix posix;
    start(&posix);
    struct fs *fs = &posix.fs;
    CHECK_STATUS(STATUS_EXISTS, fs->make_directory(fs, text("directory")));
    CHECK_STATUS(STATUS_EXISTS, fs->make_directory(fs, text("file")));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->make_directory(fs, text("none/d")));
    CHECK_STATUS(STATUS_OK, fs->make_directory(fs, text("directory/d")));
    enum status status = fs->remove_directory(fs, text("directory"));
    CHECK(status == STATUS_NOT_EMPTY || status == STATUS_EXISTS);
    CHECK_STATUS(STATUS_NOT_DIRECTORY, fs->remove_directory(fs, text("file")));
    CHECK_STATUS(STATUS_NOT_DIRECTORY, fs->remove_directory(fs, text("directory-link")));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->remove_directory(fs, text("none")));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->remove_file(fs, text("none")));
    status = fs->remove_file(fs, text("directory"));
    CHECK(status == STATUS_IS_DIRECTORY || status == STATUS_ACCESS);

    CHECK_STATUS(STATUS_NO_ENTRY, fs->rename(fs, text("none"), fs_root, text("file")));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->rename(fs, text("file"), fs_root, text("none/file")));
    CHECK_STATUS(STATUS_IS_DIRECTORY, fs->rename(fs, text("file"), fs_root, text("directory/d")));
    file_write("other", BYTES("other"));
    CHECK_STATUS(STATUS_OK, fs->rename(fs, text("other"), fs_root, text("file")));
    file_check("file", BYTES("other"));
    CHECK(!file_exists("other"));
    CHECK_STATUS(STATUS_OK, fs->remove_file(fs, text("link")));
    CHECK(file_exists("file"));
    CHECK_STATUS(STATUS_OK, fs->remove_directory(fs, text("directory/d")));
    CHECK(!file_exists("directory/d"));
    end(&posix);
}

// Paths from an open directory lead into that directory, wherever it was moved to,
// and nowhere once it is removed.
static void test_directory(void)
{
    struct fs_posix posix;
    start(&posix);
    struct fs *fs = &posix.fs;
    directory_make("d");
    file_write("file", BYTES("moved"));
    fs_handle directory;
    fs_handle file;
    CHECK_STATUS(STATUS_OK, fs->open(fs, fs_root, text("d"), FS_LIST, &directory));
    CHECK(rename("d", "elsewhere") == 0);
    directory_make("d");
    CHECK_STATUS(STATUS_OK, fs->open(fs, directory, text("made"), FS_CREATE, &file));
    CHECK_STATUS(STATUS_OK, fs->close(fs, file));
    CHECK_STATUS(STATUS_OK, fs->rename(fs, text("file"), directory, text("target")));
    file_check("elsewhere/target", BYTES("moved"));
    CHECK_NUMBER(0, directory_count("d"));
    struct fs_look look;
    CHECK_STATUS(STATUS_OK, fs->look(fs, directory, text("made"), &look));
    CHECK_NUMBER(FS_FILE, look.kind);
    CHECK(system("rm -r elsewhere") == 0);
    file_write("file", BYTES("stays"));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->look(fs, directory, text("made"), &look));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->open(fs, directory, text("made"), FS_CREATE, &file));
    CHECK_STATUS(STATUS_NO_ENTRY, fs->rename(fs, text("file"), directory, text("target")));
    file_check("file", BYTES("stays"));
    CHECK_STATUS(STATUS_OK, fs->close(fs, directory));
    end(&posix);
}

// A path with a NUL in it, or longer than any that the core makes, is a bad name.
static void test_bad_paths(void)
{
    struct fs_posix posix;
    start(&posix);
    struct fs *fs = &posix.fs;
    struct fs_look look;
    file_write("a", BYTES(""));
    CHECK_STATUS(STATUS_BAD_NAME, fs->look(fs, fs_root, BYTES("a\0b"), &look));
    uint8_t path[path_bytes_max + 1];
    memset(path, '/', sizeof path);
    path[0] = '.';
    CHECK_STATUS(STATUS_OK, fs->look(fs, fs_root, (struct bytes){path, path_bytes_max}, &look));
    CHECK_STATUS(STATUS_BAD_NAME,
                 fs->look(fs, fs_root, (struct bytes){path, path_bytes_max + 1}, &look));
    memset(path, 'a', sizeof path);
    CHECK_STATUS(STATUS_BAD_NAME, fs->look(fs, fs_root, (struct bytes){path, 256}, &look));
    CHECK_STATUS(STATUS_BAD_NAME, fs->make_directory(fs, (struct bytes){path, 256}));
    CHECK_STATUS(STATUS_BAD_NAME, fs->rename(fs, text("a"), fs_root, (struct bytes){path, 256}));
    end(&posix);
}

// The listing gives each entry once, with a kind that a look confirms, without
// "." and "..", and two listings of one directory do not disturb each other.
static void test_list(void)
{
    make_kinds();
    struct fs_posix posix;
    start(&posix);
    struct fs *fs = &posix.fs;
    fs_handle directory;
    fs_handle listings[2];
    CHECK_STATUS(STATUS_OK, fs->open(fs, fs_root, text("."), FS_LIST, &directory));
    for (int i = 0; i < 2; i++) {
        CHECK_STATUS(STATUS_OK, fs->list(fs, directory, &listings[i]));
    }
    CHECK_NUMBER(3, posix.open_handles);
    for (int count = 0; count < 6; count++) {
        for (int i = 0; i < 2; i++) {
            struct fs_entry entry;
            struct fs_look look;
            CHECK_STATUS(STATUS_OK, fs->list_next(fs, listings[i], &entry));
            CHECK(!bytes_equal(entry.name, BYTES(".")) && !bytes_equal(entry.name, BYTES("..")));
            CHECK_STATUS(STATUS_OK, fs->look(fs, fs_root, entry.name, &look));
            CHECK(entry.kind == look.kind || entry.kind == FS_UNKNOWN);
        }
    }
    for (int i = 0; i < 2; i++) {
        struct fs_entry entry;
        CHECK_STATUS(STATUS_END, fs->list_next(fs, listings[i], &entry));
        fs->list_close(fs, listings[i]);
    }
    CHECK_STATUS(STATUS_OK, fs->close(fs, directory));
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
        struct fs_posix posix;
        start(&posix);
        for (size_t i = 0; i < count / 2; i++) {
            numbers[half * (count / 2) + i] = posix.fs.random(&posix.fs);
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
    struct fs_posix posix;
    CHECK_STATUS(STATUS_NO_ENTRY, fs_posix_init(&posix, "none"));
    file_write("file", BYTES(""));
    CHECK_STATUS(STATUS_NOT_DIRECTORY, fs_posix_init(&posix, "file"));
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
