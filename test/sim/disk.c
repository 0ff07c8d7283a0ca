#include "disk.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { links_max = UINT16_MAX };

// Long ago, so that what a test sets up is old when its writers begin.
static const uint64_t clock_start = 1600000000000000000;

void disk_init(struct disk *disk)
{
    disk->keeps_versions = false;
    disk->writes_before_rename = false;
    disk->recycles = disk->ticks = false;
    disk->mood = (struct disk_mood){.not_empty = STATUS_OK};
    disk->clock = clock_start;
    disk->position = 0;
    disk->free = disk->parent = disk->leaving = 0;
    disk->inode_count = 1;
    disk->entry_count = 0;
    disk_make(disk, PORT_DIRECTORY);
}

disk_inode disk_make(struct disk *disk, enum port_kind kind)
{
    disk_inode made = disk->free;
    if (made != 0) {
        disk->free = disk->inodes[made].target;
    } else if (disk->inode_count == disk_inodes_max) {
        fprintf(stderr, "the simulated disk has no inode left\n");
        abort();
    } else {
        made = (disk_inode)disk->inode_count++;
    }
    struct inode *inode = &disk->inodes[made];
    inode->kind = kind;
    inode->removed = inode->synced = false;
    inode->target = 0;
    inode->links = inode->holders = 0;
    inode->size = 0;
    inode->durable_size = 0;
    disk_touch(disk, made);
    return made;
}

void disk_touch(struct disk *disk, disk_inode inode)
{
    uint64_t step = disk->mood.clock_step;
    disk->clock += disk->ticks;
    disk->inodes[inode].modified = step > 1 ? disk->clock / step * step : disk->clock;
}

static const uint64_t clock_coarse = 2000000000; // nanoseconds, FAT's

static const struct {
    const char *name;
    struct disk_mood mood;
} moods[disk_moods] = {
    {"ext4", {.lingers = true}},
    {"tmpfs", {.moves_replaced = true, .lingers = true}},
    {"btrfs, kinds unknown", {.moves_replaced = true, .kinds_unknown = true}},
    {"xfs on nfs",
     {.not_empty = STATUS_EXISTS, .lost = STATUS_IO, .loses_files = true, .kinds_unknown = true}},
    {"sshfs", {.not_empty = STATUS_ACCESS, .lost = STATUS_IO, .clock_step = 1000000000}},
    {"windows", {.not_empty = STATUS_NOT_EMPTY, .no_replace = STATUS_ACCESS}},
    {"fat", {.no_replace = STATUS_EXISTS, .moves_replaced = true, .clock_step = clock_coarse}},
    {"a host that says io", {.not_empty = STATUS_IO, .lost = STATUS_IO, .no_clock = true}},
};

struct disk_mood disk_mood_of(unsigned number)
{
    assert(number < disk_moods);
    return moods[number].mood;
}

const char *disk_mood_name(unsigned number)
{
    return moods[number].name;
}

static void free_unused(struct disk *disk, disk_inode inode)
{
    struct inode *unused = &disk->inodes[inode];
    if (disk->recycles && inode != disk_root && unused->links == 0 && unused->holders == 0) {
        unused->target = disk->free;
        disk->free = inode;
    }
}

void disk_hold(struct disk *disk, disk_inode inode)
{
    disk->inodes[inode].holders++;
}

void disk_release(struct disk *disk, disk_inode inode)
{
    if (inode != 0) {
        assert(disk->inodes[inode].holders > 0);
        disk->inodes[inode].holders--;
        free_unused(disk, inode);
    }
}

static uint32_t entry_hash(disk_inode directory, struct bytes name)
{
    uint32_t hash = directory;
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ name.data[i]) * 0x01000193;
    }
    return hash;
}

static struct entry *find_entry(const struct disk *disk, disk_inode directory, struct bytes name)
{
    uint32_t hash = entry_hash(directory, name);
    for (unsigned i = 0; i < disk->entry_count; i++) {
        const struct entry *entry = &disk->entries[i];
        if (entry->hash == hash && entry->directory == directory && entry->name_size == name.size &&
            memcmp(entry->name, name.data, name.size) == 0) {
            return (struct entry *)(uintptr_t)entry;
        }
    }
    return NULL;
}

