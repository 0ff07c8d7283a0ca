// The questions. Each is put in rounds in which the sides change places.
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>

enum { rounds = 24 };

enum property {
    PROPERTY_NAMES,   // A
    PROPERTY_SIZES,   // B
    PROPERTY_RENAMES, // C
    PROPERTY_OPENED,  // D
    PROPERTY_IN_USE,  // E
    PROPERTY_TURN,
    property_count,
};

static const struct {
    const char *name;
    const char *text;
} properties[property_count] = {
    {"A", "a look made after the turn was taken finds what the name is now"},
    {"B", "the size and the content of a name belong together"},
    {"C", "a rename that fails was not done"},
    {"D", "an opened file stays readable while the other machine replaces it"},
    {"E", "a file that is open on the machine that replaces it is replaced in one step"},
    {"turn",
     "a directory is renamed over an empty one alone, and nothing is made in a removed one"},
};

struct asking {
    struct peer_side *sides;
    unsigned broken[property_count];
    const char *how[property_count]; // the first time
    bool lost;                       // the peer is gone
};

static struct peer_answer step(struct asking *asking, unsigned side, enum peer_step_kind kind,
                               const char *name, const char *more)
{
    struct peer_step step = {.kind = kind};
    struct peer_answer answer = {.status = STATUS_IO};
    snprintf(step.name, sizeof step.name, "%s", name);
    snprintf(kind == PEER_RENAME ? step.target : step.value,
             kind == PEER_RENAME ? sizeof step.target : sizeof step.value, "%s", more);
    if (!asking->lost && !asking->sides[side].take(&asking->sides[side], &step, &answer)) {
        asking->lost = true;
    }
    return answer;
}

// Writes a name with the round's number in the place of %u, if there is one.
static void name_in_round(char name[peer_name_bytes_max], const char *pattern, unsigned round)
{
    const char *mark = strstr(pattern, "%u");
    if (mark == NULL) {
        snprintf(name, peer_name_bytes_max, "%s", pattern);
    } else {
        snprintf(name, peer_name_bytes_max, "%.*s%u%s", (int)(mark - pattern), pattern, round,
                 mark + 2);
    }
}

static void broken(struct asking *asking, enum property property, const char *how)
{
    if (!asking->lost && asking->broken[property]++ == 0) {
        asking->how[property] = how;
    }
}

// What `side` finds under `key`, which is `value` by now.
static void look(struct asking *asking, unsigned side, const char *key, const char *value)
{
    struct peer_answer stat = step(asking, side, PEER_STAT, key, "");
    struct peer_answer read = step(asking, side, PEER_READ, key, "");
    if (stat.status != STATUS_OK || read.status != STATUS_OK) {
        broken(asking, PROPERTY_NAMES, "it is absent to the other side");
    } else if (strcmp(read.value, value) != 0) {
        bool part =
            strncmp(read.value, value, strlen(read.value)) == 0 || strchr(read.value, '?') != NULL;
        broken(asking, part ? PROPERTY_SIZES : PROPERTY_NAMES,
               part ? "the content is cut or zeros" : "the old value is read");
    } else if (stat.size != strlen(value)) {
        broken(asking, PROPERTY_SIZES, "the size is that of another value");
    }
}

static void replace(struct asking *asking, unsigned side, const char *key, const char *value)
{
    (void)step(asking, side, PEER_WRITE, "new", value);
    (void)step(asking, side, PEER_RENAME, "new", key);
}

// Both look for a key that is not there; one commits it, the other takes the turn
// and looks. Then it is replaced twice, while the other only reads.
static void ask_names(struct asking *asking, unsigned round)
{
    unsigned writer = round % 2, reader = 1 - writer;
    char key[32], own[32], file[48], value[64];
    snprintf(key, sizeof key, "key-%u", round);
    snprintf(own, sizeof own, "own-%u", round);
    snprintf(file, sizeof file, "own-%u/token", round);
    (void)step(asking, 0, PEER_STAT, key, "");
    (void)step(asking, 1, PEER_STAT, key, "");
    snprintf(value, sizeof value, "first of round %u", round);
    replace(asking, writer, key, value);
    (void)step(asking, reader, PEER_MAKE, own, "");
    (void)step(asking, reader, PEER_WRITE, file, "t");
    if (step(asking, reader, PEER_RENAME, own, "turn").status != STATUS_OK) {
        broken(asking, PROPERTY_TURN, "an empty turn cannot be taken");
    }
    look(asking, reader, key, value);
    (void)step(asking, reader, PEER_UNLINK, "turn/token", "");
    for (unsigned i = 0; i < 2; i++) {
        snprintf(value, sizeof value, "replaced %s in round %u", i == 0 ? "once" : "twice again",
                 round);
        replace(asking, writer, key, value);
        look(asking, reader, key, value);
    }
    (void)step(asking, writer, PEER_UNLINK, key, "");
}

