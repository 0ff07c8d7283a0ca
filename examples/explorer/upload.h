// upload.h: the fields of a form that was sent, in memory.
#ifndef UPLOAD_H
#define UPLOAD_H

#include "multipart.h"
#include "request.h"

enum {
    upload_bytes_max = 64 * 1024 * 1024,           // of all fields together
    upload_ignored_bytes_max = 1024 * 1024 * 1024, // read and dropped (upload_ignore)
    upload_fields_max = 8,
};

struct upload_field {
    char name[multipart_name_bytes_max];
    size_t name_size;
    size_t begin; // of its content in `bytes`
    size_t size;
    size_t file_size; // of the file's name, which precedes the content
};

struct upload {
    struct upload_field fields[upload_fields_max];
    size_t count;
    uint8_t *bytes;
    size_t size;
    size_t room;
};

// Reads the body. Free the upload even if that fails.
bool upload_read(struct request *request, struct upload *upload, struct failure *failure);
void upload_free(struct upload *upload);

// The content of a field; false if there is none of that name.
bool upload_get(const struct upload *upload, const char *name, struct bytes *content);

// The name of the file in a field; empty if none was chosen.
struct bytes upload_file(const struct upload *upload, const char *name);

// Reads the rest of the body and drops it: a browser that is still sending does not
// show the answer.
void upload_ignore(struct request *request);

#endif
