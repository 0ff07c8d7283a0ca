// cp and mv.
#include "verbs.h"

// The target's bucket and key, from the operands.
struct target {
    struct bytes bucket_name;
    struct bytes key;
    struct bucket *bucket; // the source's, or opened for the target
};

static struct target target_of(const struct command *command)
{
    bool other = command->operand_count == 3;
    return (struct target){
        .bucket_name = other ? command->operands[1] : command->bucket,
        .key = command->operands[command->operand_count - 1],
    };
}

static enum command_exit conflict(struct session *session, const char *before,
                                  const struct bytes *key, struct bytes bucket, const char *after)
{
    print_about(session->err, "conflict", before, key, " in the bucket ", bucket, after);
    return COMMAND_CONFLICT;
}

// --absent: what is there is left alone.
static enum command_exit set_if_absent(struct session *session, const struct target *target,
                                       struct bytes value)
{
    struct cas cas;
    enum status status = store_cas(target->bucket, target->key, &cas);
    if (status == STATUS_OK) {
        status = cas.found ? STATUS_CHANGED : store_swap(&cas, value);
        store_cas_free(&cas);
    }
    if (status == STATUS_CHANGED) {
        return conflict(session, "nothing was changed: the key ", &target->key, target->bucket_name,
                        " is there already");
    }
    return status == STATUS_OK ? COMMAND_DONE
                               : session_fail_status(session, target->bucket_name, status);
}

static enum command_exit set_target(struct session *session, const struct target *target,
                                    struct bytes value)
{
    if (command_has(session->command, OPTION_ABSENT)) {
        return set_if_absent(session, target, value);
    }
    enum status status = store_set(target->bucket, target->key, value);
    return status == STATUS_OK ? COMMAND_DONE
                               : session_fail_status(session, target->bucket_name, status);
}

// The target has the value by now. A source that was changed or removed since it
// was copied is not ours to remove.
static enum command_exit remove_source(struct session *session, struct cas *cas)
{
    enum status status = store_remove(cas);
    if (status == STATUS_CHANGED && cas->found) {
        return conflict(session, "the key ", &session->command->operands[0],
                        session->command->bucket,
                        " was changed while it was copied, so it stays; the copy has the value "
                        "from before");
    }
    return status == STATUS_CHANGED ? COMMAND_DONE : session_end(session, status);
}

static enum command_exit transfer(struct session *session, const struct target *target, bool move)
{
    struct bytes key = session->command->operands[0];
    struct cas cas;
    enum status status = store_cas(session->bucket, key, &cas);
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    enum command_exit code = COMMAND_NOT_FOUND;
    if (cas.found) {
        code = set_target(session, target, buffer_bytes(&cas.value));
    } else {
        print_no_key(session->err, key, session->command->bucket);
    }
    if (code == COMMAND_DONE && move) {
        code = remove_source(session, &cas);
    }
    store_cas_free(&cas);
    if (code == COMMAND_DONE) {
        print_done(session->out);
    }
    return code;
}

static enum command_exit copy_or_move(struct session *session, bool move)
{
    struct target target = target_of(session->command);
    if (bytes_equal(target.bucket_name, session->command->bucket) &&
        bytes_equal(target.key, session->command->operands[0])) {
        return session_fail(session, "usage", "this is one and the same key");
    }
    bool other = session->command->operand_count == 3;
    target.bucket = session->bucket;
    enum status status = STATUS_OK;
    if (other) {
        status = session_open_other(session, target.bucket_name, &target.bucket);
    }
    if (status != STATUS_OK) {
        return session_fail_status(session, target.bucket_name, status);
    }
    enum command_exit code = transfer(session, &target, move);
    if (other) {
        store_close(target.bucket);
    }
    return code;
}

enum command_exit verb_copy(struct session *session)
{
    return copy_or_move(session, false);
}

enum command_exit verb_move(struct session *session)
{
    return copy_or_move(session, true);
}
