// get-many, set-many, delete-many.
#include "pairs.h"
#include "verbs.h"

#include <stdlib.h>

// Reads and prints the keys; `*code` says whether all were there.
static enum status print_entries(struct session *session, enum command_exit *code)
{
    for (size_t i = 0; i < session->command->operand_count; i++) {
        bool found = false;
        struct buffer value = {NULL, 0};
        struct bytes key = session->command->operands[i];
        enum status status = store_get(session->bucket, key, &found, &value);
        if (status != STATUS_OK) {
            return status;
        }
        print_entry(session->out, i == 0, key, found, buffer_bytes(&value));
        *code = found ? *code : COMMAND_NOT_FOUND;
        buffer_free(&value);
    }
    return STATUS_OK;
}

enum command_exit verb_get_many(struct session *session)
{
    enum command_exit code = COMMAND_DONE;
    print_entries_begin(session->out);
    store_batch_begin(session->bucket, "get-many", session->command->operand_count);
    enum status status = store_batch_end(session->bucket, print_entries(session, &code));
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    print_entries_end(session->out);
    return code;
}

static enum command_exit end_batch(struct session *session, enum status status)
{
    status = store_batch_end(session->bucket, status);
    if (status == STATUS_OK) {
        print_done(session->out);
    }
    return session_end(session, status);
}

enum command_exit verb_delete_many(struct session *session)
{
    enum status status = STATUS_OK;
    store_batch_begin(session->bucket, "delete-many", session->command->operand_count);
    for (size_t i = 0; i < session->command->operand_count && status == STATUS_OK; i++) {
        status = store_delete(session->bucket, session->command->operands[i]);
    }
    return end_batch(session, status);
}

// The pairs from the lines of standard input.
static enum command_exit read_pairs(struct session *session, struct pair **pairs, size_t *count)
{
    char text[session_message_bytes_max];
    struct message why = {text, sizeof text, 0};
    struct bytes all;
    enum command_exit code = session_value(session, BYTES("-"), &all);
    if (code != COMMAND_DONE) {
        return code;
    }
    enum status status = pairs_read(&session->input, pairs, count, &why);
    if (status == STATUS_BAD_NAME) {
        return session_fail_message(session, "input", &why);
    }
    return status == STATUS_OK ? COMMAND_DONE : session_fail_memory(session);
}

// The pairs that the operands are.
static enum command_exit take_pairs(struct session *session, struct pair **pairs, size_t *count)
{
    const struct command *command = session->command;
    *count = command->operand_count / 2;
    *pairs = calloc(*count, sizeof **pairs);
    if (*pairs == NULL) {
        return session_fail_memory(session);
    }
    enum command_exit code = COMMAND_DONE;
    for (size_t i = 0; i < *count && code == COMMAND_DONE; i++) {
        (*pairs)[i].key = command->operands[2 * i];
        code = session_value(session, command->operands[2 * i + 1], &(*pairs)[i].value);
    }
    if (code != COMMAND_DONE) {
        free(*pairs);
    }
    return code;
}

enum command_exit verb_set_many(struct session *session)
{
    struct pair *pairs;
    size_t count;
    enum command_exit code = session->command->operand_count == 1
                                 ? read_pairs(session, &pairs, &count)
                                 : take_pairs(session, &pairs, &count);
    if (code != COMMAND_DONE) {
        return code;
    }
    enum status status = STATUS_OK;
    store_batch_begin(session->bucket, "set-many", count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = store_set(session->bucket, pairs[i].key, pairs[i].value);
    }
    free(pairs);
    return end_batch(session, status);
}
