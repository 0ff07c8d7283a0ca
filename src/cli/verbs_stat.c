// stat: what there is to know about one value.
#include "places.h"
#include "verbs.h"

#include <stdlib.h>

static enum status read_head(struct port *port, struct place place, uint8_t *head, size_t room,
                             size_t *size)
{
    port_handle file;
    enum status status = port_open(port, place, PORT_READ, &file);
    if (status != STATUS_OK) {
        return status;
    }
    size_t got = 1;
    for (*size = 0; status == STATUS_OK && got > 0 && *size < room; *size += got) {
        got = 0;
        status = port_read(port, file, head + *size, room - *size, *size, &got);
    }
    enum status closed = port_close(port, file);
    return status != STATUS_OK ? status : closed;
}

// Of a value that goes on after `head`, a character may be cut there.
static bool begins_as_text(struct bytes head, bool whole)
{
    enum { character_bytes_max = 4 };
    for (size_t cut = 0; cut < character_bytes_max && cut <= head.size; cut++) {
        if (print_is_text((struct bytes){head.data, head.size - cut})) {
            return true;
        }
        if (whole) {
            return false;
        }
    }
    return false;
}

static void print_kind(struct session *session, struct bytes head, bool whole)
{
    struct counter counter;
    print_fact(session->out, false, "kind",
               begins_as_text(head, whole) ? BYTES("text") : BYTES("bytes"));
    if (whole && head.size <= counter_bytes_max &&
        counter_add(&head, 0, COUNTER_SIGNED, COUNTER_BINARY, &counter) == STATUS_OK) {
        print_fact_number(session->out, false, "counter", (int64_t)counter.value);
    }
}

static void print_file(struct session *session, const struct path *path)
{
    char text[2 * path_bytes_max];
    struct message message = {text, sizeof text, 0};
    session_place(session, path, &message);
    print_fact(session->out, false, "file", (struct bytes){(const uint8_t *)text, message.size});
}

static enum command_exit tell(struct session *session, const struct path *path, uint8_t *head)
{
    struct bytes key = session->command->operands[0];
    struct port_stat stat;
    size_t size = 0;
    enum status status = port_stat(session->store->port, path_place(path), &stat);
    if (status == STATUS_OK && stat.kind == PORT_FILE) {
        status =
            read_head(session->store->port, path_place(path), head, port_read_bytes_max, &size);
    } else if (status == STATUS_OK) {
        status = STATUS_NO_ENTRY;
    }
    if (status == STATUS_NO_ENTRY) {
        print_no_key(session->err, key, session->command->bucket);
        return COMMAND_NOT_FOUND;
    }
    if (status != STATUS_OK) {
        return session_end(session, store_fail(session->store, "stat", &session->command->bucket,
                                               &key, status, NULL));
    }
    print_facts_begin(session->out);
    print_fact(session->out, true, "key", key);
    print_fact(session->out, false, "bucket", session->command->bucket);
    print_file(session, path);
    print_fact_number(session->out, false, "bytes", (int64_t)stat.size);
    print_fact_time(session->out, false, "modified", stat.modified);
    print_kind(session, (struct bytes){head, size}, size == stat.size);
    print_facts_end(session->out);
    return COMMAND_DONE;
}

enum command_exit verb_stat(struct session *session)
{
    struct bytes key = session->command->operands[0];
    struct path path;
    enum status status = places_bucket(session->store, session->command->bucket, &path);
    if (status == STATUS_OK) {
        status = places_push(session->store, key, &path);
    }
    if (status != STATUS_OK) {
        return session_end(session, store_fail(session->store, "stat", &session->command->bucket,
                                               &key, status, NULL));
    }
    uint8_t *head = malloc(port_read_bytes_max);
    enum command_exit code =
        head != NULL ? tell(session, &path, head) : session_fail_memory(session);
    free(head);
    return code;
}
