// export and import, with the store itself at their end.
#include "names.h"
#include "places.h"
#include "transfer.h"
#include "verbs.h"

#include <stdlib.h>

struct store_end {
    struct transfer_end end;
    struct session *session;
    struct bucket *bucket;
    uint64_t cursor;
    bool begun;
    struct page page;
    struct bytes *keys; // the page's
    struct buffer value;
};

static bool failed(struct store_end *end, enum status status, struct transfer_error *error)
{
    const struct store *store = end->session->store;
    error->kind = status == STATUS_NO_SUCH_STORE ? "no-such-store"
                  : status == STATUS_ACCESS      ? "access-denied"
                                                 : "other";
    message_bytes(&error->reason,
                  (struct bytes){(const uint8_t *)store->message, store->message_size});
    return false;
}

static void drop_page(struct store_end *end)
{
    page_free(&end->page);
    end->page = (struct page){.keys = NULL};
    free(end->keys);
    end->keys = NULL;
}

static bool end_list(struct transfer_end *base, struct transfer_page *page,
                     struct transfer_error *error)
{
    struct store_end *end = (struct store_end *)base;
    drop_page(end);
    enum status status = store_list(end->bucket, end->begun ? &end->cursor : NULL, &end->page);
    if (status != STATUS_OK) {
        end->page = (struct page){.keys = NULL};
        return failed(end, status, error);
    }
    end->begun = true;
    end->cursor = end->page.cursor;
    end->keys = calloc(end->page.key_count + 1, sizeof *end->keys);
    if (end->keys == NULL) {
        message_text(&error->reason, "out of memory");
        return false;
    }
    for (size_t i = 0; i < end->page.key_count; i++) {
        end->keys[i] = buffer_bytes(&end->page.keys[i]);
    }
    *page = (struct transfer_page){end->keys, end->page.key_count, end->page.more};
    return true;
}

static bool end_get(struct transfer_end *base, struct bytes key, bool *found, struct bytes *value,
                    struct transfer_error *error)
{
    struct store_end *end = (struct store_end *)base;
    buffer_free(&end->value);
    *found = false;
    enum status status = store_get(end->bucket, key, found, &end->value);
    if (status != STATUS_OK) {
        return failed(end, status, error);
    }
    *value = *found ? buffer_bytes(&end->value) : BYTES("");
    return true;
}

static bool end_set(struct transfer_end *base, struct bytes key, struct bytes value,
                    struct transfer_error *error)
{
    struct store_end *end = (struct store_end *)base;
    enum status status = store_set(end->bucket, key, value);
    return status == STATUS_OK || failed(end, status, error);
}

static void end_open(struct store_end *end, struct session *session, struct bucket *bucket)
{
    *end = (struct store_end){
        .end = {.list = end_list, .get = end_get, .set = end_set},
        .session = session,
        .bucket = bucket,
    };
}

static void end_close(struct store_end *end)
{
    if (end->bucket != NULL) {
        drop_page(end);
        buffer_free(&end->value);
        store_close(end->bucket);
        end->bucket = NULL;
    }
}

// ---- Export ----

// How many entries of a bucket's directory are no keys, other than those whose
// names begin with a dot. 0 where that cannot be told: it is only a hint.
static uint64_t count_others(struct session *session, struct bytes bucket)
{
    struct port *port = session->store->port;
    struct path path;
    port_handle directory;
    port_handle listing;
    uint64_t count = 0;
    if (places_bucket(session->store, bucket, &path) != STATUS_OK ||
        port_open(port, path_place(&path), PORT_LIST, &directory) != STATUS_OK) {
        return 0;
    }
    if (port_list(port, directory, &listing) == STATUS_OK) {
        enum status status;
        struct port_entry entry;
        do {
            uint8_t name[name_bytes_max];
            size_t size;
            status = port_list_next(port, listing, &entry);
            bool is_key = status == STATUS_OK &&
                          (entry.kind == PORT_FILE || entry.kind == PORT_UNKNOWN) &&
                          name_decode(session->store->settings.names, entry.name, name, &size);
            bool hidden = status == STATUS_OK && entry.name.data[0] == '.';
            count += status == STATUS_BAD_NAME || (status == STATUS_OK && !is_key && !hidden);
        } while (status == STATUS_OK || status == STATUS_BAD_NAME || status == STATUS_NO_ENTRY);
        port_list_close(port, listing);
    }
    (void)port_close(port, directory); // nothing was written through it
    return count;
}

static enum command_exit export_bucket(struct session *session, struct transfer_export *export,
                                       struct bytes name, bool all)
{
    struct bucket *bucket;
    struct store_end end;
    session->store->settings.create_buckets = false;
    enum status status = store_open(session->store, name, &bucket);
    if (status == STATUS_NO_SUCH_STORE && all) {
        return COMMAND_DONE; // deleted since it was listed
    }
    if (status != STATUS_OK) {
        return session_fail_status(session, name, status);
    }
    if (all) {
        archive_bucket(&export->writer, name);
    } else {
        transfer_export_begin(export, session->out, session->err, false);
    }
    end_open(&end, session, bucket);
    bool ok = transfer_export_bucket(export, &end.end);
    end_close(&end);
    export->left_out += ok ? count_others(session, name) : 0;
    return ok ? COMMAND_DONE : COMMAND_FAILED;
}

static enum command_exit export_all(struct session *session, struct transfer_export *export)
{
    struct names_list buckets = {NULL, 0, 0};
    enum status status = names_collect(session->store, NULL, BYTES(""), &buckets);
    if (status != STATUS_OK) {
        return session_end(session, status);
    }
    enum command_exit code = COMMAND_DONE;
    transfer_export_begin(export, session->out, session->err, true);
    for (size_t i = 0; i < buckets.count && code == COMMAND_DONE; i++) {
        code = export_bucket(session, export, buffer_bytes(&buckets.names[i]), true);
    }
    names_free(&buckets);
    return code;
}

enum command_exit verb_export(struct session *session)
{
    const struct command *command = session->command;
    struct transfer_export export;
    enum command_exit code = command_has(command, OPTION_ALL)
                                 ? export_all(session, &export)
                                 : export_bucket(session, &export, command->bucket, false);
    if (code == COMMAND_DONE) {
        transfer_export_end(&export);
    }
    return code;
}

// ---- Import ----

static struct transfer_end *open_import(void *context, const struct bytes *named)
{
    struct store_end *end = context;
    struct session *session = end->session;
    struct bytes name = named != NULL ? *named : session->command->bucket;
    end_close(end);
    struct bucket *bucket;
    enum status status = session_open_other(session, name, &bucket);
    if (status != STATUS_OK) {
        (void)session_fail_status(session, name, status);
        return NULL;
    }
    end_open(end, session, bucket);
    return &end->end;
}

enum command_exit verb_import(struct session *session)
{
    struct store_end end = {.session = session};
    struct transfer_import import = {
        .out = session->out,
        .err = session->err,
        .all = command_has(session->command, OPTION_ALL),
        .next_input = session->next_input,
        .open = open_import,
        .context = &end,
    };
    bool ok = transfer_import(&import);
    end_close(&end);
    return ok ? COMMAND_DONE : COMMAND_FAILED;
}
