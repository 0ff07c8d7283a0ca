#include "command.h"

static const struct command_manual manuals[command_verb_count] = {
    [COMMAND_HELP] = {"help", "[COMMAND]", 0, 1, "explain a command, with examples"},
    [COMMAND_GET] = {"get", "BUCKET KEY", 2, 2, "print a value"},
    [COMMAND_SET] = {"set", "BUCKET KEY VALUE", 3, 3, "store a value"},
    [COMMAND_DELETE] = {"delete", "BUCKET KEY", 2, 2, "remove a key and its value"},
    [COMMAND_EXISTS] = {"exists", "BUCKET KEY", 2, 2, "tell whether there is a key"},
    [COMMAND_LIST] = {"list", "BUCKET", 1, 1, "print all keys"},
    [COMMAND_INCREMENT] = {"increment", "BUCKET KEY [DELTA]", 2, 3, "add to a counter"},
    [COMMAND_SWAP] = {"swap", "BUCKET KEY EXPECTED NEW", 3, 4,
                      "store a value if it has not changed"},
    [COMMAND_GET_MANY] = {"get-many", "BUCKET KEY...", 2, SIZE_MAX, "print several values"},
    [COMMAND_SET_MANY] = {"set-many", "BUCKET (KEY VALUE)... | -", 2, SIZE_MAX,
                          "store several values"},
    [COMMAND_DELETE_MANY] = {"delete-many", "BUCKET KEY...", 2, SIZE_MAX, "remove several keys"},
    [COMMAND_EXPORT] = {"export", "BUCKET", 1, 1, "write a bucket as one stream"},
    [COMMAND_IMPORT] = {"import", "BUCKET", 1, 1, "store what export wrote"},
    [COMMAND_BUCKETS] = {"buckets", "", 0, 0, "print all buckets"},
    [COMMAND_CREATE_BUCKET] = {"create-bucket", "BUCKET", 1, 1, "make a bucket"},
    [COMMAND_INFO] = {"info", "", 0, 0, "tell the version, the settings and where the data are"},
};

const struct command_manual *command_manual(enum command_verb verb)
{
    return &manuals[verb];
}

// ---- Reading ----

static bool is(struct bytes word, const char *text)
{
    return bytes_equal(word, (struct bytes){(const uint8_t *)text, strlen(text)});
}

static bool is_option(struct bytes word)
{
    return word.size > 1 && word.data[0] == '-' && (word.data[1] < '0' || word.data[1] > '9');
}

static void complain(struct message *why, const char *before, struct bytes word, const char *after)
{
    if (why->size == 0) { // the first complaint is the one to act on
        message_text(why, before);
        message_quoted(why, word);
        message_text(why, after);
    }
}

// Takes the options out of the words and moves the others together; gives their
// number. Reads on behind a mistake, because --json may follow.
static size_t take_options(struct bytes *words, size_t count, struct command *command,
                           struct message *why)
{
    size_t kept = 0;
    bool ended = false;
    for (size_t i = 0; i < count; i++) {
        if (ended || !is_option(words[i])) {
            words[kept++] = words[i];
        } else if (is(words[i], "--")) {
            ended = true;
        } else if (is(words[i], "--json")) {
            command->json = true;
        } else if (is(words[i], "--absent")) {
            command->absent = true;
        } else if (is(words[i], "--help") || is(words[i], "-h")) {
            command->help = true;
        } else {
            complain(why, "unknown option ", words[i],
                     "; a key or value that begins with - goes behind --");
        }
    }
    return kept;
}

bool command_in(const struct command_tool *tool, enum command_verb verb)
{
    return (tool->verbs >> verb & 1) != 0;
}

static void tell_verbs(const struct command_tool *tool, struct message *why)
{
    if (command_in(tool, COMMAND_HELP)) {
        message_text(why, "; ");
        message_text(why, tool->name);
        message_text(why, " --help lists the commands");
        return;
    }
    const char *before = "; there is ";
    for (unsigned i = 0; i < command_verb_count; i++) {
        if (command_in(tool, (enum command_verb)i)) {
            message_text(why, before);
            message_text(why, manuals[i].name);
            before = ", ";
        }
    }
}

static bool find_verb(const struct command_tool *tool, struct bytes word, enum command_verb *verb,
                      struct message *why)
{
    for (unsigned i = 0; i < command_verb_count; i++) {
        if (is(word, manuals[i].name) && command_in(tool, (enum command_verb)i)) {
            *verb = (enum command_verb)i;
            return true;
        }
    }
    complain(why, "unknown command ", word, "");
    tell_verbs(tool, why);
    return false;
}

// A decimal number, with an optional '-', that fits.
static bool read_delta(struct bytes text, int64_t *delta)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    uint64_t value = 0;
    for (size_t i = negative; i < text.size; i++) {
        unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || value > (limit - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    // 2^63 has no positive form to negate.
    *delta = !negative ? (int64_t)value : value == limit ? INT64_MIN : -(int64_t)value;
    return text.size > (size_t)negative;
}

static bool operands_fit(const struct command *command, size_t count)
{
    const struct command_manual *manual = &manuals[command->verb];
    if (command->verb == COMMAND_SWAP) {
        return count == (command->absent ? 3 : 4);
    }
    if (command->verb == COMMAND_SET_MANY) {
        return count > 1 && (count % 2 == 1 || (count == 2 && is(*command->operands, "-")));
    }
    return count >= manual->least && count <= manual->most;
}

static bool read_operands(const struct command_tool *tool, struct bytes *words, size_t count,
                          struct command *command, struct message *why)
{
    if (count > 0) {
        command->bucket = words[0];
        command->operands = words + 1;
        command->operand_count = count - 1;
    }
    const struct command_manual *manual = &manuals[command->verb];
    if (!operands_fit(command, count)) {
        message_text(why, "usage: ");
        message_text(why, tool->name);
        message_text(why, " ");
        message_text(why, manual->name);
        message_text(why, *manual->operands != '\0' ? " " : "");
        message_text(why, command->absent ? "--absent BUCKET KEY NEW" : manual->operands);
        if (command_in(tool, COMMAND_HELP)) {
            message_text(why, "; ");
            message_text(why, tool->name);
            message_text(why, " help ");
            message_text(why, manual->name);
            message_text(why, " tells more");
        }
        return false;
    }
    if (command->verb == COMMAND_INCREMENT && command->operand_count == 2 &&
        !read_delta(command->operands[1], &command->delta)) {
        complain(why, "the delta ", command->operands[1], " is not a whole number of 64 bits");
        return false;
    }
    return true;
}

bool command_parse(const struct command_tool *tool, struct bytes *words, size_t count,
                   struct command *command, struct message *why)
{
    *command = (struct command){.verb = COMMAND_HELP, .delta = 1};
    count = take_options(words, count, command, why);
    if (why->size > 0) {
        return false;
    }
    if (count == 0) {
        if (!command->help) {
            message_text(why, "usage: ");
            message_text(why, tool->name);
            message_text(why, " COMMAND ...");
            tell_verbs(tool, why);
        }
        return command->help;
    }
    if (!find_verb(tool, words[0], &command->verb, why)) {
        return false;
    }
    if (command->verb == COMMAND_HELP) {
        command->help = true;
        return count == 1 || find_verb(tool, words[1], &command->verb, why);
    }
    if (command->absent && command->verb != COMMAND_SWAP) {
        message_text(why, "--absent is an option of swap alone");
        return false;
    }
    return command->help || read_operands(tool, words + 1, count - 1, command, why);
}
