#include "core/name.h"

#include "core/utf8.h"
#include "support/test.h"

#include <stdio.h>

static struct bytes encode(enum names names, struct bytes name, uint8_t *file)
{
    size_t size = 0;
    CHECK_STATUS(STATUS_OK, name_encode(names, name, file, &size));
    CHECK_NUMBER(size, name_encoded_size(names, name));
    return (struct bytes){file, size};
}

// A name's way to the file name and back.
static void check_round_trip(enum names names, struct bytes name)
{
    uint8_t file[name_bytes_max];
    struct bytes encoded = encode(names, name, file);
    CHECK(encoded.size > 0 && encoded.data[0] != '.');
    CHECK(memchr(encoded.data, '/', encoded.size) == NULL);
    CHECK(memchr(encoded.data, '\\', encoded.size) == NULL);
    CHECK(memchr(encoded.data, '\0', encoded.size) == NULL);
    uint8_t back[name_bytes_max];
    size_t size;
    CHECK(name_decode(names, encoded, back, &size));
    CHECK_BYTES(name, ((struct bytes){back, size}));
}

// A name, and the file name that it must have.
struct row {
    struct bytes name;
    struct bytes file;
};

#define ROW(name, file)                                                                            \
    {{(const uint8_t *)(name), sizeof(name) - 1}, {(const uint8_t *)(file), sizeof(file) - 1}}

// Every name has the file name that the format's rules give, and decodes to itself.
static void test_table(void)
{
    static const struct row table[] = {
        {{(const uint8_t *)"", 0}, {(const uint8_t *)"%", 1}},
        ROW("user:123", "user:123"),
        ROW("page_views", "page_views"),
        ROW("größe", "größe"),
        ROW("100%", "100%"),
        ROW("a b*?<>|\"'", "a b*?<>|\"'"),
        ROW("tab\tand\nnewline", "tab\tand\nnewline"),
        ROW("/", "%2F"),
        ROW("a/b/c", "a%2Fb%2Fc"),
        ROW("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
        ROW("a\\b", "a%5Cb"),
        ROW("a\0b", "a%00b"),
        ROW("\0", "%00"),
        ROW(".", "%2E"),
        ROW("..", "%2E."),
        ROW(".kv", "%2Ekv"),
        ROW(".git", "%2Egit"),
        ROW("a.b", "a.b"),
        ROW("a.", "a."),
        ROW("%", "%25"),
        ROW("%%", "%%"),
        ROW("%a", "%a"),
        ROW("%2", "%2"),
        ROW("%2F", "%252F"),
        ROW("%5C", "%255C"),
        ROW("%00", "%2500"),
        ROW("%25", "%2525"),
        ROW("%2E", "%252E"),
        ROW("a%2E", "a%2E"),
        ROW("%2f", "%2f"),
        ROW("%5c", "%5c"),
        ROW("%41", "%41"),
        ROW("%2/", "%2%2F"),
        ROW("%/2F", "%%2F2F"),
        ROW("%252F", "%25252F"),
        ROW("%%2F", "%%252F"),
        ROW("%%%", "%%%"),
        ROW("\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80"),
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("row %zu, \"%s\"", i, (const char *)table[i].file.data);
        uint8_t file[name_bytes_max];
        CHECK_BYTES(table[i].file, encode(NAMES_PLAIN, table[i].name, file));
        check_round_trip(NAMES_PLAIN, table[i].name);
    }
}

// Files that no name encodes to are not keys.
static void test_no_keys(void)
{
#define FILE_ROW(file) {(const uint8_t *)(file), sizeof(file) - 1}
    static const struct bytes files[] = {
        FILE_ROW(""),
        FILE_ROW("."),
        FILE_ROW(".."),
        FILE_ROW(".kv"),
        FILE_ROW(".a.swp"),
        FILE_ROW("a/b"),
        FILE_ROW("a\\b"),
        FILE_ROW("a\0b"),
        FILE_ROW("%252"),         // "%2" need not be escaped
        FILE_ROW("%25a"),         // nor "%a"
        FILE_ROW("%25%25"),       // nor "%%"
        FILE_ROW("a%25"),         // nor "a%"
        FILE_ROW("a%252E"),       // nor "a%2E"
        FILE_ROW("\xFF"),         // not UTF-8 in any place
        FILE_ROW("a\x80"),        // a continuation without a start
        FILE_ROW("\xC3"),         // a start without its continuation
        FILE_ROW("\xC3("),        // the same
        FILE_ROW("\xC0\xAF"),     // '/' overlong, in 2
        FILE_ROW("\xE0\x80\xAF"), // and 3
        FILE_ROW("\xF0\x80\x80\xAF"),
        FILE_ROW("\xC1\xBF"),
        FILE_ROW("\xE0\x9F\xBF"), // overlong, the last of them
        FILE_ROW("\xF0\x8F\xBF\xBF"),
        FILE_ROW("\xED\xA0\x80"),     // the first surrogate
        FILE_ROW("\xED\xBF\xBF"),     // the last one
        FILE_ROW("\xF4\x90\x80\x80"), // above U+10FFFF
        FILE_ROW("\xF5\x80\x80\x80"),
        FILE_ROW("\xE2\x82"),
        FILE_ROW("\xF0\x9F\x98"),
    };
#undef FILE_ROW
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        test_step("row %zu", i);
        uint8_t name[name_bytes_max];
        size_t size;
        CHECK(!name_decode(NAMES_PLAIN, files[i], name, &size));
    }
}

