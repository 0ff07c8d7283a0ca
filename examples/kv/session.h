// session.h: a command on its way: the bucket it works on, where it prints, and
// how it fails.
#ifndef SESSION_H
#define SESSION_H

#include "core/buffer.h"
#include "draft.h"
#include "operations.h"

enum { message_bytes_max = 512 };

struct session {
    const struct command *command;
    struct output *out;
    struct output *err;
    STORE(own_bucket_t) owned;
    bucket_handle bucket;
    bool input_read;
    struct buffer input; // of standard input
};

// Opens the command's bucket; reports what is wrong. session_close drops it.
enum command_exit session_open(struct session *session);
void session_close(struct session *session);

// Each reports a failure and gives its exit code; the second frees what the store said.
enum command_exit session_fail(struct session *session, const char *kind, const char *text);
enum command_exit session_fail_store(struct session *session, store_error *error);
enum command_exit session_fail_memory(struct session *session);

// Frees a value that the store gave. The bindings' own function for an option
// leaves the bytes in it.
static inline void session_free_value(kv_option_list_u8_t *value)
{
    if (value->is_some) {
        kv_list_u8_free(&value->val);
    }
}

// Bytes for the bindings, which take what they do not change through pointers
// to non-const.
static inline kv_string_t session_string(struct bytes bytes)
{
    return (kv_string_t){(uint8_t *)(uintptr_t)bytes.data, bytes.size};
}

static inline kv_list_u8_t session_list(struct bytes bytes)
{
    return (kv_list_u8_t){(uint8_t *)(uintptr_t)bytes.data, bytes.size};
}

#endif
