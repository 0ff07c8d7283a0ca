// history.h: what writers asked and were told, and whether it can be explained.
//
// Linearizable: there is an order of all changes and reads of a key, each at one
// instant between its call and its return, that gives every answer. A change
// whose writer crashed may have happened, at any time since its call, or not.
// The checker tries the orders (Wing and Gong's way), remembering what it tried.
#ifndef HISTORY_H
#define HISTORY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    history_ops_max = 64,
    history_keys_max = 4,
};

// A value as the programs write them: a number, as text and a newline or as 8
// bytes. Which of both is part of what a swap compares.
struct state {
    bool found;
    bool text;
    uint64_t number;
};

enum op_kind {
    OP_SET,
    OP_DELETE,
    OP_INCREMENT,
    OP_SWAP,
    OP_GET,
    op_kinds,
};

enum op_end {
    END_PENDING, // no answer: it happened, or not
    END_DONE,
    END_REFUSED, // a swap that found something else
    END_FAILED,  // an error, and nothing may have changed
};

struct op {
    enum op_kind kind;
    unsigned writer;
    unsigned turn; // which of its writer's operations, from 0
    unsigned key;
    struct state value;    // set and swap: the new one; increment: number is the delta
    struct state expected; // swap
    struct state seen;     // get: the answer; increment: number is the answer
    enum op_end end;
    unsigned called; // instants, from 1
    unsigned returned;
};

struct history {
    unsigned count;
    unsigned clock;
    struct state start[history_keys_max]; // what each key held before
    struct op ops[history_ops_max];
};

void history_init(struct history *history);

// Notes a call; `op` is completed and handed back to history_return.
struct op *history_call(struct history *history, struct op op);
void history_return(struct history *history, struct op *op, enum op_end end);

// True if the answers for one key can be explained.
bool history_linearizable(const struct history *history, unsigned key);

// A hash of all in it that the checker looks at.
uint64_t history_hash(const struct history *history);

void history_print(const struct history *history);

#endif
