// scratch.h: a bucket's `.kv/`, the store's scratch space.
//
// turn.h lists its content. It is safe to delete at any time, and readers never
// look into it. Whatever a person puts there is left alone.
#ifndef SCRATCH_H
#define SCRATCH_H

#include "path.h"

enum {
    scratch_id_bytes = 16, // hex digits of a writer's id
};

// The path of `.kv`, and of something in it.
void scratch_path(const struct path *bucket, struct path *path);
void scratch_inside(const struct path *bucket, struct bytes name, struct path *path);

// Makes `.kv/` and the spare directory; they may be there already.
// STATUS_NO_SUCH_STORE if the bucket is not there; STATUS_SCRATCH if `.kv` is not
// a directory.
enum status scratch_make(struct port *port, const struct path *bucket);

// A name in a directory, copied out of a listing.
struct scratch_name {
    uint8_t bytes[name_bytes_max];
    size_t size; // 0: none
    enum port_kind kind;
};

// The first entry of the directory at `path`. STATUS_NO_ENTRY if the directory
// is not there, STATUS_SCRATCH if it is none or its entry cannot be read.
enum status scratch_first(struct port *port, const struct path *path, struct scratch_name *name);

// Removes something that is in the way at `path`: a file or an empty directory. As
// a last resort, a directory that is not empty is moved to `.kv/kept-…`. It may be
// gone already.
enum status scratch_remove(struct port *port, const struct path *bucket, const struct path *path);

// Makes room on a full disk by removing what is not needed: an idle entry of
// `.kv/turn`, that directory, the spare one, writers' empty ones. True if anything
// was removed.
bool scratch_make_room(struct port *port, const struct path *bucket);

// Makes the spare directory again; a failure does not matter.
void scratch_restore_spare(struct port *port, const struct path *bucket);

// Removes the directories of writers that died before their turn: those whose last
// change is ten minutes older than our own directory, `.kv/<own>/`. A live writer
// that loses its directory prepares again.
void scratch_clean(struct port *port, const struct path *bucket, struct bytes own);

#endif
