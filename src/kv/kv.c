// kv: the store on the command line. Its commands, and what runs them.
#include "cli/manual.h"
#include "cli/names.h"
#include "cli/places.h"
#include "cli/suggest.h"
#include "help.h"
#include "host.h"
#include "kv_commands.h"
#include "streams.h"

static enum command_exit run(const struct command *command, struct output *out, struct output *err);

static const struct command_entry entries[command_verb_count] = {
    [COMMAND_HELP] = {&manual_help, NULL},
    [COMMAND_GET] = {&manual_get, verb_get},
    [COMMAND_SET] = {&manual_set, verb_set},
    [COMMAND_DELETE] = {&manual_delete, verb_delete},
    [COMMAND_EXISTS] = {&manual_exists, verb_exists},
    [COMMAND_LIST] = {&manual_list, verb_list_long},
    [COMMAND_INCREMENT] = {&manual_increment, verb_increment},
    [COMMAND_SWAP] = {&manual_swap, verb_swap},
    [COMMAND_GET_MANY] = {&manual_get_many, verb_get_many},
    [COMMAND_SET_MANY] = {&manual_set_many, verb_set_many},
    [COMMAND_DELETE_MANY] = {&manual_delete_many, verb_delete_many},
    [COMMAND_STAT] = {&manual_stat, verb_stat},
    [COMMAND_COPY] = {&manual_copy, verb_copy},
    [COMMAND_MOVE] = {&manual_move, verb_move},
    [COMMAND_EDIT] = {&manual_edit, kv_edit},
    [COMMAND_WATCH] = {&manual_watch, kv_watch},
    [COMMAND_EXPORT] = {&manual_export, verb_export},
    [COMMAND_IMPORT] = {&manual_import, verb_import},
    [COMMAND_BUCKETS] = {&manual_buckets, verb_buckets},
    [COMMAND_CREATE_BUCKET] = {&manual_create_bucket, verb_create_bucket},
    [COMMAND_DELETE_BUCKET] = {&manual_delete_bucket, verb_delete_bucket},
    [COMMAND_INFO] = {&manual_info, verb_info},
    [COMMAND_DOCTOR] = {&manual_doctor, kv_doctor},
};

const struct program program = {
    .tool = {"kv", entries, suggest_distance},
    .in_front = "kv: ",
    .help = help_print,
    .run = run,
};

// True unless the environment says that buckets are not made.
static bool may_create(const struct store *store)
{
    struct bytes set;
    return store->settings.create_buckets ||
           !host_environment("KEYVALUE_FILESYSTEM_CREATE_BUCKETS", &set);
}

// The root's own names, where the environment does not say which are meant: a
// person who looks into a root would only be told to set them.
static void follow_mark(struct store *store)
{
    struct path mark;
    struct port_stat stat;
    struct bytes set;
    places_root(store, &mark);
    path_push(&mark, BYTES(".kv-names"));
    if (!host_environment("KEYVALUE_FILESYSTEM_NAMES", &set) &&
        port_stat(store->port, path_place(&mark), &stat) == STATUS_OK) {
        store->settings.names = NAMES_PORTABLE;
    }
}

// Appends the bucket that was meant, if there is one with a name that is nearly
// the same.
static void suggest(struct session *session, struct bytes bucket, struct message *message)
{
    struct names_list buckets = {NULL, 0, 0};
    size_t closest = suggest_bytes_max;
    struct bytes meant = BYTES("");
    if (names_collect(session->store, NULL, BYTES(""), &buckets) != STATUS_OK) {
        return;
    }
    for (size_t i = 0; i < buckets.count; i++) {
        size_t distance = suggest_distance(bucket, buffer_bytes(&buckets.names[i]));
        if (distance < closest) {
            closest = distance;
            meant = buffer_bytes(&buckets.names[i]);
        }
    }
    if (closest < suggest_bytes_max) {
        message_text(message, "; did you mean ");
        message_quoted(message, meant);
        message_text(message, "?");
    }
    names_free(&buckets);
}

static enum command_exit run(const struct command *command, struct output *out, struct output *err)
{
    struct session session = {
        .command = command,
        .out = out,
        .err = err,
        .missing = "; make it with kv create-bucket, or with mkdir in the data directory",
        .version = VERSION,
        .read_input = stream_read_all,
        .next_input = host_read,
        .ask = stream_ask,
        .suggest = suggest,
    };
    struct bytes data = command->data;
    if (command->verb == COMMAND_DOCTOR && command->bucket.size > 0) {
        data = command->bucket;
    }
    const char *why = "";
    enum status status =
        host_open(data, command->entry->manual->stores, &session.store, &why, &session.place);
    enum command_exit code = COMMAND_FAILED;
    if (status == STATUS_OK) {
        session.may_create = may_create(session.store);
        follow_mark(session.store);
        session.file_system = kv_file_system(&session);
        code = session_run(&session);
        buffer_free(&session.input);
        store_free(session.store);
    } else {
        session_fail(&session, status == STATUS_ACCESS ? "access-denied" : "other", why);
    }
    host_close();
    return code;
}