// One side has a file open that the other replaces.
static void ask_opened(struct asking *asking, unsigned round)
{
    unsigned writer = round % 2, reader = 1 - writer;
    char key[32];
    snprintf(key, sizeof key, "open-%u", round);
    replace(asking, writer, key, "the old value");
    if (step(asking, reader, PEER_OPEN, key, "").status == STATUS_OK) {
        replace(asking, writer, key, "a new value, and a longer one");
        struct peer_answer read = step(asking, reader, PEER_READ_OPEN, "", "");
        bool whole =
            read.status == STATUS_OK && (strcmp(read.value, "the old value") == 0 ||
                                         strcmp(read.value, "a new value, and a longer one") == 0);
        if (!whole) {
            broken(asking, PROPERTY_OPENED,
                   read.status != STATUS_OK ? "it cannot be read any more"
                                            : "it reads as zeros or cut");
        }
    }
    (void)step(asking, writer, PEER_UNLINK, key, "");
}

static bool done(struct asking *asking, unsigned side, enum peer_step_kind kind, const char *name,
                 const char *more)
{
    return step(asking, side, kind, name, more).status == STATUS_OK;
}

// One side replaces a file that it has open. NFS and libfuse first rename such a file to
// a hidden name, which is there until it is closed: then the directory cannot be removed.
static void ask_in_use(struct asking *asking, unsigned round)
{
    unsigned writer = round % 2, other = 1 - writer;
    char directory[32], key[48], new[48];
    snprintf(directory, sizeof directory, "used-%u", round);
    snprintf(key, sizeof key, "used-%u/key", round);
    snprintf(new, sizeof new, "used-%u/new", round);
    if (done(asking, writer, PEER_MAKE, directory, "") &&
        done(asking, writer, PEER_WRITE, key, "old") && done(asking, writer, PEER_OPEN, key, "")) {
        bool replaced = done(asking, writer, PEER_WRITE, new, "new") &&
                        done(asking, writer, PEER_RENAME, new, key) &&
                        done(asking, other, PEER_UNLINK, key, "");
        if (replaced && !done(asking, other, PEER_REMOVE, directory, "")) {
            broken(asking, PROPERTY_IN_USE,
                   "it is moved away first, and for a moment its name is gone");
        }
        (void)step(asking, writer, PEER_READ_OPEN, "", "");
    }
    (void)step(asking, writer, PEER_REMOVE, directory, "");
}

// Both rename one file, to two names.
static void ask_twice_renamed(struct asking *asking, unsigned round)
{
    unsigned first = round % 2, second = 1 - first;
    char source[32], to[2][32];
    snprintf(source, sizeof source, "source-%u", round);
    snprintf(to[0], sizeof to[0], "to-%u-1", round);
    snprintf(to[1], sizeof to[1], "to-%u-2", round);
    if (!done(asking, first, PEER_WRITE, source, "v")) {
        return; // other questions tell why
    }
    (void)step(asking, second, PEER_STAT, source, "");
    bool one = done(asking, first, PEER_RENAME, source, to[0]);
    bool other = done(asking, second, PEER_RENAME, source, to[1]);
    bool one_there = done(asking, first, PEER_UNLINK, to[0], "");
    bool other_there = done(asking, second, PEER_UNLINK, to[1], "");
    if (one != one_there || other != other_there || one == other) {
        broken(asking, PROPERTY_RENAMES, "a file was renamed twice, or against the answer");
    }
}

// One renames a directory over another, which the other side has filled.
static void ask_full(struct asking *asking, unsigned round)
{
    unsigned first = round % 2, second = 1 - first;
    char full[32], over[32], inside[2][48];
    snprintf(full, sizeof full, "full-%u", round);
    snprintf(over, sizeof over, "over-%u", round);
    snprintf(inside[0], sizeof inside[0], "full-%u/file", round);
    snprintf(inside[1], sizeof inside[1], "over-%u/file", round);
    if (done(asking, first, PEER_MAKE, full, "") && done(asking, second, PEER_MAKE, over, "") &&
        done(asking, second, PEER_STAT, full, "") &&
        done(asking, first, PEER_WRITE, inside[0], "1") &&
        done(asking, second, PEER_WRITE, inside[1], "2")) {
        if (done(asking, second, PEER_RENAME, over, full)) {
            broken(asking, PROPERTY_TURN, "a directory was renamed over one that is not empty");
        } else if (strcmp(step(asking, first, PEER_READ, inside[0], "").value, "1") != 0) {
            broken(asking, PROPERTY_RENAMES, "a rename that failed was done");
        }
    }
    (void)step(asking, second, PEER_UNLINK, inside[1], "");
    (void)step(asking, first, PEER_UNLINK, inside[0], "");
    (void)step(asking, second, PEER_REMOVE, over, "");
    (void)step(asking, first, PEER_REMOVE, full, "");
}

