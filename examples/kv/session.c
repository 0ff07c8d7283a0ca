#include "session.h"

#include "help.h"

enum command_exit session_open(struct session *session)
{
    kv_string_t identifier = session_string(session->command->bucket);
    store_error error;
    if (!STORE(open)(&identifier, &session->owned, &error)) {
        return session_fail_store(session, &error);
    }
    session->bucket = STORE(borrow_bucket)(session->owned);
    return COMMAND_DONE;
}

void session_close(struct session *session)
{
    STORE(bucket_drop_own)(session->owned);
}

enum command_exit session_fail(struct session *session, const char *kind, const char *text)
{
    print_error(session->err, kind, (struct bytes){(const uint8_t *)text, strlen(text)});
    return COMMAND_FAILED;
}

enum command_exit session_fail_memory(struct session *session)
{
    return session_fail(session, "other", "out of memory");
}

enum command_exit session_fail_store(struct session *session, store_error *error)
{
    switch (error->tag) {
    case STORE_ERROR(NO_SUCH_STORE):
        print_no_bucket(session->err, session->command->bucket, help_on_missing_bucket);
        break;
    case STORE_ERROR(ACCESS_DENIED):
        print_denied(session->err, session->command->bucket);
        break;
    default:
        print_error(session->err, "other",
                    (struct bytes){error->val.other.ptr, error->val.other.len});
        break;
    }
    STORE(error_free)(error);
    return COMMAND_FAILED;
}
