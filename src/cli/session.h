// session.h: a command while it runs: the store and bucket it works on, where it
// prints, and how it fails. A front end makes one for each command.
#ifndef SESSION_H
#define SESSION_H

#include "command.h"
#include "core/store.h"
#include "output.h"

enum { session_message_bytes_max = 512 };

struct session {
    const struct command *command;
    struct store *store;
    struct bucket *bucket; // of the first operand, while the command runs
    struct output *out;
    struct output *err;
    bool may_create;         // a command that stores makes its bucket
    const char *missing;     // what to do about a bucket that is not there
    const char *version;     // the program's
    struct bytes place;      // where the root is, as a person would name it
    const char *file_system; // what it is on; NULL where that is not known
    struct buffer input;     // of standard input, where a value is to come from there
    bool input_taken;        // it was one value already

    // What a front end has beside the store; NULL where it has it not.

    // Standard input, to its end. STATUS_TOO_LARGE over 1 GiB.
    enum status (*read_input)(struct buffer *input);
    // The next piece of it; STATUS_END after the last.
    enum status (*next_input)(struct bytes *piece);
    // Asks a person yes or no; false where none is there to ask, without an answer.
    bool (*ask)(struct output *err, const struct message *question, bool *yes);
    // Appends a guess which bucket was meant by the name of one that is not there.
    void (*suggest)(struct session *session, struct bytes bucket, struct message *message);
};

// Runs the command, in its bucket if it is one that works in a bucket.
enum command_exit session_run(struct session *session);

// Each reports a failure and gives its exit code.
enum command_exit session_fail(struct session *session, const char *kind, const char *text);
enum command_exit session_fail_memory(struct session *session);
// What a call of the store on this bucket came to.
enum command_exit session_fail_status(struct session *session, struct bytes bucket,
                                      enum status status);
enum command_exit session_fail_message(struct session *session, const char *kind,
                                       const struct message *message);

// The same for the bucket of the first operand; COMMAND_DONE on STATUS_OK.
enum command_exit session_end(struct session *session, enum status status);

// The value that an operand gives: itself, or for "-" standard input, where the
// front end has one, once.
enum command_exit session_value(struct session *session, struct bytes operand, struct bytes *value);

// Appends what is at `path`, as a person would name it: with the root's place.
void session_place(const struct session *session, const struct path *path, struct message *message);

// Opens another bucket, which is made if it is missing and may be made.
enum status session_open_other(struct session *session, struct bytes name, struct bucket **bucket);

#endif
