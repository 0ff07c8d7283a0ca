#include "program.h"

#include <stdio.h>

void program_note_error(struct writer *writer, enum status status)
{
    struct world *world = writer->world;
    writer->errors++;
    writer->error = status;
    // A writer that gives up, or takes another's files for a person's, fails.
    bool never = status == STATUS_BUSY || status == STATUS_SCRATCH;
    if ((never && !world->any_error) || !world->errors_allowed) {
        world_fail(world, "writer %u: %.*s", writer->view.writer, (int)writer->store.message_size,
                   writer->store.message);
    }
    if (writer->store.message_size == 0) {
        world_fail(world, "writer %u: an error without a message", writer->view.writer);
    }
}

// How an operation ended. Where a sync may have failed behind the change,
// nobody can tell whether it happened.
static enum op_end end_of(struct writer *writer, enum status status)
{
    if (status == STATUS_OK) {
        return END_DONE;
    }
    if (status == STATUS_CHANGED) {
        return END_REFUSED;
    }
    program_note_error(writer, status);
    return writer->world->durable == DURABLE_ALL ? END_PENDING : END_FAILED;
}

static void finish(struct writer *writer, struct op *op, enum status status)
{
    enum op_end end = end_of(writer, status);
    writer->view.takes = 0;
    if (end == END_PENDING) {
        op->end = END_PENDING;
    } else {
        history_return(&writer->world->history, op, end);
    }
}

// Takes a value that was read and gives its state.
static struct state take_value(struct writer *writer, bool found, struct buffer *value)
{
    struct state state = {.found = false};
    if (found && !world_read_value(buffer_bytes(value), &state)) {
        world_fail(writer->world, "writer %u read a value that nobody wrote, of %zu bytes",
                   writer->view.writer, value->size);
    }
    return state;
}

static void do_get(struct writer *writer, struct bucket *bucket, unsigned key)
{
    struct op *op =
        history_call(&writer->world->history,
                     (struct op){.kind = OP_GET, .writer = writer->view.writer, .key = key});
    bool found = false;
    struct buffer value = {NULL, 0};
    enum status status = store_get(bucket, world_key_name(key), &found, &value);
    if (status == STATUS_OK) {
        op->seen = take_value(writer, found, &value);
    }
    buffer_free(&value);
    finish(writer, op, status);
}

static void do_swap(struct writer *writer, struct bucket *bucket, unsigned key)
{
    struct world *world = writer->world;
    struct op *op = history_call(
        &world->history, (struct op){.kind = OP_GET, .writer = writer->view.writer, .key = key});
    struct cas cas;
    enum status status = store_cas(bucket, world_key_name(key), &cas);
    if (status == STATUS_OK) {
        op->seen = take_value(writer, cas.found, &cas.value);
    }
    finish(writer, op, status);
    if (status != STATUS_OK) {
        return;
    }
    struct state expected = op->seen;
    struct state made = world_new_value(writer, false);
    world_point(&writer->view);
    writer->skip = true;
    op = history_call(&world->history, (struct op){.kind = OP_SWAP,
                                                   .writer = writer->view.writer,
                                                   .key = key,
                                                   .value = made,
                                                   .expected = expected});
    uint8_t room[world_value_max];
    status = store_swap(&cas, world_write_value(made, room));
    finish(writer, op, status);
    if (status == STATUS_CHANGED) {
        // What is there instead was read at some instant of the swap.
        struct op *read = history_call(&world->history, *op);
        read->kind = OP_GET;
        read->seen = take_value(writer, cas.found, &cas.value);
        read->end = END_DONE;
        read->called = op->called;
        read->returned = op->returned;
    }
    store_cas_free(&cas);
}

// True if a deletion (or else another change) of the key was under way at this
// instant or later.
static bool changed_since(const struct history *history, unsigned key, unsigned instant,
                          bool deletion)
{
    for (unsigned i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        bool later = op->returned == 0 || op->returned > instant;
        if (op->key == key && op->kind != OP_GET && (op->kind == OP_DELETE) == deletion && later) {
            return true;
        }
    }
    return false;
}

// A key that is there all the time is listed once, whatever is done to it; one that
// is not there all the time is not listed; no key is listed twice.
static void check_listed(struct writer *writer, unsigned key, bool before, unsigned called,
                         unsigned times)
{
    struct world *world = writer->world;
    bool stays = before && !changed_since(&world->history, key, called, true);
    bool absent = !before && !changed_since(&world->history, key, called, false);
    // One that cannot take its turn, for a fault, lists what it sees.
    bool faulty = writer->view.fault.hit;
    bool may_miss = world->keys_vanish || faulty;
    if ((times > 1 && !faulty) || (stays && times == 0 && !may_miss) || (absent && times > 0)) {
        world_fail(world, "writer %u listed key %u %u times", writer->view.writer, key, times);
    }
}

static void do_list(struct writer *writer, struct bucket *bucket)
{
    struct world *world = writer->world;
    unsigned called = world->history.clock;
    bool before[history_keys_max], ok;
    for (unsigned key = 0; key < history_keys_max; key++) {
        before[key] = world_key_state(&world->disk, key, &ok).found;
    }
    struct page page;
    enum status status = store_list(bucket, NULL, &page);
    if (status != STATUS_OK) {
        program_note_error(writer, status);
        return;
    }
    for (unsigned key = 0; key < history_keys_max; key++) {
        unsigned times = 0;
        for (size_t i = 0; i < page.key_count; i++) {
            times += bytes_equal(buffer_bytes(&page.keys[i]), world_key_name(key));
        }
        check_listed(writer, key, before[key], called, times);
    }
    page_free(&page);
}

