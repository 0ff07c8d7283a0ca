// faults: every port call of every operation fails once, and from there on, with
// every error it can give; every allocation fails; reads and writes come short.
//
// Then: an error is returned, exactly when a fault was hit; the key has its old
// value (its old or its new one, where the sync behind the change may be what
// failed); no handle is open, no byte is lost; and the same writer and another
// one go on working. Faults that are no errors are in expected(), each with its
// reason: those whose failure the code ignores on purpose, those that it makes up
// for, and those that say what a key's absence says. What was left of a look at
// whose turn it is, or of making room, may be either.
//
//   faults all                               everything
//   faults case NAME CALL STATUS TIMES       one run with its trace
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

enum start {
    START_NO_BUCKET,
    START_EMPTY,
    START_STALE,
    START_HELD,
    START_CHANGED, // the bucket is open and was changed,
    START_KEPT,    // and its directory is kept open
    starts,
};

static const char start_letters[starts + 1] = "neshck";

// Operations: those of programs, and these.
enum {
    OP_LIST = op_kinds,
    OP_EXISTS,
    OP_REFUSED, // a swap of what another writer has changed by then
    ops,
};

struct fault_case {
    unsigned op;
    enum start start;
    bool present;
    bool durable;
};

enum expected {
    EXPECT_ERROR,
    EXPECT_SAME,   // as if nothing had happened
    EXPECT_ABSENT, // as if the key were not there
    EXPECT_EITHER, // an error, or as if nothing had happened
    expectations,
};

struct figures {
    uint64_t cases, faults, allocations, shorts, failed;
    uint64_t by_expectation[expectations];
};

static struct world world;
static struct choices choices;
static struct bucket *bucket; // of what is done without a program
static struct bucket *opened; // all the time, from the start
static struct cas cas;

static const char letters[ops + 1] = "sdiwglxr";

static void name_case(const struct fault_case *one, char name[16])
{
    sprintf(name, "%c/%c%c%c", letters[one->op], start_letters[one->start],
            one->present ? 'p' : 'a', one->durable ? 'd' : '-');
}

static bool parse_case(const char *name, struct fault_case *one)
{
    const char *letter = strlen(name) == 5 ? memchr(letters, name[0], ops) : NULL;
    const char *start = letter != NULL ? strchr(start_letters, name[2]) : NULL;
    if (start == NULL) {
        return false;
    }
    *one = (struct fault_case){(unsigned)(letter - letters), (enum start)(start - start_letters),
                               name[3] == 'p', name[4] == 'd'};
    return true;
}

static struct writer *set_up(const struct fault_case *one)
{
    world_init(&world, &choices);
    world.durable = one->durable ? DURABLE_ALL : DURABLE_NONE;
    world.create_buckets = one->start == START_NO_BUCKET;
    world.errors_allowed = world.any_error = true;
    if (one->start != START_NO_BUCKET) {
        disk_put(&world.disk, "b", NULL);
    }
    if (one->start == START_STALE) {
        world_put_left(&world, LEFT_SERIES);
    }
    if (one->present) {
        world_put_key(&world, 0, (struct state){true, true, 7000});
    }
    struct writer *writer = world_fresh(&world);
    opened = NULL;
    if (one->start >= START_CHANGED) {
        allocation_switch(&writer->memory);
        (void)store_open(&writer->store, BYTES("b"), &opened);
    }
    if (one->start >= START_HELD) {
        world_do(writer, (struct step){OP_SET, 1, false}); // the turn is its own
    }
    if (one->start == START_KEPT) {
        world_do(writer, (struct step){OP_SET, 1, false});
    }
    if (one->op == OP_REFUSED) {
        allocation_switch(&writer->memory);
        (void)store_open(&writer->store, BYTES("b"), &bucket);
        (void)store_cas(bucket, world_key_name(0), &cas);
        struct writer *other = world_fresh(&world);
        world_do(other, (struct step){OP_SET, 0, false});
        store_free(&other->store);
    }
    writer->view.calls = 0;
    writer->memory.made = 0;
    writer->view.remember = true;
    return writer;
}

