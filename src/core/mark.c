#include "mark.h"

#include "walk.h"

// ---- What is there ----

// True if the file name is the same name, or none, plain and portable.
static bool reads_alike(struct bytes file, bool *is_name)
{
    uint8_t plain[name_bytes_max], portable[name_bytes_max];
    struct bytes names[2] = {{plain, 0}, {portable, 0}};
    *is_name = name_decode(NAMES_PLAIN, file, plain, &names[0].size);
    return *is_name == name_decode(NAMES_PORTABLE, file, portable, &names[1].size) &&
           (!*is_name || bytes_equal(names[0], names[1]));
}

static enum status differs(const struct bytes *bucket, struct bytes file, struct message *why)
{
    if (bucket != NULL) {
        message_quoted(why, *bucket);
        message_text(why, "/");
    }
    message_quoted(why, file);
    message_text(why,
                 " would be lost, as its name is not the same in portable names; move the keys "
                 "with kv export and import, or rename it, or unset "
                 "KEYVALUE_FILESYSTEM_NAMES");
    return STATUS_OTHER_NAMES;
}

// Goes through the root's directories, and the files of those that are buckets.
static enum status compare(struct port *port, const struct path *root, struct message *why)
{
    struct walk walks[2]; // of the root, and of a bucket
    struct path path;
    struct bytes bucket = {NULL, 0};
    enum status status = walk_start(&walks[0], port, root, PORT_DIRECTORY);
    if (status != STATUS_OK) {
        return status == STATUS_NO_SUCH_STORE ? STATUS_NO_ROOT : status;
    }
    unsigned depth = 0;
    while (status == STATUS_OK) {
        struct bytes file;
        status = walk_next(&walks[depth], &file);
        if (status == STATUS_END && depth == 1) {
            depth = 0;
            status = walk_end(&walks[1], status);
        } else if (status == STATUS_OK) {
            bool is_name;
            if (!reads_alike(file, &is_name)) {
                status = differs(depth == 1 ? &bucket : NULL, file, why);
            } else if (depth == 0 && is_name) {
                path_copy(&path, root);
                path_push(&path, file);
                bucket = (struct bytes){path.bytes + path.size - file.size, file.size};
                status = walk_start(&walks[1], port, &path, PORT_FILE);
                depth = status == STATUS_OK ? 1 : 0;
                status = status == STATUS_NO_SUCH_STORE ? STATUS_OK : status; // removed meanwhile
            }
        }
    }
    if (depth == 1) {
        status = walk_end(&walks[1], status);
    }
    return walk_end(&walks[0], status);
}

// ---- The mark ----

// That the file is there is what counts. So a short write does no harm, nor does
// another instance that marks the root at the same time.
static enum status set_mark(struct port *port, const struct path *mark)
{
    static const struct bytes text = {(const uint8_t *)"portable\n", 9};
    port_handle file;
    enum status status = port->open(port, port_root, path_bytes(mark), PORT_CREATE, &file);
    if (status != STATUS_OK) {
        return status;
    }
    size_t written;
    status = port->write(port, file, text.data, text.size, 0, &written);
    enum status closed = port->close(port, file);
    return status != STATUS_OK ? status : closed;
}

enum status mark_check(struct port *port, const struct path *root, enum names names,
                       struct message *why)
{
    struct path mark;
    path_copy(&mark, root);
    path_push(&mark, BYTES(".kv-names"));
    struct port_stat look;
    enum status status = port->look(port, port_root, path_bytes(&mark), &look);
    if (status == STATUS_OK && names == NAMES_PLAIN) {
        message_text(why, "this root has portable names, says the file .kv-names in it; set "
                          "KEYVALUE_FILESYSTEM_NAMES=portable");
        return STATUS_OTHER_NAMES;
    }
    if (status != STATUS_NO_ENTRY && status != STATUS_NOT_DIRECTORY) {
        return status;
    }
    if (names == NAMES_PLAIN) {
        return STATUS_OK;
    }
    status = compare(port, root, why);
    if (status == STATUS_OTHER_NAMES &&
        port->look(port, port_root, path_bytes(&mark), &look) == STATUS_OK) {
        return STATUS_OK; // another instance marked it meanwhile and was at work
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = set_mark(port, &mark);
    if (status == STATUS_ACCESS) {
        message_text(why, "the mark of portable names, .kv-names, cannot be written to this root; "
                          "open it once where it can");
        status = STATUS_OTHER_NAMES;
    }
    return status;
}
