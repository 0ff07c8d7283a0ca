#include "world.h"

#include "program.h"

#include <assert.h>
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
struct state world_new_value(struct writer *writer, bool text)
{
    static const uint64_t bases[] = {1000, 20000, 300000, 40000000, 500000000, 6000000000};
    unsigned slot = writer->view.writer % 6;
    uint64_t round = writer->view.writer / 6 * 100;
    return (struct state){true, text, bases[slot] + round + 10 * ++writer->values};
}

struct bytes world_write_value(struct state state, uint8_t room[world_value_max])
{
    if (state.text) {
        int size =
            snprintf((char *)room, world_value_max, "%llu\n", (unsigned long long)state.number);
        return (struct bytes){room, (size_t)size};
    }
    for (unsigned i = 0; i < 8; i++) {
        room[i] = (uint8_t)(state.number >> (8 * i));
    }
    return (struct bytes){room, 8};
}

bool world_read_value(struct bytes bytes, struct state *state)
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
        *ok = world_read_value((struct bytes){file->content, file->size}, &state);
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

void world_point(struct sim_port *view)
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

static void writer_main(void)
{
    struct writer *writer = resumed;
    (writer->body != NULL ? writer->body : program_run)(writer);
    store_free(&writer->store);
    program_check_released(writer);
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
    uint8_t room[world_value_max];
    char path[8];
    snprintf(path, sizeof path, "b/%.2s", (const char *)world_key_name(key).data);
    struct bytes bytes = world_write_value(state, room);
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

struct writer *world_fresh(struct world *world)
{
    return make_writer(world);
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

uint64_t world_run_seeds(uint64_t first, uint64_t count,
                         bool (*run)(uint64_t seed, bool trace, void *context), void *context)
{
    enum { failed_max = 5 };
    uint64_t failed = 0;
    for (uint64_t seed = first; seed < first + count && failed < failed_max; seed++) {
        failed += !run(seed, false, context);
    }
    return failed;
}
