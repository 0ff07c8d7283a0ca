// kv_transfer: export and import alone, for hosts that have a store of their own and
// the older draft alone. What it imports of wasi:keyvalue is here, by hand in the
// canonical ABI; wasi/imports.h tells how and why.
#include "cli/manual.h"
#include "cli/suggest.h"
#include "cli/transfer.h"
#include "host.h"
#include "program.h"
#include "wasi/imports.h"
#include "wasi/memory.h"

#include <stdlib.h>

// ---- wasi:keyvalue/store@0.2.0-draft ----

enum { STORE_NO_SUCH_STORE, STORE_ACCESS_DENIED, STORE_OTHER };

struct store_error {
    uint8_t tag;
    struct bytes other;
};

struct opened {
    bool failed;
    union {
        int32_t bucket;
        struct store_error error;
    };
};

struct done {
    bool failed;
    struct store_error error;
};

struct got {
    bool failed;
    union {
        struct {
            bool some;
            struct bytes value;
        } found;
        struct store_error error;
    };
};

struct listed {
    bool failed;
    union {
        struct {
            struct bytes *keys;
            size_t count;
            bool more;
            uint64_t cursor;
        } page;
        struct store_error error;
    };
};

#define STORE(name) IMPORT("wasi:keyvalue/store@0.2.0-draft", name)

STORE("open") void store_import_open(const uint8_t *name, size_t size, struct opened *opened);
STORE("[resource-drop]bucket") void store_import_drop(int32_t bucket);
STORE("[method]bucket.get")
void store_import_get(int32_t bucket, const uint8_t *key, size_t size, struct got *got);
STORE("[method]bucket.set")
void store_import_set(int32_t bucket, const uint8_t *key, size_t size, const uint8_t *value,
                      size_t value_size, struct done *done);
STORE("[method]bucket.list-keys")
void store_import_list(int32_t bucket, int32_t has_cursor, uint64_t cursor, struct listed *listed);

// ---- A bucket of the host's, as one end of a transfer ----

struct host_end {
    struct transfer_end end;
    const struct command *command;
    struct output *err;
    int32_t bucket;
    bool open;
    bool more;
    uint64_t cursor;
    struct bytes *keys;
    size_t count;
    struct bytes value;
};

// Hands on why a call failed, and frees it. False, for the caller to return.
static bool fail(const struct store_error *error, struct transfer_error *told)
{
    if (error->tag == STORE_NO_SUCH_STORE) {
        told->kind = "no-such-store";
    } else if (error->tag == STORE_ACCESS_DENIED) {
        told->kind = "access-denied";
    } else {
        struct bytes reason = error->other;
        if (reason.size > told->reason.room - told->reason.size) {
            reason.size = told->reason.room - told->reason.size;
            while (reason.size > 0 && (reason.data[reason.size] & 0xC0) == 0x80) {
                reason.size--; // not inside a UTF-8 sequence
            }
        }
        message_bytes(&told->reason, reason);
        memory_free(error->other.data, error->other.size);
    }
    return false;
}

static void free_page(struct host_end *end)
{
    for (size_t i = 0; i < end->count; i++) {
        memory_free(end->keys[i].data, end->keys[i].size);
    }
    memory_free(end->keys, end->count);
    end->count = 0;
}

static bool end_list(struct transfer_end *base, struct transfer_page *page,
                     struct transfer_error *error)
{
    struct host_end *end = (struct host_end *)base;
    struct listed listed;
    free_page(end);
    store_import_list(end->bucket, end->more, end->cursor, &listed);
    if (listed.failed) {
        return fail(&listed.error, error);
    }
    end->keys = listed.page.keys;
    end->count = listed.page.count;
    end->more = listed.page.more;
    end->cursor = listed.page.cursor;
    *page = (struct transfer_page){end->keys, end->count, end->more};
    return true;
}

static bool end_get(struct transfer_end *base, struct bytes key, bool *found, struct bytes *value,
                    struct transfer_error *error)
{
    struct host_end *end = (struct host_end *)base;
    struct got got;
    memory_free(end->value.data, end->value.size);
    end->value = BYTES("");
    store_import_get(end->bucket, key.data, key.size, &got);
    if (got.failed) {
        return fail(&got.error, error);
    }
    *found = got.found.some;
    if (*found) {
        end->value = got.found.value;
    }
    *value = end->value;
    return true;
}

