#include "operations.h"

#include "pairs.h"
#include "session.h"
#include "transfer.h"

#include <stdlib.h>

// ---- Arguments ----

static struct bytes key_of(const struct session *session)
{
    return session->command->operands[0];
}

static enum command_exit read_input(struct session *session)
{
    if (session->input_read) {
        return session_fail(session, "usage", "standard input (-) can be used for one value only");
    }
    session->input_read = true;
    switch (input_read_all(&session->input)) {
    case STATUS_OK:
        return COMMAND_DONE;
    case STATUS_NO_MEMORY:
        return session_fail_memory(session);
    default:
        return session_fail(session, "input", "standard input cannot be read");
    }
}

// The value that an operand gives: itself, or standard input.
static enum command_exit value_of(struct session *session, struct bytes operand,
                                  struct bytes *value)
{
    *value = operand;
    if (!bytes_equal(operand, BYTES("-"))) {
        return COMMAND_DONE;
    }
    enum command_exit code = read_input(session);
    *value = buffer_bytes(&session->input);
    return code;
}

// ---- One key ----

static enum command_exit run_get(struct session *session)
{
    struct bytes operand = key_of(session);
    kv_string_t key = session_string(operand);
    kv_option_list_u8_t value;
    store_error error;
    if (!STORE(method_bucket_get)(session->bucket, &key, &value, &error)) {
        return session_fail_store(session, &error);
    }
    bool found = value.is_some;
    print_value(session->out, found,
                found ? (struct bytes){value.val.ptr, value.val.len} : BYTES(""));
    session_free_value(&value);
    if (!found && !session->command->json) {
        print_no_key(session->err, operand, session->command->bucket);
    }
    return found ? COMMAND_DONE : COMMAND_NOT_FOUND;
}

static enum command_exit run_set(struct session *session)
{
    struct bytes value;
    enum command_exit code = value_of(session, session->command->operands[1], &value);
    if (code != COMMAND_DONE) {
        return code;
    }
    kv_string_t key = session_string(key_of(session));
    kv_list_u8_t list = session_list(value);
    store_error error;
    if (!STORE(method_bucket_set)(session->bucket, &key, &list, &error)) {
        return session_fail_store(session, &error);
    }
    print_done(session->out);
    return COMMAND_DONE;
}

static enum command_exit run_delete(struct session *session)
{
    kv_string_t key = session_string(key_of(session));
    store_error error;
    if (!STORE(method_bucket_delete)(session->bucket, &key, &error)) {
        return session_fail_store(session, &error);
    }
    print_done(session->out);
    return COMMAND_DONE;
}

static enum command_exit run_exists(struct session *session)
{
    kv_string_t key = session_string(key_of(session));
    bool exists;
    store_error error;
    if (!STORE(method_bucket_exists)(session->bucket, &key, &exists, &error)) {
        return session_fail_store(session, &error);
    }
    print_exists(session->out, exists);
    return exists ? COMMAND_DONE : COMMAND_NOT_FOUND;
}

static enum command_exit run_increment(struct session *session)
{
    kv_string_t key = session_string(key_of(session));
    int64_t sum;
    store_error error;
    if (!ATOMICS(increment)(session->bucket, &key, session->command->delta, &sum, &error)) {
        return session_fail_store(session, &error);
    }
    print_number(session->out, sum);
    return COMMAND_DONE;
}

// ---- Swap ----

// Whether the key still has to be given another value: false if it has not what
// is expected, and then that is reported.
static enum command_exit compare(struct session *session, ATOMICS(own_cas_t) cas,
                                 const struct bytes *expected)
{
    kv_option_list_u8_t current;
    store_error error;
    if (!ATOMICS(method_cas_current)(ATOMICS(borrow_cas)(cas), &current, &error)) {
        return session_fail_store(session, &error);
    }
    struct bytes value = BYTES("");
    if (current.is_some) {
        value = (struct bytes){current.val.ptr, current.val.len};
    }
    bool same =
        expected == NULL ? !current.is_some : current.is_some && bytes_equal(value, *expected);
    if (!same) {
        struct bytes key = key_of(session);
        print_not_swapped(session->out, current.is_some, value);
        if (!session->command->json) {
            print_about(session->err, "", "not swapped: the key ", &key, " in the bucket ",
                        session->command->bucket,
                        current.is_some ? " has another value" : " is absent");
        }
    }
    session_free_value(&current);
    return same ? COMMAND_DONE : COMMAND_CONFLICT;
}

