#include "world.h"

#include "core/counter.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

struct world_context {
    ucontext_t context;
};

struct bytes world_key_name(unsigned key)
{
    static const char names[history_keys_max][3] = {"k0", "k1", "k2", "k3"};
    return (struct bytes){(const uint8_t *)names[key], 2};
}

void world_fail(struct world *world, const char *format, ...)
{
    if (world->outcome == WORLD_FAILED) {
        return;
    }
    world->outcome = WORLD_FAILED;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(world->failure, sizeof world->failure, format, arguments);
    va_end(arguments);
}

// ---- Values ----

// Each writer's texts have a size of their own, none of them 8 bytes, so that a
// value replaced between a look and a read is shorter or longer.
static struct state new_value(struct writer *writer, bool text)
{
    static const uint64_t bases[] = {1000, 20000, 300000, 40000000, 500000000, 6000000000};
    unsigned slot = writer->view.writer % 6;
    uint64_t round = writer->view.writer / 6 * 100;
    return (struct state){true, text, bases[slot] + round + 10 * ++writer->values};
}

enum { value_text_max = 32 };

static struct bytes write_value(struct state state, uint8_t room[value_text_max])
{
    if (state.text) {
        int size =
            snprintf((char *)room, value_text_max, "%llu\n", (unsigned long long)state.number);
        return (struct bytes){room, (size_t)size};
    }
    for (unsigned i = 0; i < 8; i++) {
        room[i] = (uint8_t)(state.number >> (8 * i));
    }
    return (struct bytes){room, 8};
}

// Reads a value back; false if it is none that write_value gives.
static bool read_value(struct bytes bytes, struct state *state)
{
    *state =
        (struct state){.found = true, .text = bytes.size > 0 && bytes.data[bytes.size - 1] == '\n'};
    if (state->text && bytes.size >= 5 && bytes.size <= 12) {
        for (size_t i = 0; i + 1 < bytes.size; i++) {
            if (bytes.data[i] < '0' || bytes.data[i] > '9') {
                return false;
            }
            state->number = state->number * 10 + (uint64_t)(bytes.data[i] - '0');
        }
        return true;
    }
    for (unsigned i = 0; i < 8 && bytes.size == 8; i++) {
        state->number |= (uint64_t)bytes.data[i] << (8 * i);
    }
    return bytes.size == 8 && state->number != 0;
}

struct state world_key_state(const struct disk *disk, unsigned key, bool *ok)
{
    char path[8];
    snprintf(path, sizeof path, "b/%.2s", (const char *)world_key_name(key).data);
    disk_inode inode = disk_at(disk, path);
    struct state state = {.found = false};
    *ok = true;
    if (inode != 0) {
        const struct inode *file = &disk->inodes[inode];
        *ok = read_value((struct bytes){file->content, file->size}, &state);
    }
    return state;
}

// ---- Scheduling ----

static struct writer *resumed; // for writer_main: makecontext passes no pointers

static void resume(struct world *world, struct writer *writer)
{
    world->running = writer;
    resumed = writer;
    allocation_switch(&writer->memory);
}

static unsigned list_actions(struct world *world, struct action *actions)
{
    unsigned count = 0;
    struct writer *running = world->running;
    if (running != NULL && !running->ended && !running->crashed) {
        actions[count++] = (struct action){running, false};
    }
    for (unsigned i = 0; i < world->writer_count; i++) {
        struct writer *writer = &world->writers[i];
        if (!writer->ended && !writer->crashed && writer != running) {
            actions[count++] = (struct action){writer, false};
        }
    }
    unsigned ready = count;
    for (unsigned i = 0; i < ready && world->crashes_left > 0; i++) {
        actions[count++] = (struct action){actions[i].writer, true};
    }
    return count;
}

static void crash(struct world *world, struct writer *writer)
{
    writer->crashed = true;
    world->crashes++;
    world->crashes_left--;
    sim_port_crash(&writer->view);
    allocation_drop(&writer->memory);
    if (writer->view.trace) {
        printf("  writer %u crashes\n", writer->view.writer);
    }
    if (world->crashed != NULL) {
        world->crashed(world, writer);
    }
}

// Decides who goes on; NULL: nobody does.
static struct writer *decide(struct world *world)
{
    while (world->outcome == WORLD_RUNNING) {
        struct action actions[2 * world_writers_max];
        unsigned count = list_actions(world, actions);
        if (count == 0) {
            world->outcome = WORLD_ENDED;
            break;
        }
        unsigned picked = world->choose(world, actions, count);
        if (world->outcome != WORLD_RUNNING) {
            break;
        }
        if (!actions[picked].crash) {
            return actions[picked].writer;
        }
        crash(world, actions[picked].writer);
    }
    return NULL;
}