static void note(struct writer *writer, enum status status)
{
    if (status != STATUS_OK) {
        writer->errors++;
        writer->error = status;
    }
}

// Swaps what another writer has changed: it must be refused, and say so.
static void do_refused(struct writer *writer)
{
    allocation_switch(&writer->memory);
    enum status status = store_swap(&cas, BYTES("nine of them"));
    if (status == STATUS_OK) {
        world_fail(&world, "a swap of what had changed is not refused");
    }
    note(writer, status == STATUS_CHANGED ? STATUS_OK : status);
    store_cas_free(&cas);
    store_close(bucket);
}

static void do_exists(const struct fault_case *one, struct writer *writer)
{
    allocation_switch(&writer->memory);
    bool found = one->present;
    enum status status = store_open(&writer->store, BYTES("b"), &bucket);
    if (status == STATUS_OK) {
        status = store_exists(bucket, world_key_name(0), &found);
        store_close(bucket);
    }
    if (found != one->present && !writer->view.fault.hit) {
        world_fail(&world, "exists says %d", found);
    }
    note(writer, status);
}

static void do_case(const struct fault_case *one, struct writer *writer)
{
    if (one->op == OP_REFUSED) {
        do_refused(writer);
    } else if (one->op == OP_EXISTS) {
        do_exists(one, writer);
    } else {
        world_do(writer, (struct step){(enum op_kind)one->op, 0, false});
    }
}

static bool ends_with(const char *path, const char *end)
{
    size_t size = strlen(path), end_size = strlen(end);
    return size >= end_size && strcmp(path + size - end_size, end) == 0;
}

static bool is_read(const struct fault_case *one, bool in_change)
{
    return one->op == OP_GET || one->op == OP_EXISTS || (one->op == OP_SWAP && !in_change);
}

// Of what is in `.kv/`.
static enum expected expected_in_scratch(const struct fault_case *one,
                                         const struct sim_port_made *made, enum status status)
{
    switch (made->call) {
    case CALL_OPEN_CREATE:
        // That a series was put aside is made up for, a path through the bucket's kept
        // directory too; a listing scans without a turn.
        return status == STATUS_NO_ENTRY || one->op == OP_LIST || made->path[0] == '.'
                   ? EXPECT_EITHER
                   : EXPECT_ERROR;
    case CALL_RENAME:
        if (!ends_with(made->path, ".kv/turn")) {
            // A deletion. Either the key is gone, which it is not, or our turn.
            return status == STATUS_NO_ENTRY ? EXPECT_SAME : EXPECT_ERROR;
        }
        return EXPECT_EITHER; // the turn was somebody's, in whatever words
    default:
        // Looks, and removing what is left; directories that are there, or not yet.
        return EXPECT_EITHER;
    }
}

// Of a key's file.
static enum expected expected_of_key(const struct fault_case *one, const struct sim_port_made *made,
                                     bool in_change, enum status status)
{
    bool reads = is_read(one, in_change);
    if (made->call == CALL_RENAME) {
        return status == STATUS_NO_ENTRY ? EXPECT_SAME : EXPECT_ERROR; // the turn was lost
    }
    if (status == STATUS_NO_ENTRY) {
        // Of an open it is made up for: the key was replaced after its stat.
        return made->call == CALL_OPEN_READ ? EXPECT_SAME : EXPECT_ABSENT;
    }
    if (status == STATUS_IO && (made->call == CALL_OPEN_READ || made->call == CALL_STAT)) {
        return EXPECT_SAME; // a stale handle, it may be
    }
    // To a reader a link is absent; a change refuses it.
    return status == STATUS_IS_SYMLINK && made->call == CALL_OPEN_READ ? EXPECT_EITHER
           : status == STATUS_IS_SYMLINK && reads                      ? EXPECT_ABSENT
                                                                       : EXPECT_ERROR;
}

