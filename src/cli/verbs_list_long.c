// list with --long: beside each key what its file tells.
#include "names.h"
#include "places.h"
#include "verbs.h"

// The size and time of a key's file; false where it is gone by now.
static bool look(struct session *session, struct bytes key, struct port_stat *stat)
{
    struct path path;
    return places_bucket(session->store, session->command->bucket, &path) == STATUS_OK &&
           places_push(session->store, key, &path) == STATUS_OK &&
           port_stat(session->store->port, path_place(&path), stat) == STATUS_OK &&
           stat->kind == PORT_FILE;
}

static void print_names(struct session *session, const struct names_list *list)
{
    bool first = true;
    for (size_t i = 0; i < list->count && i < session->command->limit; i++) {
        struct bytes name = buffer_bytes(&list->names[i]);
        struct port_stat stat;
        if (look(session, name, &stat)) {
            print_name_long(session->out, first, name, stat.size, stat.modified);
            first = false;
        }
    }
}

enum command_exit verb_list_long(struct session *session)
{
    const struct command *command = session->command;
    if (!command_has(command, OPTION_LONG)) {
        return verb_list(session);
    }
    if (command_has(command, OPTION_NUL)) {
        return session_fail(session, "usage", "-0 and --long do not go together");
    }
    struct names_list names = {NULL, 0, 0};
    enum status status = names_collect(session->store, session->bucket, command->prefix, &names);
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    print_names_begin(session->out, "keys");
    print_names(session, &names);
    print_names_end(session->out);
    names_free(&names);
    return COMMAND_DONE;
}
