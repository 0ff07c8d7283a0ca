// What every port does with open directories, with listings, and with time.
#include "contract.h"

// Every call takes a place below an open directory.
static void test_places(struct contract *c)
{
    port_handle here;
    port_handle there;
    port_handle file;
    struct port_stat stat;
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("other")));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("directory"), PORT_LIST, &here));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("other"), PORT_LIST, &there));
    EXPECT(c, contract_holds(c, in(here, "inside"), BYTES("inside")));
    EXPECT_STATUS(c, STATUS_OK, port_stat(c->port, in(here, "."), &stat));
    EXPECT(c, stat.kind == PORT_DIRECTORY);
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, in(here, "new"), BYTES("new")));
    EXPECT(c, contract_holds(c, at("directory/new"), BYTES("new")));
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, in(here, "deeper")));
    EXPECT(c, contract_kind(c, at("directory/deeper")) == PORT_DIRECTORY);
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, in(here, "new"), in(there, "new")));
    EXPECT(c, contract_holds(c, at("other/new"), BYTES("new")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("file"), in(here, "deeper/file")));
    EXPECT(c, contract_holds(c, at("directory/deeper/file"), BYTES("12345")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, in(here, "deeper/file"), at("file")));
    EXPECT_STATUS(c, STATUS_OK, port_remove_directory(c->port, in(here, "deeper")));
    EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, in(there, "new")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_open(c->port, in(there, "new"), PORT_READ, &file));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, here));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, there));
}

// An open directory is the directory, wherever it was moved to and whatever has its
// name now. (Not in jco, nor on file systems that know files by their paths: so
// the core keeps nothing open of what goes through `.kv/`.)
static void test_moved(struct contract *c)
{
    if (!(c->has & contract_inodes)) {
        return;
    }
    port_handle directory;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("directory"), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("directory"), at("moved")));
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("directory")));
    EXPECT(c, contract_holds(c, in(directory, "inside"), BYTES("inside")));
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, in(directory, "new"), BYTES("new")));
    EXPECT(c, contract_holds(c, at("moved/new"), BYTES("new")));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("file"), in(directory, "file")));
    EXPECT(c, contract_holds(c, at("moved/file"), BYTES("12345")));
    EXPECT(c, !contract_exists(c, at("directory/new")));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
}

// Nothing can be made in a removed directory, moved into it or found in it.
static void test_removed(struct contract *c)
{
    port_handle gone;
    port_handle file;
    struct port_stat stat;
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("gone")));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("gone"), PORT_LIST, &gone));
    EXPECT_STATUS(c, STATUS_OK, port_remove_directory(c->port, at("gone")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_open(c->port, in(gone, "new"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_make_directory(c->port, in(gone, "new")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("file"), in(gone, "file")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("directory"), in(gone, "d")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, in(gone, "file"), at("new")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_stat(c->port, in(gone, "new"), &stat));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_remove_file(c->port, in(gone, "new")));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, gone));
    EXPECT(c, contract_holds(c, at("file"), BYTES("12345")));
    EXPECT(c, contract_holds(c, at("directory/inside"), BYTES("inside")));
}

// The empty directory that another takes the place of is removed, not moved: who
// has it open makes nothing in it, and what comes there by path is the new one's.
static void test_replaced(struct contract *c)
{
    if (!(c->has & contract_inodes)) {
        return;
    }
    port_handle replaced;
    port_handle moved;
    port_handle file;
    EXPECT_STATUS(c, STATUS_OK, port_make_directory(c->port, at("turn")));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("turn"), PORT_LIST, &replaced));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("directory"), PORT_LIST, &moved));
    EXPECT_STATUS(c, STATUS_OK, port_rename(c->port, at("directory"), at("turn")));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_open(c->port, in(replaced, "x"), PORT_CREATE, &file));
    EXPECT_STATUS(c, STATUS_NO_ENTRY, port_rename(c->port, at("file"), in(replaced, "file")));
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, at("turn/x"), BYTES("x")));
    EXPECT(c, contract_holds(c, in(moved, "x"), BYTES("x")));
    EXPECT(c, contract_holds(c, in(moved, "inside"), BYTES("inside")));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, replaced));
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, moved));
    EXPECT(c, contract_holds(c, at("file"), BYTES("12345")));
}

// ---- Listings ----

// Entry number i of the directory `many`.
static struct place numbered(uint8_t *name, size_t room, unsigned number, char letter)
{
    struct message message = {(char *)name, room, 0};
    message_text(&message, "many/");
    message_bytes(&message, (struct bytes){(const uint8_t *)&letter, 1});
    message_number(&message, number);
    return (struct place){port_root, {name, message.size}};
}

// A number that `numbered` put into a name; false for another name.
static bool number_of(struct bytes name, char letter, unsigned *number)
{
    if (name.size < 2 || name.data[0] != (uint8_t)letter) {
        return false;
    }
    *number = 0;
    for (size_t i = 1; i < name.size; i++) {
        *number = *number * 10 + (name.data[i] - '0');
    }
    return true;
}

static bool seen[contract_entries_max];

