// command.h: what a user typed, and what it asks for.
//
// The commands of the `kv` example and of the wash plugin are one table. A front
// end says which of them it has; names, operands and summaries, what is wrong
// with a command and how it is said are the same in all. Nothing here does
// input or output or knows a host.
//
// Options may stand anywhere before `--`. A word is an option if it begins with
// '-' and goes on, but not with a digit: "-" may mean standard input, and "-5" is
// a number.
#ifndef COMMAND_H
#define COMMAND_H

#include "core/bytes.h"
#include "core/message.h"

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
    COMMAND_EXPORT,
    COMMAND_IMPORT,
    COMMAND_BUCKETS,
    COMMAND_CREATE_BUCKET,
    COMMAND_INFO,
};

enum {
    command_verb_count = COMMAND_INFO + 1,
};

// What there is to know about a command.
struct command_manual {
    const char *name;
    const char *operands; // as usage shows them: [OPTIONAL], REPEATED...
    size_t least;         // operands, the bucket included
    size_t most;
    const char *summary;
};

// A front end.
struct command_tool {
    const char *name; // as it is typed
    uint32_t verbs;   // its commands: 1 << verb of each
};

struct command {
    enum command_verb verb; // of COMMAND_HELP: what help is asked for, itself for all
    bool help;
    bool json;
    bool absent;                  // swap: the key is expected to be absent
    struct bytes bucket;          // the first operand, if there is one
    const struct bytes *operands; // those behind the bucket, in the array that was parsed
    size_t operand_count;
    int64_t delta; // increment
};

const struct command_manual *command_manual(enum command_verb verb);

// True if the front end has the command.
bool command_in(const struct command_tool *tool, enum command_verb verb);

// Reads the words behind the tool's own name; they are moved about in place and
// must outlive `command`. False with the reason in `why` if they make no sense;
// `command->json` is set even then.
bool command_parse(const struct command_tool *tool, struct bytes *words, size_t count,
                   struct command *command, struct message *why);

#endif
