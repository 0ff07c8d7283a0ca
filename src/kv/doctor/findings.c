// All there is to find, and how it is told.
#include "doctor.h"

#include "cli/escape.h"
#include "cli/json.h"

struct about {
    enum finding_level level;
    const char *code; // part of the interface: scripts read it
    const char *what;
    const char *advice;
};

enum { alike_max = 20 }; // of one kind in one part, told one by one

#define OUT "move it out of the data directory, or leave it: it is in nobody's way"

static const struct about table[finding_count] = {
    [FINDING_ROOT_FILE] = {FINDING_NOTE, "root-file",
                           "a file where buckets are: it is no key of any bucket", OUT},
    [FINDING_ROOT_LINK] = {FINDING_WARNING, "root-link",
                           "a symbolic link where buckets are, which leads to no directory",
                           "make it lead to one, or remove it"},
    [FINDING_BUCKET_NAME] = {FINDING_WARNING, "bucket-name",
                             "no bucket has a directory with this name, so nothing in it is seen",
                             "rename it; docs/format.md has the rules"},
    [FINDING_DELETED_BUCKET] = {FINDING_WARNING, "deleted-bucket",
                                "what is left of a bucket whose deletion was interrupted",
                                "remove this directory"},
    [FINDING_MARK_LOST] = {FINDING_PROBLEM, "mark-lost",
                           "all names here are portable ones, but .kv-names, the mark that says "
                           "so, is missing: keys are read as other names",
                           "stop the stores that use it, then: echo portable > .kv-names in this "
                           "directory"},
    [FINDING_MARK_ODD] = {FINDING_WARNING, "mark-odd",
                          "the mark of portable names should be a file with the text portable",
                          "put one in its place, if the names are portable; else remove it"},
    [FINDING_NAMES_SETTING] = {FINDING_PROBLEM, "names-setting",
                               "KEYVALUE_FILESYSTEM_NAMES asks for other names than this root has, "
                               "so every call is refused",
                               "set it to what kv info says of the root"},
    [FINDING_DIRECTORY] = {FINDING_WARNING, "directory",
                           "a directory where keys are: absent to readers, refused to writers",
                           "move it out of the bucket"},
    [FINDING_LINK] = {FINDING_WARNING, "link",
                      "a symbolic link where keys are: absent to readers, refused to writers",
                      "put a copy of the file in its place (cp --remove-destination)"},
    [FINDING_PIPE] = {FINDING_WARNING, "pipe",
                      "a named pipe where keys are: absent to readers, refused to writers",
                      "move it out of the bucket"},
    [FINDING_SPECIAL] = {FINDING_WARNING, "special",
                         "a device or a socket where keys are: absent to readers, refused to "
                         "writers",
                         "move it out of the bucket"},
    [FINDING_NAME] = {FINDING_WARNING, "name",
                      "no key has a file with this name, so it is not seen",
                      "rename it; docs/format.md has the rules"},
    [FINDING_NOT_UTF8] = {FINDING_WARNING, "not-utf8",
                          "there is a name that is not UTF-8, so it is no key's",
                          "rename the file; ls -b shows its bytes"},
    [FINDING_HIDDEN] = {FINDING_NOTE, "hidden", "a name that begins with a dot is no key's", OUT},
    [FINDING_LEFTOVER] = {FINDING_WARNING, "leftover",
                          "looks like what an editor or a sync tool left behind, and is a key",
                          "delete the key if it is nobody's"},
    [FINDING_COUNTER_FORM] = {FINDING_WARNING, "counter-form",
                              "a number with something beside it, so it cannot be counted on",
                              "write the digits alone, with a line break or without"},
    [FINDING_COUNTER_EIGHT] = {FINDING_NOTE, "counter-eight",
                               "a number in 8 bytes of text, which may be meant as bytes: "
                               "increment refuses it",
                               "if it is a counter, add a line break or take it away"},
    [FINDING_COUNTER_RANGE] = {FINDING_NOTE, "counter-range",
                               "a number beyond 64 bits: increment refuses it",
                               "nothing, unless it is a counter"},
    [FINDING_TOO_LARGE] = {FINDING_PROBLEM, "too-large",
                           "over 1 GiB, more than a value can have: get fails",
                           "keep it elsewhere, and its path as the value"},
    [FINDING_FOLDED] = {FINDING_NOTE, "folded",
                        "a name that differs from another one's by upper and lower case alone: "
                        "macOS, Windows and their disks take the two for one",
                        "rename one before the data go there, or use portable names"},
    [FINDING_NOT_PORTABLE] = {FINDING_NOTE, "not-portable",
                              "a name that disks of Windows and FAT would not take or keep as it "
                              "is",
                              "before the data go there, export them and import them into a root "
                              "with KEYVALUE_FILESYSTEM_NAMES=portable"},
    [FINDING_SCRATCH_KIND] = {FINDING_PROBLEM, "scratch-kind",
                              "should be a directory: nothing in this bucket can be changed",
                              "remove it; the store makes it again"},
    [FINDING_SCRATCH_FOREIGN] = {FINDING_WARNING, "scratch-foreign",
                                 "nothing of the store's, in the directory that is its own",
                                 "move it elsewhere if it is of use; else remove it"},
    [FINDING_SCRATCH_STALE] = {FINDING_NOTE, "scratch-stale",
                               "left by a writer that ended in the middle of a change",
                               "nothing: a later writer removes it"},
    [FINDING_TURN_FOREIGN] = {FINDING_PROBLEM, "turn-foreign",
                              "nothing of the store's, where writers take their turns: changes "
                              "to this bucket fail",
                              "remove it"},
    [FINDING_TURN_STALE] = {FINDING_NOTE, "turn-stale",
                            "a turn whose writer ended in the middle of a change",
                            "nothing: the next writer takes it away"},
    [FINDING_UNREADABLE] = {FINDING_PROBLEM, "unreadable", "cannot be read",
                            "look at its permissions, and at those of the directories above"},
    [FINDING_OWNER] = {FINDING_PROBLEM, "owner",
                       "belongs to another user than the directory it is in, who may not use it",
                       "chown it to the owner of that directory"},
    [FINDING_MODE] = {FINDING_PROBLEM, "mode", "its owner may not use it", "chmod u+rwX it"},
    [FINDING_GROUP] = {FINDING_WARNING, "group",
                       "the group may change the bucket but not this, so it is locked out",
                       "chmod -R g+rwX it, and run writers with umask 002 and the bucket setgid"},
    [FINDING_STICKY] = {FINDING_WARNING, "sticky",
                        "has the sticky bit: nobody can replace another user's value",
                        "chmod -t it, unless that is meant"},
    [FINDING_OPEN_TO_ALL] = {FINDING_WARNING, "open-to-all", "every user may change it",
                             "chmod o-w it, unless that is meant"},
    [FINDING_HARD_LINK] = {FINDING_NOTE, "hard-link",
                           "a hard link: its other names keep the old value at the next change",
                           "nothing, if that is meant"},
    [FINDING_OTHER_MOUNT] = {FINDING_PROBLEM, "other-mount",
                             "is a mount of its own, so it can be neither replaced nor deleted",
                             "mount the whole bucket or root instead"},
    [FINDING_SPACE] = {FINDING_WARNING, "space", "the disk is nearly full",
                       "make room: a change needs the new value's size beside the old one"},
    [FINDING_INODES] = {FINDING_WARNING, "inodes", "the disk has nearly no room for further files",
                        "make room, or move to a file system with more inodes"},
    [FINDING_READ_ONLY] = {FINDING_PROBLEM, "read-only",
                           "the file system is mounted read-only: every change fails",
                           "mount it for writing, if there is to be any"},
    [FINDING_FILE_SYSTEM] = {FINDING_WARNING, "file-system",
                             "the store's promises are not known to hold on this file system",
                             "read docs/promises.md; use a local disk, or one writing machine"},
    [FINDING_FOLDS_NAMES] = {FINDING_WARNING, "folds-names",
                             "this file system takes names for one that differ by upper and lower "
                             "case, and the root has plain names",
                             "export the data and import them into a root with "
                             "KEYVALUE_FILESYSTEM_NAMES=portable"},
};