disk_inode disk_find(const struct disk *disk, disk_inode directory, struct bytes name)
{
    const struct entry *entry = find_entry(disk, directory, name);
    return entry != NULL ? entry->target : 0;
}

static void drop_entry(struct disk *disk, struct entry *entry)
{
    *entry = disk->entries[--disk->entry_count];
}

static struct entry *make_entry(struct disk *disk, disk_inode directory, struct bytes name)
{
    if (disk->entry_count == disk_entries_max) {
        fprintf(stderr, "the simulated disk has no entry left\n");
        abort();
    }
    struct entry *entry = &disk->entries[disk->entry_count++];
    entry->directory = directory;
    entry->target = 0;
    entry->hash = entry_hash(directory, name);
    entry->name_size = (uint8_t)name.size;
    memcpy(entry->name, name.data, name.size);
    entry->version_count = 0;
    if (disk->keeps_versions) {
        entry->versions[entry->version_count++] = 0;
    }
    return entry;
}

void disk_set(struct disk *disk, disk_inode directory, struct bytes name, disk_inode target)
{
    struct entry *entry = find_entry(disk, directory, name);
    if (entry == NULL) {
        if (target == 0) {
            return;
        }
        entry = make_entry(disk, directory, name);
    }
    if (entry->target == 0) {
        entry->position = ++disk->position;
    }
    disk_inode before = entry->target;
    entry->target = target;
    if (target != 0) {
        disk->inodes[target].links++;
    }
    assert(disk->inodes[target].links < links_max);
    if (before != 0) {
        disk->inodes[before].links--;
        free_unused(disk, before);
    }
    disk_touch(disk, directory);
    if (disk->keeps_versions) {
        assert(entry->version_count < disk_versions_max);
        entry->versions[entry->version_count++] = target;
    } else if (target == 0) {
        drop_entry(disk, entry);
    }
}

void disk_replace(struct disk *disk, disk_inode directory, struct bytes name, disk_inode target)
{
    disk_set(disk, directory, name, target);
    if (disk->mood.moves_replaced) {
        find_entry(disk, directory, name)->position = ++disk->position;
    }
}

void disk_remove_directory(struct disk *disk, disk_inode parent, struct bytes name)
{
    disk_settle(disk, 0);
    disk->leaving = disk_find(disk, parent, name);
    disk->parent = parent;
    disk->inodes[disk->leaving].removed = true;
    if (!disk->mood.lingers) {
        disk_settle(disk, parent);
    }
}

void disk_settle(struct disk *disk, disk_inode parent)
{
    if (disk->parent == 0 || (parent != 0 && parent != disk->parent)) {
        return;
    }
    for (unsigned i = 0; i < disk->entry_count; i++) {
        const struct entry *entry = &disk->entries[i];
        if (entry->directory == disk->parent && entry->target == disk->leaving) {
            uint8_t name[disk_name_max];
            memcpy(name, entry->name, entry->name_size);
            disk_set(disk, disk->parent, (struct bytes){name, entry->name_size}, 0);
            break;
        }
    }
    disk->parent = disk->leaving = 0;
}

bool disk_empty(const struct disk *disk, disk_inode directory)
{
    for (unsigned i = 0; i < disk->entry_count; i++) {
        if (disk->entries[i].directory == directory && disk->entries[i].target != 0) {
            return false;
        }
    }
    return true;
}

void disk_write(struct disk *disk, disk_inode file, const void *bytes, size_t size, size_t offset)
{
    struct inode *inode = &disk->inodes[file];
    assert(offset + size <= disk_content_max);
    if (offset > inode->size) {
        memset(inode->content + inode->size, 0, offset - inode->size);
    }
    memcpy(inode->content + offset, bytes, size);
    if (offset + size > inode->size) {
        inode->size = (uint16_t)(offset + size);
    }
    disk_touch(disk, file);
}