static bool end_set(struct transfer_end *base, struct bytes key, struct bytes value,
                    struct transfer_error *error)
{
    const struct host_end *end = (const struct host_end *)base;
    struct done done;
    store_import_set(end->bucket, key.data, key.size, value.data, value.size, &done);
    return !done.failed || fail(&done.error, error);
}

static bool open_bucket(struct host_end *end)
{
    char text[transfer_reason_bytes_max];
    struct transfer_error error = {"other", {text, sizeof text, 0}};
    struct bytes name = end->command->bucket;
    struct opened opened;
    store_import_open(name.data, name.size, &opened);
    end->open = !opened.failed;
    if (end->open) {
        end->bucket = opened.bucket;
        return true;
    }
    (void)fail(&opened.error, &error);
    if (opened.error.tag == STORE_NO_SUCH_STORE) {
        print_no_bucket(end->err, name,
                        "; make it in this host's store first (wasmtime's has \"\" alone)");
    } else if (opened.error.tag == STORE_ACCESS_DENIED) {
        print_denied(end->err, name);
    } else {
        print_error(end->err, "other", (struct bytes){(const uint8_t *)text, error.reason.size});
    }
    return false;
}

static struct transfer_end *open_import(void *context, const struct bytes *bucket)
{
    struct host_end *end = context;
    (void)bucket; // there is one alone: a host's buckets cannot be listed
    return open_bucket(end) ? &end->end : NULL;
}

// ---- The program ----

static bool run_export(struct host_end *end, struct output *out)
{
    struct transfer_export export;
    if (!open_bucket(end)) {
        return false;
    }
    transfer_export_begin(&export, out, end->err, false);
    bool ok = transfer_export_bucket(&export, &end->end);
    if (ok) {
        transfer_export_end(&export);
    }
    return ok;
}

static enum command_exit run(const struct command *command, struct output *out, struct output *err)
{
    struct host_end end = {
        .end = {.list = end_list, .get = end_get, .set = end_set},
        .command = command,
        .err = err,
    };
    struct transfer_import import = {
        .out = out,
        .err = err,
        .next_input = host_read,
        .open = open_import,
        .context = &end,
    };
    if (command_has(command, OPTION_ALL) || command_has(command, OPTION_DATA)) {
        print_error(err, "usage",
                    BYTES("this host's store tells of one bucket at a time; there is no --all"));
        return COMMAND_FAILED;
    }
    bool ok = command->verb == COMMAND_EXPORT ? run_export(&end, out) : transfer_import(&import);
    if (end.open) {
        store_import_drop(end.bucket);
    }
    return ok ? COMMAND_DONE : COMMAND_FAILED;
}

static void help(enum command_verb verb, struct output *output)
{
    (void)verb; // two commands, told together
    print_text(output,
               "kv_transfer takes buckets out of a host's own store and into it, where that has\n"
               "wasi:keyvalue at 0.2.0-draft alone. The stream is that of kv (docs/export.md).\n"
               "\n"
               "usage: kv_transfer [--json] export BUCKET\n"
               "       kv_transfer [--json] import BUCKET\n"
               "\n"
               "export writes every key and its value to standard output, for import to read.\n"
               "import reads standard input, stores each key as soon as it is there and checked,\n"
               "and prints how many there were. Exit codes: 0 done, 3 failed.\n"
               "\n"
               "  wasmtime run -S keyvalue kv_transfer.wasm import \"\" < my-bucket.export\n");
}

static const struct command_entry entries[command_verb_count] = {
    [COMMAND_HELP] = {&manual_help, NULL},
    [COMMAND_EXPORT] = {&manual_export, NULL}, // `run` does both
    [COMMAND_IMPORT] = {&manual_import, NULL},
};

const struct program program = {
    .tool = {"kv_transfer", entries, suggest_distance},
    .in_front = "kv_transfer: ",
    .help = help,
    .run = run,
};
