#include "command.h"

#include "suggest.h"

struct option_word {
    const char *text;
    enum command_option option;
    bool takes_value;
};

// Those from OPTION_PREFIX on belong to some commands only.
static const struct option_word option_words[] = {
    {"--json", OPTION_JSON, false},
    {"--help", OPTION_HELP, false},
    {"-h", OPTION_HELP, false},
    {"--version", OPTION_VERSION, false},
    {"--data", OPTION_DATA, true},
    {"--prefix", OPTION_PREFIX, true},
    {"--limit", OPTION_LIMIT, true},
    {"--absent", OPTION_ABSENT, false},
    {"--counter", OPTION_COUNTER, false},
    {"--long", OPTION_LONG, false},
    {"-0", OPTION_NUL, false},
    {"--all", OPTION_ALL, false},
    {"--yes", OPTION_YES, false},
    {"--peer", OPTION_PEER, true},
    {"--serve", OPTION_SERVE, false},
};

enum { option_word_count = sizeof option_words / sizeof option_words[0] };

static struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static bool is(struct bytes word, const char *text)
{
    return bytes_equal(word, text_bytes(text));
}

// ---- Complaints: the first is the one to act on ----

static void complain(struct message *why, const char *before, struct bytes word, const char *after)
{
    if (why->size == 0) {
        message_text(why, before);
        message_quoted(why, word);
        message_text(why, after);
    }
}

static void tell_suggestion(struct message *why, const char *meant)
{
    message_text(why, "; did you mean ");
    message_text(why, meant);
    message_text(why, "?");
}

static void complain_option(const struct command_tool *tool, struct message *why, struct bytes word)
{
    if (why->size > 0) {
        return;
    }
    message_text(why, "unknown option ");
    message_quoted(why, word);
    for (size_t i = 0; tool->distance != NULL && word.size > 3 && i < option_word_count; i++) {
        if (tool->distance(word, text_bytes(option_words[i].text)) < suggest_bytes_max) {
            tell_suggestion(why, option_words[i].text);
            return;
        }
    }
    message_text(why, "; a key or value that begins with - goes after --");
}

// ---- The command's name ----

static const char *name_of(const struct command_tool *tool, unsigned verb)
{
    return tool->entries[verb].manual->name;
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
            message_text(why, name_of(tool, i));
            before = ", ";
        }
    }
}

static bool find_verb(const struct command_tool *tool, struct bytes word, enum command_verb *verb)
{
    for (unsigned i = 0; i < command_verb_count; i++) {
        if (command_in(tool, (enum command_verb)i) && is(word, name_of(tool, i))) {
            *verb = (enum command_verb)i;
            return true;
        }
    }
    return false;
}

static void complain_verb(const struct command_tool *tool, struct bytes word, struct message *why)
{
    complain(why, "unknown command ", word, "");
    const char *meant = NULL;
    size_t closest = SIZE_MAX;
    for (unsigned i = 0; tool->distance != NULL && i < command_verb_count; i++) {
        if (!command_in(tool, (enum command_verb)i)) {
            continue;
        }
        size_t distance = tool->distance(word, text_bytes(name_of(tool, i)));
        if (distance < closest) {
            meant = name_of(tool, i);
            closest = distance;
        }
    }
    if (closest < suggest_bytes_max) {
        tell_suggestion(why, meant);
    } else {
        tell_verbs(tool, why);
    }
}

// ---- Options ----

// A whole number without a sign.
static bool read_count(struct bytes text, uint64_t *count)
{
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)text.data[i] - '0';
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *count = value;
    return text.size > 0;
}

static void complain_value(struct message *why, const struct option_word *option)
{
    if (why->size == 0) {
        message_text(why, option->text);
        message_text(why, option->option == OPTION_DATA ? " needs a directory" : " needs a value");
    }
}

static void set_option(struct command *command, const struct option_word *option,
                       struct bytes value, struct message *why)
{
    command->options |= 1u << option->option;
    if (option->takes_value && value.data == NULL) {
        complain_value(why, option);
    } else if (option->option == OPTION_DATA) {
        command->data = value;
        if (value.size == 0) {
            complain_value(why, option);
        }
    } else if (option->option == OPTION_PREFIX) {
        command->prefix = value;
    } else if (option->option == OPTION_PEER) {
        command->peer = value;
    } else if (option->option == OPTION_LIMIT && !read_count(value, &command->limit)) {
        complain(why, "the limit ", value, " is not a whole number");
    }
}

// The option that a word is, with the value after '=' if there is one.
static const struct option_word *find_option(struct bytes word, struct bytes *value)
{
    size_t size = bytes_find(word, '=');
    for (size_t i = 0; i < option_word_count; i++) {
        const struct option_word *found = &option_words[i];
        if (is(word, found->text)) {
            return found;
        }
        if (found->takes_value && is((struct bytes){word.data, size}, found->text)) {
            *value = (struct bytes){word.data + size + 1, word.size - size - 1};
            return found;
        }
    }
    return NULL;
}

static bool is_option(const struct command_tool *tool, struct bytes word, const struct bytes *first)
{
    if (is(word, "-0")) {
        enum command_verb verb;
        return first == NULL || (find_verb(tool, *first, &verb) &&
                                 (tool->entries[verb].manual->options >> OPTION_NUL & 1) != 0);
    }
    return word.size > 1 && word.data[0] == '-' && (word.data[1] < '0' || word.data[1] > '9');
}

