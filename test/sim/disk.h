// disk.h: a simulated disk. What is seen is one thing, what survives is another.
//
// The crash model. A disk is inodes (files, directories, links) and, for each
// directory, entries that name them. What writers see changes at once, call by
// call. What a power cut leaves is, of everything that has changed since it was
// last made durable, any part, each on its own:
//
// - A file's content that was not synced since it changed is what was synced
//   before, or nothing, or half of the new bytes, or as many zeros as there
//   should be bytes, or whole.
// - An entry of a directory that was not synced since has any of the states it
//   went through since: made, replaced, gone. Other entries of the same
//   directory do not matter: a file system may write them in any order. A
//   rename is two such changes, in its two directories; the name may survive in
//   both, or in none.
// - Syncing a file makes its content durable, not its name. Syncing a directory
//   makes its entries durable, not what they name.
//
// - A directory that was never synced is itself content: its name may survive
//   and it not, and then both are gone.
//
// So nothing is taken on trust but sync itself. One promise can be switched on,
// for an idealised disk on which a rename first writes what it moves:
// `writes_before_rename`. Then a renamed file's content is whole wherever its new
// name survives. No common file system promises it as it comes: ext4, XFS and
// Btrfs were all seen to break it. Nothing that is promised may hang on it.
//
// A removed directory is still an inode as long as someone has it: a call that
// found it before it was removed acts in it, and is refused.
//
// What differs from disk to disk and host to host is a mood (struct disk_mood).
// All zero is Linux with ext4.
#ifndef DISK_H
#define DISK_H

#include "choices.h"
#include "core/port.h"

enum {
    disk_inodes_max = 2048,
    disk_entries_max = 512,
    disk_versions_max = 24, // states of one entry between two syncs
    disk_name_max = 48,
    disk_content_max = 160,
    disk_root = 1, // inode 0 is none
};

typedef uint16_t disk_inode;

// How a disk, and the host in front of it, say and do things.
struct disk_mood {
    enum status not_empty;  // of a directory that is not: STATUS_OK stands for STATUS_NOT_EMPTY
    enum status no_replace; // an empty directory is not replaced, and this is said; OK: it is
    enum status lost;       // of a removed directory that is in use; OK: STATUS_NO_ENTRY
    bool loses_files;       // and the same of a removed file, where the clock ticks
    bool lingers;        // a directory's name is seen a moment longer than it can be used (Linux)
    bool moves_replaced; // a rename over a file moves its entry in the directory (tmpfs, Btrfs)
    bool kinds_unknown;  // a listing does not tell them
    bool folds;          // names are taken as fold.h says
    uint64_t clock_step; // times of change are rounded down to this; 0: to nanoseconds
    bool no_clock;       // no times of change are known
};

// The moods there are, by number, each with a name.
enum { disk_moods = 8 };
struct disk_mood disk_mood_of(unsigned number);
const char *disk_mood_name(unsigned number);

struct inode {
    enum port_kind kind;
    bool removed;      // a directory: nothing can be made in it any more
    bool synced;       // a directory: itself, not only its name
    disk_inode target; // of a symbolic link; of a free inode the next one
    uint16_t links;    // entries that name it
    uint16_t holders;  // handles and calls under way that have it
    uint64_t modified;
    uint16_t size;
    uint16_t durable_size;
    uint8_t content[disk_content_max];
    uint8_t durable[disk_content_max];
};

struct entry {
    disk_inode directory;
    disk_inode target; // 0: seen as gone
    uint32_t hash;     // of directory and name
    uint64_t position; // in listings of a disk that moves what is replaced
    uint8_t name_size;
    uint8_t name[disk_name_max];
    uint8_t version_count; // 0 where only what is seen is kept
    disk_inode versions[disk_versions_max];
};

struct disk {
    bool keeps_versions;       // for power cuts
    bool writes_before_rename; // an idealised disk
    bool recycles;             // inodes that nobody names or holds; not with versions
    struct disk_mood mood;
    bool ticks;        // the clock goes on with every change
    uint64_t clock;    // nanoseconds since 1970
    uint64_t position; // of the latest entry
    disk_inode free;   // the first free inode; 0: none
    disk_inode parent; // of a directory that is being removed, whose name is still there; 0: none
    disk_inode leaving;
    unsigned inode_count;
    unsigned entry_count;
    struct inode inodes[disk_inodes_max];
    struct entry entries[disk_entries_max];
};

void disk_init(struct disk *disk);

// A new inode, named by nothing yet.
disk_inode disk_make(struct disk *disk, enum port_kind kind);

// What a name in a directory stands for; 0 for nothing.
disk_inode disk_find(const struct disk *disk, disk_inode directory, struct bytes name);

// Sets what a name stands for; 0 takes it away.
void disk_set(struct disk *disk, disk_inode directory, struct bytes name, disk_inode target);

// Replaces what a name stands for by a rename: its entry may move.
void disk_replace(struct disk *disk, disk_inode directory, struct bytes name, disk_inode target);

// Begins to remove a directory: nothing can be made in it any more, but on a disk that
// lingers a stat still finds its name, until disk_settle. Whatever changes or lists the
// parent waits for that, so it calls disk_settle first.
void disk_remove_directory(struct disk *disk, disk_inode parent, struct bytes name);

// Ends the removal that is under way in `parent`, if there is one; 0: in any directory.
void disk_settle(struct disk *disk, disk_inode parent);

// A handle or a call under way has an inode, or has it no longer. 0 is ignored.
void disk_hold(struct disk *disk, disk_inode inode);
void disk_release(struct disk *disk, disk_inode inode);

// An inode was changed now.
void disk_touch(struct disk *disk, disk_inode inode);

// True if a directory holds no entry.
bool disk_empty(const struct disk *disk, disk_inode directory);

void disk_write(struct disk *disk, disk_inode file, const void *bytes, size_t size, size_t offset);

// Makes an inode durable: the content of a file or the entries of a directory.
void disk_sync(struct disk *disk, disk_inode inode);

// Everything as it is seen is durable.
void disk_sync_all(struct disk *disk);

// Makes `after` what a power cut leaves of `disk`, out of choices.
void disk_cut_power(const struct disk *disk, struct choices *choices, struct disk *after);

// A hash of each inode, of its content and where it is, and in hashes[0] of all
// that can be reached. Removed inodes that hold the same are the same.
void disk_hash(const struct disk *disk, uint64_t *hashes);

// Makes a file (or, where `content` is NULL, a directory) at a path whose
// directories are there. For setting up and for people's hands.
disk_inode disk_put(struct disk *disk, const char *path, const char *content);

// The inode at a path; 0 if there is none. Links are not followed.
disk_inode disk_at(const struct disk *disk, const char *path);

void disk_print(const struct disk *disk);

#endif
