#include "program.h"

#include <limits.h>

void world_do(struct writer *writer, struct step step)
{
    allocation_switch(&writer->memory);
    struct bucket *bucket;
    enum status status = store_open(&writer->store, BYTES("b"), &bucket);
    if (status != STATUS_OK) {
        program_note_error(writer, status);
        return;
    }
    program_step(writer, bucket, step);
    store_close(bucket);
}

struct litter {
    unsigned writers; // directories of writers that prepare
    unsigned turns;   // entries of the turn,
    unsigned busy;    // and files in it
    unsigned unknown; // anything else
};

static bool is_named(const struct entry *entry, const char *name)
{
    return bytes_equal((struct bytes){entry->name, entry->name_size},
                       (struct bytes){(const uint8_t *)name, strlen(name)});
}

static const struct entry *entry_of(const struct disk *disk, disk_inode inode)
{
    for (unsigned i = 0; i < disk->entry_count; i++) {
        if (disk->entries[i].target == inode) {
            return &disk->entries[i];
        }
    }
    return NULL;
}

// What stands in a directory of `.kv/`, or in one of those.
static void count_inside(const struct disk *disk, const struct entry *entry, disk_inode scratch,
                         struct litter *litter)
{
    const struct entry *above = entry_of(disk, entry->directory);
    bool deep = above != NULL && above->directory != scratch;
    const struct entry *top = deep ? entry_of(disk, above->directory) : above;
    bool file = disk->inodes[entry->target].kind == PORT_FILE;
    if (top == NULL || top->directory != scratch || is_named(top, "spare") || (deep && !file)) {
        litter->unknown++;
    } else if (is_named(top, "turn")) {
        litter->turns += !deep;
        litter->busy += file;
    }
}

static void count_entry(const struct disk *disk, const struct entry *entry, struct litter *litter)
{
    disk_inode bucket = disk_at(disk, "b");
    disk_inode scratch = disk_at(disk, "b/.kv");
    enum port_kind kind = disk->inodes[entry->target].kind;
    if (entry->directory == disk_root) {
        litter->unknown += !is_named(entry, "b");
    } else if (entry->directory == bucket) {
        bool known = is_named(entry, "k0") || is_named(entry, "k1") || is_named(entry, "k2") ||
                     is_named(entry, "k3") || is_named(entry, "first");
        litter->unknown += !(known && kind == PORT_FILE) && !is_named(entry, ".kv");
    } else if (entry->directory == scratch) {
        bool id = kind == PORT_DIRECTORY && entry->name_size == turn_id_bytes;
        litter->writers += id;
        litter->unknown += !id && !is_named(entry, "turn") && !is_named(entry, "spare");
    } else {
        count_inside(disk, entry, scratch, litter);
    }
}

static void check_litter(struct world *world, unsigned writers_max, bool may_be_busy)
{
    struct litter litter = {0, 0, 0, 0};
    for (unsigned i = 0; i < world->disk.entry_count; i++) {
        if (world->disk.entries[i].target != 0) {
            count_entry(&world->disk, &world->disk.entries[i], &litter);
        }
    }
    if (litter.unknown > 0 || litter.turns > 1 || litter.writers > writers_max ||
        (litter.busy > 0 && !may_be_busy)) {
        world_fail(world, "litter: %u writers, %u turns with %u files, %u other entries",
                   litter.writers, litter.turns, litter.busy, litter.unknown);
    }
}

void world_check(struct world *world, unsigned keys)
{
    unsigned dead = world->crashes;
    for (unsigned i = 0; i < world->writer_count; i++) {
        dead += world->writers[i].view.fault.hit; // each may have left what it prepared
    }
    world->errors_allowed = world->any_error = world->keys_vanish = false;
    world->outcome = world->outcome == WORLD_FAILED ? WORLD_FAILED : WORLD_ENDED;
    // A power cut brings back any number of them.
    bool cut = world->stop_after > 0;
    unsigned writers_max = cut ? UINT_MAX : dead + (world->left == LEFT_LITTER ? 3 : 0);
    check_litter(world, writers_max, cut || dead > 0 || world->left >= LEFT_FILE);
    struct writer *fresh = world_fresh(world);
    for (unsigned key = 0; key < keys; key++) {
        world_do(fresh, (struct step){OP_GET, key, false});
    }
    world_do(fresh, (struct step){OP_SET, 0, false});
    check_litter(world, writers_max, false);
    world_do(fresh, (struct step){OP_INCREMENT, 0, false});
    world_do(fresh, (struct step){op_kinds, 0, false});
    for (unsigned key = 0; key < keys; key++) {
        if (!history_linearizable(&world->history, key)) {
            world_fail(world, "no order of the operations on key %u gives these answers", key);
        }
    }
    store_free(&fresh->store);
    program_check_released(fresh);
}
