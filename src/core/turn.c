#include "turn.h"

#include "hex.h"
#include "scratch.h"

enum {
    stats_max = 4,        // tries to see whether our entry is there
    makes_max = 8,        // tries to make our directory
    penalty_max = 256,    // changes without a series
    series_pays_from = 2, // changes; a series that was put aside before was in vain
    clean_one_in = 64,    // new instances that look for litter
};

static const uint64_t at_work = 10 * 1000 * 1000; // nanoseconds since the last change, at most

static const struct bytes turn_name = {(const uint8_t *)"turn", 4};

// ---- Names ----

static struct bytes id_of(const struct turn_try *try)
{
    return (struct bytes){try->id, turn_id_bytes};
}

// `.kv/<id>` before the turn is taken, `.kv/turn` after it.
static void own_path(const struct turn_try *try, struct path *path)
{
    scratch_inside(try->bucket, try->taken ? turn_name : id_of(try), path);
}

static void entry_path(const struct turn_try *try, struct path *path)
{
    own_path(try, path);
    if (try->directory) {
        path_push(path, id_of(try));
    }
}

void turn_path(const struct turn_try *try, struct path *path)
{
    entry_path(try, path);
    path_push(path, (struct bytes){try->token, try->token_size});
}

static struct place kept_place(const struct turn_try *try, const struct path *path)
{
    struct place place = path_place(path);
    if (try->kept != port_root) {
        place.directory = try->kept;
        place.path.data += try->bucket->size + 1;
        place.path.size -= try->bucket->size + 1;
    }
    return place;
}

// Names the try's file: by the id where it is the entry itself, else by its
// number in the series. No name is used twice, so that others see it change.
static void name_token(struct turn_try *try)
{
    size_t size = 0;
    if (!try->directory) {
        memcpy(try->token, try->id, turn_id_bytes);
        size = turn_id_bytes;
    } else {
        unsigned serial = ++try->turn->serial;
        do {
            try->token[size++] = hex_digit(serial & 15);
            serial >>= 4;
        } while (serial > 0);
    }
    unsigned letter = try->letter < patience_letter_max ? try->letter : patience_letter_max;
    try->token[size++] = (uint8_t)('a' + letter);
    try->token_size = size;
}

// ---- The series ----

bool turn_resume(struct turn_try *try)
{
    struct turn *turn = try->turn;
    if (!turn->series) {
        return false;
    }
    memcpy(try->id, turn->id, turn_id_bytes);
    try->directory = true;
    try->keeps = true;
    try->taken = true;
    name_token(try);
    return true;
}

// Two instances that change a bucket by turns put aside each other's series, and
// are better off without: each that was in vain doubles how long we go without.
void turn_put_aside(struct turn_try *try)
{
    struct turn *turn = try->turn;
    if (turn->changes >= series_pays_from) {
        turn->penalty = 0;
        turn->displaced = port_now(try->port) - turn->changed < at_work;
    } else if (turn->penalty < penalty_max) {
        turn->penalty = turn->penalty == 0 ? 1 : turn->penalty * 2;
    }
    turn->without = turn->penalty;
    turn->series = false;
    try->taken = false;
    try->directory = false;
    try->keeps = false;
    try->kept = port_root;
}

void turn_end_series(struct turn_try *try)
{
    struct turn_try series = *try;
    if (turn_resume(&series)) {
        struct path path;
        entry_path(&series, &path);
        (void)port_remove_directory(try->port, path_place(&path)); // others would do it
        try->turn->series = false;
    }
}

// ---- Preparing ----

static enum status make_directory(struct turn_try *try, const struct path *path)
{
    enum status status = port_make_directory(try->port, path_place(path));
    if (status == STATUS_NO_SPACE && try->deletes && scratch_make_room(try->port, try->bucket)) {
        try->made_room = true;
        status = port_make_directory(try->port, path_place(path));
    }
    return status;
}

