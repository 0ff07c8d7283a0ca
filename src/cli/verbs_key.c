// get, set, delete, exists, increment, swap.
#include "verbs.h"

static struct bytes key_of(const struct session *session)
{
    return session->command->operands[0];
}

static enum command_exit done(struct session *session, enum status status)
{
    if (status == STATUS_OK) {
        print_done(session->out);
    }
    return session_end(session, status);
}

static enum command_exit not_found(struct session *session)
{
    if (!session->out->json) {
        print_no_key(session->err, key_of(session), session->command->bucket);
    }
    return COMMAND_NOT_FOUND;
}

// get --counter: the number that increment would add to.
static enum command_exit print_counter(struct session *session, bool found, struct bytes value)
{
    struct bytes key = key_of(session);
    struct counter counter;
    if (!found) {
        print_value(session->out, false, value);
        return not_found(session);
    }
    enum status status = STATUS_NOT_COUNTER;
    if (value.size <= counter_bytes_max) {
        status = counter_add(&value, 0, COUNTER_SIGNED, COUNTER_BINARY, &counter);
    }
    if (status != STATUS_OK) {
        return session_end(session, store_fail(session->store, "get", &session->command->bucket,
                                               &key, status, NULL));
    }
    print_number(session->out, (int64_t)counter.value);
    return COMMAND_DONE;
}

enum command_exit verb_get(struct session *session)
{
    bool found = false;
    struct buffer value = {NULL, 0};
    enum status status = store_get(session->bucket, key_of(session), &found, &value);
    enum command_exit code = COMMAND_DONE;
    if (status != STATUS_OK) {
        code = session_end(session, status);
    } else if (command_has(session->command, OPTION_COUNTER)) {
        code = print_counter(session, found, buffer_bytes(&value));
    } else {
        print_value(session->out, found, buffer_bytes(&value));
        code = found ? COMMAND_DONE : not_found(session);
    }
    buffer_free(&value);
    return code;
}

enum command_exit verb_set(struct session *session)
{
    struct bytes value;
    enum command_exit code = session_value(session, session->command->operands[1], &value);
    if (code != COMMAND_DONE) {
        return code;
    }
    return done(session, store_set(session->bucket, key_of(session), value));
}

enum command_exit verb_delete(struct session *session)
{
    return done(session, store_delete(session->bucket, key_of(session)));
}

enum command_exit verb_exists(struct session *session)
{
    bool exists = false;
    enum status status = store_exists(session->bucket, key_of(session), &exists);
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    print_exists(session->out, exists);
    return exists ? COMMAND_DONE : COMMAND_NOT_FOUND;
}

enum command_exit verb_increment(struct session *session)
{
    uint64_t sum;
    enum status status = store_increment(session->bucket, key_of(session),
                                         (uint64_t)session->command->delta, COUNTER_SIGNED, &sum);
    if (status == STATUS_OK) {
        print_number(session->out, (int64_t)sum);
    }
    return session_end(session, status);
}

// ---- Swap ----

static enum command_exit not_swapped(struct session *session, const struct cas *cas)
{
    struct bytes key = key_of(session);
    print_not_swapped(session->out, cas->found, buffer_bytes(&cas->value));
    if (!session->out->json) {
        print_about(session->err, "", "not swapped: the key ", &key, " in the bucket ",
                    session->command->bucket, cas->found ? " has another value" : " is absent");
    }
    return COMMAND_CONFLICT;
}

// `expected` is NULL where the key is to be absent. What changed after we compared
// may well be the expected value again, so it is compared again.
static enum command_exit swap_values(struct session *session, const struct bytes *expected,
                                     struct bytes value)
{
    struct cas cas;
    enum status status = store_cas(session->bucket, key_of(session), &cas);
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    enum command_exit code = COMMAND_DONE;
    do {
        bool same = expected == NULL
                        ? !cas.found
                        : cas.found && bytes_equal(buffer_bytes(&cas.value), *expected);
        if (!same) {
            code = not_swapped(session, &cas);
            break;
        }
        status = store_swap(&cas, value);
    } while (status == STATUS_CHANGED);
    store_cas_free(&cas);
    if (code != COMMAND_DONE || status != STATUS_OK) {
        return code != COMMAND_DONE ? code : session_end(session, status);
    }
    print_swapped(session->out);
    return COMMAND_DONE;
}

enum command_exit verb_swap(struct session *session)
{
    const struct command *command = session->command;
    bool absent = command_has(command, OPTION_ABSENT);
    struct bytes expected = BYTES("");
    struct bytes value;
    enum command_exit code = COMMAND_DONE;
    if (!absent) {
        code = session_value(session, command->operands[1], &expected);
    }
    if (code == COMMAND_DONE) {
        code = session_value(session, command->operands[command->operand_count - 1], &value);
    }
    return code == COMMAND_DONE ? swap_values(session, absent ? NULL : &expected, value) : code;
}