// What must come of a call without a path: of a file or a listing that is open.
static enum expected expected_of_open(const struct fault_case *one, const struct sim_port *view,
                                      unsigned call, bool in_change, enum status status)
{
    enum port_call before = view->made[call - 2].call;
    bool listing = before == CALL_LIST || before == CALL_LIST_NEXT || before == CALL_OPEN_LIST;
    switch (view->made[call - 1].call) {
    case CALL_WRITE:
    case CALL_SYNC:
        return EXPECT_ERROR;
    case CALL_READ:
        // A directory came in the file's place after the look; or the handle is stale.
        return status == STATUS_IS_DIRECTORY && is_read(one, in_change) ? EXPECT_ABSENT
               : status == STATUS_IO                                    ? EXPECT_SAME
                                                                        : EXPECT_ERROR;
    case CALL_CLOSE:
        // What was read stays read, what a refused swap does not commit may well be
        // closed badly, as may a directory. That leaves what was written.
        return before == CALL_WRITE || before == CALL_SYNC || listing ? EXPECT_EITHER : EXPECT_SAME;
    default:
        return EXPECT_EITHER; // listings, of `.kv/` or one that is made again
    }
}

// True if the calls since the last one with a path wrote to a file.
static bool closes_written(const struct sim_port *view, unsigned call)
{
    return view->made[call - 1].call == CALL_CLOSE &&
           (view->made[call - 2].call == CALL_WRITE ||
            (view->made[call - 2].call == CALL_SYNC && view->made[call - 3].call == CALL_WRITE));
}

// What must come of a call that fails like this, once.
static enum expected expected(const struct fault_case *one, const struct sim_port *view,
                              unsigned call, enum status status)
{
    const struct sim_port_made *made = &view->made[call - 1];
    bool in_change = one->op == OP_REFUSED;
    for (unsigned i = 0; i + 1 < call; i++) {
        in_change = in_change || strstr(view->made[i].path, ".kv/") != NULL;
    }
    if (closes_written(view, call)) {
        return EXPECT_ERROR;
    }
    if (made->path[0] == '\0') {
        return expected_of_open(one, view, call, in_change, status);
    }
    if (strcmp(made->path, ".kv-names") == 0) {
        // Opening: a root without a mark has plain names.
        return status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY ? EXPECT_SAME
                                                                           : EXPECT_ERROR;
    }
    if (ends_with(made->path, "b/.kv") || strstr(made->path, ".kv/") != NULL) {
        return expected_in_scratch(one, made, status);
    }
    if (ends_with(made->path, "k0")) {
        return expected_of_key(one, made, in_change, status);
    }
    if (made->call == CALL_STAT && (status == STATUS_NO_ENTRY || status == STATUS_NOT_DIRECTORY)) {
        return EXPECT_EITHER; // opening, where buckets are made; others do not stat it
    }
    if (made->call == CALL_STAT && one->op != OP_LIST) {
        return one->start == START_NO_BUCKET ? EXPECT_EITHER
               : status == STATUS_IO         ? EXPECT_SAME // a stale handle, it may be
                                             : EXPECT_ERROR;
    }
    // The bucket's directory or the root: to be kept open, where all goes by path
    // without it, or to be synced, made or listed.
    return EXPECT_EITHER;
}

// Rewrites a history in which the key seemed absent, once, into what that means.
// A change need not have seen that.
static void explain_absence(bool by_changes)
{
    for (unsigned i = 0; i < world.history.count; i++) {
        struct op *op = &world.history.ops[i];
        if (op->key != 0) {
            continue;
        }
        bool saw_nothing = op->kind == OP_GET && !op->seen.found;
        if (saw_nothing || op->end == END_REFUSED || (op->kind == OP_DELETE && by_changes)) {
            op->end = END_FAILED; // it changed nothing
        } else if (by_changes && op->kind == OP_INCREMENT && op->end == END_DONE &&
                   op->seen.number == 1) {
            op->kind = OP_SET; // it counted from 0
            op->value = (struct state){true, false, 1};
        }
    }
}

