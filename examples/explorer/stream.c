#include "stream.h"

#include "archive.h"
#include "upload.h"

enum { disposition_name_bytes_max = 150 };

void stream_disposition(struct page *page, struct bytes name, const char *end)
{
    struct bytes cut = name;
    if (cut.size > disposition_name_bytes_max) {
        cut.size = disposition_name_bytes_max;
        while (cut.size > 0 && (name.data[cut.size] & 0xC0) == 0x80) {
            cut.size--; // not inside a character
        }
    }
    page_print(page, "attachment; filename=\"");
    for (size_t i = 0; i < cut.size; i++) {
        uint8_t byte = cut.data[i];
        bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= '0' && byte <= '9') || byte == '-' || byte == '.';
        page_raw(page, plain ? (struct bytes){&cut.data[i], 1} : BYTES("_"));
    }
    page_print(page, "%s%s\"; filename*=UTF-8''%u%s", cut.size == 0 ? "empty" : "", end,
               cut.size == 0 ? BYTES("empty") : cut, end);
}

// ---- Export ----

static bool export_keys(const struct bucket *bucket, const struct listed *listed,
                        struct archive_writer *writer, const struct body *body,
                        struct failure *failure)
{
    for (size_t i = 0; i < listed->keys.len && !body->failed; i++) {
        struct bytes key = {listed->keys.ptr[i].ptr, listed->keys.ptr[i].len};
        struct value value;
        if (!store_get(bucket, key, &value, failure)) {
            return false;
        }
        if (value.found) {
            archive_add(writer, key, value.bytes);
        }
        store_free(&value);
    }
    return !body->failed;
}

static bool begin_export(struct response *response, const struct place *place, struct body *body)
{
    struct page disposition = {.text = NULL};
    stream_disposition(&disposition, place->bucket->size > 0 ? *place->bucket : BYTES("default"),
                       ".export");
    const struct header headers[] = {
        {"content-type", BYTES("application/octet-stream")},
        {"content-disposition", page_bytes(&disposition)},
        {"content-security-policy", BYTES("default-src 'none'; sandbox")},
        {"cache-control", BYTES("no-store")},
    };
    bool begun = response_begin(response, 200, headers, sizeof headers / sizeof *headers, body);
    page_free(&disposition);
    return begun;
}

bool stream_export(struct response *response, const struct place *place,
                   const struct bucket *bucket, struct failure *failure)
{
    struct listed listed;
    if (!store_list(bucket, NULL, &listed, failure)) {
        return false;
    }
    struct body body;
    if (!begin_export(response, place, &body)) {
        store_free_listed(&listed);
        return true; // the client is gone
    }
    if (response->head_alone) {
        store_free_listed(&listed);
        response_end(&body, true);
        return true;
    }
    struct archive_writer writer;
    archive_begin(&writer, &body.output);
    bool whole = export_keys(bucket, &listed, &writer, &body, failure);
    bool more = listed.more;
    while (whole && more) {
        uint64_t cursor = listed.cursor;
        store_free_listed(&listed);
        listed = (struct listed){.more = false};
        whole = store_list(bucket, &cursor, &listed, failure) &&
                export_keys(bucket, &listed, &writer, &body, failure);
        more = listed.more;
    }
    store_free_listed(&listed);
    if (whole) {
        archive_end(&writer);
    }
    response_end(&body, whole);
    return true;
}

// ---- Import ----

struct import {
    const struct bucket *bucket;
    struct archive_reader reader;
    struct multipart multipart;
    bool inside; // the part with the file
    bool ended;  // the archive is whole
    uint64_t imported;
    struct failure *failure;
};

// Says why the import stopped, and how many keys it had imported.
static bool stop(const struct import *import, uint16_t status, const char *why, struct bytes more)
{
    char text[failure_bytes_max];
    struct message message = {text, sizeof text - 1, 0};
    message_text(&message, "The import stopped: ");
    message_text(&message, why);
    message_bytes(&message, more);
    message_text(&message, " Keys imported before that: ");
    message_number(&message, import->imported);
    message_text(&message, ".");
    text[message.size] = '\0';
    return fail(import->failure, status, text);
}

static bool set_key(struct import *import)
{
    struct failure failure;
    if (!store_set(import->bucket, archive_key(&import->reader), archive_value(&import->reader),
                   &failure)) {
        return stop(import, failure.status, "", failure_bytes(&failure));
    }
    import->imported++;
    return true;
}

static bool take_event(struct import *import, enum archive_event event)
{
    switch (event) {
    case ARCHIVE_KEY:
        return set_key(import);
    case ARCHIVE_WRONG:
        return stop(import, 400, import->reader.wrong, BYTES("."));
    case ARCHIVE_NO_MEMORY:
        return stop(import, 507, "not enough memory for a value.", BYTES(""));
    case ARCHIVE_ENDED:
        import->ended = true;
        return true;
    default:
        return true;
    }
}

static bool take_data(struct import *import, struct bytes data)
{
    const struct archive_reader *reader = &import->reader;
    while (data.size > 0) {
        if (!take_event(import, archive_read(&import->reader, &data))) {
            return false;
        }
        if (reader->key_size > upload_bytes_max || reader->value_size > upload_bytes_max) {
            return stop(import, 413, "a value is over the limit of 64 MiB.", BYTES(""));
        }
    }
    return true;
}

static bool take_piece(struct import *import, struct bytes piece)
{
    struct multipart *multipart = &import->multipart;
    for (;;) {
        switch (multipart_read(multipart, &piece)) {
        case MULTIPART_PART:
            import->inside = bytes_equal(multipart->name, BYTES("archive"));
            break;
        case MULTIPART_DATA:
            if (import->inside && !take_data(import, multipart->data)) {
                return false;
            }
            break;
        case MULTIPART_PART_END:
            if (import->inside && !take_event(import, archive_cut(&import->reader))) {
                return false;
            }
            import->inside = false;
            break;
        case MULTIPART_WRONG:
            return stop(import, 400, "the form that was sent is damaged.", BYTES(""));
        case MULTIPART_END:
            break;
        case MULTIPART_HUNGRY:
            return true;
        }
    }
}

static bool take_all(struct import *import, struct request *request)
{
    struct bytes piece;
    enum body_read read;
    while ((read = request_read(request, &piece)) == BODY_PIECE) {
        if (!take_piece(import, piece)) {
            upload_ignore(request);
            return false;
        }
    }
    return import->ended || stop(import, 400, "the file that was sent is not whole.", BYTES(""));
}

bool stream_import(struct request *request, const struct bucket *bucket, uint64_t *imported,
                   struct failure *failure)
{
    struct import import = {.bucket = bucket, .failure = failure};
    if (request->content_type == NULL ||
        !multipart_begin(&import.multipart, *request->content_type)) {
        return fail(failure, 415, "A form is expected, as multipart/form-data.");
    }
    bool done = take_all(&import, request);
    archive_free(&import.reader);
    *imported = import.imported;
    return done;
}
