#include "transfer.h"

enum { text_bytes_max = 512, report_bytes_max = transfer_reason_bytes_max + text_bytes_max };

// Says why a call of the store failed.
static void tell_reason(struct message *message, const struct transfer_error *error)
{
    message_text(message, ": ");
    if (strcmp(error->kind, "no-such-store") == 0) {
        message_text(message, "the bucket is not there any more");
    } else if (strcmp(error->kind, "access-denied") == 0) {
        message_text(message, "access denied; check the permissions");
    } else {
        message_bytes(message,
                      (struct bytes){(const uint8_t *)error->reason.text, error->reason.size});
    }
}

static void fail_with(struct output *err, const char *kind, const struct message *message)
{
    print_error(err, kind, (struct bytes){(const uint8_t *)message->text, message->size});
}

// ---- Export ----

void transfer_export_begin(struct transfer_export *export, struct output *out, struct output *err,
                           bool all)
{
    *export = (struct transfer_export){.out = out, .err = err};
    progress_begin(&export->progress, "exported", err);
    if (all) {
        archive_begin_all(&export->writer, out);
    } else {
        archive_begin(&export->writer, out);
    }
}

void transfer_export_fail(struct transfer_export *export, const struct bytes *key,
                          struct transfer_error *error)
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
    tell_reason(&message, error);
    message_text(&message, "; the export is not whole, and import will refuse it");
    progress_end(&export->progress);
    fail_with(export->err, error->kind, &message);
}

static bool export_key(struct transfer_export *export, struct transfer_end *end, struct bytes key)
{
    char text[transfer_reason_bytes_max];
    struct transfer_error error = {"other", {text, sizeof text, 0}};
    bool found;
    struct bytes value;
    if (!end->get(end, key, &found, &value, &error)) {
        transfer_export_fail(export, &key, &error);
        return false;
    }
    if (!found) {
        export->vanished++;
        return true;
    }
    archive_add(&export->writer, key, value);
    progress_step(&export->progress, value.size);
    return !export->out->failed;
}

// The keys of a page are exported before the next page is asked for.
bool transfer_export_bucket(struct transfer_export *export, struct transfer_end *end)
{
    char text[transfer_reason_bytes_max];
    struct transfer_error error = {"other", {text, sizeof text, 0}};
    struct transfer_page page;
    bool ok = true;
    do {
        if (!end->list(end, &page, &error)) {
            transfer_export_fail(export, NULL, &error);
            return false;
        }
        for (size_t i = 0; ok && i < page.count; i++) {
            ok = export_key(export, end, page.keys[i]);
        }
    } while (ok && page.more);
    return ok;
}

static void tell_exported(const struct transfer_export *export, struct message *message)
{
    progress_amount(&export->progress, message);
    if (export->vanished > 0) {
        message_text(message, "; skipped ");
        message_number(message, export->vanished);
        message_text(message, " that vanished meanwhile");
    }
    if (export->left_out > 0) {
        message_text(message, "; left out ");
        message_number(message, export->left_out);
        message_text(message,
                     export->left_out == 1 ? " file that is no key" : " files that are no keys");
        message_text(message, ": see kv doctor");
    }
}

void transfer_export_end(struct transfer_export *export)
{
    struct output *err = export->err;
    char text[text_bytes_max];
    struct message message = {text, sizeof text, 0};
    bool told = export->progress.output != NULL || export->vanished > 0 || export->left_out > 0;
    progress_end(&export->progress);
    archive_end(&export->writer);
    print_flush(export->out);
    if (!told) {
        return;
    }
    if (err->json) {
        message_text(&message, "{\"exported\": ");
        message_number(&message, export->writer.keys);
        message_text(&message, ", \"skipped\": ");
        message_number(&message, export->vanished);
        message_text(&message, ", \"left-out\": ");
        message_number(&message, export->left_out);
        message_text(&message, "}\n");
    } else {
        message_text(&message, err->name);
        tell_exported(export, &message);
        message_text(&message, "\n");
    }
    print_message(err, &message);
}

