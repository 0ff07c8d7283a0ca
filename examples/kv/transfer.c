#include "transfer.h"

#include "archive.h"

enum {
    // At the most, how much is done between two times that progress is told.
    progress_keys = 500,
    progress_bytes = 4 << 20,
    // Of what a store says about a failure; ours says less.
    reason_bytes_max = 2048,
    report_bytes_max = reason_bytes_max + message_bytes_max,
};

// ---- Progress ----

struct progress {
    const char *verb;
    struct stream *terminal; // NULL where there is none to tell
    uint64_t keys;
    uint64_t bytes;
    uint64_t next_keys; // when to tell again
    uint64_t next_bytes;
};

static void print_message(struct output *output, const struct message *message)
{
    output->write(output, (struct bytes){(const uint8_t *)message->text, message->size});
}

static void progress_begin(struct progress *progress, const char *verb, struct stream *err)
{
    *progress = (struct progress){.verb = verb};
    wasi_cli_terminal_stderr_own_terminal_output_t terminal;
    if (wasi_cli_terminal_stderr_get_terminal_stderr(&terminal)) {
        wasi_cli_terminal_output_terminal_output_drop_own(terminal);
        progress->terminal = err->output.json ? NULL : err;
    }
}

static void tell_amount(const struct progress *progress, struct message *message)
{
    message_text(message, progress->verb);
    message_text(message, " ");
    message_number(message, progress->keys);
    message_text(message, progress->keys == 1 ? " key" : " keys");
}

// Counts a key that is done.
static void progress_step(struct progress *progress, size_t bytes)
{
    progress->keys++;
    progress->bytes += bytes;
    if (progress->terminal == NULL ||
        (progress->keys < progress->next_keys && progress->bytes < progress->next_bytes)) {
        return;
    }
    progress->next_keys = progress->keys + progress_keys;
    progress->next_bytes = progress->bytes + progress_bytes;
    char text[message_bytes_max];
    struct message message = {text, sizeof text, 0};
    message_text(&message, "\r");
    tell_amount(progress, &message);
    message_text(&message, ", ");
    message_number(&message, progress->bytes >> 20);
    message_text(&message, " MiB");
    print_message(&progress->terminal->output, &message);
    stream_flush(progress->terminal);
}

// Takes the line back, so that what comes next has it to itself.
static void progress_end(struct progress *progress)
{
    if (progress->terminal != NULL && progress->keys > 0) {
        print_text(&progress->terminal->output, "\r\x1B[K");
    }
    progress->terminal = NULL;
}

// ---- Failures ----

// Says why a call of the store failed, gives the kind of that, and frees it.
static const char *tell_reason(struct message *message, store_error *error)
{
    const char *kind = "other";
    message_text(message, ": ");
    if (error->tag == STORE_ERROR(NO_SUCH_STORE)) {
        kind = "no-such-store";
        message_text(message, "the bucket is not there any more");
    } else if (error->tag == STORE_ERROR(ACCESS_DENIED)) {
        kind = "access-denied";
        message_text(message, "access denied; check the permissions");
    } else {
        struct bytes reason = {error->val.other.ptr, error->val.other.len};
        if (reason.size > reason_bytes_max) {
            reason.size = reason_bytes_max;
            while (reason.size > 0 && (reason.data[reason.size] & 0xC0) == 0x80) {
                reason.size--; // not inside a UTF-8 sequence
            }
        }
        message_bytes(message, reason);
    }
    STORE(error_free)(error);
    return kind;
}

static enum command_exit fail_with(struct session *session, const char *kind,
                                   const struct message *message)
{
    print_error(session->err, kind, (struct bytes){(const uint8_t *)message->text, message->size});
    return COMMAND_FAILED;
}

// ---- Export ----

struct export {
    struct session *session;
    struct stream *out;
    struct archive_writer writer;
    struct progress progress;
    uint64_t skipped;
};