// The first and last code point of each length of UTF-8 are keys.
static void test_utf8_limits(void)
{
    static const char *const names[] = {
        "\x01",         "\x7F",         "\xC2\x80",     "\xDF\xBF",         "\xE0\xA0\x80",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        test_step("row %zu", i);
        check_round_trip(NAMES_PLAIN, text(names[i]));
        uint8_t file[name_bytes_max];
        CHECK_BYTES(text(names[i]), encode(NAMES_PLAIN, text(names[i]), file));
    }
}

static bool is_escape_digits(const uint8_t *digits, bool first)
{
    return memcmp(digits, "2F", 2) == 0 || memcmp(digits, "5C", 2) == 0 ||
           memcmp(digits, "00", 2) == 0 || memcmp(digits, "25", 2) == 0 ||
           (first && memcmp(digits, "2E", 2) == 0);
}

// The format's rules in other words than name.c's.
static size_t expected_file(struct bytes name, char *file)
{
    size_t size = 0;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        bool escape = byte == '/' || byte == '\\' || byte == 0 || (byte == '.' && i == 0);
        if (byte == '%') {
            escape = name.size == 1 ||
                     (i + 2 < name.size && is_escape_digits(name.data + i + 1, i == 0));
        }
        size += (size_t)sprintf(file + size, escape ? "%%%02X" : "%c", byte);
    }
    return name.size > 0 ? size : (size_t)sprintf(file, "%%");
}

static const uint8_t nasty[] = {'%', '2', '5', 'F', 'C', 'E', '0', '/', '\\', 0, '.', 'f', 'a'};

enum { nasty_count = sizeof nasty };

static void write_characters(const uint8_t characters[nasty_count], unsigned number, size_t size,
                             uint8_t *name)
{
    for (size_t i = 0; i < size; i++) {
        name[i] = characters[number % nasty_count];
        number /= nasty_count;
    }
}

// A kind of names, its rules in other words than name.c's, and characters that
// mean something to it.
struct kind {
    enum names names;
    size_t (*expected)(struct bytes name, char *file);
    const uint8_t *characters;
};

static void check_name(const struct kind *kind, struct bytes name)
{
    char expected[32];
    size_t expected_size = kind->expected(name, expected);
    uint8_t file[name_bytes_max];
    CHECK_BYTES(((struct bytes){(uint8_t *)expected, expected_size}),
                encode(kind->names, name, file));
    if (utf8_valid(name) || kind->names == NAMES_PLAIN) {
        check_round_trip(kind->names, name);
    }
}

// True if the file is a key.
static bool check_file(const struct kind *kind, struct bytes file)
{
    uint8_t name[name_bytes_max];
    size_t name_size;
    if (!name_decode(kind->names, file, name, &name_size)) {
        return false;
    }
    char again[32];
    size_t again_size = kind->expected((struct bytes){name, name_size}, again);
    CHECK_BYTES(file, ((struct bytes){(uint8_t *)again, again_size}));
    return true;
}

