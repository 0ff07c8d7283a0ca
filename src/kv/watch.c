#include "watch.h"

#include "cli/escape.h"
#include "cli/json.h"
#include "cli/names.h"
#include "cli/places.h"
#include "doctor/facts.h"
#include "kv_commands.h"

#include <stdlib.h>

enum { look_pause = 500 * 1000 * 1000 }; // between two looks, in nanoseconds

bool watch_tell(struct watch *watch, enum watch_event event, struct bytes key)
{
    const char *const names[] = {[WATCH_SET] = "set", [WATCH_DELETE] = "delete"};
    struct output *out = watch->session->out;
    if (watch->key != NULL && !bytes_equal(*watch->key, key)) {
        return true;
    }
    print_text(out, out->json ? "{\"event\": \"" : "");
    print_text(out, names[event]);
    print_text(out, out->json ? "\", \"key\": " : " ");
    if (out->json) {
        json_string(out, key);
    } else {
        escape_print(out, key);
    }
    print_text(out, out->json ? "}\n" : "\n");
    print_flush(out);
    return ++watch->told < watch->session->command->limit && !out->failed;
}

// ---- Looking again and again ----

struct seen {
    struct buffer key;
    uint64_t size;
    uint64_t modified;
    bool is_there;
};

// The keys of one look, sorted.
struct look {
    struct seen *keys;
    size_t count;
};

static void free_look(struct look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        buffer_free(&look->keys[i].key);
    }
    free(look->keys);
    *look = (struct look){NULL, 0};
}

static void stat_key(struct watch *watch, struct seen *seen)
{
    struct store *store = watch->session->store;
    struct path path;
    struct port_stat stat;
    path_copy(&path, &watch->bucket);
    seen->is_there = places_push(store, buffer_bytes(&seen->key), &path) == STATUS_OK &&
                     port_stat(store->port, path_place(&path), &stat) == STATUS_OK &&
                     stat.kind == PORT_FILE;
    seen->size = seen->is_there ? stat.size : 0;
    seen->modified = seen->is_there ? stat.modified : 0;
}

static enum status look_at_all(struct watch *watch, struct look *look)
{
    struct names_list names = {NULL, 0, 0};
    enum status status =
        names_collect(watch->session->store, watch->session->bucket, BYTES(""), &names);
    if (status != STATUS_OK) {
        return status;
    }
    look->keys = calloc(names.count + 1, sizeof *look->keys);
    if (look->keys == NULL) {
        names_free(&names);
        return store_fail(watch->session->store, "watch", NULL, NULL, STATUS_NO_MEMORY, NULL);
    }
    for (size_t i = 0; i < names.count; i++) {
        look->keys[i].key = names.names[i];
        names.names[i] = (struct buffer){NULL, 0};
        stat_key(watch, &look->keys[i]);
    }
    look->count = names.count;
    names_free(&names);
    return STATUS_OK;
}

static bool tell_one(struct watch *watch, const struct seen *before, const struct seen *after)
{
    bool was = before != NULL && before->is_there;
    bool is = after != NULL && after->is_there;
    if (was && !is) {
        return watch_tell(watch, WATCH_DELETE, buffer_bytes(&before->key));
    }
    if (is && (!was || before->size != after->size || before->modified != after->modified)) {
        return watch_tell(watch, WATCH_SET, buffer_bytes(&after->key));
    }
    return true;
}

// Tells of each difference between two looks. False where that is enough.
static bool tell_changes(struct watch *watch, const struct look *before, const struct look *after)
{
    size_t i = 0;
    size_t j = 0;
    bool more = true;
    while (more && (i < before->count || j < after->count)) {
        const struct seen *old = i < before->count ? &before->keys[i] : NULL;
        const struct seen *new = j < after->count ? &after->keys[j] : NULL;
        int order = old == NULL ? 1
                    : new == NULL
                        ? -1
                        : names_compare_bytes(buffer_bytes(&old->key), buffer_bytes(&new->key));
        more = tell_one(watch, order <= 0 ? old : NULL, order >= 0 ? new : NULL);
        i += order <= 0;
        j += order >= 0;
    }
    return more;
}

static enum status look_again(struct watch *watch)
{
    struct look before = {NULL, 0};
    enum status status = look_at_all(watch, &before);
    bool more = true;
    while (status == STATUS_OK && more) {
        struct look after = {NULL, 0};
        port_pause(watch->session->store->port, look_pause);
        status = look_at_all(watch, &after);
        if (status == STATUS_OK) {
            more = tell_changes(watch, &before, &after);
        }
        free_look(&before);
        before = after;
    }
    free_look(&before);
    return status;
}

// ---- The command ----

// The kernel tells of what is done on this machine alone.
static bool is_shared(struct port *port)
{
    struct facts_disk disk;
    return facts_of_disk(port, &disk) && (disk.trust == FACTS_SHARED || disk.trust == FACTS_FUSE);
}

enum command_exit kv_watch(struct session *session)
{
    const struct command *command = session->command;
    struct watch watch = {
        .session = session,
        .key = command->operand_count > 0 ? command->operands : NULL,
    };
    if (command->limit == 0) {
        return COMMAND_DONE;
    }
    enum status status = places_bucket(session->store, command->bucket, &watch.bucket);
    if (status == STATUS_OK) {
        status = is_shared(session->store->port) ? STATUS_UNSUPPORTED : watch_events(&watch);
    }
    if (status == STATUS_UNSUPPORTED) {
        status = look_again(&watch);
    }
    return session_end(session, status);
}