static enum command_exit fail_export(struct export *export, const struct bytes *key,
                                     store_error *error)
{
    char text[report_bytes_max];
    struct message message = {text, sizeof text, 0};
    if (key != NULL) {
        message_text(&message, "the key ");
        message_quoted(&message, *key);
        message_text(&message, " cannot be read");
    } else {
        message_text(&message, "the keys cannot be listed");
    }
    const char *kind = tell_reason(&message, error);
    message_text(&message, "; the export is not whole, and import will refuse it");
    progress_end(&export->progress);
    return fail_with(export->session, kind, &message);
}

static enum command_exit export_key(struct export *export, struct bytes name)
{
    kv_string_t key = session_string(name);
    kv_option_list_u8_t value;
    store_error error;
    if (!STORE(method_bucket_get)(export->session->bucket, &key, &value, &error)) {
        return fail_export(export, &name, &error);
    }
    if (!value.is_some) {
        export->skipped++;
        return COMMAND_DONE;
    }
    archive_add(&export->writer, name, (struct bytes){value.val.ptr, value.val.len});
    progress_step(&export->progress, value.val.len);
    session_free_value(&value);
    return export->out->failed ? COMMAND_FAILED : COMMAND_DONE;
}

// The keys of a page are exported before the next page is asked for.
static enum command_exit export_keys(struct export *export)
{
    store_cursor cursor = {.is_some = false};
    enum command_exit code = COMMAND_DONE;
    do {
        STORE(key_response_t) page;
        store_error error;
        bool ok = STORE(method_bucket_list_keys)(
            export->session->bucket, cursor.is_some ? &cursor.val : NULL, &page, &error);
        store_cursor_free(&cursor);
        if (!ok) {
            return fail_export(export, NULL, &error);
        }
        for (size_t i = 0; code == COMMAND_DONE && i < page.keys.len; i++) {
            code = export_key(export, (struct bytes){page.keys.ptr[i].ptr, page.keys.ptr[i].len});
        }
        kv_list_string_free(&page.keys);
        cursor = page.cursor;
    } while (code == COMMAND_DONE && cursor.is_some);
    store_cursor_free(&cursor);
    return code;
}

// To a terminal, and where there is something to know; else an export is silent.
static void tell_exported(const struct export *export, bool terminal)
{
    struct output *err = export->session->err;
    char text[message_bytes_max];
    struct message message = {text, sizeof text, 0};
    if (export->skipped == 0 && !terminal) {
        return;
    }
    if (err->json) {
        message_text(&message, "{\"exported\": ");
        message_number(&message, export->writer.keys);
        message_text(&message, ", \"skipped\": ");
        message_number(&message, export->skipped);
        message_text(&message, "}\n");
    } else {
        message_text(&message, err->name);
        tell_amount(&export->progress, &message);
        if (export->skipped > 0) {
            message_text(&message, "; skipped ");
            message_number(&message, export->skipped);
            message_text(&message, " that vanished meanwhile");
        }
        message_text(&message, "\n");
    }
    print_message(err, &message);
}

enum command_exit transfer_export(struct session *session, struct stream *out, struct stream *err)
{
    struct export export = {.session = session, .out = out};
    enum command_exit code = session_open(session);
    if (code != COMMAND_DONE) {
        return code;
    }
    progress_begin(&export.progress, "exported", err);
    bool terminal = export.progress.terminal != NULL;
    archive_begin(&export.writer, &out->output);
    code = export_keys(&export);
    progress_end(&export.progress);
    if (code == COMMAND_DONE) {
        archive_end(&export.writer);
        stream_flush(out);
        tell_exported(&export, terminal);
    }
    session_close(session);
    return code;
}

// ---- Import ----

struct import {
    struct session *session;
    struct archive_reader reader;
    struct progress progress;
    bool opened;
};

