// command.h: what a user typed, and what it asks for.
//
// The commands of the kv tool and of the wash plugin are the same ones (manual.h).
// A front end says which of them it has and what runs them; names, operands,
// options and summaries, what is wrong with a command and how it is said are the
// same in all. Nothing here does input or output or knows a host.
//
// Options may stand anywhere before `--`. A word is an option if it begins with
// '-' and goes on, but not with a digit: "-" may mean standard input, and "-5" is
// a number. "-0" is an option of the commands that have it.
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
    COMMAND_STAT,
    COMMAND_COPY,
    COMMAND_MOVE,
    COMMAND_EDIT,
    COMMAND_WATCH,
    COMMAND_EXPORT,
    COMMAND_IMPORT,
    COMMAND_BUCKETS,
    COMMAND_CREATE_BUCKET,
    COMMAND_DELETE_BUCKET,
    COMMAND_INFO,
    COMMAND_DOCTOR,
    command_verb_count,
};

enum command_option {
    OPTION_JSON,
    OPTION_HELP,
    OPTION_VERSION,
    OPTION_DATA, // takes a value, as do the next two
    OPTION_PREFIX,
    OPTION_LIMIT,
    OPTION_ABSENT,
    OPTION_COUNTER,
    OPTION_LONG,
    OPTION_NUL, // -0
    OPTION_ALL,
    OPTION_YES,
    OPTION_PEER, // takes a value too
    OPTION_SERVE,
    command_option_count,
};

// What there is to know about a command.
struct command_manual {
    const char *name;
    const char *operands; // as usage shows them: [OPTIONAL], REPEATED...
    const char *flags;    // likewise, "" if it has none of its own
    uint16_t least;       // operands, the bucket included
    uint16_t most;
    uint16_t options; // 1 << option of each that is not every command's
    bool opens;       // the first operand is a bucket that has to be there
    bool stores;      // it makes what it needs: the data directory and its bucket
    const char *summary;
};

enum { command_operands_max = UINT16_MAX }; // as `most`: any number

// How a command ended: kv's exit codes.
enum command_exit {
    COMMAND_DONE = 0,
    COMMAND_NOT_FOUND = 1,
    COMMAND_CONFLICT = 2, // the value was not the expected one
    COMMAND_FAILED = 3,   // usage errors included
};

struct session;
typedef enum command_exit command_run(struct session *session);

// A command as a front end has it.
struct command_entry {
    const struct command_manual *manual; // NULL: it has it not
    command_run *run;
};

// A front end.
struct command_tool {
    const char *name;                    // as it is typed
    const struct command_entry *entries; // by verb, command_verb_count of them
    // How far a word that was typed is from one that may have been meant, as
    // suggest_distance tells; NULL: words are not guessed.
    size_t (*distance)(struct bytes typed, struct bytes meant);
};

struct command {
    enum command_verb verb; // with help: what it is asked for, COMMAND_HELP for all
    const struct command_entry *entry;
    bool help;                    // nothing but that is asked for
    uint32_t options;             // 1 << option of each that was given
    struct bytes data;            // --data
    struct bytes prefix;          // --prefix
    struct bytes peer;            // --peer
    uint64_t limit;               // --limit, UINT64_MAX if it was not given
    struct bytes bucket;          // the first operand, if there is one
    const struct bytes *operands; // those after the bucket, in the array that was parsed
    size_t operand_count;
    int64_t delta; // increment
};

// True if the front end has the command.
static inline bool command_in(const struct command_tool *tool, enum command_verb verb)
{
    return tool->entries[verb].manual != NULL;
}

static inline bool command_has(const struct command *command, enum command_option option)
{
    return (command->options >> option & 1) != 0;
}

// Reads the words after the tool's own name; they are moved about in place and
// must outlive `command`. False with the reason in `why` if they make no sense;
// the options that were understood are set even then.
bool command_parse(const struct command_tool *tool, struct bytes *words, size_t count,
                   struct command *command, struct message *why);

// The same where none of the words is an option, whatever they begin with.
bool command_read(const struct command_tool *tool, struct bytes *words, size_t count,
                  struct command *command, struct message *why);

#endif
