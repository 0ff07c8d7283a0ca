#include "scratch.h"

#include "hex.h"

enum {
    names_max = 32,       // entries of `.kv/` that are looked at in one go
    inside_max = 16,      // files that are removed from one directory
    unreadable_max = 256, // entries that cannot be read; then there may be no end to them
};

static const uint64_t litter_age = (uint64_t)600 * 1000 * 1000 * 1000; // nanoseconds

void scratch_path(const struct path *bucket, struct path *path)
{
    path_copy(path, bucket);
    path_push(path, BYTES(".kv"));
}

void scratch_inside(const struct path *bucket, struct bytes name, struct path *path)
{
    scratch_path(bucket, path);
    path_push(path, name);
}

void scratch_restore_spare(struct port *port, const struct path *bucket)
{
    struct path spare;
    scratch_inside(bucket, BYTES("spare"), &spare);
    (void)port_make_directory(port, path_place(&spare));
}

enum status scratch_make(struct port *port, const struct path *bucket)
{
    struct path path;
    scratch_path(bucket, &path);
    enum status status = port_make_directory(port, path_place(&path));
    if (status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY) {
        return STATUS_NO_SUCH_STORE;
    }
    if (status == STATUS_OK) {
        scratch_restore_spare(port, bucket);
    }
    if (status != STATUS_EXISTS) {
        return status;
    }
    // A link to nothing is there as well, and nothing can be made in it.
    struct port_stat stat;
    status = port_stat(port, path_place(&path), &stat);
    if (status == STATUS_OK && stat.kind != PORT_DIRECTORY) {
        return STATUS_SCRATCH;
    }
    return status == STATUS_NO_ENTRY ? STATUS_OK : status;
}

// A writer's id, in capitals or, on a disk that does not keep case, not.
static bool is_id(struct bytes name)
{
    uint8_t digits[scratch_id_bytes];
    for (size_t i = 0; i < name.size && i < sizeof digits; i++) {
        uint8_t digit = name.data[i];
        digits[i] = digit >= 'a' && digit <= 'f' ? (uint8_t)(digit - 'a' + 'A') : digit;
    }
    uint64_t id;
    return name.size == sizeof digits && hex_read_u64(digits, sizeof digits, &id);
}

// ---- Looking into it ----

struct entries {
    struct scratch_name list[names_max];
    size_t count;
};

// Copies up to `most` entries of an open directory.
static enum status read_names(struct port *port, port_handle directory, struct entries *entries,
                              size_t most)
{
    port_handle listing;
    enum status status = port_list(port, directory, &listing);
    if (status != STATUS_OK) {
        return status;
    }
    unsigned unreadable = 0;
    bool strange = false;
    while (status == STATUS_OK && entries->count < most) {
        struct port_entry entry;
        status = port_list_next(port, listing, &entry);
        if (status == STATUS_NO_ENTRY || status == STATUS_BAD_NAME ||
            (status == STATUS_OK && entry.name.size > name_bytes_max)) {
            // For ever the same: a directory that was removed meanwhile, or no names of ours.
            // Once or twice: an entry that left while it was listed.
            enum status what = status == STATUS_NO_ENTRY ? STATUS_NO_ENTRY : STATUS_SCRATCH;
            strange = strange || what == STATUS_SCRATCH;
            status = ++unreadable < unreadable_max ? STATUS_OK : what;
        } else if (status == STATUS_OK) {
            struct scratch_name *name = &entries->list[entries->count++];
            memcpy(name->bytes, entry.name.data, entry.name.size);
            name->size = entry.name.size;
            name->kind = entry.kind;
        }
    }
    port_list_close(port, listing);
    if (status == STATUS_END && strange && entries->count == 0) {
        return STATUS_SCRATCH;
    }
    return status == STATUS_END ? STATUS_OK : status;
}

// Lists up to `most` entries of the directory at `path`.
static enum status list_names(struct port *port, const struct path *path, struct entries *entries,
                              size_t most)
{
    entries->count = 0;
    port_handle directory;
    enum status status = port_open(port, path_place(path), PORT_LIST, &directory);
    if (status != STATUS_OK) {
        return status == STATUS_NOT_DIRECTORY || status == STATUS_IS_SYMLINK ? STATUS_SCRATCH
                                                                             : status;
    }
    status = read_names(port, directory, entries, most);
    enum status closed = port_close(port, directory);
    return status != STATUS_OK ? status : closed;
}

enum status scratch_first(struct port *port, const struct path *path, struct scratch_name *name)
{
    struct entries entries;
    enum status status = list_names(port, path, &entries, 1);
    name->size = 0;
    if (status == STATUS_OK && entries.count > 0) {
        *name = entries.list[0];
    }
    return status;
}

