// command.h: what a user typed, and what it asks for.
//
// The commands, their operands and their help are one table. Nothing here does
// input or output or knows a host, so that another front end than kv's main.c
// (a plugin of another tool) shares the words and what they mean.
//
// Options may stand anywhere before `--`. A word is an option if it begins with
// '-' and goes on, but not with a digit: "-" means standard input, and "-5" is
// a number.
#ifndef COMMAND_H
#define COMMAND_H

#include "bytes.h"
#include "message.h"
#include "output.h"

enum command_verb {
    COMMAND_HELP,
    COMMAND_GET,
    COMMAND_SET,
    COMMAND_DELETE,
    COMMAND_EXISTS,
    COMMAND_LIST,
    COMMAND_INCREMENT,
    COMMAND_SWAP,
    COMMAND_GET_MANY,
    COMMAND_SET_MANY,
    COMMAND_DELETE_MANY,
};

// How a command ended, as its exit code.
enum command_exit {
    COMMAND_DONE = 0,
    COMMAND_NOT_FOUND = 1,
    COMMAND_CONFLICT = 2, // swap: the value was not the expected one
    COMMAND_FAILED = 3,   // usage errors included
};

struct command {
    enum command_verb verb; // of COMMAND_HELP: what help is asked for, itself for all
    bool help;
    bool json;
    bool absent; // swap: the key is expected to be absent
    struct bytes bucket;
    const struct bytes *operands; // those behind the bucket, in the array that was parsed
    size_t operand_count;
    int64_t delta; // increment
};

// Reads the words behind the tool's own name; they are moved about in place and
// must outlive `command`. False with the reason in `why` if they make no sense;
// `command->json` is set even then.
bool command_parse(struct bytes *words, size_t count, struct command *command, struct message *why);

// True for the operand that stands for standard input.
bool command_is_input(struct bytes operand);

// Prints the help on one command, or on all of them for COMMAND_HELP.
void command_help(enum command_verb verb, struct output *output);

#endif
