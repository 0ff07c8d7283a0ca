#include "command.h"

// What there is to know about a command.
struct manual {
    const char *name;
    const char *operands; // as usage shows them
    size_t least;         // operands behind the bucket
    size_t most;
    const char *summary;
    const char *details;
};

static const struct manual manuals[] = {
    [COMMAND_HELP] = {"help", "[COMMAND]", 0, 0, "explain a command, with examples", NULL},
    [COMMAND_GET] = {"get", "BUCKET KEY", 1, 1, "print a value",
                     "Prints the value's bytes as they are; no line break is added.\n"
                     "Exit code 1 if there is no such key.\n"
                     "\n"
                     "  kv get my-bucket user:123\n"
                     "  kv get photos cat.jpg > cat.jpg\n"},
    [COMMAND_SET] = {"set", "BUCKET KEY VALUE", 2, 2, "store a value",
                     "Replaces the value if there is one. VALUE - is standard input, every byte\n"
                     "of it.\n"
                     "\n"
                     "  kv set my-bucket user:123 \"John Doe\"\n"
                     "  kv set photos cat.jpg - < cat.jpg\n"
                     "  printf - | kv set my-bucket dash -\n"},
    [COMMAND_DELETE] = {"delete", "BUCKET KEY", 1, 1, "remove a key and its value",
                        "A key that is not there is no error.\n"
                        "\n"
                        "  kv delete my-bucket user:123\n"},
    [COMMAND_EXISTS] = {"exists", "BUCKET KEY", 1, 1, "tell whether there is a key",
                        "Prints true, or prints false and the exit code is 1.\n"
                        "\n"
                        "  if kv exists my-bucket user:123 > /dev/null; then ...\n"},
    [COMMAND_LIST] =
        {"list", "BUCKET", 0, 0, "print all keys",
         "One key a line, in no order that means anything. A line break in a key is\n"
         "printed as \\n, a tab as \\t, a carriage return as \\r, another control\n"
         "character as \\xHH and a backslash as \\\\, so that a line is always one key;\n"
         "--json gives such keys as they are.\n"
         "\n"
         "  kv list my-bucket | sort\n"
         "  kv --json list my-bucket | jq -r '.keys[]'\n"},
    [COMMAND_INCREMENT] =
        {"increment", "BUCKET KEY [DELTA]", 1, 2, "add to a counter",
         "Adds DELTA, 1 if it is left out, and prints the sum. A key that is not\n"
         "there counts from 0 and is kept as 8 bytes, little-endian; a file that\n"
         "holds a number as text stays text. No count is lost, however many\n"
         "processes count.\n"
         "\n"
         "  kv increment my-bucket page_views\n"
         "  kv increment my-bucket stock -5\n"},
    [COMMAND_SWAP] = {"swap", "BUCKET KEY EXPECTED NEW", 2, 3,
                      "store a value if it has not changed",
                      "Stores NEW if the key's value is EXPECTED. With --absent in EXPECTED's\n"
                      "place, it stores NEW if there is no such key. If not, nothing is changed\n"
                      "and the exit code is 2. EXPECTED or NEW, not both, may be - for standard\n"
                      "input.\n"
                      "\n"
                      "  kv swap my-bucket state idle busy\n"
                      "  kv swap --absent my-bucket leader node-7\n"
                      "  kv get photos cat.jpg | kv swap photos cat.jpg - sold\n"},
    [COMMAND_GET_MANY] =
        {"get-many", "BUCKET KEY...", 1, SIZE_MAX, "print several values",
         "A line for each key, in the order asked: the key, a tab and the value;\n"
         "the key alone if it is not there, and then the exit code is 1. Line\n"
         "breaks and the like are printed as \\n, \\t, \\r, \\\\ and \\xHH, in the\n"
         "form that set-many reads.\n"
         "\n"
         "  kv get-many my-bucket user:123 user:456\n"
         "  kv --json get-many my-bucket user:123 user:456\n"},
    [COMMAND_SET_MANY] =
        {"set-many", "BUCKET (KEY VALUE)... | -", 1, SIZE_MAX, "store several values",
         "Stores each pair in the order given. One VALUE may be - for standard\n"
         "input. With - alone, the pairs are read from standard input: a line for\n"
         "each, KEY, a tab and VALUE, with \\n, \\t, \\r, \\\\ and \\xHH as get-many\n"
         "prints them. If one fails, those before it stay stored.\n"
         "\n"
         "  kv set-many my-bucket user:123 \"John Doe\" user:456 \"Jane Roe\"\n"
         "  kv get-many my-bucket user:123 user:456 | kv set-many copies -\n"},
    [COMMAND_DELETE_MANY] = {"delete-many", "BUCKET KEY...", 1, SIZE_MAX, "remove several keys",
                             "Keys that are not there are no error. If one fails, those before it\n"
                             "stay removed.\n"
                             "\n"
                             "  kv delete-many my-bucket user:123 user:456\n"},
};

enum { manual_count = sizeof manuals / sizeof manuals[0] };

// ---- Reading ----

