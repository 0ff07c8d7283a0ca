#include "upload.h"

#include <stdlib.h>

static bool append(struct upload *upload, struct bytes bytes, struct failure *failure)
{
    if (bytes.size > upload_bytes_max - upload->size) {
        return fail(failure, 413, "The upload is over the limit of 64 MiB.");
    }
    if (bytes.size > upload->room - upload->size) {
        size_t room = upload->room * 2 + bytes.size;
        uint8_t *grown = realloc(upload->bytes, room);
        if (grown == NULL) {
            return fail_for_memory(failure);
        }
        upload->bytes = grown;
        upload->room = room;
    }
    if (bytes.size > 0) {
        memcpy(upload->bytes + upload->size, bytes.data, bytes.size);
        upload->size += bytes.size;
    }
    return true;
}

static bool begin_field(struct upload *upload, const struct multipart *multipart,
                        struct failure *failure)
{
    if (upload->count == upload_fields_max) {
        return fail(failure, 400, "The form has too many fields.");
    }
    if (!append(upload, multipart->file, failure)) {
        return false;
    }
    struct upload_field *field = &upload->fields[upload->count++];
    memcpy(field->name, multipart->name.data, multipart->name.size);
    field->name_size = multipart->name.size;
    field->file_size = multipart->file.size;
    field->begin = upload->size;
    field->size = 0;
    return true;
}

static bool take(struct upload *upload, struct multipart *multipart, struct bytes piece,
                 bool *ended, struct failure *failure)
{
    for (;;) {
        switch (multipart_read(multipart, &piece)) {
        case MULTIPART_PART:
            if (!begin_field(upload, multipart, failure)) {
                return false;
            }
            break;
        case MULTIPART_DATA:
            if (!append(upload, multipart->data, failure)) {
                return false;
            }
            break;
        case MULTIPART_PART_END: {
            struct upload_field *field = &upload->fields[upload->count - 1];
            field->size = upload->size - field->begin;
            break;
        }
        case MULTIPART_END:
            *ended = true;
            break;
        case MULTIPART_WRONG:
            return fail(failure, 400, "The form that was sent is damaged.");
        case MULTIPART_HUNGRY:
            return true;
        }
    }
}

bool upload_read(struct request *request, struct upload *upload, struct failure *failure)
{
    struct multipart multipart = {.state = 0};
    if (request->content_type == NULL || !multipart_begin(&multipart, *request->content_type)) {
        return fail(failure, 415, "A form is expected, as multipart/form-data.");
    }
    bool ended = false;
    for (;;) {
        struct bytes piece;
        enum body_read read = request_read(request, &piece);
        if (read != BODY_PIECE) {
            return ended ? true : fail(failure, 400, "The form that was sent is not whole.");
        }
        if (!take(upload, &multipart, piece, &ended, failure)) {
            upload_ignore(request);
            return false;
        }
    }
}

void upload_ignore(struct request *request)
{
    uint64_t ignored = 0;
    struct bytes piece;
    while (ignored < upload_ignored_bytes_max && request_read(request, &piece) == BODY_PIECE) {
        ignored += piece.size;
    }
}

void upload_free(struct upload *upload)
{
    free(upload->bytes);
    *upload = (struct upload){.count = 0};
}

static const struct upload_field *find(const struct upload *upload, const char *name)
{
    for (size_t i = 0; i < upload->count; i++) {
        const struct upload_field *field = &upload->fields[i];
        if (field->name_size == strlen(name) && memcmp(field->name, name, field->name_size) == 0) {
            return field;
        }
    }
    return NULL;
}

bool upload_get(const struct upload *upload, const char *name, struct bytes *content)
{
    const struct upload_field *field = find(upload, name);
    if (field != NULL) {
        *content = (struct bytes){upload->bytes + field->begin, field->size};
    }
    return field != NULL;
}

struct bytes upload_file(const struct upload *upload, const char *name)
{
    const struct upload_field *field = find(upload, name);
    if (field == NULL || field->file_size == 0) {
        return BYTES("");
    }
    return (struct bytes){upload->bytes + field->begin - field->file_size, field->file_size};
}