// ---- Import ----

static bool fail_import(struct transfer_import *import, const char *kind, struct message *message)
{
    if (import->progress.keys == 0) {
        message_text(message, "; nothing was imported");
    } else {
        message_text(message, "; ");
        progress_amount(&import->progress, message);
        message_text(message, " before it; the rest of the stream was not imported");
    }
    progress_end(&import->progress);
    fail_with(import->err, kind, message);
    return false;
}

// A failure of the stream's, or of ours.
static bool fail_stream(struct transfer_import *import, const char *kind, const char *before,
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

static bool import_key(struct transfer_import *import)
{
    char reason[transfer_reason_bytes_max];
    struct transfer_error error = {"other", {reason, sizeof reason, 0}};
    struct bytes key = archive_key(&import->reader);
    struct bytes value = archive_value(&import->reader);
    if (import->end->set(import->end, key, value, &error)) {
        progress_step(&import->progress, value.size);
        return true;
    }
    char text[report_bytes_max];
    struct message message = {text, sizeof text, 0};
    message_text(&message, "the key ");
    message_quoted(&message, key);
    message_text(&message, " cannot be set");
    tell_reason(&message, &error);
    return fail_import(import, error.kind, &message);
}

static bool open_bucket(struct transfer_import *import, const struct bytes *bucket)
{
    import->end = import->open(import->context, bucket);
    return import->end != NULL;
}

static bool import_event(struct transfer_import *import, enum archive_event event)
{
    static const char refused[] = "standard input is refused at byte ";
    struct bytes bucket;
    switch (event) {
    case ARCHIVE_BEGUN:
        return import->all || open_bucket(import, NULL);
    case ARCHIVE_BUCKET:
        bucket = archive_key(&import->reader);
        return open_bucket(import, &bucket);
    case ARCHIVE_KEY:
        return import_key(import);
    case ARCHIVE_WRONG:
        return fail_stream(import, "input", refused, import->reader.wrong);
    case ARCHIVE_NO_MEMORY:
        return fail_stream(import, "other", "out of memory at byte ", "");
    case ARCHIVE_HUNGRY:
    case ARCHIVE_ENDED:
        break;
    }
    return true;
}

static bool import_piece(struct transfer_import *import, struct bytes piece)
{
    bool ok = true;
    enum archive_event event = ARCHIVE_BEGUN;
    while (ok && event != ARCHIVE_HUNGRY) {
        event = archive_read(&import->reader, &piece);
        ok = import_event(import, event);
    }
    return ok;
}

static bool import_stream(struct transfer_import *import)
{
    bool ok = true;
    enum status status = STATUS_OK;
    while (ok && status == STATUS_OK) {
        struct bytes piece;
        status = import->next_input(&piece);
        if (status == STATUS_OK) {
            ok = import_piece(import, piece);
        } else if (status == STATUS_END) {
            ok = import_event(import, archive_cut(&import->reader));
        } else {
            ok = fail_stream(import, "input", "standard input cannot be read after byte ", "");
        }
    }
    return ok;
}

static void tell_imported(const struct transfer_import *import)
{
    char text[text_bytes_max];
    struct message message = {text, sizeof text, 0};
    if (import->out->json) {
        message_text(&message, "{\"imported\": ");
        message_number(&message, import->progress.keys);
        message_text(&message, "}");
    } else {
        progress_amount(&import->progress, &message);
    }
    message_text(&message, "\n");
    print_message(import->out, &message);
}

bool transfer_import(struct transfer_import *import)
{
    import->reader.takes_all = import->all;
    progress_begin(&import->progress, "imported", import->err);
    bool ok = import_stream(import);
    progress_end(&import->progress);
    if (ok) {
        tell_imported(import);
    }
    archive_free(&import->reader);
    return ok;
}