// Makes `.kv/<id>/`, and `.kv/` before it where that is not there.
static enum status make_own(struct turn_try *try)
{
    for (unsigned i = 0; i < makes_max; i++) {
        hex_write_u64(port_random(try->port), try->id);
        struct path path;
        own_path(try, &path);
        enum status status = make_directory(try, &path);
        if (status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY) {
            status = scratch_make(try->port, try->bucket);
            if (status != STATUS_OK) {
                return status;
            }
        } else if (status == STATUS_IS_SYMLINK) {
            return STATUS_SCRATCH;
        } else if (status != STATUS_EXISTS) {
            return status;
        }
    }
    return STATUS_LOST;
}

// Whether a first change of this instance looks for litter: its id is random.
static bool cleans(const struct turn_try *try)
{
    return !try->turn->again && try->id[0] == '0' &&
           hex_value(try->id[1]) % (clean_one_in / 16) == 0;
}

enum status turn_make(struct turn_try *try)
{
    struct turn *turn = try->turn;
    try->keeps = turn->again && turn->without == 0 && !try->single;
    if (turn->without > 0) {
        turn->without--;
    }
    try->directory = try->keeps || try->deletes;
    enum status status = make_own(try);
    if (status != STATUS_OK) {
        return status;
    }
    name_token(try);
    if (cleans(try)) {
        scratch_clean(try->port, try->bucket, id_of(try));
    }
    if (!try->directory) {
        return STATUS_OK;
    }
    struct path path;
    entry_path(try, &path);
    status = make_directory(try, &path);
    try->entry_made = status == STATUS_OK;
    return turn_lost(try, status);
}

enum status turn_open_file(struct turn_try *try, port_handle *file)
{
    struct path path;
    turn_path(try, &path);
    enum status status = port_open(try->port, kept_place(try, &path), PORT_CREATE, file);
    try->file_made = status == STATUS_OK;
    return status;
}

// A stat does not tell whether an entry that cannot be found can still be used:
// Linux shows a directory's name for a moment after the last file in it can be made.
enum status turn_lost(const struct turn_try *try, enum status status)
{
    if (status == STATUS_OK || status == STATUS_NO_ENTRY) {
        return status == STATUS_OK ? STATUS_OK : STATUS_LOST;
    }
    struct path path;
    struct port_stat stat;
    if (try->file_made) {
        turn_path(try, &path);
    } else if (try->taken || try->entry_made) {
        entry_path(try, &path);
    } else {
        own_path(try, &path);
    }
    // Where `.kv/turn` is replaced at this moment, hosts say input/output error.
    enum status there = STATUS_IO;
    for (unsigned i = 0; i < stats_max && there == STATUS_IO; i++) {
        there = port_stat(try->port, path_place(&path), &stat);
    }
    return there == STATUS_NO_ENTRY || there == STATUS_NOT_DIRECTORY ? STATUS_LOST : status;
}

// ---- The end of a change ----

void turn_committed(struct turn_try *try)
{
    struct turn *turn = try->turn;
    turn->again = true;
    if (try->made_room) {
        scratch_restore_spare(try->port, try->bucket);
    }
    if (try->keeps) {
        turn->changes = turn->series ? turn->changes + 1 : 1;
        turn->series = true;
        turn->changed = port_now(try->port);
        memcpy(turn->id, try->id, turn_id_bytes);
    } else if (try->directory) {
        struct path path;
        entry_path(try, &path);
        (void)port_remove_directory(try->port, path_place(&path)); // it is idle: others would
    }
}

enum status turn_abandon(struct turn_try *try, enum status status)
{
    struct path path;
    if (try->file_made) {
        turn_path(try, &path);
        enum status removed = port_remove_file(try->port, path_place(&path));
        if (removed != STATUS_OK && turn_lost(try, removed) == STATUS_LOST && try->taken) {
            status = STATUS_LOST;
            // In a bucket that was moved away it would be in the way.
            (void)port_remove_file(try->port, kept_place(try, &path));
        }
        try->file_made = false;
    }
    if (try->directory && !(try->taken && try->keeps && try->turn->series)) {
        entry_path(try, &path);
        (void)port_remove_directory(try->port, path_place(&path));
    }
    if (!try->taken) {
        own_path(try, &path);
        (void)port_remove_directory(try->port, path_place(&path)); // what stays is litter
    }
    return status;
}