static enum command_exit swap_values(struct session *session, const struct bytes *expected,
                                     struct bytes value)
{
    kv_string_t key = session_string(key_of(session));
    ATOMICS(own_cas_t) cas;
    store_error error;
    if (!ATOMICS(static_cas_new)(session->bucket, &key, &cas, &error)) {
        return session_fail_store(session, &error);
    }
    for (;;) {
        enum command_exit code = compare(session, cas, expected);
        if (code != COMMAND_DONE) {
            ATOMICS(cas_drop_own)(cas);
            return code;
        }
        kv_list_u8_t list = session_list(value);
        ATOMICS(cas_error_t) refused;
        if (ATOMICS(swap)(cas, &list, &refused)) { // takes the handle
            print_swapped(session->out);
            return COMMAND_DONE;
        }
        if (refused.tag != WASI_KEYVALUE_0_2_0_DRAFT2_ATOMICS_CAS_ERROR_CAS_FAILED) {
            return session_fail_store(session, &refused.val.store_error);
        }
        // It changed after we compared. The new handle has what it is now,
        // which may well be the expected value again.
        cas = refused.val.cas_failed;
    }
}

static enum command_exit run_swap(struct session *session)
{
    const struct command *command = session->command;
    struct bytes expected = BYTES("");
    struct bytes value;
    enum command_exit code = COMMAND_DONE;
    if (!command->absent) {
        code = value_of(session, command->operands[1], &expected);
    }
    if (code == COMMAND_DONE) {
        code = value_of(session, command->operands[command->operand_count - 1], &value);
    }
    return code == COMMAND_DONE ? swap_values(session, command->absent ? NULL : &expected, value)
                                : code;
}

// ---- Many keys ----

// Prints the keys of a page; `*printed` counts them over all pages.
static void print_page(struct session *session, const kv_list_string_t *keys, size_t *printed)
{
    for (size_t i = 0; i < keys->len; i++) {
        print_name(session->out, *printed == 0, (struct bytes){keys->ptr[i].ptr, keys->ptr[i].len});
        ++*printed;
    }
}

// A page is printed before the next one is asked for, so that memory does not
// grow with the bucket. A listing that fails on the way ends unfinished.
static enum command_exit run_list(struct session *session)
{
    kv_option_string_t cursor = {.is_some = false};
    size_t printed = 0;
    bool begun = false;
    do {
        STORE(key_response_t) page;
        store_error error;
        bool ok = STORE(method_bucket_list_keys)(
            session->bucket, cursor.is_some ? &cursor.val : NULL, &page, &error);
        kv_option_string_free(&cursor);
        if (!ok) {
            return session_fail_store(session, &error);
        }
        if (!begun) {
            print_names_begin(session->out, "keys");
            begun = true;
        }
        print_page(session, &page.keys, &printed);
        kv_list_string_free(&page.keys);
        cursor = page.cursor;
    } while (cursor.is_some);
    print_names_end(session->out);
    return COMMAND_DONE;
}

// The operands as the list of strings that a batch takes; NULL without memory.
static kv_string_t *key_list(const struct session *session, kv_list_string_t *list)
{
    size_t count = session->command->operand_count;
    kv_string_t *keys = calloc(count, sizeof *keys);
    if (keys != NULL) {
        for (size_t i = 0; i < count; i++) {
            keys[i] = session_string(session->command->operands[i]);
        }
        *list = (kv_list_string_t){keys, count};
    }
    return keys;
}

static enum command_exit run_get_many(struct session *session)
{
    kv_list_string_t keys;
    if (key_list(session, &keys) == NULL) {
        return session_fail_memory(session);
    }
    kv_list_option_tuple2_string_list_u8_t values;
    store_error error;
    bool ok = BATCH(get_many)(session->bucket, &keys, &values, &error);
    free(keys.ptr);
    if (!ok) {
        return session_fail_store(session, &error);
    }
    enum command_exit code = COMMAND_DONE;
    print_entries_begin(session->out);
    for (size_t i = 0; i < values.len; i++) {
        kv_option_tuple2_string_list_u8_t *slot = &values.ptr[i];
        struct bytes value = BYTES("");
        if (slot->is_some) {
            value = (struct bytes){slot->val.f1.ptr, slot->val.f1.len};
        } else {
            code = COMMAND_NOT_FOUND;
        }
        print_entry(session->out, i == 0, session->command->operands[i], slot->is_some, value);
        if (slot->is_some) {
            kv_list_u8_free(&slot->val.f1); // which the bindings' own function leaves
        }
    }
    print_entries_end(session->out);
    kv_list_option_tuple2_string_list_u8_free(&values);
    return code;
}