static bool is(struct bytes word, const char *text)
{
    return bytes_equal(word, (struct bytes){(const uint8_t *)text, strlen(text)});
}

bool command_is_input(struct bytes operand)
{
    return is(operand, "-");
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

static bool find_verb(struct bytes word, enum command_verb *verb, struct message *why)
{
    for (size_t i = 0; i < manual_count; i++) {
        if (is(word, manuals[i].name)) {
            *verb = (enum command_verb)i;
            return true;
        }
    }
    complain(why, "unknown command ", word, "; kv --help lists the commands");
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

static bool operands_fit(const struct command *command)
{
    const struct manual *manual = &manuals[command->verb];
    size_t count = command->operand_count;
    if (command->verb == COMMAND_SWAP) {
        return count == (command->absent ? 2 : 3);
    }
    if (command->verb == COMMAND_SET_MANY) {
        return count > 0 &&
               (count % 2 == 0 || (count == 1 && command_is_input(*command->operands)));
    }
    return count >= manual->least && count <= manual->most;
}

static bool read_operands(struct bytes *words, size_t count, struct command *command,
                          struct message *why)
{
    if (count > 0) {
        command->bucket = words[0];
        command->operands = words + 1;
        command->operand_count = count - 1;
    }
    const struct manual *manual = &manuals[command->verb];
    if (count == 0 || !operands_fit(command)) {
        message_text(why, "usage: kv ");
        message_text(why, manual->name);
        message_text(why, command->absent ? " --absent BUCKET KEY NEW" : " ");
        message_text(why, command->absent ? "" : manual->operands);
        message_text(why, "; kv help ");
        message_text(why, manual->name);
        message_text(why, " tells more");
        return false;
    }
    if (command->verb == COMMAND_INCREMENT && command->operand_count == 2 &&
        !read_delta(command->operands[1], &command->delta)) {
        complain(why, "the delta ", command->operands[1], " is not a whole number of 64 bits");
        return false;
    }
    return true;
}

bool command_parse(struct bytes *words, size_t count, struct command *command, struct message *why)
{
    *command = (struct command){.verb = COMMAND_HELP, .delta = 1};
    count = take_options(words, count, command, why);
    if (why->size > 0) {
        return false;
    }
    if (count == 0) {
        if (!command->help) {
            message_text(why,
                         "usage: kv [--json] COMMAND BUCKET ...; kv --help lists the commands");
        }
        return command->help;
    }
    if (!find_verb(words[0], &command->verb, why)) {
        return false;
    }
    if (command->verb == COMMAND_HELP) {
        command->help = true;
        return count == 1 || find_verb(words[1], &command->verb, why);
    }
    if (command->absent && command->verb != COMMAND_SWAP) {
        message_text(why, "--absent is an option of swap alone");
        return false;
    }
    return command->help || read_operands(words + 1, count - 1, command, why);
}

// ---- Help ----

static void help_on_all(struct output *output)
{
    print_text(output,
               "kv keeps values under keys, keys in buckets, and all of it in plain files:\n"
               "the key user:123 of the bucket my-bucket is the file data/my-bucket/user:123.\n"
               "\n"
               "usage: kv [--data DIR] [--json] COMMAND BUCKET ...\n"
               "\n");
    for (size_t i = 0; i < manual_count; i++) {
        print_text(output, "  ");
        print_text(output, manuals[i].name);
        for (size_t column = strlen(manuals[i].name); column < 13; column++) {
            print_text(output, " ");
        }
        print_text(output, manuals[i].summary);
        print_text(output, "\n");
    }
    print_text(
        output,
        "\n"
        "Try:\n"
        "  kv set my-bucket user:123 \"John Doe\"\n"
        "  kv get my-bucket user:123\n"
        "  cat data/my-bucket/user:123\n"
        "\n"
        "The data are in ./data, or in DIR. A bucket is a directory in there: mkdir makes\n"
        "one, and so do set, set-many, increment and swap; not so if the environment has\n"
        "KEYVALUE_FILESYSTEM_CREATE_BUCKETS=0.\n"
        "\n"
        "-      in a value's place stands for standard input\n"
        "--     ends the options, for keys and values that begin with -\n"
        "--json prints one JSON object. A value is a string, or {\"base64\": ...} if it is\n"
        "       not UTF-8, or null if there is none. An error is an object on standard\n"
        "       error: {\"error\": {\"kind\": ..., \"message\": ...}}, its kind being usage,\n"
        "       no-such-store, access-denied, input or other\n"
        "\n"
        "Exit codes: 0 done, 1 no such key, 2 swap found another value, 3 failed.\n");
}

void command_help(enum command_verb verb, struct output *output)
{
    const struct manual *manual = &manuals[verb];
    if (manual->details == NULL) {
        help_on_all(output);
        return;
    }
    print_text(output, "kv ");
    print_text(output, manual->name);
    print_text(output, ": ");
    print_text(output, manual->summary);
    print_text(output, "\n\nusage: kv [--json] ");
    print_text(output, manual->name);
    print_text(output, " ");
    print_text(output, manual->operands);
    print_text(output, "\n\n");
    print_text(output, manual->details);
}
