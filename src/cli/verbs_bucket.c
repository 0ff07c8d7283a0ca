// create-bucket, delete-bucket, info.
#include "core/hex.h"
#include "places.h"
#include "progress.h"
#include "tree.h"
#include "verbs.h"

enum command_exit verb_create_bucket(struct session *session)
{
    enum status status = store_create_bucket(session->store, session->command->bucket);
    if (status == STATUS_OK) {
        print_done(session->out);
    }
    return session_end(session, status);
}

// ---- delete-bucket ----

struct deletion {
    struct session *session;
    struct path path; // of the bucket, then of where it was moved to
    uint64_t keys;    // that were there
    struct progress progress;
};

static enum command_exit fail_deletion(struct deletion *deletion, enum status status)
{
    struct session *session = deletion->session;
    return session_end(session, store_fail(session->store, "delete-bucket",
                                           &session->command->bucket, NULL, status, NULL));
}

static enum command_exit refuse(struct deletion *deletion, struct bytes file)
{
    struct session *session = deletion->session;
    print_about(session->err, "other", "the directory of the bucket has ", &file,
                ", which is no key of ", session->command->bucket,
                "; nothing was deleted. Move it away first (kv doctor names all such files)");
    return COMMAND_FAILED;
}

static bool is_key(struct deletion *deletion, const struct port_entry *entry)
{
    struct session *session = deletion->session;
    uint8_t name[name_bytes_max];
    size_t size;
    struct port_stat stat = {.kind = entry->kind};
    if (stat.kind == PORT_UNKNOWN) {
        size_t top = deletion->path.size;
        path_push(&deletion->path, entry->name);
        if (port_stat(session->store->port, path_place(&deletion->path), &stat) != STATUS_OK) {
            stat.kind = PORT_UNKNOWN;
        }
        deletion->path.size = top;
    }
    return stat.kind == PORT_FILE &&
           name_decode(session->store->settings.names, entry->name, name, &size);
}

// Counts the keys. Anything else but our scratch space is a person's, and refused.
static enum command_exit count_keys(struct deletion *deletion, port_handle directory)
{
    struct port *port = deletion->session->store->port;
    port_handle listing;
    enum status status = port_list(port, directory, &listing);
    if (status != STATUS_OK) {
        return fail_deletion(deletion, status);
    }
    enum command_exit code = COMMAND_DONE;
    while (status == STATUS_OK && code == COMMAND_DONE) {
        struct port_entry entry;
        status = port_list_next(port, listing, &entry);
        if (status == STATUS_BAD_NAME) {
            code = refuse(deletion, BYTES("a file whose name is not UTF-8"));
        } else if (status == STATUS_NO_ENTRY) {
            status = STATUS_OK;
        } else if (status == STATUS_OK && is_key(deletion, &entry)) {
            deletion->keys++;
        } else if (status == STATUS_OK && !bytes_equal(entry.name, BYTES(".kv"))) {
            code = refuse(deletion, entry.name);
        }
    }
    port_list_close(port, listing);
    return code != COMMAND_DONE || status == STATUS_END ? code : fail_deletion(deletion, status);
}

static enum command_exit look_through(struct deletion *deletion)
{
    struct session *session = deletion->session;
    struct port *port = session->store->port;
    struct port_stat stat;
    enum status status = port_stat(port, path_place(&deletion->path), &stat);
    if (status == STATUS_OK && stat.kind != PORT_DIRECTORY) {
        status = STATUS_NOT_BUCKET;
    }
    port_handle directory;
    if (status == STATUS_OK) {
        status = port_open(port, path_place(&deletion->path), PORT_LIST, &directory);
    }
    if (status != STATUS_OK) {
        return fail_deletion(deletion, status == STATUS_NO_ENTRY ? STATUS_NO_SUCH_STORE : status);
    }
    enum command_exit code = count_keys(deletion, directory);
    (void)port_close(port, directory); // nothing was written through it
    return code;
}