// ---- Removing ----

static bool is_not_empty(enum status status)
{
    return status == STATUS_NOT_EMPTY || status == STATUS_EXISTS;
}

// A directory with something in it, in the way of the turn: a deletion found it
// in its key's place and died before it put it back, or a person put it here.
// It is not ours to remove. It is moved to a name that nobody looks at.
static enum status move_away(struct port *port, const struct path *bucket, const struct path *path)
{
    uint8_t name[5 + 16] = {'k', 'e', 'p', 't', '-'};
    hex_write_u64(port_random(port), name + 5);
    struct path kept;
    scratch_inside(bucket, (struct bytes){name, sizeof name}, &kept);
    enum status status = port_rename(port, path_place(path), path_place(&kept));
    return is_not_empty(status) ? STATUS_SCRATCH : status;
}

enum status scratch_remove(struct port *port, const struct path *bucket, const struct path *path)
{
    enum status status = port_remove_file(port, path_place(path));
    if (status != STATUS_OK && status != STATUS_NO_ENTRY) {
        // Linux and WASI say EISDIR for a directory, POSIX and macOS EPERM.
        enum status again = port_remove_directory(port, path_place(path));
        if (is_not_empty(again)) {
            again = move_away(port, bucket, path);
        }
        status = again == STATUS_NOT_DIRECTORY ? status : again;
    }
    return status == STATUS_NO_ENTRY ? STATUS_OK : status;
}

// ---- Room on a full disk ----

static bool removed(struct port *port, const struct path *bucket, struct bytes name)
{
    struct path path;
    scratch_inside(bucket, name, &path);
    return port_remove_directory(port, path_place(&path)) == STATUS_OK;
}

bool scratch_make_room(struct port *port, const struct path *bucket)
{
    struct path path;
    struct scratch_name name;
    scratch_inside(bucket, BYTES("turn"), &path);
    bool room = false;
    if (scratch_first(port, &path, &name) == STATUS_OK && name.size > 0) {
        path_push(&path, (struct bytes){name.bytes, name.size});
        room |= port_remove_directory(port, path_place(&path)) == STATUS_OK;
    }
    room |= removed(port, bucket, BYTES("turn"));
    room |= removed(port, bucket, BYTES("spare"));
    struct entries entries;
    scratch_path(bucket, &path);
    if (list_names(port, &path, &entries, names_max) == STATUS_OK) {
        for (size_t i = 0; i < entries.count; i++) {
            struct bytes entry = {entries.list[i].bytes, entries.list[i].size};
            if (is_id(entry)) {
                room |= removed(port, bucket, entry); // only if it is empty
            }
        }
    }
    return room;
}

// ---- Litter ----

// Removes the files in the directory at `path`, and it. What cannot be removed
// stays: it is no file of ours.
static void remove_files(struct port *port, const struct path *path)
{
    struct entries entries;
    if (list_names(port, path, &entries, inside_max) != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < entries.count; i++) {
        struct path inner;
        path_copy(&inner, path);
        path_push(&inner, (struct bytes){entries.list[i].bytes, entries.list[i].size});
        (void)port_remove_file(port, path_place(&inner));
    }
    (void)port_remove_directory(port, path_place(path));
}

// Removes `.kv/<id>/` as its writer left it: files in it, or in `<id>/` in it.
static void remove_litter(struct port *port, const struct path *bucket, struct bytes id)
{
    struct path path;
    scratch_inside(bucket, id, &path);
    struct path inner;
    path_copy(&inner, &path);
    path_push(&inner, id);
    remove_files(port, &inner);
    remove_files(port, &path);
}

void scratch_clean(struct port *port, const struct path *bucket, struct bytes own)
{
    struct path path;
    struct port_stat stat;
    scratch_inside(bucket, own, &path);
    if (port_stat(port, path_place(&path), &stat) != STATUS_OK || stat.modified == 0) {
        return;
    }
    uint64_t now = stat.modified;
    struct entries entries;
    scratch_path(bucket, &path);
    if (list_names(port, &path, &entries, names_max) != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < entries.count; i++) {
        struct bytes entry = {entries.list[i].bytes, entries.list[i].size};
        scratch_inside(bucket, entry, &path);
        if (is_id(entry) && !bytes_equal(entry, own) &&
            port_stat(port, path_place(&path), &stat) == STATUS_OK && stat.modified != 0 &&
            stat.modified < now && now - stat.modified > litter_age) {
            remove_litter(port, bucket, entry);
        }
    }
}