// A deletion took something that is no file, and could not put it back: then it is
// neither here nor there.
static void explain_kept(void)
{
    for (unsigned i = 0; i < world.history.count; i++) {
        struct op *op = &world.history.ops[i];
        if (op->kind == OP_DELETE && op->end == END_FAILED) {
            op->end = END_PENDING;
            op->returned = 0;
        }
    }
}

// Checks the end of a run in which something failed, or nothing did.
static bool check(struct writer *writer, enum expected wanted, bool maybe_error, bool maybe_absent)
{
    bool error = writer->errors > 0;
    maybe_error = maybe_error || wanted == EXPECT_EITHER;
    if (error != (wanted == EXPECT_ERROR) && !(error && maybe_error)) {
        world_fail(&world,
                   error ? "an error (%s) where there should be none"
                         : "no error where there should be one (%s)",
                   status_text(writer->error));
    }
    if (wanted == EXPECT_ABSENT || maybe_absent) {
        explain_absence(wanted == EXPECT_ABSENT);
    }
    writer->view.fault.at = 0;
    writer->view.fault.for_good = false;
    writer->memory.fail_at = 0;
    writer->memory.fail_for_good = false;
    if (writer->view.open_handles != (writer->store.kept != NULL)) {
        world_fail(&world, "%u handles are open", writer->view.open_handles);
    }
    world.errors_allowed = false; // from here on all is well
    world_do(writer, (struct step){OP_GET, 0, false});
    world_do(writer, (struct step){OP_INCREMENT, 1, false});
    world_do(writer, (struct step){OP_DELETE, 1, false});
    if (opened != NULL) {
        store_close(opened);
    }
    store_free(&writer->store);
    if (writer->memory.blocks != 0) {
        world_fail(&world, "%u allocations are lost", writer->memory.blocks);
    }
    world_check(&world, 2);
    return world.outcome != WORLD_FAILED;
}

static void report(const struct fault_case *one, const char *how)
{
    char name[16];
    name_case(one, name);
    printf("FAILED: %s\n", world.failure);
    history_print(&world.history);
    disk_print(&world.disk);
    printf("  replay: build/sim/faults case %s %s\n", name, how);
}

static bool run_fault(const struct fault_case *one, unsigned call, enum status status,
                      bool for_good, bool trace, struct figures *figures)
{
    struct writer *writer = set_up(one);
    writer->view.fault = (struct sim_port_fault){call, status, for_good, false};
    writer->view.trace = world.trace = trace;
    world.keys_vanish = one->op == OP_LIST;
    do_case(one, writer);
    bool ok = true;
    if (writer->view.fault.hit) {
        enum expected wanted = expected(one, &writer->view, call, status);
        // Where one loss is made up for, endless ones are not.
        if (for_good && writer->view.made[call - 1].call == CALL_STAT) {
            explain_kept();
        }
        bool absent = writer->view.made[call - 1].call == CALL_OPEN_READ ||
                      (for_good && status == STATUS_NO_ENTRY);
        ok = check(writer, wanted, for_good && wanted != EXPECT_ERROR, absent);
        figures->by_expectation[wanted]++;
        if (!ok) {
            const struct sim_port_made *made = &writer->view.made[call - 1];
            char how[512];
            sprintf(how, "%u %d %s (%s %s: %s)", call, (int)status, for_good ? "2" : "1",
                    sim_port_call_name(made->call), made->path, status_text(status));
            report(one, how);
        }
    }
    world_end(&world);
    return ok;
}

static void run_allocation(const struct fault_case *one, unsigned which, bool for_good,
                           struct figures *figures)
{
    struct writer *writer = set_up(one);
    writer->memory.fail_at = which;
    writer->memory.fail_for_good = for_good;
    do_case(one, writer);
    figures->allocations++;
    if (!check(writer, EXPECT_ERROR, false, false)) {
        char how[64];
        sprintf(how, "(allocation %u fails%s)", which, for_good ? " and all after it" : "");
        report(one, how);
        figures->failed++;
    }
    world_end(&world);
}

