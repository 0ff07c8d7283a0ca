#include "claim.h"

#include "hex.h"

enum {
    claim_makes_max = 8,      // tries to make our directory
    claim_rivals_batch = 64,  // rivals removed together
    claim_polite_rounds = 6,  // tries to find a rival between two changes
    claim_rounds_max = 256,   // tries to empty a rival's directory that fills again
    claim_foreign_round = 2,  // from here on more than a writer's own files is removed
    claim_skipped_max = 4096, // unreadable entries in a listing; no writer makes so many
};

static const struct bytes scratch_name = {(const uint8_t *)".kv", 3};

static void scratch_path(const struct path *bucket, struct path *path)
{
    path_copy(path, bucket);
    path_push(path, scratch_name);
}

static void id_path(const struct path *bucket, const uint8_t id[claim_id_bytes], struct path *path)
{
    scratch_path(bucket, path);
    path_push(path, (struct bytes){id, claim_id_bytes});
}

void claim_path(const struct claim *claim, const struct path *bucket, struct path *path)
{
    id_path(bucket, claim->id, path);
}

// Reads a claim's id from the name of its directory. A disk that does not keep
// case gives small letters back, and a rival not seen would still hold its claim.
static bool read_id(struct bytes name, uint8_t id[claim_id_bytes])
{
    for (size_t i = 0; i < claim_id_bytes && i < name.size; i++) {
        uint8_t digit = name.data[i];
        id[i] = digit >= 'a' && digit <= 'f' ? (uint8_t)(digit - 'a' + 'A') : digit;
    }
    uint64_t number;
    return hex_read_u64(id, name.size, &number);
}

// Makes `.kv/`. That it is there already, made by another writer, is fine.
static enum status make_scratch(struct port *port, const struct path *bucket)
{
    struct path path;
    scratch_path(bucket, &path);
    enum status status = port->make_directory(port, path_bytes(&path));
    if (status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY) {
        return STATUS_NO_SUCH_STORE;
    }
    if (status != STATUS_EXISTS) {
        return status;
    }
    // A link to nothing is there as well, and nothing can be made in it.
    struct port_stat look;
    status = port->look(port, port_root, path_bytes(&path), &look);
    if (status == STATUS_OK && look.kind != PORT_DIRECTORY) {
        return STATUS_SCRATCH;
    }
    return status == STATUS_NO_ENTRY ? STATUS_OK : status;
}

