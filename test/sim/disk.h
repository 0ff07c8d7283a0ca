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
// So nothing is taken on trust but sync itself. One promise can be switched on,
// that of file systems which write data before the rename that publishes it
// (ext4 as it comes, btrfs, APFS, ...): `ordered`. Then a renamed file's content
// is whole wherever its new name survives. Durability must not hang on it.
//
// A removed directory is still an inode as long as someone has it: a call that
// found it before it was removed acts in it, and gets STATUS_NO_ENTRY.
#ifndef DISK_H
#define DISK_H

#include "choices.h"
#include "core/port.h"

enum {
    disk_inodes_max = 2048,
    disk_entries_max = 256,
    disk_versions_max = 24, // states of one entry between two syncs
    disk_name_max = 48,
    disk_content_max = 160,
    disk_root = 1, // inode 0 is none
};

typedef uint16_t disk_inode;

struct inode {
    enum port_kind kind;
    bool removed;      // a directory: nothing can be made in it any more
    disk_inode target; // of a symbolic link
    uint16_t size;
    uint16_t durable_size;
    uint8_t content[disk_content_max];
    uint8_t durable[disk_content_max];
};

struct entry {
    disk_inode directory;
    disk_inode target; // 0: seen as gone
    uint8_t name_size;
    uint8_t name[disk_name_max];
    uint8_t version_count; // 0 where only what is seen is kept
    disk_inode versions[disk_versions_max];
};

struct disk {
    bool keeps_versions; // for power cuts
    bool ordered;        // data is written before the rename that publishes it
    bool folds;          // names are taken as fold.h says
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

// True if a directory holds no entry.
bool disk_empty(const struct disk *disk, disk_inode directory);

void disk_write(struct disk *disk, disk_inode file, const void *bytes, size_t size, size_t offset);
void disk_truncate(struct disk *disk, disk_inode file);

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