// Every string of up to 5 of the kind's characters has, as a name, the file name
// that the rules give and comes back from it, so that no two share one; and is, as
// a file name, a key only if it is what its decoding encodes to. Gives the keys.
static unsigned check_exhaustively(const struct kind *kind)
{
    unsigned count = 1;
    unsigned keys = 0;
    for (size_t size = 0; size <= 5; size++, count *= nasty_count) {
        for (unsigned number = 0; number < count; number++) {
            uint8_t bytes[5] = {0};
            write_characters(kind->characters, number, size, bytes);
            test_step("string %u of %zu bytes", number, size);
            check_name(kind, (struct bytes){bytes, size});
            keys += check_file(kind, (struct bytes){bytes, size}) ? 1 : 0;
        }
    }
    return keys;
}

// Every string of up to 5 nasty characters has the file name that the rules
// give and comes back from it; no other file is a key.
static void test_exhaustive(void)
{
    struct kind kind = {NAMES_PLAIN, expected_file, nasty};
    CHECK(check_exhaustively(&kind) > 50000); // those that need no escape alone are more
}

// A file name of 255 bytes fits and one of 256 is refused, on the way there and back.
static void test_length(void)
{
    uint8_t name[name_bytes_max + 1];
    uint8_t file[name_bytes_max];
    size_t size = 0;
    memset(name, 'a', sizeof name);
    CHECK_NUMBER(255, encode(NAMES_PLAIN, (struct bytes){name, 255}, file).size);
    check_round_trip(NAMES_PLAIN, (struct bytes){name, 255});
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 name_encode(NAMES_PLAIN, (struct bytes){name, 256}, file, &size));
    CHECK_NUMBER(256, name_encoded_size(NAMES_PLAIN, (struct bytes){name, 256}));
    uint8_t back[name_bytes_max];
    CHECK(!name_decode(NAMES_PLAIN, (struct bytes){name, 256}, back, &size));

    memset(name, '/', sizeof name);
    CHECK_NUMBER(255, encode(NAMES_PLAIN, (struct bytes){name, 85}, file).size);
    check_round_trip(NAMES_PLAIN, (struct bytes){name, 85});
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 name_encode(NAMES_PLAIN, (struct bytes){name, 86}, file, &size));
    CHECK_NUMBER(258, name_encoded_size(NAMES_PLAIN, (struct bytes){name, 86}));
    memset(name + 84, 'a', 4);
    check_round_trip(NAMES_PLAIN, (struct bytes){name, 87});
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 name_encode(NAMES_PLAIN, (struct bytes){name, 88}, file, &size));
}

// Random names of any bytes and length come back, or are refused for their length alone.
static void test_random_names(void)
{
    for (int round = 0; round < 20000; round++) {
        uint8_t name[300];
        size_t size = test_random() % sizeof name;
        bool plain = test_random() % 2 == 0;
        for (size_t i = 0; i < size; i++) {
            uint64_t bits = test_random();
            name[i] = plain ? (uint8_t)('0' + bits % 10) : (uint8_t)(bits % 128);
            if (bits >> 32 < UINT32_MAX / 4) {
                name[i] = plain ? 'z' : nasty[bits % nasty_count];
            }
        }
        test_step("round %d, %zu bytes", round, size);
        struct bytes bytes = {name, size};
        char expected[3 * sizeof name + 1];
        size_t expected_size = expected_file(bytes, expected);
        CHECK_NUMBER(expected_size, name_encoded_size(NAMES_PLAIN, bytes));
        if (expected_size <= name_bytes_max) {
            check_round_trip(NAMES_PLAIN, bytes);
        } else {
            uint8_t file[name_bytes_max];
            size_t file_size;
            CHECK_STATUS(STATUS_NAME_TOO_LONG, name_encode(NAMES_PLAIN, bytes, file, &file_size));
        }
    }
}

// ---- Portable names ----

