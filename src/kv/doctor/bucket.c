// A bucket's entries.
#include "doctor.h"

#include "core/read.h"

struct look {
    struct names_list files; // those of keys
    bool unsorted;           // they did not all fit into memory
    bool facts_known;
    struct facts facts; // of the bucket's directory
};

// ---- Keys ----

static void look_at_value(struct doctor *doctor)
{
    uint8_t content[counter_bytes_max];
    size_t size = 0;
    struct port_stat stat;
    port_handle file;
    enum status status = port_stat(doctor->port, path_place(&doctor->path), &stat);
    if (status == STATUS_OK && stat.size > value_bytes_max) {
        doctor_tell(doctor, FINDING_TOO_LARGE, &doctor->path, NULL);
        return;
    }
    if (status == STATUS_OK && (stat.size == 0 || stat.size > sizeof content)) {
        return;
    }
    if (status == STATUS_OK) {
        status = port_open(doctor->port, path_place(&doctor->path), PORT_READ, &file);
    }
    if (status == STATUS_OK) {
        status = port_read(doctor->port, file, content, sizeof content, 0, &size);
        (void)port_close(doctor->port, file); // only read
    }
    if (status == STATUS_NO_ENTRY) {
        return; // deleted meanwhile
    }
    if (status != STATUS_OK) {
        doctor_tell(doctor, FINDING_UNREADABLE, &doctor->path, status_text(status));
        return;
    }
    enum finding finding = judge_value((struct bytes){content, size});
    if (finding != FINDING_NONE) {
        doctor_tell(doctor, finding, &doctor->path, NULL);
    }
}

static void keep_name(struct look *look, struct bytes file)
{
    struct names_list *list = &look->files;
    if (list->count == list->room) {
        size_t room = list->room * 2 + 64;
        struct buffer *names =
            buffer_grow(list->names, list->count * sizeof *names, room * sizeof *names);
        if (names == NULL) {
            look->unsorted = true;
            return;
        }
        list->names = names;
        list->room = room;
    }
    if (buffer_copy(file, &list->names[list->count]) == STATUS_OK) {
        list->count++;
    } else {
        look->unsorted = true;
    }
}

static void look_at_name(struct doctor *doctor, struct bytes file)
{
    uint8_t plain[name_bytes_max], portable[name_bytes_max];
    struct bytes as_plain = {plain, 0}, as_portable = {portable, 0};
    bool is_plain = name_decode(NAMES_PLAIN, file, plain, &as_plain.size);
    bool is_portable = name_decode(NAMES_PORTABLE, file, portable, &as_portable.size);
    doctor->plain_names += is_plain && !is_portable;
    doctor->portable_names += is_portable && (!is_plain || !bytes_equal(as_plain, as_portable));
    if (!judge_is_portable(file) && doctor->not_portable++ == 0) {
        path_copy(&doctor->not_portable_first, &doctor->path);
    }
    if (judge_is_leftover(file)) {
        doctor_tell(doctor, FINDING_LEFTOVER, &doctor->path, NULL);
    }
}

static void look_at_key(struct doctor *doctor, struct bytes file, struct look *look)
{
    doctor->keys++;
    look_at_name(doctor, file);
    keep_name(look, file);
    look_at_value(doctor);
    if (look->facts_known) {
        doctor_modes_value(doctor, &look->facts);
    }
    progress_step(&doctor->progress, 0);
}

// ---- Others ----

static enum finding finding_of(enum port_kind kind)
{
    switch (kind) {
    case PORT_DIRECTORY:
        return FINDING_DIRECTORY;
    case PORT_SYMLINK:
        return FINDING_LINK;
    case PORT_PIPE:
        return FINDING_PIPE;
    default:
        return FINDING_SPECIAL;
    }
}

static void look_at_entry(struct doctor *doctor, struct bytes file, enum port_kind kind,
                          void *context)
{
    struct look *look = context;
    uint8_t name[name_bytes_max];
    size_t size;
    if (file.size == 0) {
        doctor_tell(doctor, FINDING_NOT_UTF8, &doctor->path, NULL);
    } else if (bytes_equal(file, BYTES(".kv"))) {
        doctor_scratch(doctor);
        if (look->facts_known && kind == PORT_DIRECTORY) {
            doctor_modes_scratch(doctor, &look->facts);
        }
    } else if (file.data[0] == '.') {
        doctor_tell(doctor, FINDING_HIDDEN, &doctor->path, NULL);
    } else if (kind != PORT_FILE) {
        doctor_tell(doctor, finding_of(kind), &doctor->path, NULL);
    } else if (!name_decode(doctor->names, file, name, &size)) {
        doctor_tell(doctor, FINDING_NAME, &doctor->path, NULL);
    } else {
        look_at_key(doctor, file, look);
    }
}

// ---- All names of a bucket together ----

static void look_for_folded(struct doctor *doctor, struct names_list *files)
{
    names_sort(files, judge_compare_folded);
    for (size_t i = 1; i < files->count; i++) {
        if (judge_compare_folded(buffer_bytes(&files->names[i - 1]),
                                 buffer_bytes(&files->names[i])) == 0) {
            size_t before = doctor_enter(doctor, buffer_bytes(&files->names[i]));
            doctor_tell(doctor, FINDING_FOLDED, &doctor->path, NULL);
            doctor_leave(doctor, before);
        }
    }
}

void doctor_bucket(struct doctor *doctor)
{
    struct look look = {.files = {NULL, 0, 0}};
    struct doctor_part part;
    doctor_begin_part(doctor, &part);
    doctor->buckets++;
    look.facts_known = facts_of(doctor->port, path_place(&doctor->path), &look.facts);
    if (look.facts_known) {
        doctor_modes_bucket(doctor, &doctor->root, &look.facts);
    }
    enum status status = doctor_walk(doctor, look_at_entry, &look);
    if (status != STATUS_OK && status != STATUS_NO_ENTRY) {
        doctor_tell(doctor, FINDING_UNREADABLE, &doctor->path, status_text(status));
    }
    look_for_folded(doctor, &look.files);
    names_free(&look.files);
    doctor_end_part(doctor);
}
