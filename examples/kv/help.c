#include "help.h"

// The commands that work on what wasi:keyvalue gives.
const struct command_tool help_tool = {"kv", (1 << (COMMAND_IMPORT + 1)) - 1};
const char help_in_front[] = "kv: ";
const char help_on_missing_bucket[] = "; make it with mkdir in the data directory";

static const char *const details[command_verb_count] = {
    [COMMAND_GET] = "Prints the value's bytes as they are; no line break is added.\n"
                    "Exit code 1 if there is no such key.\n"
                    "\n"
                    "  kv get my-bucket user:123\n"
                    "  kv get photos cat.jpg > cat.jpg\n",
    [COMMAND_SET] = "Replaces the value if there is one. VALUE - is standard input, every byte\n"
                    "of it.\n"
                    "\n"
                    "  kv set my-bucket user:123 \"John Doe\"\n"
                    "  kv set photos cat.jpg - < cat.jpg\n"
                    "  printf - | kv set my-bucket dash -\n",
    [COMMAND_DELETE] = "A key that is not there is no error.\n"
                       "\n"
                       "  kv delete my-bucket user:123\n",
    [COMMAND_EXISTS] = "Prints true, or prints false and the exit code is 1.\n"
                       "\n"
                       "  if kv exists my-bucket user:123 > /dev/null; then ...\n",
    [COMMAND_LIST] =
        "One key a line, in no order that means anything. A line break in a key is\n"
        "printed as \\n, a tab as \\t, a carriage return as \\r, another control\n"
        "character as \\xHH and a backslash as \\\\, so that a line is always one key;\n"
        "--json gives such keys as they are.\n"
        "\n"
        "  kv list my-bucket | sort\n"
        "  kv --json list my-bucket | jq -r '.keys[]'\n",
    [COMMAND_INCREMENT] = "Adds DELTA, 1 if it is left out, and prints the sum. A key that is not\n"
                          "there counts from 0 and is kept as 8 bytes, little-endian; a file that\n"
                          "holds a number as text stays text. No count is lost, however many\n"
                          "processes count.\n"
                          "\n"
                          "  kv increment my-bucket page_views\n"
                          "  kv increment my-bucket stock -5\n",
    [COMMAND_SWAP] = "Stores NEW if the key's value is EXPECTED. With --absent in EXPECTED's\n"
                     "place, it stores NEW if there is no such key. If not, nothing is changed\n"
                     "and the exit code is 2. EXPECTED or NEW, not both, may be - for standard\n"
                     "input.\n"
                     "\n"
                     "  kv swap my-bucket state idle busy\n"
                     "  kv swap --absent my-bucket leader node-7\n"
                     "  kv get photos cat.jpg | kv swap photos cat.jpg - sold\n",
    [COMMAND_GET_MANY] =
        "A line for each key, in the order asked: the key, a tab and the value;\n"
        "the key alone if it is not there, and then the exit code is 1. Line\n"
        "breaks and the like are printed as \\n, \\t, \\r, \\\\ and \\xHH, in the\n"
        "form that set-many reads.\n"
        "\n"
        "  kv get-many my-bucket user:123 user:456\n"
        "  kv --json get-many my-bucket user:123 user:456\n",
    [COMMAND_SET_MANY] =
        "Stores each pair in the order given. One VALUE may be - for standard\n"
        "input. With - alone, the pairs are read from standard input: a line for\n"
        "each, KEY, a tab and VALUE, with \\n, \\t, \\r, \\\\ and \\xHH as get-many\n"
        "prints them. If one fails, those before it stay stored.\n"
        "\n"
        "  kv set-many my-bucket user:123 \"John Doe\" user:456 \"Jane Roe\"\n"
        "  kv get-many my-bucket user:123 user:456 | kv set-many copies -\n",
    [COMMAND_DELETE_MANY] = "Keys that are not there are no error. If one fails, those before it\n"
                            "stay removed.\n"
                            "\n"
                            "  kv delete-many my-bucket user:123 user:456\n",
    [COMMAND_EXPORT] =
        "Every key and its value, as one stream for import to read: the values' own\n"
        "bytes between lines that tell their sizes and checksums (docs/export.md).\n"
        "Others may change the bucket meanwhile: a key that is set gets one of its\n"
        "values, one that vanishes is left out.\n"
        "\n"
        "  kv export my-bucket > my-bucket.export\n"
        "  kv export my-bucket | kv import copy\n",
    [COMMAND_IMPORT] =
        "Reads from standard input what export wrote. Each key is stored as soon as\n"
        "it is there and checked, in place of the value it had; keys that are not in\n"
        "the stream stay. Prints how many keys there were. A stream that is damaged\n"
        "or cut, or a key that cannot be stored, ends it: the error tells how many\n"
        "keys were imported before, and the exit code is 3. Import again as often as\n"
        "you like.\n"
        "\n"
        "  kv export my-bucket > my-bucket.export\n"
        "  kv import copy < my-bucket.export\n",
};

static void help_on_all(struct output *output)
{
    print_text(output,
               "kv keeps values under keys, keys in buckets, and all of it in plain files:\n"
               "the key user:123 of the bucket my-bucket is the file data/my-bucket/user:123.\n"
               "\n"
               "usage: kv [--data DIR] [--json] COMMAND BUCKET ...\n"
               "\n");
    for (unsigned i = 0; i < command_verb_count; i++) {
        if (!command_in(&help_tool, (enum command_verb)i)) {
            continue;
        }
        const struct command_manual *manual = command_manual((enum command_verb)i);
        print_text(output, "  ");
        print_text(output, manual->name);
        for (size_t column = strlen(manual->name); column < 13; column++) {
            print_text(output, " ");
        }
        print_text(output, manual->summary);
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
        "one, and so do set, set-many, increment, swap and import; not so if the\n"
        "environment has KEYVALUE_FILESYSTEM_CREATE_BUCKETS=0.\n"
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

void help_print(enum command_verb verb, struct output *output)
{
    const struct command_manual *manual = command_manual(verb);
    if (details[verb] == NULL) {
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
    print_text(output, details[verb]);
}