void disk_sync(struct disk *disk, disk_inode inode)
{
    struct inode *synced = &disk->inodes[inode];
    if (synced->kind != PORT_DIRECTORY) {
        synced->durable_size = synced->size;
        memcpy(synced->durable, synced->content, synced->size);
        return;
    }
    synced->synced = true;
    for (unsigned i = 0; i < disk->entry_count; i++) {
        struct entry *entry = &disk->entries[i];
        if (entry->directory != inode || !disk->keeps_versions) {
            continue;
        }
        if (entry->target == 0) {
            drop_entry(disk, entry);
            i--;
        } else {
            entry->version_count = 1;
            entry->versions[0] = entry->target;
        }
    }
}

void disk_sync_all(struct disk *disk)
{
    disk->keeps_versions = true;
    for (unsigned i = 1; i < disk->inode_count; i++) {
        disk_sync(disk, (disk_inode)i);
    }
}

// ---- A power cut ----

static void cut_content(const struct inode *before, struct choices *choices, struct inode *after)
{
    enum { DURABLE, WHOLE, NOTHING, HALF, ZEROS, outcomes };
    unsigned outcome = DURABLE;
    if (before->size != before->durable_size ||
        memcmp(before->content, before->durable, before->size) != 0) {
        outcome = choices_pick(choices, outcomes);
    }
    const uint8_t *content = outcome == DURABLE ? before->durable : before->content;
    unsigned size = before->size;
    if (outcome == DURABLE) {
        size = before->durable_size;
    } else if (outcome == NOTHING || outcome == HALF) {
        size = outcome == NOTHING ? 0 : size / 2;
    }
    after->size = (uint16_t)size;
    memcpy(after->content, content, size);
    if (outcome == ZEROS) {
        memset(after->content, 0, size);
    }
}

// Carries over one entry as one of the states it had, and with it what it
// names. An inode that two names survived for is carried over once.
static void cut_entry(const struct disk *before, const struct entry *entry, disk_inode directory,
                      struct choices *choices, struct disk *after, disk_inode *places)
{
    unsigned pick = 0;
    if (entry->version_count > 1) {
        pick = choices_pick(choices, entry->version_count);
    }
    disk_inode target = entry->versions[pick];
    if (target == 0) {
        return;
    }
    const struct inode *inode = &before->inodes[target];
    if (places[target] == 0) {
        if (inode->kind == PORT_DIRECTORY && !inode->synced && choices_pick(choices, 2) == 1) {
            return; // its name was written and it was not
        }
        places[target] = disk_make(after, inode->kind);
        if (inode->kind == PORT_FILE) {
            cut_content(inode, choices, &after->inodes[places[target]]);
        }
    }
    struct bytes name = {entry->name, entry->name_size};
    disk_set(after, directory, name, places[target]);
}

void disk_cut_power(const struct disk *disk, struct choices *choices, struct disk *after)
{
    disk_inode places[disk_inodes_max] = {0}; // where an inode went
    disk_inode queue[disk_inodes_max];        // directories to carry over
    unsigned queued = 0;
    disk_init(after);
    after->writes_before_rename = disk->writes_before_rename;
    after->mood = disk->mood;
    after->ticks = disk->ticks;
    after->clock = disk->clock;
    places[disk_root] = disk_root;
    queue[queued++] = disk_root;
    for (unsigned i = 0; i < queued; i++) {
        for (unsigned e = 0; e < disk->entry_count; e++) {
            const struct entry *entry = &disk->entries[e];
            if (entry->directory != queue[i]) {
                continue;
            }
            unsigned known = after->inode_count;
            cut_entry(disk, entry, places[queue[i]], choices, after, places);
            if (after->inode_count > known && after->inodes[known].kind == PORT_DIRECTORY) {
                for (unsigned v = 0; v < entry->version_count; v++) {
                    disk_inode target = entry->versions[v];
                    if (target != 0 && places[target] == known) {
                        queue[queued++] = target;
                        break;
                    }
                }
            }
        }
    }
    disk_sync_all(after);
}

