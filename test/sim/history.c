#include "history.h"

#include "choices.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { tried_max = 1 << 14 };

void history_init(struct history *history)
{
    history->count = 0;
    history->clock = 0;
    memset(history->start, 0, sizeof history->start);
}

struct op *history_call(struct history *history, struct op op)
{
    if (history->count == history_ops_max) {
        fprintf(stderr, "the history is full\n");
        abort();
    }
    struct op *made = &history->ops[history->count++];
    *made = op;
    made->end = END_PENDING;
    made->turn = 0;
    for (unsigned i = 0; i + 1 < history->count; i++) {
        made->turn += history->ops[i].writer == op.writer;
    }
    made->called = ++history->clock;
    made->returned = 0;
    return made;
}

void history_return(struct history *history, struct op *op, enum op_end end)
{
    op->end = end;
    op->returned = ++history->clock;
}

static bool states_equal(struct state a, struct state b)
{
    return a.found == b.found && (!a.found || (a.text == b.text && a.number == b.number));
}

// Does an operation to a state; false if its answer does not fit.
static bool apply(const struct op *op, struct state *state)
{
    bool pending = op->end == END_PENDING;
    switch (op->kind) {
    case OP_SET:
        *state = op->value;
        return true;
    case OP_DELETE:
        *state = (struct state){.found = false};
        return true;
    case OP_INCREMENT:
        if (!state->found) {
            *state = (struct state){true, false, 0};
        }
        state->number += op->value.number;
        return pending || state->number == op->seen.number;
    case OP_SWAP:
        if (!states_equal(*state, op->expected)) {
            return op->end == END_REFUSED;
        }
        if (op->end == END_REFUSED) {
            return false;
        }
        *state = op->value;
        return true;
    case OP_GET:
    case op_kinds:
        return pending || states_equal(*state, op->seen);
    }
    return false;
}

struct node {
    uint32_t done; // a bit for each operation that has its place
    struct state state;
    unsigned next; // the operation to try here
};

struct search {
    struct op ops[32];
    unsigned count;
    uint32_t answered; // all of these must get a place
    unsigned tried_count;
    unsigned used[tried_max]; // places in `tried` that are not 0
    uint64_t tried[tried_max];
};

// Notes a node; false if it was tried before.
static bool is_new(struct search *search, const struct node *node)
{
    uint64_t hash = choices_mix(node->done, node->state.number);
    hash = choices_mix(hash, (uint64_t)node->state.found << 1 | node->state.text) | 1;
    unsigned at = (unsigned)(hash >> 40) % tried_max;
    while (search->tried[at] != 0) {
        if (search->tried[at] == hash) {
            return false;
        }
        at = (at + 1) % tried_max;
    }
    search->used[search->tried_count++] = at;
    if (search->tried_count == tried_max) {
        fprintf(stderr, "a history is too wide for the checker\n");
        abort();
    }
    search->tried[at] = hash;
    return true;
}

// True if the operation may be the next one: none that still waits for its
// place returned before it was called.
static bool may_be_next(const struct search *search, uint32_t done, unsigned at)
{
    if ((done >> at & 1) != 0) {
        return false;
    }
    for (unsigned i = 0; i < search->count; i++) {
        if ((done >> i & 1) == 0 && search->ops[i].returned != 0 &&
            search->ops[i].returned < search->ops[at].called) {
            return false;
        }
    }
    return true;
}

static bool find_order(struct search *search, struct state start)
{
    struct node stack[33];
    unsigned depth = 0;
    stack[0] = (struct node){0, start, 0};
    for (;;) {
        struct node *node = &stack[depth];
        if ((node->done & search->answered) == search->answered) {
            return true;
        }
        if (node->next == search->count) {
            if (depth == 0) {
                return false;
            }
            depth--;
            continue;
        }
        unsigned at = node->next++;
        struct node next = {node->done | (uint32_t)1 << at, node->state, 0};
        if (may_be_next(search, node->done, at) && apply(&search->ops[at], &next.state) &&
            is_new(search, &next)) {
            stack[++depth] = next;
        }
    }
}

bool history_linearizable(const struct history *history, unsigned key)
{
    static struct search search;
    search.count = 0;
    search.answered = 0;
    search.tried_count = 0;
    for (unsigned i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        bool changes_nothing =
            op->end == END_FAILED || (op->end == END_PENDING && op->kind == OP_GET);
        if (op->key != key || changes_nothing) {
            continue;
        }
        assert(search.count < 32);
        if (op->end != END_PENDING) {
            search.answered |= (uint32_t)1 << search.count;
        }
        search.ops[search.count++] = *op;
    }
    bool found = find_order(&search, history->start[key]);
    for (unsigned i = 0; i < search.tried_count; i++) {
        search.tried[search.used[i]] = 0;
    }
    return found;
}

static uint64_t op_name(const struct op *op)
{
    return (uint64_t)op->writer << 8 | op->turn;
}

uint64_t history_hash(const struct history *history)
{
    uint64_t sum = history->count;
    for (unsigned i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        // Of the instants, all that matters is who returned before a call.
        uint64_t before = 0;
        for (unsigned j = 0; j < history->count; j++) {
            const struct op *other = &history->ops[j];
            if (other->returned != 0 && other->returned < op->called) {
                before += choices_mix(op_name(other), 1);
            }
        }
        uint64_t hash = choices_mix(op_name(op), (uint64_t)op->kind << 8 | op->end);
        hash = choices_mix(choices_mix(hash, before), op->seen.number);
        hash = choices_mix(hash, op->expected.number);
        unsigned flags = (unsigned)op->seen.found | (unsigned)op->seen.text << 1 |
                         (unsigned)op->expected.found << 2 | (unsigned)op->expected.text << 3;
        sum += choices_mix(hash, flags);
    }
    return sum;
}

static void print_state(struct state state)
{
    if (!state.found) {
        printf("nothing");
    } else {
        printf("%llu%s", (unsigned long long)state.number, state.text ? " as text" : "");
    }
}

void history_print(const struct history *history)
{
    static const char *const kinds[op_kinds] = {"set", "delete", "increment", "swap", "get"};
    static const char *const ends[] = {"no answer", "done", "refused", "failed"};
    for (unsigned i = 0; i < history->count; i++) {
        const struct op *op = &history->ops[i];
        printf("    writer %u: %s key %u [%u to %u]: %s", op->writer, kinds[op->kind], op->key,
               op->called, op->returned, ends[op->end]);
        if (op->kind == OP_SWAP) {
            printf(", expected ");
            print_state(op->expected);
        }
        if (op->kind == OP_SET || op->kind == OP_SWAP || op->kind == OP_INCREMENT) {
            printf(", value ");
            print_state(op->value);
        }
        if (op->kind == OP_GET || op->kind == OP_INCREMENT) {
            printf(", saw ");
            print_state(op->seen);
        }
        printf("\n");
    }
}
