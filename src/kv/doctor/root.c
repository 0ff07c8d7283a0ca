// The root's entries, and the mark of portable names.
#include "doctor.h"
#include "kv/host.h"

static bool begins_with(struct bytes text, struct bytes start)
{
    return text.size >= start.size && bytes_equal((struct bytes){text.data, start.size}, start);
}

static void look_at_mark(struct doctor *doctor, enum port_kind kind)
{
    static const struct bytes expected = {(const uint8_t *)"portable", 8};
    uint8_t text[16];
    size_t size = 0;
    port_handle file;
    doctor->names = NAMES_PORTABLE;
    bool good = kind == PORT_FILE &&
                port_open(doctor->port, path_place(&doctor->path), PORT_READ, &file) == STATUS_OK;
    if (good) {
        good = port_read(doctor->port, file, text, sizeof text, 0, &size) == STATUS_OK;
        (void)port_close(doctor->port, file); // only read
    }
    if (!good || !begins_with((struct bytes){text, size}, expected)) {
        doctor_tell(doctor, FINDING_MARK_ODD, &doctor->path, NULL);
    }
}

static void look_for_mark(struct doctor *doctor)
{
    struct settings *settings = &doctor->session->store->settings;
    struct port_stat stat;
    struct bytes set;
    doctor->names = NAMES_PLAIN;
    size_t before = doctor_enter(doctor, BYTES(".kv-names"));
    if (port_stat(doctor->port, path_place(&doctor->path), &stat) == STATUS_OK) {
        look_at_mark(doctor, stat.kind);
    }
    doctor_leave(doctor, before);
    if (settings->names != doctor->names && host_environment("KEYVALUE_FILESYSTEM_NAMES", &set)) {
        doctor_tell(doctor, FINDING_NAMES_SETTING, &doctor->path,
                    doctor->names == NAMES_PORTABLE ? "the root has portable ones"
                                                    : "the root has plain ones");
    }
    settings->names = doctor->names; // by which the rest is looked at
}

static void look_at_directory(struct doctor *doctor, struct bytes file)
{
    uint8_t name[name_bytes_max];
    size_t size;
    if (begins_with(file, BYTES(".kv-deleted-"))) {
        doctor_tell(doctor, FINDING_DELETED_BUCKET, &doctor->path, NULL);
    } else if (file.data[0] == '.') {
        return; // nobody's: .git, a file manager's
    } else if (!name_decode(doctor->names, file, name, &size)) {
        doctor_tell(doctor, FINDING_BUCKET_NAME, &doctor->path, NULL);
    } else {
        doctor_bucket(doctor);
    }
}

// A link to a directory is a bucket, as long as it leads there.
static void look_at_link(struct doctor *doctor, struct bytes file)
{
    struct port_stat stat;
    enum status status = port_stat_followed(doctor->port, path_place(&doctor->path), &stat);
    if (status == STATUS_OK && stat.kind == PORT_DIRECTORY) {
        look_at_directory(doctor, file);
    } else {
        doctor_tell(doctor, FINDING_ROOT_LINK, &doctor->path, NULL);
    }
}

static void look_at_entry(struct doctor *doctor, struct bytes file, enum port_kind kind,
                          void *context)
{
    (void)context;
    if (file.size == 0) {
        doctor_tell(doctor, FINDING_NOT_UTF8, &doctor->path, NULL);
    } else if (kind == PORT_DIRECTORY) {
        look_at_directory(doctor, file);
    } else if (file.data[0] == '.') {
        return;
    } else if (kind == PORT_SYMLINK) {
        look_at_link(doctor, file);
    } else {
        doctor_tell(doctor, FINDING_ROOT_FILE, &doctor->path, NULL);
    }
}

// What all names together say of the root.
static void look_at_names(struct doctor *doctor)
{
    if (doctor->names == NAMES_PLAIN && doctor->portable_names > 0 && doctor->plain_names == 0) {
        doctor_tell(doctor, FINDING_MARK_LOST, &doctor->path, NULL);
    } else if (doctor->names == NAMES_PLAIN && doctor->not_portable > 0) {
        char text[64];
        struct message count = {text, sizeof text - 1, 0};
        message_text(&count, "as have ");
        message_number(&count, doctor->not_portable);
        message_text(&count, " in all");
        text[count.size] = '\0';
        doctor_tell(doctor, FINDING_NOT_PORTABLE, &doctor->not_portable_first, text);
    }
}

void doctor_root(struct doctor *doctor)
{
    struct doctor_part part;
    doctor_begin_part(doctor, &part);
    look_for_mark(doctor);
    enum status status = doctor_walk(doctor, look_at_entry, NULL);
    if (status != STATUS_OK) {
        doctor_tell(doctor, FINDING_UNREADABLE, &doctor->path, status_text(status));
    }
    look_at_names(doctor);
    doctor_end_part(doctor);
}
