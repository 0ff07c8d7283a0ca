// What every port does with files: stat, open, read, write, sync.
#include "contract.h"

static uint8_t bytes[contract_bytes_max];

// Bytes that differ from their neighbours and from the piece before.
static struct bytes pattern(size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(i * 7 + i / 251);
    }
    return (struct bytes){bytes, size};
}

// A stat tells the kind, and of a file its size, and follows no link in the last
// part of the path.
static void test_stat(struct contract *c)
{
    struct port_stat stat;
    EXPECT_STATUS(c, STATUS_OK, port_stat(c->port, at("file"), &stat));
    EXPECT(c, stat.kind == PORT_FILE && stat.size == 5);
    EXPECT_STATUS(c, STATUS_OK, port_stat(c->port, at("directory/inside"), &stat));
    EXPECT(c, stat.kind == PORT_FILE && stat.size == 6);
    EXPECT(c, contract_kind(c, at("directory")) == PORT_DIRECTORY);
    EXPECT(c, contract_kind(c, at(".")) == PORT_DIRECTORY);
    if (c->has & contract_pipes) {
        enum port_kind kind = contract_kind(c, at("pipe"));
        EXPECT(c, kind == PORT_PIPE || kind == PORT_SPECIAL); // not every host tells which
    }
    EXPECT(c, !(c->has & contract_sockets) || contract_kind(c, at("socket")) == PORT_SPECIAL);
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_stat(c->port, at("none"), &stat));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_stat(c->port, at("none/none"), &stat));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_stat(c->port, at("file/none"), &stat));
    if (c->has & contract_links) {
        EXPECT(c, contract_kind(c, at("link")) == PORT_SYMLINK);
        EXPECT(c, contract_kind(c, at("directory-link")) == PORT_SYMLINK);
        EXPECT(c, contract_kind(c, at("dangling")) == PORT_SYMLINK);
        EXPECT(c, contract_kind(c, at("loop")) == PORT_SYMLINK);
        EXPECT(c, contract_kind(c, at("directory-link/inside")) == PORT_FILE);
    }
}

// Where that is asked for, a stat follows links to what they lead to, and says
// so where they lead nowhere.
static void test_stat_followed(struct contract *c)
{
    struct port_stat stat;
    EXPECT_STATUS(c, STATUS_OK, port_stat_followed(c->port, at("file"), &stat));
    EXPECT(c, stat.kind == PORT_FILE && stat.size == 5);
    EXPECT_STATUS(c, STATUS_OK, port_stat_followed(c->port, at("."), &stat));
    EXPECT(c, stat.kind == PORT_DIRECTORY);
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_stat_followed(c->port, at("none"), &stat));
    if (c->has & contract_links) {
        EXPECT_STATUS(c, STATUS_OK, port_stat_followed(c->port, at("link"), &stat));
        EXPECT(c, stat.kind == PORT_FILE && stat.size == 5);
        EXPECT_STATUS(c, STATUS_OK, port_stat_followed(c->port, at("directory-link"), &stat));
        EXPECT(c, stat.kind == PORT_DIRECTORY);
        EXPECT_STATUS(c, STATUS_NO_ENTRY, port_stat_followed(c->port, at("dangling"), &stat));
        EXPECT_STATUS(c, STATUS_IS_SYMLINK, port_stat_followed(c->port, at("loop"), &stat));
    }
}

// Only what is there can be opened to read, and a link is not followed.
static void test_open_read(struct contract *c)
{
    port_handle file;
    EXPECT(c, contract_holds(c, at("file"), BYTES("12345")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_open(c->port, at("none"), PORT_READ, &file));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_open(c->port, at("none/none"), PORT_READ, &file));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_open(c->port, at("file/none"), PORT_READ, &file));
    if (c->has & contract_links) {
        EXPECT_STATUS(c, STATUS_IS_SYMLINK, port_open(c->port, at("link"), PORT_READ, &file));
        EXPECT_STATUS(c, STATUS_IS_SYMLINK, port_open(c->port, at("dangling"), PORT_READ, &file));
    }
}