static enum status make_many(struct contract *c)
{
    uint8_t name[32];
    enum status status = port_make_directory(c->port, at("many"));
    for (unsigned i = 0; i < c->entries && status == STATUS_OK; i++) {
        seen[i] = false;
        status = contract_write(c, numbered(name, sizeof name, i, 'k'), BYTES(""));
    }
    return status;
}

// While `many` is listed, and after the entry of that number was given, a file is
// made, one removed that was made so, and one changed that is not listed.
static enum status meddle(struct contract *c, unsigned number)
{
    uint8_t name[32];
    enum status status = contract_write(c, numbered(name, sizeof name, number, 'n'), BYTES(""));
    if (status == STATUS_OK && number % 2 == 0) {
        status = port_remove_file(c->port, numbered(name, sizeof name, number, 'n'));
    }
    return status;
}

// The listing gives an entry that is there all the time exactly once, whatever is
// made and removed beside it.
static void test_list_many(struct contract *c)
{
    EXPECT_STATUS(c, STATUS_OK, make_many(c));
    port_handle directory;
    port_handle listing;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("many"), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_list(c->port, directory, &listing));
    struct port_entry entry;
    enum status status;
    unsigned count = 0;
    while ((status = port_list_next(c->port, listing, &entry)) != STATUS_END) {
        if (status == STATUS_NO_ENTRY) {
            continue; // one that was removed
        }
        EXPECT_STATUS(c, STATUS_OK, status);
        unsigned number;
        if (number_of(entry.name, 'k', &number)) {
            EXPECT(c, number < c->entries && !seen[number]);
            seen[number] = true;
            EXPECT_STATUS(c, STATUS_OK, meddle(c, count++));
        }
    }
    EXPECT(c, count == c->entries);
    port_list_close(c->port, listing);
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
}

// A listing gives kinds as a stat does, or PORT_UNKNOWN, and neither "." nor "..";
// two listings of one open directory do not disturb each other.
static void test_list_kinds(struct contract *c)
{
    port_handle directory;
    port_handle listings[2];
    unsigned expected = 3; // file, directory, odd
    expected += c->has & contract_links ? 4 : 0;
    expected += c->has & contract_pipes ? 1 : 0;
    expected += c->has & contract_sockets ? 1 : 0;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("."), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_list(c->port, directory, &listings[0]));
    EXPECT_STATUS(c, STATUS_OK, port_list(c->port, directory, &listings[1]));
    struct port_entry entry;
    for (unsigned i = 0; i < 2 * expected; i++) {
        EXPECT_STATUS(c, STATUS_OK, port_list_next(c->port, listings[i % 2], &entry));
        EXPECT(c, !bytes_equal(entry.name, BYTES(".")) && !bytes_equal(entry.name, BYTES("..")));
        enum port_kind kind = contract_kind(c, (struct place){directory, entry.name});
        EXPECT(c, kind != PORT_UNKNOWN && (entry.kind == kind || entry.kind == PORT_UNKNOWN));
    }
    EXPECT_STATUS(c, STATUS_END, port_list_next(c->port, listings[0], &entry));
    EXPECT_STATUS(c, STATUS_END, port_list_next(c->port, listings[0], &entry));
    EXPECT_STATUS(c, STATUS_END, port_list_next(c->port, listings[1], &entry));
    port_list_close(c->port, listings[0]);
    port_list_close(c->port, listings[1]);
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
}

// A name that is not UTF-8 concerns its entry alone: it is a bad name, or nothing
// is found by what is given for it.
static void test_list_odd(struct contract *c)
{
    port_handle directory;
    port_handle listing;
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("odd"), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_list(c->port, directory, &listing));
    struct port_entry entry;
    enum status status;
    unsigned good = 0;
    unsigned bad = 0;
    while ((status = port_list_next(c->port, listing, &entry)) != STATUS_END && good + bad < 9) {
        EXPECT_ONE_OF(c, EITHER(STATUS_OK, STATUS_BAD_NAME), status);
        bool is_good = status == STATUS_OK && bytes_equal(entry.name, BYTES("a"));
        good += is_good;
        bad += !is_good;
        bool made_up = status == STATUS_OK && !is_good && !bytes_equal(entry.name, BYTES("\xFF"));
        EXPECT(c, !made_up || entry.kind == PORT_UNKNOWN);
        EXPECT(c, !made_up || !contract_exists(c, (struct place){directory, entry.name}));
    }
    EXPECT(c, good == 1 && bad == (c->has & contract_raw_names ? 1 : 0));
    port_list_close(c->port, listing);
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
}

