// What every port does with names: make, remove, rename; and with bad ones.
#include "contract.h"

// A directory is made where the name is free, and only there.
static void test_make_directory(struct contract *c)
{
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("new")));
    EXPECT(c, contract_kind(c, at("new")) == PORT_DIRECTORY);
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("new/deeper")));
    EXPECT_STATUS(c, STATUS_EXISTS, port_make_directory(c->port, at("new")));
    EXPECT_STATUS(c, STATUS_EXISTS, port_make_directory(c->port, at("file")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_make_directory(c->port, at("none/new")));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_make_directory(c->port, at("file/new")));
    if (c->has & contract_links) {
        EXPECT_STATUS(c, STATUS_EXISTS, port_make_directory(c->port, at("dangling")));
        EXPECT(c, !contract_exists(c, at("nowhere")));
    }
}

// A directory is removed while it is empty, and nothing else by that call.
static void test_remove_directory(struct contract *c)
{
    EXPECT_ONE_OF(c, EITHER(STATUS_NOT_EMPTY, STATUS_EXISTS),
                  port_remove_directory(c->port, at("directory")));
    EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("inside")));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_remove_directory(c->port, at("file")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_remove_directory(c->port, at("none")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_remove_directory(c->port, at("none/none")));
    if (c->has & contract_links) {
        EXPECT_STATUS(c, STATUS_NOT_DIRECTORY,
                      port_remove_directory(c->port, at("directory-link")));
        EXPECT(c, contract_kind(c, at("directory-link")) == PORT_SYMLINK);
    }
    EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, at("directory/inside")));
    EXPECT_STATUS(c, STATUS_OK, port_remove_directory(c->port, at("directory")));
    EXPECT(c, !contract_exists(c, at("directory")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_remove_directory(c->port, at("directory")));
}

// A file, or a link itself, is removed, and no directory by that call.
static void test_remove_file(struct contract *c)
{
    EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, at("file")));
    EXPECT(c, !contract_exists(c, at("file")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_remove_file(c->port, at("file")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_remove_file(c->port, at("none/none")));
    EXPECT_ONE_OF(c, EITHER(STATUS_IS_DIRECTORY, STATUS_ACCESS),
                  port_remove_file(c->port, at("directory")));
    EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("inside")));
    if (c->has & contract_links) {
        EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, at("directory-link")));
        EXPECT(c, !contract_exists(c, at("directory-link")));
        EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("inside")));
    }
    if (c->has & contract_pipes) {
        EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, at("pipe")));
        EXPECT(c, !contract_exists(c, at("pipe")));
    }
}

// A file renamed has its new name and no longer its old one, over another file or not.
static void test_rename_file(struct contract *c)
{
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("file"), at("moved")));
    EXPECT(c, !contract_exists(c, at("file")));
    EXPECT(c, contract_holds(c, at("moved"), BYTES("12345")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("moved"), at("directory/inside")));
    EXPECT(c, !contract_exists(c, at("moved")));
    EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("12345")));
    EXPECT_STATUS(c, STATUS_OK,
                  port_rename(c->port, at("directory/inside"), at("directory/inside")));
    EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("12345")));
}

// A rename that cannot be done is refused, and changes nothing.
static void test_rename_refused(struct contract *c)
{
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("empty")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("none"), at("file")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("none"), at("new")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("none"), at("empty")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("file"), at("none/file")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("none/file"), at("new")));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_rename(c->port, at("file"), at("file/file")));
    EXPECT_ONE_OF(c, EITHER(STATUS_IS_DIRECTORY, STATUS_EXISTS),
                  port_rename(c->port, at("file"), at("empty")));
    EXPECT_ONE_OF(c, EITHER(STATUS_IS_DIRECTORY, STATUS_EXISTS) | 1ULL << STATUS_NOT_EMPTY,
                  port_rename(c->port, at("file"), at("directory")));
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_rename(c->port, at("directory"), at("file")));
    EXPECT_STATUS(c, STATUS_BAD_NAME, port_rename(c->port, at("directory"), at("directory/below")));
    EXPECT(c, contract_holds(c, at("file"), BYTES("12345")));
    EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("inside")));
    EXPECT(c, contract_kind(c, at("empty")) == PORT_DIRECTORY);
    EXPECT(c, !contract_exists(c, at("new")));
}