// A directory gives no bytes: to open it fails, or to read it does.
static void test_read_directory(struct contract *c)
{
    port_handle file;
    enum status status = port_open(c->port, at("directory"), PORT_READ, &file);
    if (status == STATUS_OK) {
        size_t got = 0;
        status = port_read(c->port, file, bytes, 1, 0, &got);
        EXPECT_STATUS(c, STATUS_OK, port_close(c->port, file));
    }
    EXPECT(c, status != STATUS_OK && status != STATUS_NO_ENTRY && status != STATUS_END);
}

// What is created is new: where the name is taken, by whatever it be, that is
// said, and what is there stays as it is.
static void test_create(struct contract *c)
{
    port_handle file;
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, at("new"), BYTES("")));
    EXPECT(c, contract_holds(c, at("new"), BYTES("")));
    EXPECT_STATUS(c, STATUS_EXISTS, port_open(c->port, at("new"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_EXISTS, port_open(c->port, at("file"), PORT_CREATE, &file));
    EXPECT(c, contract_holds(c, at("file"), BYTES("12345")));
    EXPECT_STATUS(c, STATUS_EXISTS, port_open(c->port, at("directory"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_open(c->port, at("none/new"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_open(c->port, at("file/new"), PORT_CREATE, &file));
    if (c->has & contract_links) {
        EXPECT_STATUS(c, STATUS_EXISTS, port_open(c->port, at("link"), PORT_CREATE, &file));
        EXPECT_STATUS(c, STATUS_EXISTS, port_open(c->port, at("dangling"), PORT_CREATE, &file));
        EXPECT(c, !contract_exists(c, at("nowhere")));
    }
    if (c->has & contract_pipes) {
        EXPECT_STATUS(c, STATUS_EXISTS, port_open(c->port, at("pipe"), PORT_CREATE, &file));
    }
}

// A directory is opened by its name or by a link to it; anything else is refused. (A
// pipe is not tried: hosts wait for ever for its other end. The core stats first.)
static void test_open_list(struct contract *c)
{
    port_handle directory;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("directory"), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("."), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_open(c->port, at("none"), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_open(c->port, at("file"), PORT_LIST, &directory));
    if (c->has & contract_links) {
        EXPECT_STATUS(c, STATUS_NOT_DIRECTORY,
                      port_open(c->port, at("link"), PORT_LIST, &directory));
        EXPECT_STATUS(c, STATUS_NO_ENTRY,
                      port_open(c->port, at("dangling"), PORT_LIST, &directory));
        EXPECT_STATUS(c, STATUS_OK,
                      port_open(c->port, at("directory-link"), PORT_LIST, &directory));
        EXPECT(c, contract_holds(c, in(directory, "inside"), BYTES("inside")));
        EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
    }
}

// What was written is read: from any offset, in pieces as small as the host makes
// them, and nothing beyond the end.
static void test_read(struct contract *c)
{
    struct bytes content = pattern(c->file_bytes);
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, at("new"), content));
    EXPECT(c, contract_holds(c, at("new"), content));
    struct port_stat stat;
    EXPECT_STATUS(c, STATUS_OK, port_stat(c->port, at("new"), &stat));
    EXPECT(c, stat.size == content.size);

    static uint8_t piece[contract_bytes_max];
    port_handle file;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("new"), PORT_READ, &file));
    size_t got = 0;
    EXPECT_STATUS(c, STATUS_OK, port_read(c->port, file, piece, content.size, 0, &got));
    EXPECT(c, got > 0 && got <= content.size);
    EXPECT(c, memcmp(piece, content.data, got) == 0);
    for (size_t offset = content.size - 3; offset < content.size; offset++) {
        EXPECT_STATUS(c, STATUS_OK, port_read(c->port, file, piece, sizeof piece, offset, &got));
        EXPECT(c, got > 0 && got <= content.size - offset && piece[0] == content.data[offset]);
    }
    EXPECT_STATUS(c, STATUS_OK, port_read(c->port, file, piece, 1, content.size, &got));
    EXPECT(c, got == 0);
    EXPECT_STATUS(c, STATUS_OK, port_read(c->port, file, piece, 100, content.size + 1000, &got));
    EXPECT(c, got == 0);
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, file));
}