// The same rules for portable names, in other words than name.c's.
static size_t expected_portable(struct bytes name, char *file)
{
    static const char stays[] = "abcdefghijklmnopqrstuvwxyz0123456789 !#&'()+,-.;=@[]^_`{}";
    static const char *const devices[] = {"con",  "prn",  "aux",  "nul",  "com0", "com1",
                                          "com2", "com3", "com4", "com5", "com6", "com7",
                                          "com8", "com9", "lpt0", "lpt1", "lpt2", "lpt3",
                                          "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9"};
    bool device = false;
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        size_t at = strlen(devices[i]);
        if (name.size < at || memcmp(name.data, devices[i], at) != 0) {
            continue;
        }
        while (at < name.size && name.data[at] == ' ') {
            at++;
        }
        device = device || at == name.size || name.data[at] == '.';
    }
    size_t size = 0;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        bool end = i == 0 || i + 1 == name.size;
        bool escape = byte == 0 || strchr(stays, byte) == NULL ||
                      (end && (byte == '.' || byte == ' ')) || (i == 0 && device);
        size += (size_t)sprintf(file + size, escape ? "%%%02x" : "%c", byte);
    }
    return name.size > 0 ? size : (size_t)sprintf(file, "%%");
}

// Every name has the portable file name that the format's rules give, and decodes to itself.
static void test_portable_table(void)
{
    static const struct row table[] = {
        {{(const uint8_t *)"", 0}, {(const uint8_t *)"%", 1}},
        ROW("page_views", "page_views"),
        ROW("2026-11-23.txt", "2026-11-23.txt"),
        ROW("a b!#&'()+,-.;=@[]^_`{}z", "a b!#&'()+,-.;=@[]^_`{}z"),
        ROW("user:123", "user%3a123"),
        ROW("Key", "%4bey"),
        ROW("KEY", "%4b%45%59"),
        ROW("Z", "%5a"),
        ROW("gr\xC3\xB6\xC3\x9F"
            "e",
            "gr%c3%b6%c3%9fe"),
        ROW("\xC3\xA9", "%c3%a9"),        // e with acute, in one piece
        ROW("e\xCC\x81", "e%cc%81"),      // and in two
        ROW("\xE2\x84\xAA", "%e2%84%aa"), // the kelvin sign, which folds to k
        ROW("%", "%25"),
        ROW("%%", "%25%25"),
        ROW("100%", "100%25"),
        ROW("%3a", "%253a"),
        ROW("%3A", "%253%41"),
        ROW("<>:\"/\\|?*", "%3c%3e%3a%22%2f%5c%7c%3f%2a"),
        ROW("user~1", "user%7e1"),
        ROW("$mft", "%24mft"),
        ROW("conin$", "conin%24"),
        ROW("clock$", "clock%24"),
        ROW("a\0b", "a%00b"),
        ROW("\t\n\x1F\x7F", "%09%0a%1f%7f"),
        ROW(".", "%2e"),
        ROW("..", "%2e%2e"),
        ROW("...", "%2e.%2e"),
        ROW(".kv", "%2ekv"),
        ROW("a.", "a%2e"),
        ROW("a..", "a.%2e"),
        ROW("a. .", "a. %2e"),
        ROW(" ", "%20"),
        ROW("  ", "%20%20"),
        ROW(" a ", "%20a%20"),
        ROW("con", "%63on"),
        ROW("con.txt", "%63on.txt"),
        ROW("con .txt", "%63on .txt"),
        ROW("con ", "%63on%20"),
        ROW("con.", "%63on%2e"),
        ROW("con..a", "%63on..a"),
        ROW("prn", "%70rn"),
        ROW("aux.c", "%61ux.c"),
        ROW("nul", "%6eul"),
        ROW("com0", "%63om0"),
        ROW("com9.tar.gz", "%63om9.tar.gz"),
        ROW("lpt1", "%6cpt1"),
        ROW("Con", "%43on"), // no device any more
        ROW("coN", "co%4e"),
        ROW("com", "com"),
        ROW("com10", "com10"),
        ROW("coma", "coma"),
        ROW("icon", "icon"),
        ROW("con-fig", "con-fig"),
        ROW("connect.txt", "connect.txt"),
        ROW(" con", "%20con"),
        ROW("a.con", "a.con"),
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        test_step("row %zu, \"%s\"", i, (const char *)table[i].file.data);
        uint8_t file[name_bytes_max];
        CHECK_BYTES(table[i].file, encode(NAMES_PORTABLE, table[i].name, file));
        check_round_trip(NAMES_PORTABLE, table[i].name);
        char expected[64];
        size_t size = expected_portable(table[i].name, expected);
        CHECK_BYTES(table[i].file, ((struct bytes){(uint8_t *)expected, size}));
    }
}