static void run_short(const struct fault_case *one, unsigned bytes, struct figures *figures)
{
    struct writer *writer = set_up(one);
    writer->view.short_bytes = bytes;
    do_case(one, writer);
    figures->shorts++;
    if (!check(writer, EXPECT_SAME, false, false)) {
        char how[64];
        sprintf(how, "(%u bytes in a read or write)", bytes);
        report(one, how);
        figures->failed++;
    }
    world_end(&world);
}

static void run_case(const struct fault_case *one, struct figures *figures)
{
    struct writer *writer = set_up(one);
    do_case(one, writer);
    unsigned calls = writer->view.calls;
    unsigned allocations = writer->memory.made;
    enum port_call kinds[sim_port_calls_max];
    for (unsigned i = 0; i < calls; i++) {
        kinds[i] = writer->view.made[i].call;
    }
    figures->cases++;
    if (!check(writer, EXPECT_SAME, false, false)) {
        report(one, "(without a fault)");
        figures->failed++;
    }
    world_end(&world);
    for (unsigned call = 1; call <= calls; call++) {
        for (enum status status = STATUS_NO_ENTRY; status < STATUS_END; status++) {
            for (unsigned times = 1; times <= 2 && sim_port_can_fail(kinds[call - 1], status);
                 times++) {
                figures->faults++;
                figures->failed += !run_fault(one, call, status, times == 2, false, figures);
            }
        }
    }
    for (unsigned i = 1; i <= allocations; i++) {
        run_allocation(one, i, false, figures);
        run_allocation(one, i, true, figures);
    }
    for (unsigned bytes = 1; bytes <= 6; bytes++) {
        run_short(one, bytes, figures);
    }
}

static int run_all(void)
{
    struct figures figures = {0};
    for (unsigned n = 0; n < ops * starts * 4; n++) {
        struct fault_case one = {.op = n % ops, .start = n / ops % starts};
        one.present = n / ops / starts % 2 != 0;
        one.durable = n / ops / starts / 2 != 0;
        bool there = one.start != START_NO_BUCKET;
        if (one.op == OP_REFUSED ? there && one.present : there || !one.present) {
            run_case(&one, &figures);
        }
    }
    printf(
        "%llu operations in their settings, %llu faults of calls (%llu errors, %llu made up for or "
        "ignored on purpose, %llu like an absent key, %llu one or the other), %llu failed "
        "allocations, %llu with short reads and writes\n",
        (unsigned long long)figures.cases, (unsigned long long)figures.faults,
        (unsigned long long)figures.by_expectation[EXPECT_ERROR],
        (unsigned long long)figures.by_expectation[EXPECT_SAME],
        (unsigned long long)figures.by_expectation[EXPECT_ABSENT],
        (unsigned long long)figures.by_expectation[EXPECT_EITHER],
        (unsigned long long)figures.allocations, (unsigned long long)figures.shorts);
    uint64_t runs = figures.cases + figures.faults + figures.allocations + figures.shorts;
    printf("%llu passed, %llu failed\n", (unsigned long long)(runs - figures.failed),
           (unsigned long long)figures.failed);
    return figures.failed > 0;
}

int main(int count, char **arguments)
{
    choices_init(&choices);
    if (count == 6 && strcmp(arguments[1], "case") == 0) {
        struct fault_case one;
        struct figures figures = {0};
        if (!parse_case(arguments[2], &one)) {
            fprintf(stderr, "no case has this name\n");
            return 2;
        }
        return run_fault(&one, (unsigned)atoi(arguments[3]), (enum status)atoi(arguments[4]),
                         atoi(arguments[5]) == 2, true, &figures)
                   ? 0
                   : 1;
    }
    return run_all();
}