static enum status make_own(struct port *port, const struct path *bucket, struct claim *claim)
{
    for (int i = 0; i < claim_makes_max; i++) {
        hex_write_u64(port->random(port), claim->id);
        struct path path;
        claim_path(claim, bucket, &path);
        enum status status = port->make_directory(port, path_bytes(&path));
        if (status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY) {
            status = make_scratch(port, bucket);
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

// Removes one entry of a rival's directory; that it is gone is fine.
static enum status remove_inside(struct port *port, const struct path *rival, struct bytes name)
{
    struct path path;
    path_copy(&path, rival);
    path_push(&path, name);
    enum status status = port->remove_file(port, path_bytes(&path));
    // Linux and WASI say EISDIR for a directory, POSIX and macOS EPERM.
    if (status == STATUS_IS_DIRECTORY || status == STATUS_ACCESS) {
        enum status again = port->remove_directory(port, path_bytes(&path));
        if (again == STATUS_NOT_EMPTY || again == STATUS_EXISTS) {
            return STATUS_SCRATCH;
        }
        status = again == STATUS_NOT_DIRECTORY ? status : again;
    }
    return status == STATUS_NO_ENTRY ? STATUS_OK : status;
}

// Removes the first entry that the rival's directory lists. A writer puts only
// `new` and `old` there: whatever else it holds, a person did.
static enum status remove_foreign(struct port *port, const struct path *rival)
{
    port_handle directory;
    enum status status = port->open(port, port_root, path_bytes(rival), PORT_LIST, &directory);
    if (status != STATUS_OK) {
        return status == STATUS_NO_ENTRY ? STATUS_OK : status;
    }
    port_handle listing;
    status = port->list(port, directory, &listing);
    if (status == STATUS_OK) {
        struct port_entry entry;
        uint8_t name[name_bytes_max];
        size_t size = 0;
        status = port->list_next(port, listing, &entry);
        if (status == STATUS_OK && entry.name.size <= name_bytes_max) {
            size = entry.name.size;
            memcpy(name, entry.name.data, size);
        }
        port->list_close(port, listing);
        if (size > 0) {
            status = remove_inside(port, rival, (struct bytes){name, size});
        } else if (status == STATUS_BAD_NAME) {
            status = STATUS_SCRATCH;
        }
    }
    enum status closed = port->close(port, directory);
    if (status == STATUS_END || status == STATUS_NO_ENTRY) {
        status = STATUS_OK; // emptied meanwhile
    }
    return status != STATUS_OK ? status : closed;
}

// A directory that is not empty is a rival's in the middle of a change, or one's
// that crashed there. To wait lets the first finish, so that no work is lost; the
// second costs this wait, once. From 0.1 ms, doubling: 3 ms in all, on average.
static void let_finish(struct port *port, int round)
{
    uint64_t longest = (uint64_t)(100 * 1000) << round;
    port->pause(port, port->random(port) % longest);
}

static enum status remove_rival(struct port *port, const struct path *bucket,
                                const uint8_t id[claim_id_bytes])
{
    struct path rival;
    id_path(bucket, id, &rival);
    for (int round = 0; round < claim_rounds_max; round++) {
        enum status status = port->remove_directory(port, path_bytes(&rival));
        if (status == STATUS_NO_ENTRY) {
            return STATUS_OK;
        }
        if (status == STATUS_NOT_DIRECTORY) {
            status = port->remove_file(port, path_bytes(&rival));
            return status == STATUS_NO_ENTRY ? STATUS_OK : status;
        }
        if (status != STATUS_NOT_EMPTY && status != STATUS_EXISTS) {
            return status;
        }
        if (round < claim_polite_rounds) {
            let_finish(port, round);
            continue;
        }
        if (round < claim_polite_rounds + claim_foreign_round) {
            status = remove_inside(port, &rival, BYTES("new"));
            if (status == STATUS_OK) {
                status = remove_inside(port, &rival, BYTES("old"));
            }
        } else {
            status = remove_foreign(port, &rival);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_LOST; // it is too busy for us
}

// The ids of other writers, as a listing gives them.
struct rivals {
    uint8_t ids[claim_rivals_batch][claim_id_bytes];
    size_t count;
    bool more; // than a batch: some were removed while the listing went on
};

static enum status remove_batch(struct port *port, const struct path *bucket, struct rivals *rivals)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < rivals->count && status == STATUS_OK; i++) {
        status = remove_rival(port, bucket, rivals->ids[i]);
    }
    rivals->count = 0;
    return status;
}

// Reads the ids of other writers. Of many, whole batches are removed on the way.
static enum status read_rivals(struct port *port, const struct path *bucket, port_handle directory,
                               const struct claim *claim, struct rivals *rivals)
{
    port_handle listing;
    enum status status = port->list(port, directory, &listing);
    if (status != STATUS_OK) {
        return status;
    }
    size_t skipped = 0;
    while (status == STATUS_OK) {
        struct port_entry entry;
        status = port->list_next(port, listing, &entry);
        if (status == STATUS_OK && read_id(entry.name, rivals->ids[rivals->count]) &&
            memcmp(rivals->ids[rivals->count], claim->id, claim_id_bytes) != 0) {
            rivals->count++;
        }
        if (status == STATUS_OK && rivals->count == claim_rivals_batch) {
            rivals->more = true;
            status = remove_batch(port, bucket, rivals);
        }
        if (status == STATUS_NO_ENTRY || status == STATUS_BAD_NAME) {
            // That entry alone; no writer's name is like that. A bound, so that
            // a host that says this for ever is no endless loop.
            status = ++skipped < claim_skipped_max ? STATUS_OK : STATUS_SCRATCH;
        }
    }
    port->list_close(port, listing);
    return status == STATUS_END ? STATUS_OK : status;
}

// Some file systems leave entries out of a listing where the directory is changed
// meanwhile, so the last listing must be one in which nothing was removed.
static enum status remove_rivals(struct port *port, const struct path *bucket,
                                 const struct claim *claim)
{
    struct path path;
    scratch_path(bucket, &path);
    struct rivals rivals;
    do {
        port_handle directory;
        enum status status = port->open(port, port_root, path_bytes(&path), PORT_LIST, &directory);
        if (status == STATUS_NO_ENTRY) {
            return STATUS_LOST;
        }
        if (status != STATUS_OK) {
            return status == STATUS_NOT_DIRECTORY || status == STATUS_IS_SYMLINK ? STATUS_SCRATCH
                                                                                 : status;
        }
        rivals.count = 0;
        rivals.more = false;
        status = read_rivals(port, bucket, directory, claim, &rivals);
        enum status closed = port->close(port, directory);
        if (status == STATUS_OK) {
            status = remove_batch(port, bucket, &rivals);
        }
        if (status != STATUS_OK || closed != STATUS_OK) {
            return status != STATUS_OK ? status : closed;
        }
    } while (rivals.more);
    return STATUS_OK;
}

enum status claim_take(struct port *port, const struct path *bucket, struct claim *claim)
{
    claim->held = false;
    enum status status = make_own(port, bucket, claim);
    if (status != STATUS_OK) {
        return status;
    }
    status = remove_rivals(port, bucket, claim);
    if (status != STATUS_OK) {
        // Not to leave litter; where this fails too, the next writer removes it.
        struct path path;
        claim_path(claim, bucket, &path);
        (void)port->remove_directory(port, path_bytes(&path));
        return status;
    }
    claim->held = true;
    return STATUS_OK;
}

// The wait is what lets the one that took the claim make many changes with it: to
// take it back costs about as much as two. Who has lost it again before its change
// was done comes back sooner each time, so that nobody waits long in all.
uint64_t claim_wait(struct port *port, unsigned losses)
{
    enum { longest = 64 * 1000 * 1000, halvings_max = 4 }; // 64 ms, down to 4 ms
    unsigned halvings = losses - 1 < halvings_max ? losses - 1 : halvings_max;
    uint64_t wait = port->random(port) % ((uint64_t)longest >> halvings);
    port->pause(port, wait);
    return wait;
}