static enum command_exit ask(struct deletion *deletion)
{
    struct session *session = deletion->session;
    char text[session_message_bytes_max];
    struct message question = {text, sizeof text, 0};
    bool yes = false;
    if (command_has(session->command, OPTION_YES)) {
        return COMMAND_DONE;
    }
    message_text(&question, "delete the bucket ");
    message_quoted(&question, session->command->bucket);
    message_text(&question, " and its ");
    message_number(&question, deletion->keys);
    message_text(&question, deletion->keys == 1 ? " key?" : " keys?");
    if (session->ask == NULL || !session->ask(session->err, &question, &yes)) {
        return session_fail(session, "usage",
                            "there is nobody to ask whether to delete it; say --yes");
    }
    return yes ? COMMAND_DONE : session_fail(session, "other", "nothing was deleted");
}

// Out of the root by one rename, to a name that is no bucket's.
static enum status move_away(struct deletion *deletion)
{
    struct store *store = deletion->session->store;
    uint8_t name[sizeof ".kv-deleted-" - 1 + 16];
    memcpy(name, ".kv-deleted-", sizeof ".kv-deleted-" - 1);
    hex_write_u64(port_random(store->port), name + sizeof ".kv-deleted-" - 1);
    struct path away;
    places_root(store, &away);
    path_push(&away, (struct bytes){name, sizeof name});
    enum status status = port_rename(store->port, path_place(&deletion->path), path_place(&away));
    if (status == STATUS_OK) {
        path_copy(&deletion->path, &away);
    }
    return status;
}

static void count_removed(void *context)
{
    progress_step(context, 0);
}

static enum command_exit remove_all(struct deletion *deletion)
{
    struct session *session = deletion->session;
    enum status status = move_away(deletion);
    if (status != STATUS_OK) {
        return fail_deletion(deletion, status == STATUS_NO_ENTRY ? STATUS_NO_SUCH_STORE : status);
    }
    progress_begin(&deletion->progress, "deleted", session->err);
    status = tree_remove(session->store->port, &deletion->path, count_removed, &deletion->progress);
    progress_end(&deletion->progress);
    if (status != STATUS_OK) {
        char text[session_message_bytes_max + path_bytes_max];
        struct message message = {text, sizeof text, 0};
        message_text(&message, "the bucket is gone, but not all of its files are: ");
        message_text(&message, status_text(status));
        message_text(&message, ". What is left is in ");
        message_bytes(&message, path_bytes(&deletion->path));
        message_text(&message, "; remove that directory");
        return session_fail_message(session, "other", &message);
    }
    print_done(session->out);
    return COMMAND_DONE;
}

enum command_exit verb_delete_bucket(struct session *session)
{
    struct deletion deletion = {.session = session};
    enum status status = places_bucket(session->store, session->command->bucket, &deletion.path);
    if (status != STATUS_OK) {
        return fail_deletion(&deletion, status);
    }
    enum command_exit code = look_through(&deletion);
    if (code == COMMAND_DONE) {
        code = ask(&deletion);
    }
    return code == COMMAND_DONE ? remove_all(&deletion) : code;
}

// ---- info ----

enum command_exit verb_info(struct session *session)
{
    const struct settings *settings = &session->store->settings;
    static const char *const durable[] = {
        [DURABLE_NONE] = "none", [DURABLE_VALUES] = "values", [DURABLE_ALL] = "all"};
    const char *level = durable[settings->durable];
    print_facts_begin(session->out);
    print_fact(session->out, true, "version",
               (struct bytes){(const uint8_t *)session->version, strlen(session->version)});
    print_fact(session->out, false, "data", session->place);
    print_fact(session->out, false, "create-buckets",
               session->may_create ? BYTES("1") : BYTES("0"));
    print_fact(session->out, false, "durable",
               (struct bytes){(const uint8_t *)level, strlen(level)});
    print_fact(session->out, false, "names",
               settings->names == NAMES_PORTABLE ? BYTES("portable") : BYTES("plain"));
    print_fact(session->out, false, "counters",
               settings->counters == COUNTER_TEXT ? BYTES("text") : BYTES("binary"));
    if (session->file_system != NULL) {
        print_fact(
            session->out, false, "file-system",
            (struct bytes){(const uint8_t *)session->file_system, strlen(session->file_system)});
    }
    print_facts_end(session->out);
    return COMMAND_DONE;
}