// A directory takes a free name, or the place of an empty directory, with all
// that is in it. What the turn rests on.
static void test_rename_directory(struct contract *c)
{
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("directory"), at("moved")));
    EXPECT(c, !contract_exists(c, at("directory")));
    EXPECT(c, contract_holds(c, at("moved/inside"), BYTES("inside")));
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("empty")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("moved"), at("empty")));
    EXPECT(c, !contract_exists(c, at("moved")));
    EXPECT(c, contract_holds(c, at("empty/inside"), BYTES("inside")));
    // An empty one over an empty one.
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("a")));
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("b")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("a"), at("b")));
    EXPECT(c, !contract_exists(c, at("a")) && contract_kind(c, at("b")) == PORT_DIRECTORY);
    // With a directory in it.
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("b/deeper")));
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("c")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("b"), at("c")));
    EXPECT(c, contract_kind(c, at("c/deeper")) == PORT_DIRECTORY);
}

// A directory never takes the place of one that holds something, be that a file
// or only an empty directory; both stay as they are.
static void test_rename_over_full(struct contract *c)
{
    const unsigned long long refusal = EITHER(STATUS_NOT_EMPTY, STATUS_EXISTS);
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("mine")));
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, at("mine/value"), BYTES("mine")));
    EXPECT_ONE_OF(c, refusal, port_rename(c->port, at("mine"), at("directory")));
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("idle")));
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("idle/series")));
    EXPECT_ONE_OF(c, refusal, port_rename(c->port, at("mine"), at("idle")));
    EXPECT(c, contract_kind(c, at("idle/series")) == PORT_DIRECTORY);
    EXPECT(c, contract_holds(c, at("mine/value"), BYTES("mine")));
    EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("inside")));
    EXPECT(c, !contract_exists(c, at("directory/value")));
    EXPECT_STATUS(c, STATUS_OK, port_remove_directory(c->port, at("idle/series")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("mine"), at("idle")));
    EXPECT(c, contract_holds(c, at("idle/value"), BYTES("mine")));
}

// A rename moves and replaces a link itself, not what it leads to.
static void test_rename_links(struct contract *c)
{
    if (!(c->has & contract_links)) {
        return;
    }
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, at("new"), BYTES("new")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("new"), at("link")));
    EXPECT(c, contract_holds(c, at("link"), BYTES("new")));
    EXPECT(c, contract_holds(c, at("file"), BYTES("12345")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("directory-link"), at("moved")));
    EXPECT(c, contract_kind(c, at("moved")) == PORT_SYMLINK);
    EXPECT(c, contract_kind(c, at("directory")) == PORT_DIRECTORY);
    EXPECT_STATUS(c, STATUS_NOT_DIRECTORY, port_rename(c->port, at("directory"), at("moved")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("file"), at("moved/file")));
    EXPECT(c, contract_holds(c, at("directory/file"), BYTES("12345")));
}

// A name of the greatest length is taken, and a longer one refused.
static void test_long_names(struct contract *c)
{
    if (c->name_bytes == 0) {
        return;
    }
    uint8_t name[300];
    memset(name, 'n', sizeof name);
    struct place longest = {port_root, {name, c->name_bytes}};
    struct place longer = {port_root, {name, c->name_bytes + 1}};
    struct port_stat stat;
    port_handle file;
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, longest, BYTES("1")));
    EXPECT(c, contract_holds(c, longest, BYTES("1")));
    EXPECT_ONE_OF(c, EITHER(STATUS_BAD_NAME, STATUS_NO_ENTRY), port_stat(c->port, longer, &stat));
    EXPECT_STATUS(c, STATUS_BAD_NAME, port_open(c->port, longer, PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_BAD_NAME, port_make_directory(c->port, longer));
    EXPECT_STATUS(c, STATUS_BAD_NAME, port_rename(c->port, at("file"), longer));
    EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, longest));
}

// Names are bytes of UTF-8 that the file system takes as they are.
static void test_names(struct contract *c)
{
    static const char *const names[] = {"a b", "user%3A1", "größe",           "100%", "-", "..x",
                                        ".kv", "~",        "\xF0\x9F\x92\xBE"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct bytes name = at(names[i]).path;
        EXPECT_STATUS(c, STATUS_OK, contract_write(c, at(names[i]), name));
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        EXPECT(c, contract_holds(c, at(names[i]), at(names[i]).path));
    }
}

const struct contract_test contract_name_tests[] = {
    {"make a directory", test_make_directory},
    {"remove a directory", test_remove_directory},
    {"remove a file", test_remove_file},
    {"rename a file", test_rename_file},
    {"rename, refused", test_rename_refused},
    {"rename a directory", test_rename_directory},
    {"rename over a full directory", test_rename_over_full},
    {"rename links", test_rename_links},
    {"long names", test_long_names},
    {"names", test_names},
    {NULL, NULL},
};