// ---- Looking at the whole ----

static uint64_t content_hash(const struct inode *inode)
{
    uint64_t hash = inode->size;
    for (unsigned i = 0; i < inode->size; i++) {
        hash = (hash ^ inode->content[i]) * 0x100000001B3;
    }
    return hash;
}

// Where an entry comes in its directory's listings, on a disk that moves entries.
static uint64_t rank_of(const struct disk *disk, const struct entry *entry)
{
    uint64_t rank = 0;
    for (unsigned i = 0; i < disk->entry_count && disk->mood.moves_replaced; i++) {
        const struct entry *other = &disk->entries[i];
        rank += other->directory == entry->directory && other->target != 0 &&
                other->position < entry->position;
    }
    return rank;
}

void disk_hash(const struct disk *disk, uint64_t *hashes)
{
    disk_inode queue[disk_entries_max]; // directories
    unsigned queued = 0;
    uint64_t all = 0; // a sum, so that the order in which things were made does not matter
    for (unsigned i = 1; i < disk->inode_count; i++) {
        const struct inode *inode = &disk->inodes[i];
        uint64_t hash = inode->kind == PORT_FILE ? content_hash(inode) : 1;
        uint64_t state = inode->links == 0 ? 0 : inode->removed ? 2 : 1;
        hashes[i] = choices_mix(hash, inode->modified << 2 | state);
    }
    hashes[disk_root] = choices_mix(2, disk->inodes[disk_root].modified);
    queue[queued++] = disk_root;
    for (unsigned i = 0; i < queued; i++) {
        for (unsigned e = 0; e < disk->entry_count; e++) {
            const struct entry *entry = &disk->entries[e];
            if (entry->directory != queue[i] || entry->target == 0) {
                continue;
            }
            uint64_t name = entry->name_size;
            for (unsigned at = 0; at < entry->name_size; at++) {
                name = (name ^ entry->name[at]) * 0x100000001B3;
            }
            uint64_t place = choices_mix(hashes[entry->directory], name + rank_of(disk, entry));
            hashes[entry->target] = choices_mix(hashes[entry->target], place);
            all += hashes[entry->target];
            if (disk->inodes[entry->target].kind == PORT_DIRECTORY) {
                queue[queued++] = entry->target;
            }
        }
    }
    hashes[0] = all;
}

// The directory that holds the last part of a path, and that part.
static disk_inode parent_of(const struct disk *disk, const char *path, struct bytes *name)
{
    disk_inode at = disk_root;
    for (;;) {
        const char *end = strchr(path, '/');
        *name = (struct bytes){(const uint8_t *)path,
                               end != NULL ? (size_t)(end - path) : strlen(path)};
        if (end == NULL) {
            return at;
        }
        at = disk_find(disk, at, *name);
        path = end + 1;
    }
}

disk_inode disk_at(const struct disk *disk, const char *path)
{
    struct bytes name;
    disk_inode parent = parent_of(disk, path, &name);
    return parent != 0 ? disk_find(disk, parent, name) : 0;
}

disk_inode disk_put(struct disk *disk, const char *path, const char *content)
{
    struct bytes name;
    disk_inode parent = parent_of(disk, path, &name);
    assert(parent != 0);
    disk_inode made = disk_make(disk, content != NULL ? PORT_FILE : PORT_DIRECTORY);
    if (content != NULL) {
        disk_write(disk, made, content, strlen(content), 0);
    }
    disk_set(disk, parent, name, made);
    return made;
}

void disk_print(const struct disk *disk)
{
    for (unsigned i = 0; i < disk->entry_count; i++) {
        const struct entry *entry = &disk->entries[i];
        const struct inode *target = &disk->inodes[entry->target];
        if (entry->target == 0) {
            continue;
        }
        printf("    inode %u: \"%.*s\" is inode %u, %s of %u bytes\n", entry->directory,
               (int)entry->name_size, (const char *)entry->name, entry->target,
               target->kind == PORT_DIRECTORY ? "a directory" : "a file", target->size);
    }
}
