// list and buckets.
#include "names.h"
#include "verbs.h"

#define NUL ((struct bytes){(const uint8_t *)"", 1})

static void print_names(struct session *session, const struct names_list *list)
{
    bool nul = command_has(session->command, OPTION_NUL) && !session->out->json;
    for (size_t i = 0; i < list->count && i < session->command->limit; i++) {
        struct bytes name = buffer_bytes(&list->names[i]);
        if (nul) {
            session->out->write(session->out, name);
            session->out->write(session->out, NUL);
        } else {
            print_name(session->out, i == 0, name);
        }
    }
}

static enum command_exit list(struct session *session, const char *what)
{
    const struct command *command = session->command;
    struct names_list names = {NULL, 0, 0};
    enum status status = names_collect(session->store, session->bucket, command->prefix, &names);
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    print_names_begin(session->out, what);
    print_names(session, &names);
    print_names_end(session->out);
    names_free(&names);
    return COMMAND_DONE;
}

enum command_exit verb_list(struct session *session)
{
    return list(session, "keys");
}

enum command_exit verb_buckets(struct session *session)
{
    return list(session, "buckets");
}