static void print_path(struct doctor *doctor, const struct path *path)
{
    char text[2 * path_bytes_max];
    struct message message = {text, sizeof text, 0};
    session_place(doctor->session, path, &message);
    struct bytes shown = {(const uint8_t *)text, message.size};
    if (doctor->session->out->json) {
        json_string(doctor->session->out, shown);
    } else {
        escape_print(doctor->session->out, shown);
    }
}

static void print_json(struct doctor *doctor, const struct about *about, const struct path *path,
                       const char *detail)
{
    static const char *const levels[] = {"note", "warning", "problem"};
    struct output *out = doctor->session->out;
    print_text(out, doctor->told ? ", " : "");
    print_text(out, "{\"level\": \"");
    print_text(out, levels[about->level]);
    print_text(out, "\", \"code\": \"");
    print_text(out, about->code);
    print_text(out, "\", \"path\": ");
    print_path(doctor, path);
    print_text(out, ", \"what\": \"");
    print_text(out, about->what);
    print_text(out, detail != NULL ? " (" : "");
    print_text(out, detail != NULL ? detail : "");
    print_text(out, detail != NULL ? ")" : "");
    print_text(out, "\", \"advice\": \"");
    print_text(out, about->advice);
    print_text(out, "\"}");
}

static void print_lines(struct doctor *doctor, const struct about *about, const struct path *path,
                        const char *detail)
{
    static const char *const levels[] = {"note: ", "warning: ", "problem: "};
    static const enum print_colour colours[] = {PRINT_DIM, PRINT_AMBER, PRINT_RED};
    struct output *out = doctor->session->out;
    print_colour(out, colours[about->level]);
    print_text(out, levels[about->level]);
    print_colour(out, PRINT_PLAIN);
    print_path(doctor, path);
    print_text(out, ": ");
    print_text(out, about->what);
    print_text(out, detail != NULL ? " (" : "");
    print_text(out, detail != NULL ? detail : "");
    print_text(out, detail != NULL ? ")" : "");
    print_text(out, "\n    ");
    print_text(out, about->advice);
    print_text(out, "\n");
}

void doctor_tell(struct doctor *doctor, enum finding finding, const struct path *path,
                 const char *detail)
{
    const struct about *about = &table[finding];
    doctor->found[about->level]++;
    if (doctor->part->found[finding]++ >= alike_max) {
        return;
    }
    progress_hide(&doctor->progress);
    if (doctor->session->out->json) {
        print_json(doctor, about, path, detail);
    } else {
        print_lines(doctor, about, path, detail);
    }
    doctor->told = true;
}

void doctor_begin_part(struct doctor *doctor, struct doctor_part *part)
{
    *part = (struct doctor_part){.outer = doctor->part};
    doctor->part = part;
}

void doctor_end_part(struct doctor *doctor)
{
    struct output *out = doctor->session->out;
    const struct doctor_part *part = doctor->part;
    for (unsigned i = 0; i < finding_count; i++) {
        if (part->found[i] > alike_max && !out->json) {
            print_text(out, "    and ");
            print_unsigned(out, part->found[i] - alike_max, 0);
            print_text(out, " more like it in ");
            print_path(doctor, &doctor->path);
            print_text(out, ": ");
            print_text(out, table[i].code);
            print_text(out, "\n");
        }
    }
    doctor->part = part->outer;
}
