// upload.h: the fields of a form that was sent, kept in memory.
#ifndef UPLOAD_H
#define UPLOAD_H

#include "multipart.h"
#include "request.h"

enum {
    upload_bytes_max = 64 * 1024 * 1024,           // of all fields together
    upload_ignored_bytes_max = 1024 * 1024 * 1024, // read, so that a browser shows the answer
    upload_fields_max = 8,
};

struct upload_field {
    char name[multipart_name_bytes_max];
    size_t name_size;
    size_t begin; // of its content, among all
    size_t size;
    size_t file_size; // of a file's name, which goes before
};

struct upload {
    struct upload_field fields[upload_fields_max];
    size_t count;
    uint8_t *bytes;
    size_t size;
    size_t room;
};

// Reads the body. Free it even where that fails.
bool upload_read(struct request *request, struct upload *upload, struct failure *failure);
void upload_free(struct upload *upload);

// The content of a field; false if there is none of that name.
bool upload_get(const struct upload *upload, const char *name, struct bytes *content);

// The name of the file that a field has; empty where none was chosen.
struct bytes upload_file(const struct upload *upload, const char *name);

// Reads what is left of the body, to no avail but that the answer is seen.
void upload_ignore(struct request *request);

#endif