// One removes a directory that the other knows.
static void ask_removed(struct asking *asking, unsigned round)
{
    unsigned maker = round % 2, other = 1 - maker;
    char name[32], file[48];
    snprintf(name, sizeof name, "gone-%u", round);
    snprintf(file, sizeof file, "gone-%u/file", round);
    (void)step(asking, maker, PEER_MAKE, name, "");
    (void)step(asking, other, PEER_STAT, name, "");
    (void)step(asking, other, PEER_REMOVE, name, "");
    if (step(asking, maker, PEER_WRITE, file, "v").status == STATUS_OK) {
        broken(asking, PROPERTY_TURN, "a file was made in a removed directory");
    }
}

// Removes what rounds left in which something was broken.
static void clean_up(struct peer_side sides[2])
{
    static const char *const names[] = {
        "key-%u",       "open-%u",      "source-%u",    "to-%u-1",      "to-%u-2",
        "own-%u/token", "over-%u/file", "full-%u/file", "gone-%u/file", "used-%u/key",
        "used-%u/new",  "new",          "turn/token"};
    static const char *const directories[] = {"own-%u",  "over-%u", "full-%u",
                                              "gone-%u", "used-%u", "turn"};
    struct asking here = {.sides = sides};
    char name[peer_name_bytes_max];
    for (unsigned round = 0; round < rounds; round++) {
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            name_in_round(name, names[i], round);
            (void)step(&here, 0, PEER_UNLINK, name, "");
        }
        for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
            name_in_round(name, directories[i], round);
            (void)step(&here, 0, PEER_REMOVE, name, "");
        }
    }
}

// The options that a file system's caches of names need, as docs/shared.md has them.
static const char *advice(const char *file_system)
{
    static const char *const table[][2] = {
        {"sshfs",
         "mount it with -o dir_cache=no,attr_timeout=0,entry_timeout=0,negative_timeout=0"},
        {"FUSE", "switch off its caches of names and attributes (for sshfs -o "
                 "dir_cache=no,attr_timeout=0,entry_timeout=0,negative_timeout=0; for MooseFS "
                 "mfsattrcacheto=0, "
                 "mfsentrycacheto=0, mfsdirentrycacheto=0, mfsnegentrycacheto=0)"},
        {"nfs", "mount it with lookupcache=none,noac"},
        {"cifs", "mount it with cache=none,actimeo=0"},
    };
    for (size_t i = 0; file_system != NULL && i < sizeof table / sizeof table[0]; i++) {
        if (strstr(file_system, table[i][0]) != NULL) {
            return table[i][1];
        }
    }
    return "look for the mount options that switch off its caches of names and attributes";
}

bool peer_ask(struct output *out, struct peer_side sides[2], const char *file_system)
{
    struct asking asking = {.sides = sides};
    for (unsigned round = 0; round < rounds && !asking.lost; round++) {
        ask_names(&asking, round);
        ask_opened(&asking, round);
        ask_in_use(&asking, round);
        ask_twice_renamed(&asking, round);
        ask_full(&asking, round);
        ask_removed(&asking, round);
    }
    clean_up(sides);
    bool holds = !asking.lost;
    bool options_help = false;
    for (unsigned i = 0; i < property_count && !asking.lost; i++) {
        holds = holds && asking.broken[i] == 0;
        options_help = options_help || (asking.broken[i] > 0 && i != PROPERTY_IN_USE);
        print_text(out, properties[i].name);
        print_text(out, ": ");
        print_text(out, properties[i].text);
        print_text(out, asking.broken[i] == 0 ? ": holds\n" : ": BROKEN, ");
        if (asking.broken[i] > 0) {
            print_text(out, asking.how[i]);
            print_text(out, "\n");
        }
    }
    if (asking.lost) {
        print_text(out, "the peer gave no answer\n");
    } else if (holds) {
        print_text(out, "both machines may write\n");
    } else {
        print_text(out, "only one machine may write to this volume as it is mounted; ");
        print_text(out, options_help ? "to change that, " : "");
        print_text(out, options_help ? advice(file_system) : "no mount option changes that");
        print_text(out, "\n");
    }
    return holds;
}