// Takes the options out of the words and moves the others together; gives their
// number. Reads on after a mistake, because --json may follow.
static size_t take_options(const struct command_tool *tool, struct bytes *words, size_t count,
                           struct command *command, struct message *why)
{
    size_t kept = 0;
    size_t i = 0;
    for (; i < count && !is(words[i], "--"); i++) {
        if (!is_option(tool, words[i], kept > 0 ? words : NULL)) {
            words[kept++] = words[i];
            continue;
        }
        struct bytes value = {NULL, 0};
        const struct option_word *option = find_option(words[i], &value);
        if (option == NULL) {
            complain_option(tool, why, words[i]);
            continue;
        }
        if (option->takes_value && value.data == NULL && i + 1 < count) {
            value = words[++i];
        }
        set_option(command, option, value, why);
    }
    for (i++; i < count; i++) {
        words[kept++] = words[i];
    }
    return kept;
}

// False if an option was given that the command has not.
static bool options_fit(const struct command *command, struct message *why)
{
    uint32_t shared = (1u << OPTION_PREFIX) - 1;
    const struct command_manual *manual = command->entry->manual;
    uint32_t wrong = command->options & ~(shared | manual->options);
    for (size_t i = 0; wrong != 0 && i < option_word_count; i++) {
        if ((wrong >> option_words[i].option & 1) != 0) {
            message_text(why, manual->name);
            message_text(why, " has no option ");
            message_text(why, option_words[i].text);
            return false;
        }
    }
    return true;
}

// ---- Operands ----

// A decimal number, with an optional '-', that fits.
static bool read_delta(struct bytes text, int64_t *delta)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    uint64_t value;
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX;
    if (!read_count((struct bytes){text.data + negative, text.size - negative}, &value) ||
        value > limit) {
        return false;
    }
    // 2^63 has no positive form to negate.
    *delta = !negative ? (int64_t)value : value == limit ? INT64_MIN : -(int64_t)value;
    return true;
}

static bool operands_fit(const struct command *command, size_t count)
{
    const struct command_manual *manual = command->entry->manual;
    switch (command->verb) {
    case COMMAND_SWAP:
        return count == (command_has(command, OPTION_ABSENT) ? 3 : 4);
    case COMMAND_SET_MANY:
        return count > 1 && (count % 2 == 1 || (count == 2 && is(*command->operands, "-")));
    case COMMAND_EXPORT:
    case COMMAND_IMPORT:
        return count == (command_has(command, OPTION_ALL) ? 0 : 1);
    default:
        return count >= manual->least && (count <= manual->most || manual->most == UINT16_MAX);
    }
}

static void tell_usage(const struct command_tool *tool, const struct command *command,
                       struct message *why)
{
    const struct command_manual *manual = command->entry->manual;
    bool absent = command->verb == COMMAND_SWAP && command_has(command, OPTION_ABSENT);
    message_text(why, "usage: ");
    message_text(why, tool->name);
    message_text(why, " ");
    message_text(why, manual->name);
    message_text(why, *manual->operands != '\0' ? " " : "");
    message_text(why, absent ? "--absent BUCKET KEY NEW" : manual->operands);
    if (command_in(tool, COMMAND_HELP)) {
        message_text(why, "; ");
        message_text(why, tool->name);
        message_text(why, " help ");
        message_text(why, manual->name);
        message_text(why, " tells more");
    }
}

static bool read_operands(const struct command_tool *tool, struct bytes *words, size_t count,
                          struct command *command, struct message *why)
{
    if (count > 0) {
        command->bucket = words[0];
        command->operands = words + 1;
        command->operand_count = count - 1;
    }
    if (!operands_fit(command, count)) {
        tell_usage(tool, command, why);
        return false;
    }
    if (command->verb == COMMAND_INCREMENT && command->operand_count == 2 &&
        !read_delta(command->operands[1], &command->delta)) {
        complain(why, "the delta ", command->operands[1], " is not a whole number of 64 bits");
        return false;
    }
    return true;
}

// ---- All ----

static bool parse_no_verb(const struct command_tool *tool, struct command *command,
                          struct message *why)
{
    if (!command->help && !command_has(command, OPTION_VERSION)) {
        message_text(why, "usage: ");
        message_text(why, tool->name);
        message_text(why, " COMMAND ...");
        tell_verbs(tool, why);
        return false;
    }
    return true;
}

// What follows the options, if `fits` has nothing against those.
static bool read_command(const struct command_tool *tool, struct bytes *words, size_t count,
                         struct command *command,
                         bool (*fits)(const struct command *command, struct message *why),
                         struct message *why)
{
    if (count == 0) {
        return parse_no_verb(tool, command, why);
    }
    if (!find_verb(tool, words[0], &command->verb)) {
        complain_verb(tool, words[0], why);
        return false;
    }
    if (command->verb == COMMAND_HELP) {
        command->help = true;
        if (count > 1 && !find_verb(tool, words[1], &command->verb)) {
            complain_verb(tool, words[1], why);
            return false;
        }
        return true;
    }
    command->entry = &tool->entries[command->verb];
    return command->help || command_has(command, OPTION_VERSION) ||
           ((fits == NULL || fits(command, why)) &&
            read_operands(tool, words + 1, count - 1, command, why));
}

static const struct command nothing = {.verb = COMMAND_HELP, .delta = 1, .limit = UINT64_MAX};

bool command_read(const struct command_tool *tool, struct bytes *words, size_t count,
                  struct command *command, struct message *why)
{
    *command = nothing;
    return read_command(tool, words, count, command, NULL, why);
}

bool command_parse(const struct command_tool *tool, struct bytes *words, size_t count,
                   struct command *command, struct message *why)
{
    *command = nothing;
    count = take_options(tool, words, count, command, why);
    command->help = command_has(command, OPTION_HELP);
    return why->size == 0 && read_command(tool, words, count, command, options_fit, why);
}