static enum command_exit fail_import(struct import *import, const char *kind,
                                     struct message *message)
{
    if (import->progress.keys == 0) {
        message_text(message, "; nothing was imported");
    } else {
        message_text(message, "; ");
        tell_amount(&import->progress, message);
        message_text(message, " before it; the rest of the stream was not imported");
    }
    progress_end(&import->progress);
    return fail_with(import->session, kind, message);
}

// A failure of the stream's, or of ours.
static enum command_exit fail_stream(struct import *import, const char *kind, const char *before,
                                     const char *why)
{
    char text[report_bytes_max];
    struct message message = {text, sizeof text, 0};
    message_text(&message, before);
    message_number(&message, import->reader.at);
    message_text(&message, why[0] != '\0' ? ": " : "");
    message_text(&message, why);
    return fail_import(import, kind, &message);
}

static enum command_exit import_key(struct import *import)
{
    struct bytes name = archive_key(&import->reader);
    struct bytes value = archive_value(&import->reader);
    kv_string_t key = session_string(name);
    kv_list_u8_t list = session_list(value);
    store_error error;
    if (STORE(method_bucket_set)(import->session->bucket, &key, &list, &error)) {
        progress_step(&import->progress, value.size);
        return COMMAND_DONE;
    }
    char text[report_bytes_max];
    struct message message = {text, sizeof text, 0};
    message_text(&message, "the key ");
    message_quoted(&message, name);
    message_text(&message, " cannot be set");
    const char *kind = tell_reason(&message, &error);
    return fail_import(import, kind, &message);
}

static enum command_exit import_event(struct import *import, enum archive_event event)
{
    switch (event) {
    case ARCHIVE_BEGUN: {
        enum command_exit code = session_open(import->session);
        import->opened = code == COMMAND_DONE;
        return code;
    }
    case ARCHIVE_KEY:
        return import_key(import);
    case ARCHIVE_WRONG:
        return fail_stream(import, "input", "standard input is refused at byte ",
                           import->reader.wrong);
    case ARCHIVE_NO_MEMORY:
        return fail_stream(import, "other", "out of memory at byte ", "");
    case ARCHIVE_HUNGRY:
    case ARCHIVE_ENDED:
        break;
    }
    return COMMAND_DONE;
}

static enum command_exit import_piece(struct import *import, struct bytes piece)
{
    enum command_exit code = COMMAND_DONE;
    enum archive_event event = ARCHIVE_BEGUN;
    while (code == COMMAND_DONE && event != ARCHIVE_HUNGRY) {
        event = archive_read(&import->reader, &piece);
        code = import_event(import, event);
    }
    return code;
}

static enum command_exit import_stream(struct import *import)
{
    struct input input;
    input_open(&input);
    enum command_exit code = COMMAND_DONE;
    enum status status = STATUS_OK;
    while (code == COMMAND_DONE && status == STATUS_OK) {
        struct bytes piece;
        status = input_read(&input, &piece);
        if (status == STATUS_OK) {
            code = import_piece(import, piece);
        } else if (status == STATUS_END) {
            code = import_event(import, archive_cut(&import->reader));
        } else {
            code = fail_stream(import, "input", "standard input cannot be read behind byte ", "");
        }
    }
    input_close(&input);
    return code;
}

static void tell_imported(const struct import *import)
{
    struct output *out = import->session->out;
    char text[message_bytes_max];
    struct message message = {text, sizeof text, 0};
    if (out->json) {
        message_text(&message, "{\"imported\": ");
        message_number(&message, import->progress.keys);
        message_text(&message, "}");
    } else {
        tell_amount(&import->progress, &message);
    }
    message_text(&message, "\n");
    print_message(out, &message);
}

enum command_exit transfer_import(struct session *session, struct stream *err)
{
    struct import import = {.session = session};
    progress_begin(&import.progress, "imported", err);
    enum command_exit code = import_stream(&import);
    progress_end(&import.progress);
    if (code == COMMAND_DONE) {
        tell_imported(&import);
    }
    if (import.opened) {
        session_close(session);
    }
    archive_free(&import.reader);
    return code;
}
