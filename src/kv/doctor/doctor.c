#include "doctor.h"

#include "cli/places.h"
#include "core/utf8.h"
#include "kv/kv_commands.h"
#include "kv/peer/peer.h"

// ---- Walking ----

size_t doctor_enter(struct doctor *doctor, struct bytes name)
{
    bool is_dot = doctor->path.size == 1 && doctor->path.bytes[0] == '.';
    size_t before = is_dot ? 0 : doctor->path.size;
    path_push(&doctor->path, name);
    return before;
}

void doctor_leave(struct doctor *doctor, size_t before)
{
    doctor->path.size = before;
    if (before == 0) {
        path_start(&doctor->path, BYTES("")); // the name had taken the place of "."
    }
}

static enum status walk_listing(struct doctor *doctor, port_handle listing,
                                void (*look)(struct doctor *doctor, struct bytes name,
                                             enum port_kind kind, void *context),
                                void *context)
{
    for (;;) {
        struct port_entry entry;
        enum status status = port_list_next(doctor->port, listing, &entry);
        if (status == STATUS_NO_ENTRY) {
            continue; // it vanished
        }
        if (status == STATUS_BAD_NAME || (status == STATUS_OK && !utf8_valid(entry.name))) {
            look(doctor, (struct bytes){NULL, 0}, PORT_UNKNOWN, context);
            continue;
        }
        if (status != STATUS_OK) {
            return status == STATUS_END ? STATUS_OK : status;
        }
        uint8_t name[name_bytes_max]; // the entry's own is gone with the next call
        struct bytes kept = {name, entry.name.size < sizeof name ? entry.name.size : sizeof name};
        memcpy(name, entry.name.data, kept.size);
        struct port_stat stat = {.kind = entry.kind};
        size_t before = doctor_enter(doctor, kept);
        if (stat.kind != PORT_UNKNOWN ||
            port_stat(doctor->port, path_place(&doctor->path), &stat) == STATUS_OK) {
            look(doctor, kept, stat.kind, context);
        }
        doctor_leave(doctor, before);
    }
}

enum status doctor_walk(struct doctor *doctor,
                        void (*look)(struct doctor *doctor, struct bytes name, enum port_kind kind,
                                     void *context),
                        void *context)
{
    port_handle directory;
    port_handle listing;
    enum status status = port_open(doctor->port, path_place(&doctor->path), PORT_LIST, &directory);
    if (status != STATUS_OK) {
        return status;
    }
    status = port_list(doctor->port, directory, &listing);
    if (status == STATUS_OK) {
        status = walk_listing(doctor, listing, look, context);
        port_list_close(doctor->port, listing);
    }
    (void)port_close(doctor->port, directory); // nothing was written through it
    return status;
}

// ---- The command ----

const char *kv_file_system(const struct session *session)
{
    static char text[128];
    struct facts_disk disk;
    struct message message = {text, sizeof text - 1, 0};
    if (!facts_of_disk(session->store->port, &disk)) {
        return NULL;
    }
    message_text(&message, disk.name);
    message_text(&message, disk.trust == FACTS_MEMORY   ? ", in memory: gone when the machine stops"
                           : disk.trust == FACTS_SHARED ? ", which other machines may share"
                                                        : "");
    text[message.size] = '\0';
    return text;
}

static void print_head(struct doctor *doctor)
{
    struct session *session = doctor->session;
    print_facts_begin(session->out);
    print_fact(session->out, true, "data", session->place);
    if (session->file_system != NULL) {
        print_fact(
            session->out, false, "file-system",
            (struct bytes){(const uint8_t *)session->file_system, strlen(session->file_system)});
    }
    print_text(session->out, session->out->json ? ", \"findings\": [" : "");
}

static void print_count(struct output *out, uint64_t count, const char *what, bool last)
{
    print_unsigned(out, count, 0);
    print_text(out, " ");
    print_text(out, what);
    print_text(out, count == 1 ? "" : "s");
    print_text(out, last ? "\n" : ", ");
}

static void print_foot(struct doctor *doctor)
{
    struct output *out = doctor->session->out;
    const uint64_t *found = doctor->found;
    if (out->json) {
        print_text(out, "]");
        print_fact_number(out, false, "buckets", (int64_t)doctor->buckets);
        print_fact_number(out, false, "keys", (int64_t)doctor->keys);
        print_fact_number(out, false, "problems", (int64_t)found[FINDING_PROBLEM]);
        print_fact_number(out, false, "warnings", (int64_t)found[FINDING_WARNING]);
        print_fact_number(out, false, "notes", (int64_t)found[FINDING_NOTE]);
        print_facts_end(out);
        return;
    }
    print_text(out, "looked at ");
    print_count(out, doctor->buckets, "bucket", false);
    print_count(out, doctor->keys, "key", true);
    if (doctor->told) {
        print_text(out, "found ");
        print_count(out, found[FINDING_PROBLEM], "problem", false);
        print_count(out, found[FINDING_WARNING], "warning", false);
        print_count(out, found[FINDING_NOTE], "note", true);
    } else {
        print_text(out, "found nothing\n");
    }
}

enum command_exit kv_doctor(struct session *session)
{
    if (command_has(session->command, OPTION_SERVE)) {
        return peer_serve(session);
    }
    if (command_has(session->command, OPTION_PEER)) {
        return peer_doctor(session, session->command->peer);
    }
    static struct doctor doctor; // static for its paths' sake: a component's stack is small
    struct doctor_part part;
    doctor = (struct doctor){
        .session = session,
        .port = session->store->port,
        .now = port_wall_clock(session->store->port),
    };
    places_root(session->store, &doctor.path);
    doctor_begin_part(&doctor, &part);
    print_head(&doctor);
    progress_begin(&doctor.progress, "looked at", session->err);
    (void)facts_of(doctor.port, path_place(&doctor.path), &doctor.root);
    doctor_root(&doctor);
    doctor_disk(&doctor);
    progress_end(&doctor.progress);
    print_foot(&doctor);
    bool sound = doctor.found[FINDING_PROBLEM] == 0 && doctor.found[FINDING_WARNING] == 0;
    return sound ? COMMAND_DONE : COMMAND_NOT_FOUND;
}