static void switch_away(struct writer *from)
{
    struct world *world = from->world;
    struct writer *next = decide(world);
    if (next == from) {
        return;
    }
    if (next != NULL) {
        resume(world, next);
    }
    swapcontext(&from->context->context,
                next != NULL ? &next->context->context : &world->main->context);
}

static void world_point(struct sim_port *view)
{
    struct writer *writer = (struct writer *)view;
    struct world *world = writer->world;
    if (writer->quiet) {
        return;
    }
    if (writer->starting) {
        writer->starting = false;
        swapcontext(&writer->context->context, &world->main->context);
        return; // chosen for the first time
    }
    if (writer->skip) {
        writer->skip = false;
    } else {
        unsigned losses = view->takes > 0 ? view->takes - 1 : 0;
        if (losses > world->worst_losses) {
            world->worst_losses = losses;
        }
        if (world->losses_max > 0 && losses > world->losses_max) {
            world->outcome = WORLD_CUT;
        }
        switch_away(writer);
    }
    world->steps++;
    if (world->stop_after > 0 && world->steps > world->stop_after) {
        world->outcome = WORLD_STOPPED;
        switch_away(writer);
    }
}

// ---- Programs ----

static void note_error(struct writer *writer, enum status status)
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
    note_error(writer, status);
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
    if (found && !read_value(buffer_bytes(value), &state)) {
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
    struct state made = new_value(writer, false);
    world_point(&writer->view);
    writer->skip = true;
    op = history_call(&world->history, (struct op){.kind = OP_SWAP,
                                                   .writer = writer->view.writer,
                                                   .key = key,
                                                   .value = made,
                                                   .expected = expected});
    uint8_t room[value_text_max];
    status = store_swap(&cas, write_value(made, room));
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
        note_error(writer, status);
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
        made.value = new_value(writer, true);
    } else if (step.kind == OP_INCREMENT) {
        made.value = (struct state){true, false, 1};
    }
    struct op *op = history_call(&world->history, made);
    struct bytes key = world_key_name(step.key);
    uint8_t room[value_text_max];
    uint64_t number = 0;
    enum status status;
    if (step.kind == OP_SET) {
        status = store_set(bucket, key, write_value(made.value, room));
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

static void do_step(struct writer *writer, struct bucket *bucket, struct step step)
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

static void check_released(struct writer *writer)
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

static void run_program(struct writer *writer)
{
    struct bucket *bucket;
    enum status status = store_open(&writer->store, BYTES("b"), &bucket);
    if (status != STATUS_OK) {
        note_error(writer, status);
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
        do_step(writer, bucket, step);
        writer->skip = false;
        if (writer->view.open_handles != (writer->store.kept != NULL)) {
            world_fail(writer->world, "writer %u left %u handles open", writer->view.writer,
                       writer->view.open_handles);
        }
        writer->done_count++;
    }
    store_close(bucket);
}

static void writer_main(void)
{
    struct writer *writer = resumed;
    (writer->body != NULL ? writer->body : run_program)(writer);
    store_free(&writer->store);
    check_released(writer);
    writer->ended = true;
    switch_away(writer);
    abort(); // nobody goes on with an ended writer
}

// ---- Setting up, running ----

void world_init(struct world *world, struct choices *choices)
{
    static struct world_context main_context;
    disk_init(&world->disk);
    history_init(&world->history);
    world->choices = choices;
    world->writer_count = 0;
    world->crashes_left = world->crashes = 0;
    world->losses_max = world->stop_after = world->steps = world->worst_losses = 0;
    world->durable = DURABLE_NONE;
    world->create_buckets = world->errors_allowed = world->trace = world->opens_first = false;
    world->any_error = world->keys_vanish = false;
    world->left = LEFT_NOTHING;
    world->listing = LISTING_AT_ONCE;
    world->salt = 0;
    world->outcome = WORLD_RUNNING;
    world->running = NULL;
    world->main = &main_context;
    world->choose = NULL;
    world->crashed = NULL;
}

void world_put_key(struct world *world, unsigned key, struct state state)
{
    uint8_t room[value_text_max];
    char path[8];
    snprintf(path, sizeof path, "b/%.2s", (const char *)world_key_name(key).data);
    struct bytes bytes = write_value(state, room);
    disk_inode file = disk_put(&world->disk, path, "");
    disk_write(&world->disk, file, bytes.data, bytes.size, 0);
    world->history.start[key] = state;
}

void world_put_left(struct world *world, enum world_left left)
{
    struct disk *disk = &world->disk;
    world->left = left;
    if (left == LEFT_NOTHING) {
        return;
    }
    disk_put(disk, "b/.kv", NULL);
    disk_put(disk, "b/.kv/spare", NULL);
    disk_put(disk, "b/.kv/turn", NULL);
    if (left == LEFT_LITTER) {
        disk_put(disk, "b/.kv/0123456789ABCDEF", NULL);
        disk_put(disk, "b/.kv/0123456789ABCDEF/0123456789ABCDEFa", "half");
        disk_put(disk, "b/.kv/0123456789ABCDE0", NULL);
        disk_put(disk, "b/.kv/0123456789ABCDE0/0123456789ABCDE0", NULL);
        disk_put(disk, "b/.kv/0123456789ABCDE1", NULL);
        disk_put(disk, "b/.kv/0123456789ABCDE1/new", "half");
    } else if (left == LEFT_FILE) {
        disk_put(disk, "b/.kv/turn/0123456789ABCDEFa", "half");
    } else {
        disk_put(disk, "b/.kv/turn/0123456789ABCDEF", NULL);
    }
    if (left == LEFT_SERIES) {
        disk_put(disk, "b/.kv/turn/0123456789ABCDEF/1a", "1000\n");
    }
}

static struct writer *make_writer(struct world *world)
{
    assert(world->writer_count < world_writers_max);
    struct writer *writer = &world->writers[world->writer_count];
    sim_port_init(&writer->view, &world->disk, world->writer_count, world->salt);
    world->writer_count++;
    writer->view.listing = world->listing;
    writer->view.trace = world->trace;
    writer->world = world;
    writer->memory = (struct allocation_owner){.first = NULL};
    store_init(&writer->store, &writer->view.port);
    writer->store.settings.durable = world->durable;
    writer->store.settings.create_buckets = world->create_buckets;
    writer->program_count = writer->done_count = writer->values = writer->errors = 0;
    writer->series_first = false;
    writer->body = NULL;
    writer->quiet = true;
    writer->starting = writer->skip = writer->ended = writer->crashed = false;
    return writer;
}

struct writer *world_add(struct world *world, const struct step *program, unsigned count)
{
    struct writer *writer = make_writer(world);
    assert(count <= world_program_max);
    memcpy(writer->program, program, count * sizeof *program);
    writer->program_count = count;
    writer->view.point = world_point;
    writer->quiet = writer->starting = world->opens_first;
    if (writer->context == NULL) {
        // Kept from one run to the next, to the end of the process.
        writer->context = malloc(sizeof *writer->context);
        writer->stack = malloc(world_stack_bytes);
        if (writer->context == NULL || writer->stack == NULL) {
            abort();
        }
    }
    ucontext_t *context = &writer->context->context;
    getcontext(context);
    context->uc_stack.ss_sp = writer->stack;
    context->uc_stack.ss_size = world_stack_bytes;
    context->uc_link = NULL;
    makecontext(context, writer_main, 0);
    return writer;
}

// What is set up before the writers begin is an hour old when they do.
static const uint64_t hour = (uint64_t)3600 * 1000 * 1000 * 1000;

void world_run(struct world *world)
{
    world->disk.clock += hour;
    // Writers that open before the run do so one by one, and stop at their first
    // point.
    for (unsigned i = 0; i < world->writer_count && world->opens_first; i++) {
        if (world->writers[i].crashed) {
            continue; // in a run before
        }
        resume(world, &world->writers[i]);
        swapcontext(&world->main->context, &world->writers[i].context->context);
    }
    world->running = NULL;
    struct writer *first = decide(world);
    if (first != NULL) {
        resume(world, first);
        swapcontext(&world->main->context, &first->context->context);
    }
}

void world_end(struct world *world)
{
    for (unsigned i = 0; i < world->writer_count; i++) {
        sim_port_crash(&world->writers[i].view);
        allocation_drop(&world->writers[i].memory);
    }
    world->writer_count = 0;
}

uint64_t world_hash(const struct world *world)
{
    uint64_t hashes[disk_inodes_max];
    disk_hash(&world->disk, hashes);
    uint64_t hash = choices_mix(hashes[0], history_hash(&world->history));
    for (unsigned i = 0; i < world->writer_count; i++) {
        const struct writer *writer = &world->writers[i];
        // What an ended or crashed writer remembers is of no consequence.
        bool over = writer->ended || writer->crashed;
        hash = choices_mix(hash, over ? 1 : sim_port_hash(&writer->view, hashes));
        hash = choices_mix(hash, over ? 1 : (uint64_t)writer->done_count << 1 | writer->skip);
    }
    return choices_mix(hash, (uint64_t)world->crashes_left << 8 | world->crashes);
}

// ---- Checking an end ----

struct writer *world_fresh(struct world *world)
{
    return make_writer(world);
}

void world_do(struct writer *writer, struct step step)
{
    allocation_switch(&writer->memory);
    struct bucket *bucket;
    enum status status = store_open(&writer->store, BYTES("b"), &bucket);
    if (status != STATUS_OK) {
        note_error(writer, status);
        return;
    }
    do_step(writer, bucket, step);
    store_close(bucket);
}

struct litter {
    unsigned writers; // directories of writers that prepare
    unsigned turns;   // entries of the turn,
    unsigned busy;    // and files in it
    unsigned unknown; // anything else
};

static bool is_named(const struct entry *entry, const char *name)
{
    return bytes_equal((struct bytes){entry->name, entry->name_size},
                       (struct bytes){(const uint8_t *)name, strlen(name)});
}

static const struct entry *entry_of(const struct disk *disk, disk_inode inode)
{
    for (unsigned i = 0; i < disk->entry_count; i++) {
        if (disk->entries[i].target == inode) {
            return &disk->entries[i];
        }
    }
    return NULL;
}

// What stands in a directory of `.kv/`, or in one of those.
static void count_inside(const struct disk *disk, const struct entry *entry, disk_inode scratch,
                         struct litter *litter)
{
    const struct entry *above = entry_of(disk, entry->directory);
    bool deep = above != NULL && above->directory != scratch;
    const struct entry *top = deep ? entry_of(disk, above->directory) : above;
    bool file = disk->inodes[entry->target].kind == PORT_FILE;
    if (top == NULL || top->directory != scratch || is_named(top, "spare") || (deep && !file)) {
        litter->unknown++;
    } else if (is_named(top, "turn")) {
        litter->turns += !deep;
        litter->busy += file;
    }
}

static void count_entry(const struct disk *disk, const struct entry *entry, struct litter *litter)
{
    disk_inode bucket = disk_at(disk, "b");
    disk_inode scratch = disk_at(disk, "b/.kv");
    enum port_kind kind = disk->inodes[entry->target].kind;
    if (entry->directory == disk_root) {
        litter->unknown += !is_named(entry, "b");
    } else if (entry->directory == bucket) {
        bool known = is_named(entry, "k0") || is_named(entry, "k1") || is_named(entry, "k2") ||
                     is_named(entry, "k3") || is_named(entry, "first");
        litter->unknown += !(known && kind == PORT_FILE) && !is_named(entry, ".kv");
    } else if (entry->directory == scratch) {
        bool id = kind == PORT_DIRECTORY && entry->name_size == turn_id_bytes;
        litter->writers += id;
        litter->unknown += !id && !is_named(entry, "turn") && !is_named(entry, "spare");
    } else {
        count_inside(disk, entry, scratch, litter);
    }
}

static void check_litter(struct world *world, unsigned writers_max, bool may_be_busy)
{
    struct litter litter = {0, 0, 0, 0};
    for (unsigned i = 0; i < world->disk.entry_count; i++) {
        if (world->disk.entries[i].target != 0) {
            count_entry(&world->disk, &world->disk.entries[i], &litter);
        }
    }
    if (litter.unknown > 0 || litter.turns > 1 || litter.writers > writers_max ||
        (litter.busy > 0 && !may_be_busy)) {
        world_fail(world, "litter: %u writers, %u turns with %u files, %u other entries",
                   litter.writers, litter.turns, litter.busy, litter.unknown);
    }
}

void world_check(struct world *world, unsigned keys)
{
    unsigned dead = world->crashes;
    for (unsigned i = 0; i < world->writer_count; i++) {
        dead += world->writers[i].view.fault.hit; // each may have left what it prepared
    }
    world->errors_allowed = world->any_error = world->keys_vanish = false;
    world->outcome = world->outcome == WORLD_FAILED ? WORLD_FAILED : WORLD_ENDED;
    // A power cut brings back any number of them.
    bool cut = world->stop_after > 0;
    unsigned writers_max = cut ? UINT_MAX : dead + (world->left == LEFT_LITTER ? 3 : 0);
    check_litter(world, writers_max, cut || dead > 0 || world->left >= LEFT_FILE);
    struct writer *fresh = world_fresh(world);
    for (unsigned key = 0; key < keys; key++) {
        world_do(fresh, (struct step){OP_GET, key, false});
    }
    world_do(fresh, (struct step){OP_SET, 0, false});
    check_litter(world, writers_max, false);
    world_do(fresh, (struct step){OP_INCREMENT, 0, false});
    world_do(fresh, (struct step){op_kinds, 0, false});
    for (unsigned key = 0; key < keys; key++) {
        if (!history_linearizable(&world->history, key)) {
            world_fail(world, "no order of the operations on key %u gives these answers", key);
        }
    }
    store_free(&fresh->store);
    check_released(fresh);
}

uint64_t world_run_seeds(uint64_t first, uint64_t count, bool (*run)(uint64_t seed, void *context),
                         void *context)
{
    enum { failed_max = 5 };
    uint64_t failed = 0;
    for (uint64_t seed = first; seed < first + count && failed < failed_max; seed++) {
        failed += !run(seed, context);
    }
    return failed;
}
