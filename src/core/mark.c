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

// What systems keep at the top of a disk. Nobody's buckets.
static bool is_of_the_system(struct bytes name)
{
    static const char *const names[] = {"System Volume Information", "$RECYCLE.BIN", "RECYCLER",
                                        "@eaDir", "lost+found"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (bytes_equal(name, (struct bytes){(const uint8_t *)names[i], strlen(names[i])})) {
            return true;
        }
    }
    return false;
}

// True for a name that only the portable mapping writes: it has an escape.
static bool looks_portable(struct bytes file)
{
    uint8_t name[name_bytes_max];
    size_t size;
    return bytes_find(file, '%') < file.size && name_decode(NAMES_PORTABLE, file, name, &size);
}

static enum status differs(struct bytes bucket, struct bytes file, struct message *why)
{
    message_quoted(why, bucket);
    if (file.size > 0) {
        message_text(why, "/");
        message_quoted(why, file);
    }
    if (looks_portable(file.size > 0 ? file : bucket)) {
        message_text(why, " is a portable name, but the root has lost its mark, the file "
                          ".kv-names, as a copy without dot files does; if all its names are "
                          "portable, make that file again (empty will do), and the keys are back");
    } else {
        message_text(why, " would be lost, as its name is not the same in portable names; move "
                          "the keys with kv export and import, or rename it, or unset "
                          "KEYVALUE_FILESYSTEM_NAMES");
    }
    return STATUS_OTHER_NAMES;
}

// Goes through the files of one bucket; `alike`: its own name is the same either way.
static enum status compare_bucket(struct port *port, const struct path *path, struct bytes bucket,
                                  bool alike, struct message *why)
{
    struct walk walk;
    enum status status = walk_start(&walk, port, path, PORT_FILE);
    if (status == STATUS_NO_SUCH_STORE || status == STATUS_ACCESS) {
        return STATUS_OK; // removed meanwhile, or nobody's whom we could serve
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct bytes file;
    while ((status = walk_next(&walk, &file)) == STATUS_OK) {
        bool is_name;
        if (!reads_alike(file, &is_name)) {
            status = differs(bucket, file, why);
        } else if (is_name && !alike) {
            status = differs(bucket, BYTES(""), why);
        }
        if (status != STATUS_OK) {
            break;
        }
    }
    return walk_end(&walk, status);
}

// Goes through the root's directories. One that holds no keys is in nobody's way.
static enum status compare(struct port *port, const struct path *root, struct message *why)
{
    struct walk walk;
    enum status status = walk_start(&walk, port, root, PORT_DIRECTORY);
    if (status != STATUS_OK) {
        return status == STATUS_NO_SUCH_STORE ? STATUS_NO_ROOT : status;
    }
    struct bytes file;
    while ((status = walk_next(&walk, &file)) == STATUS_OK) {
        bool is_name;
        bool alike = reads_alike(file, &is_name);
        if ((alike && !is_name) || is_of_the_system(file)) {
            continue;
        }
        struct path path;
        path_copy(&path, root);
        path_push(&path, file);
        struct bytes bucket = {path.bytes + path.size - file.size, file.size};
        status = compare_bucket(port, &path, bucket, alike, why);
        if (status != STATUS_OK) {
            break;
        }
    }
    return walk_end(&walk, status);
}

// ---- The mark ----

// That the file is there is what counts. So a short write does no harm, nor does
// another instance that marks the root at the same time.
static enum status set_mark(struct port *port, const struct path *mark)
{
    static const struct bytes text = {(const uint8_t *)"portable\n", 9};
    port_handle file;
    enum status status = port_open(port, path_place(mark), PORT_CREATE, &file);
    if (status != STATUS_OK) {
        return status == STATUS_EXISTS ? STATUS_OK : status;
    }
    size_t written;
    status = port_write(port, file, text.data, text.size, 0, &written);
    enum status closed = port_close(port, file);
    return status != STATUS_OK ? status : closed;
}

enum status mark_check(struct port *port, const struct path *root, enum names names, bool may_mark,
                       struct message *why)
{
    struct path mark;
    path_copy(&mark, root);
    path_push(&mark, BYTES(".kv-names"));
    struct port_stat stat;
    enum status status = port_stat(port, path_place(&mark), &stat);
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
    if (status == STATUS_OTHER_NAMES && port_stat(port, path_place(&mark), &stat) == STATUS_OK) {
        return STATUS_OK; // another instance marked it meanwhile and was at work
    }
    if (status != STATUS_OK || !may_mark) {
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