// Files that no portable name encodes to are not keys.
static void test_portable_no_keys(void)
{
#define FILE_ROW(file) {(const uint8_t *)(file), sizeof(file) - 1}
    static const struct bytes files[] = {
        FILE_ROW(""),    FILE_ROW(".kv"),       FILE_ROW("Key"),       FILE_ROW("user:123"),
        FILE_ROW("a~1"), FILE_ROW("a."),        FILE_ROW("a "),        FILE_ROW(" a"),
        FILE_ROW("con"), FILE_ROW("con.txt"),   FILE_ROW("nul .a"),    FILE_ROW("\xC3\xA9"),
        FILE_ROW("a%2"), FILE_ROW("%%"),        FILE_ROW("a%"),        FILE_ROW("%3A"),
        FILE_ROW("%4B"), FILE_ROW("%c3%A9"),    FILE_ROW("%61"),       FILE_ROW("a%2eb"),
        FILE_ROW("%c3"), FILE_ROW("%ff"),       FILE_ROW("%ed%a0%80"), FILE_ROW("%c0%af"),
        FILE_ROW("%2E"), FILE_ROW("%63onn"),    FILE_ROW("x%7g"),      FILE_ROW("x%`0"),
        FILE_ROW("$a"),  FILE_ROW("%20a%20b%"),
    };
#undef FILE_ROW
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        test_step("row %zu", i);
        uint8_t name[name_bytes_max];
        size_t size;
        CHECK(!name_decode(NAMES_PORTABLE, files[i], name, &size));
    }
}

static const uint8_t worse[] = {'%', '2', 'e', 'C', 'c', 'o', 'n', '.', ' ', 'm', '~', 0xC3, 0xA9};

_Static_assert(sizeof worse == nasty_count, "as many, so that the count of strings is the same");

// The same holds of portable names, for characters that mean something somewhere.
static void test_portable_exhaustive(void)
{
    struct kind kind = {NAMES_PORTABLE, expected_portable, worse};
    CHECK(check_exhaustively(&kind) > 5000); // those of letters and digits alone are more
}

// A portable file name of 255 bytes fits and one of 256 is refused.
static void test_portable_length(void)
{
    uint8_t name[name_bytes_max + 1];
    uint8_t file[name_bytes_max];
    size_t size = 0;
    memset(name, 'a', sizeof name);
    check_round_trip(NAMES_PORTABLE, (struct bytes){name, 255});
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 name_encode(NAMES_PORTABLE, (struct bytes){name, 256}, file, &size));
    name[252] = '.';
    CHECK_NUMBER(255, encode(NAMES_PORTABLE, (struct bytes){name, 253}, file).size);
    check_round_trip(NAMES_PORTABLE, (struct bytes){name, 253});
    name[253] = '.';
    CHECK_NUMBER(256, name_encoded_size(NAMES_PORTABLE, (struct bytes){name, 254}));
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 name_encode(NAMES_PORTABLE, (struct bytes){name, 254}, file, &size));
    memset(name, 'A', sizeof name);
    check_round_trip(NAMES_PORTABLE, (struct bytes){name, 85});
    CHECK_STATUS(STATUS_NAME_TOO_LONG,
                 name_encode(NAMES_PORTABLE, (struct bytes){name, 86}, file, &size));
    CHECK_NUMBER(258, name_encoded_size(NAMES_PORTABLE, (struct bytes){name, 86}));
}

const struct test name_tests[] = {
    {"name.table", test_table},
    {"name.no_keys", test_no_keys},
    {"name.utf8_limits", test_utf8_limits},
    {"name.exhaustive", test_exhaustive},
    {"name.length", test_length},
    {"name.random", test_random_names},
    {"name.portable_table", test_portable_table},
    {"name.portable_no_keys", test_portable_no_keys},
    {"name.portable_exhaustive", test_portable_exhaustive},
    {"name.portable_length", test_portable_length},
    {NULL, NULL},
};
