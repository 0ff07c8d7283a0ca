// doctor.h: looks for what is wrong with the data, and changes nothing.
//
// doctor.c has the command and the order of the looks, each of which is a file of
// its own: root.c the root's entries and the mark, bucket.c a bucket's, scratch.c
// its .kv/, modes.c who may do what, disk.c the file system. judge.c has the rules
// that need no I/O. findings.c has all there is to find, as a table, and prints it.
//
// What the host does not tell (facts.h: owners, modes, the file system) is not
// looked at.
#ifndef DOCTOR_H
#define DOCTOR_H

#include "cli/names.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "facts.h"

enum finding {
    FINDING_NONE,

    // Of the root.
    FINDING_ROOT_FILE,
    FINDING_ROOT_LINK,
    FINDING_BUCKET_NAME,
    FINDING_DELETED_BUCKET,
    FINDING_MARK_LOST,
    FINDING_MARK_ODD,
    FINDING_NAMES_SETTING,

    // Of entries that are no keys.
    FINDING_DIRECTORY,
    FINDING_LINK,
    FINDING_PIPE,
    FINDING_SPECIAL,
    FINDING_NAME,
    FINDING_NOT_UTF8,
    FINDING_HIDDEN,

    // Of keys.
    FINDING_LEFTOVER,
    FINDING_COUNTER_FORM,
    FINDING_COUNTER_EIGHT,
    FINDING_COUNTER_RANGE,
    FINDING_TOO_LARGE,
    FINDING_FOLDED,
    FINDING_NOT_PORTABLE,

    // Of .kv/.
    FINDING_SCRATCH_KIND,
    FINDING_SCRATCH_FOREIGN,
    FINDING_SCRATCH_STALE,
    FINDING_TURN_FOREIGN,
    FINDING_TURN_STALE,

    // Of owners and modes.
    FINDING_UNREADABLE,
    FINDING_OWNER,
    FINDING_MODE,
    FINDING_GROUP,
    FINDING_STICKY,
    FINDING_OPEN_TO_ALL,
    FINDING_HARD_LINK,
    FINDING_OTHER_MOUNT,

    // Of the file system.
    FINDING_SPACE,
    FINDING_INODES,
    FINDING_READ_ONLY,
    FINDING_FILE_SYSTEM,
    FINDING_FOLDS_NAMES,

    finding_count,
};

enum finding_level {
    FINDING_NOTE,    // worth to know; nothing has to be done
    FINDING_WARNING, // something is not as somebody will have meant it
    FINDING_PROBLEM, // calls fail, or data are in danger
    finding_level_count,
};

// A part of the look, a bucket for example, within which findings of one kind are
// alike. Parts lie within each other.
struct doctor_part {
    struct doctor_part *outer;
    uint32_t found[finding_count]; // of each kind
};

struct doctor {
    struct session *session;
    struct port *port;
    enum names names;  // what the root has
    struct path path;  // what is looked at
    struct facts root; // all zero where it is not known: the administrator's
    uint64_t now;      // of the wall clock; 0: not known
    uint64_t buckets;  // that were looked through
    uint64_t keys;
    uint64_t found[finding_level_count];
    struct doctor_part *part; // that is looked at
    bool told;                // one was printed already
    uint64_t portable_names;  // that only portable names have,
    uint64_t plain_names;     // and that only plain ones have
    uint64_t not_portable;    // file names that not every disk would take
    struct path not_portable_first;
    struct progress progress;
};

// ---- Findings ----

// Tells of a finding at `path`; `detail`, if there is any, is put after the
// table's own words. Of many alike in one part only the first are told.
void doctor_tell(struct doctor *doctor, enum finding finding, const struct path *path,
                 const char *detail);

// Begins a part; ends it with how many were not told.
void doctor_begin_part(struct doctor *doctor, struct doctor_part *part);
void doctor_end_part(struct doctor *doctor);

// ---- The looks ----

// Each looks at what is at `doctor->path`, and leaves that as it was. What cannot
// be looked at is a finding, not a failure.
void doctor_root(struct doctor *doctor);
void doctor_bucket(struct doctor *doctor);
void doctor_scratch(struct doctor *doctor);
void doctor_disk(struct doctor *doctor);

// Of a bucket's directory beside the root's, of .kv/ and of values beside the
// bucket's: who may do what.
void doctor_modes_bucket(struct doctor *doctor, const struct facts *root,
                         const struct facts *bucket);
void doctor_modes_scratch(struct doctor *doctor, const struct facts *bucket);
void doctor_modes_value(struct doctor *doctor, const struct facts *bucket);

// ---- Rules ----

// What a short value's content says of what it was meant to be.
enum finding judge_value(struct bytes content);

// True for a file name that an editor or a sync tool leaves behind.
bool judge_is_leftover(struct bytes file);

// True if every common disk takes the file name, and tells it from others.
bool judge_is_portable(struct bytes file);

// Compares file names as a disk does that takes upper and lower case for one:
// below, at or above 0.
int judge_compare_folded(struct bytes a, struct bytes b);

// ---- Walking ----

// Pushes a part onto doctor->path, and gives what doctor_leave undoes it with.
size_t doctor_enter(struct doctor *doctor, struct bytes name);
void doctor_leave(struct doctor *doctor, size_t before);

// Calls `look` for each entry of the directory at doctor->path, with its kind and
// its path pushed onto doctor->path; `name` is the entry's, empty where it is not
// UTF-8. Returns how it ended.
enum status doctor_walk(struct doctor *doctor,
                        void (*look)(struct doctor *doctor, struct bytes name, enum port_kind kind,
                                     void *context),
                        void *context);

#endif
