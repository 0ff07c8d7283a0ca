#include "session.h"

enum command_exit session_fail(struct session *session, const char *kind, const char *text)
{
    print_error(session->err, kind, (struct bytes){(const uint8_t *)text, strlen(text)});
    return COMMAND_FAILED;
}

enum command_exit session_fail_message(struct session *session, const char *kind,
                                       const struct message *message)
{
    print_error(session->err, kind, (struct bytes){(const uint8_t *)message->text, message->size});
    return COMMAND_FAILED;
}

enum command_exit session_fail_memory(struct session *session)
{
    return session_fail(session, "other", "out of memory");
}

static void tell_missing(struct session *session, struct bytes bucket)
{
    char text[session_message_bytes_max];
    struct message guess = {text, sizeof text - 1, 0};
    if (session->suggest != NULL) {
        session->suggest(session, bucket, &guess);
    }
    text[guess.size] = '\0';
    print_no_bucket(session->err, bucket, guess.size > 0 ? text : session->missing);
}

enum command_exit session_fail_status(struct session *session, struct bytes bucket,
                                      enum status status)
{
    if (status == STATUS_NO_SUCH_STORE) {
        tell_missing(session, bucket);
    } else if (status == STATUS_ACCESS && bucket.data != NULL) {
        print_denied(session->err, bucket);
    } else {
        print_error(
            session->err, status == STATUS_ACCESS ? "access-denied" : "other",
            (struct bytes){(const uint8_t *)session->store->message, session->store->message_size});
    }
    return COMMAND_FAILED;
}

enum command_exit session_end(struct session *session, enum status status)
{
    return status == STATUS_OK ? COMMAND_DONE
                               : session_fail_status(session, session->command->bucket, status);
}

void session_place(const struct session *session, const struct path *path, struct message *message)
{
    size_t root = session->store->settings.root_size;
    message_bytes(message, session->place);
    if (root == 0 && path->size == 1 && path->bytes[0] == '.') {
        return;
    }
    message_text(message, root > 0 ? "" : "/");
    message_bytes(message, (struct bytes){path->bytes + root, path->size - root});
}

enum status session_open_other(struct session *session, struct bytes name, struct bucket **bucket)
{
    bool create = session->store->settings.create_buckets;
    session->store->settings.create_buckets = session->may_create;
    enum status status = store_open(session->store, name, bucket);
    session->store->settings.create_buckets = create;
    return status;
}

static enum command_exit read_input(struct session *session)
{
    switch (session->read_input(&session->input)) {
    case STATUS_OK:
        return COMMAND_DONE;
    case STATUS_NO_MEMORY:
        return session_fail_memory(session);
    case STATUS_TOO_LARGE:
        return session_fail(session, "input",
                            "standard input is too large: a value can have 1 GiB at most");
    default:
        return session_fail(session, "input", "standard input cannot be read");
    }
}

// True if one of the values is standard input. set-many has a key before each
// value, or "-" alone.
static bool takes_input(const struct command *command)
{
    bool many = command->verb == COMMAND_SET_MANY;
    for (size_t i = many && command->operand_count == 1 ? 0 : 1; i < command->operand_count;
         i += many ? 2 : 1) {
        if (bytes_equal(command->operands[i], BYTES("-"))) {
            return true;
        }
    }
    return false;
}

enum command_exit session_run(struct session *session)
{
    const struct command *command = session->command;
    const struct command_manual *manual = command->entry->manual;
    if (!manual->opens) {
        return command->entry->run(session);
    }
    // Before the bucket is opened, and made: input that fails is to change nothing.
    if (manual->stores && session->read_input != NULL && takes_input(command)) {
        enum command_exit code = read_input(session);
        if (code != COMMAND_DONE) {
            return code;
        }
    }
    // A command that reads makes nothing, whatever the settings say.
    bool may_create = session->may_create;
    session->may_create = may_create && manual->stores;
    enum status status = session_open_other(session, command->bucket, &session->bucket);
    session->may_create = may_create;
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    enum command_exit code = command->entry->run(session);
    store_close(session->bucket);
    session->bucket = NULL;
    return code;
}

enum command_exit session_value(struct session *session, struct bytes operand, struct bytes *value)
{
    *value = operand;
    if (session->read_input == NULL || !bytes_equal(operand, BYTES("-"))) {
        return COMMAND_DONE;
    }
    if (session->input_taken) {
        return session_fail(session, "usage", "standard input (-) can be used for one value only");
    }
    session->input_taken = true;
    *value = buffer_bytes(&session->input);
    return COMMAND_DONE;
}