// Bytes are written where they are told to, over others and behind them.
static void test_write(struct contract *c)
{
    port_handle file;
    size_t written = 0;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("new"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_OK, port_write(c->port, file, "abcdef", 1, 0, &written));
    EXPECT(c, written == 1);
    EXPECT_STATUS(c, STATUS_OK, port_write(c->port, file, "b", 1, 1, &written));
    EXPECT_STATUS(c, STATUS_OK, port_write(c->port, file, "A", 1, 0, &written));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, file));
    EXPECT(c, contract_holds(c, at("new"), BYTES("Ab")));
}

// A file that is open is the file, whatever becomes of its name.
static void test_open_file_stays(struct contract *c)
{
    port_handle file;
    port_handle gone;
    uint8_t piece[8];
    size_t got = 0;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("file"), PORT_READ, &file));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("directory/inside"), PORT_READ, &gone));
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, at("other"), BYTES("other content")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("other"), at("file")));
    EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, at("directory/inside")));
    EXPECT_STATUS(c, STATUS_OK, port_read(c->port, file, piece, 5, 0, &got));
    EXPECT(c, got >= 1 && got <= 5 && memcmp(piece, "12345", got) == 0);
    EXPECT_STATUS(c, STATUS_OK, port_read(c->port, file, piece, 8, 5, &got));
    EXPECT(c, got == 0);
    EXPECT_STATUS(c, STATUS_OK, port_read(c->port, gone, piece, 6, 0, &got));
    EXPECT(c, got >= 1 && got <= 6 && memcmp(piece, "inside", got) == 0);
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, file));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, gone));
    EXPECT(c, contract_holds(c, at("file"), BYTES("other content")));
}

// A file that is being written can be given another name, and removed.
static void test_write_under_way(struct contract *c)
{
    port_handle file;
    size_t written = 0;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("new"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_OK, port_write(c->port, file, "1", 1, 0, &written));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("new"), at("directory/moved")));
    EXPECT_STATUS(c, STATUS_OK, port_write(c->port, file, "2", 1, 1, &written));
    EXPECT(c, contract_holds(c, at("directory/moved"), BYTES("12")));
    EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, at("directory/moved")));
    EXPECT_STATUS(c, STATUS_OK, port_write(c->port, file, "3", 1, 2, &written));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, file));
    EXPECT(c, !contract_exists(c, at("directory/moved")));
}

// A file that was written and a directory can be synced; nothing in them changes.
static void test_sync(struct contract *c)
{
    port_handle file;
    port_handle directory;
    size_t written = 0;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("directory"), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, in(directory, "new"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_OK, port_write(c->port, file, "1", 1, 0, &written));
    EXPECT_STATUS(c, STATUS_OK, port_sync(c->port, file));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, file));
    EXPECT_STATUS(c, STATUS_OK, port_sync(c->port, directory));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
    EXPECT(c, contract_holds(c, at("directory/new"), BYTES("1")));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("."), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_sync(c->port, directory));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
}

const struct contract_test contract_file_tests[] = {
    {"stat", test_stat},
    {"stat, followed", test_stat_followed},
    {"open to read", test_open_read},
    {"read a directory", test_read_directory},
    {"create", test_create},
    {"open to list", test_open_list},
    {"read", test_read},
    {"write", test_write},
    {"an open file stays", test_open_file_stays},
    {"write under way", test_write_under_way},
    {"sync", test_sync},
    {NULL, NULL},
};