// An entry that is removed during a listing is given, or left out, or said to be
// gone; the listing goes on and ends. A removed directory has no entries.
static void test_list_removed(struct contract *c)
{
    uint8_t name[32];
    port_handle directory;
    port_handle listing;
    struct port_entry entry;
    EXPECT_STATUS(c, STATUS_OK, make_many(c));
    EXPECT_STATUS(c, STATUS_OK, port_open(c->port, at("many"), PORT_LIST, &directory));
    EXPECT_STATUS(c, STATUS_OK, port_list(c->port, directory, &listing));
    EXPECT_STATUS(c, STATUS_OK, port_list_next(c->port, listing, &entry));
    for (unsigned i = 0; i < c->entries; i++) {
        EXPECT_STATUS(c, STATUS_OK, port_remove_file(c->port, numbered(name, sizeof name, i, 'k')));
    }
    enum status status = STATUS_OK;
    for (unsigned i = 0; i <= c->entries && status != STATUS_END; i++) {
        status = port_list_next(c->port, listing, &entry);
        EXPECT(c, status == STATUS_OK || status == STATUS_NO_ENTRY || status == STATUS_END);
    }
    EXPECT(c, status == STATUS_END);
    port_list_close(c->port, listing);

    EXPECT_STATUS(c, STATUS_OK, port_remove_directory(c->port, at("many")));
    status = port_list(c->port, directory, &listing);
    if (status == STATUS_OK) {
        EXPECT_ONE_OF(c, EITHER(STATUS_END, STATUS_NO_ENTRY),
                      port_list_next(c->port, listing, &entry));
        port_list_close(c->port, listing);
    } else {
        EXPECT_STATUS(c, STATUS_NO_ENTRY, status);
    }
    EXPECT_STATUS(c, STATUS_OK, port_close(c->port, directory));
}

// ---- Time and chance ----

enum { second = 1000 * 1000 * 1000 };

static uint64_t modified(struct contract *c, struct place place)
{
    struct port_stat stat;
    return port_stat(c->port, place, &stat) == STATUS_OK ? stat.modified : 0;
}

// True if the place gets a later time when it is changed; a disk's clock may have
// ticks of two seconds.
static bool moves_on(struct contract *c, struct place place,
                     enum status (*change)(struct contract *), uint64_t since)
{
    uint64_t began = port_now(c->port);
    while (modified(c, place) <= since && port_now(c->port) - began < 4ULL * second) {
        port_pause(c->port, second / 100);
        if (change(c) != STATUS_OK) {
            return false;
        }
    }
    return modified(c, place) > since;
}

static enum status add_entry(struct contract *c)
{
    enum status status = contract_write(c, at("directory/new"), BYTES(""));
    return status == STATUS_OK ? port_remove_file(c->port, at("directory/new")) : status;
}

static enum status rename_entry(struct contract *c)
{
    enum status status = contract_write(c, at("new"), BYTES(""));
    return status == STATUS_OK ? port_rename(c->port, at("new"), at("directory/inside")) : status;
}

// A file knows when it was written, a directory when its entries changed, by a
// clock that is about the host's.
static void test_times(struct contract *c)
{
    if (!(c->has & contract_times)) {
        return;
    }
    uint64_t clock = port_wall_clock(c->port);
    EXPECT_STATUS(c, STATUS_OK, contract_write(c, at("written"), BYTES("1")));
    uint64_t written = modified(c, at("written"));
    EXPECT(c, written + 5ULL * second > clock && written < clock + 60ULL * second);
    uint64_t before = modified(c, at("directory"));
    EXPECT(c, before > 0);
    EXPECT(c, moves_on(c, at("directory"), add_entry, before));
    before = modified(c, at("directory"));
    EXPECT(c, moves_on(c, at("directory"), rename_entry, before));
}

// The clock goes on, and a pause takes about as long as it was told.
static void test_clock(struct contract *c)
{
    if (!(c->has & contract_times)) {
        return;
    }
    uint64_t began = port_now(c->port);
    port_pause(c->port, second / 50);
    uint64_t ended = port_now(c->port);
    EXPECT(c, ended - began >= second / 100 && ended - began < 10ULL * second);
    EXPECT(c, port_now(c->port) >= ended);
    uint64_t year = 365ULL * 24 * 60 * 60 * second;
    uint64_t clock = port_wall_clock(c->port);
    EXPECT(c, clock > 50 * year && clock < 500 * year);
}

// No random number comes twice, and every bit is as often set as not.
static void test_random(struct contract *c)
{
    enum { count = 2000, bits = 64 };
    static uint64_t numbers[count];
    unsigned set[bits] = {0};
    for (unsigned i = 0; i < count; i++) {
        numbers[i] = port_random(c->port);
        for (unsigned bit = 0; bit < bits; bit++) {
            set[bit] += (unsigned)(numbers[i] >> bit & 1);
        }
        for (unsigned j = 0; j < i; j++) {
            EXPECT(c, numbers[j] != numbers[i]);
        }
    }
    for (unsigned bit = 0; bit < bits; bit++) {
        EXPECT(c, set[bit] > count / 2 - 200 && set[bit] < count / 2 + 200); // nine sigma
    }
}

const struct contract_test contract_directory_tests[] = {
    {"places in open directories", test_places},
    {"a moved directory", test_moved},
    {"a removed directory", test_removed},
    {"a replaced directory", test_replaced},
    {"list many", test_list_many},
    {"list kinds", test_list_kinds},
    {"list an odd name", test_list_odd},
    {"list what is removed", test_list_removed},
    {"times", test_times},
    {"clock", test_clock},
    {"random", test_random},
    {NULL, NULL},
};