static enum command_exit run_delete_many(struct session *session)
{
    kv_list_string_t keys;
    if (key_list(session, &keys) == NULL) {
        return session_fail_memory(session);
    }
    store_error error;
    bool ok = BATCH(delete_many)(session->bucket, &keys, &error);
    free(keys.ptr);
    if (!ok) {
        return session_fail_store(session, &error);
    }
    print_done(session->out);
    return COMMAND_DONE;
}

// The pairs to set, from the operands or from the lines of standard input.
static enum command_exit read_pairs(struct session *session, struct pair **pairs, size_t *count)
{
    const struct command *command = session->command;
    if (command->operand_count == 1) {
        char text[message_bytes_max];
        struct message why = {text, sizeof text, 0};
        enum command_exit code = read_input(session);
        if (code != COMMAND_DONE) {
            return code;
        }
        enum status status = pairs_read(&session->input, pairs, count, &why);
        if (status == STATUS_BAD_NAME) {
            print_error(session->err, "input", (struct bytes){(const uint8_t *)text, why.size});
            return COMMAND_FAILED;
        }
        return status == STATUS_OK ? COMMAND_DONE : session_fail_memory(session);
    }
    struct pair *made = calloc(command->operand_count / 2, sizeof *made);
    if (made == NULL) {
        return session_fail_memory(session);
    }
    for (size_t i = 0; i < command->operand_count / 2; i++) {
        made[i].key = command->operands[2 * i];
        enum command_exit code = value_of(session, command->operands[2 * i + 1], &made[i].value);
        if (code != COMMAND_DONE) {
            free(made);
            return code;
        }
    }
    *pairs = made;
    *count = command->operand_count / 2;
    return COMMAND_DONE;
}

static enum command_exit run_set_many(struct session *session)
{
    _Static_assert(sizeof(struct pair) == sizeof(kv_tuple2_string_list_u8_t) &&
                       offsetof(struct pair, value) == offsetof(kv_tuple2_string_list_u8_t, f1),
                   "pairs can be handed over as tuples");
    struct pair *pairs;
    size_t count;
    enum command_exit code = read_pairs(session, &pairs, &count);
    if (code != COMMAND_DONE) {
        return code;
    }
    kv_list_tuple2_string_list_u8_t list = {(kv_tuple2_string_list_u8_t *)(void *)pairs, count};
    store_error error;
    bool ok = BATCH(set_many)(session->bucket, &list, &error);
    free(pairs);
    if (!ok) {
        return session_fail_store(session, &error);
    }
    print_done(session->out);
    return COMMAND_DONE;
}

// ---- All ----

static enum command_exit run(struct session *session)
{
    switch (session->command->verb) {
    case COMMAND_HELP:
        break;
    case COMMAND_GET:
        return run_get(session);
    case COMMAND_SET:
        return run_set(session);
    case COMMAND_DELETE:
        return run_delete(session);
    case COMMAND_EXISTS:
        return run_exists(session);
    case COMMAND_LIST:
        return run_list(session);
    case COMMAND_INCREMENT:
        return run_increment(session);
    case COMMAND_SWAP:
        return run_swap(session);
    case COMMAND_GET_MANY:
        return run_get_many(session);
    case COMMAND_SET_MANY:
        return run_set_many(session);
    case COMMAND_DELETE_MANY:
        return run_delete_many(session);
    case COMMAND_EXPORT: // operations_run's own
    case COMMAND_IMPORT:
    case COMMAND_BUCKETS: // not kv's
    case COMMAND_CREATE_BUCKET:
    case COMMAND_INFO:
        break;
    }
    return COMMAND_DONE;
}

enum command_exit operations_run(const struct command *command, struct stream *out,
                                 struct stream *err)
{
    struct session session = {.command = command, .out = &out->output, .err = &err->output};
    if (command->verb == COMMAND_EXPORT) {
        return transfer_export(&session, out, err);
    }
    if (command->verb == COMMAND_IMPORT) {
        return transfer_import(&session, err);
    }
    enum command_exit code = session_open(&session);
    if (code == COMMAND_DONE) {
        code = run(&session);
        session_close(&session);
    }
    buffer_free(&session.input);
    return code;
}