static void do_change(struct writer *writer, struct bucket *bucket, struct step step)
{
    struct world *world = writer->world;
    struct op made = {.kind = step.kind, .writer = writer->view.writer, .key = step.key};
    if (step.kind == OP_SET) {
        made.value = world_new_value(writer, true);
    } else if (step.kind == OP_INCREMENT) {
        made.value = (struct state){true, false, 1};
    }
    struct op *op = history_call(&world->history, made);
    struct bytes key = world_key_name(step.key);
    uint8_t room[world_value_max];
    uint64_t number = 0;
    enum status status;
    if (step.kind == OP_SET) {
        status = store_set(bucket, key, world_write_value(made.value, room));
    } else if (step.kind == OP_DELETE) {
        status = store_delete(bucket, key);
    } else {
        status = store_increment(bucket, key, 1, COUNTER_UNSIGNED, &number);
        op->seen.number = number;
    }
    finish(writer, op, status);
}

enum {
    person_names_max = 8,
    person_path_room = 96,
};

// What `rm -r` does of a directory: lists it, removes what is in it if it can.
static unsigned person_empties(struct writer *writer, const char *path,
                               char names[person_names_max][person_path_room])
{
    struct port *port = &writer->view.port;
    struct place place = {port_root, {(const uint8_t *)path, strlen(path)}};
    port_handle directory, listing;
    unsigned count = 0;
    if (port_open(port, place, PORT_LIST, &directory) != STATUS_OK) {
        return 0;
    }
    if (port_list(port, directory, &listing) == STATUS_OK) {
        struct port_entry entry;
        while (count < person_names_max && port_list_next(port, listing, &entry) == STATUS_OK) {
            snprintf(names[count++], person_path_room, "%.40s/%.*s", path, (int)entry.name.size,
                     (const char *)entry.name.data);
        }
        port_list_close(port, listing);
    }
    (void)port_close(port, directory);
    return count;
}

static bool person_removes(struct writer *writer, const char *path)
{
    struct port *port = &writer->view.port;
    struct place place = {port_root, {(const uint8_t *)path, strlen(path)}};
    return port_remove_file(port, place) == STATUS_OK ||
           port_remove_directory(port, place) == STATUS_OK;
}

// A person deletes `.kv/`, one thing after the other, with what is in it.
static void do_wipe(struct writer *writer)
{
    char outer[person_names_max][person_path_room];
    char inner[person_names_max][person_path_room];
    char files[person_names_max][person_path_room];
    unsigned count = person_empties(writer, "b/.kv", outer);
    for (unsigned i = 0; i < count; i++) {
        if (person_removes(writer, outer[i])) {
            continue;
        }
        unsigned inside = person_empties(writer, outer[i], inner);
        for (unsigned j = 0; j < inside; j++) {
            if (person_removes(writer, inner[j])) {
                continue;
            }
            unsigned deep = person_empties(writer, inner[j], files);
            for (unsigned k = 0; k < deep; k++) {
                (void)person_removes(writer, files[k]);
            }
            (void)person_removes(writer, inner[j]);
        }
        (void)person_removes(writer, outer[i]);
    }
    (void)person_removes(writer, "b/.kv");
}

void program_step(struct writer *writer, struct bucket *bucket, struct step step)
{
    if (step.wipe) {
        do_wipe(writer);
        return;
    }
    switch (step.kind) {
    case OP_GET:
        do_get(writer, bucket, step.key);
        break;
    case OP_SWAP:
        do_swap(writer, bucket, step.key);
        break;
    case op_kinds:
        do_list(writer, bucket);
        break;
    default:
        do_change(writer, bucket, step);
        break;
    }
}

void program_check_released(struct writer *writer)
{
    if (writer->view.open_handles != 0) {
        world_fail(writer->world, "writer %u left %u handles open", writer->view.writer,
                   writer->view.open_handles);
    }
    if (writer->memory.blocks != 0) {
        world_fail(writer->world, "writer %u lost %u allocations", writer->view.writer,
                   writer->memory.blocks);
    }
}

void program_run(struct writer *writer)
{
    struct bucket *bucket;
    enum status status = store_open(&writer->store, BYTES("b"), &bucket);
    if (status != STATUS_OK) {
        program_note_error(writer, status);
        return;
    }
    if (writer->series_first) {
        (void)store_set(bucket, BYTES("first"), BYTES("1000\n"));
        (void)store_set(bucket, BYTES("first"), BYTES("1000\n"));
    }
    writer->quiet = false; // where it was
    while (writer->done_count < writer->program_count) {
        struct step step = writer->program[writer->done_count];
        world_point(&writer->view);
        writer->skip = true;
        program_step(writer, bucket, step);
        writer->skip = false;
        if (writer->view.open_handles != (writer->store.kept != NULL)) {
            world_fail(writer->world, "writer %u left %u handles open", writer->view.writer,
                       writer->view.open_handles);
        }
        writer->done_count++;
    }
    store_close(bucket);
}
