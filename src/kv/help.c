#include "help.h"

#include "kv_commands.h"

static const char *const details[command_verb_count] = {
    [COMMAND_GET] = "Prints the value's bytes as they are. On a terminal, text ends with a line\n"
                    "break and bytes are shown as their number and the first of them; elsewhere\n"
                    "nothing is added. --counter prints the number that increment would add to,\n"
                    "whether it is kept as text or as 8 bytes. Exit code 1 if there is no such\n"
                    "key.\n"
                    "\n"
                    "  kv get my-bucket user:123\n"
                    "  kv get photos cat.jpg > cat.jpg\n"
                    "  kv get --counter my-bucket page_views\n",
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
    [COMMAND_LIST] = "One key a line, sorted by its bytes. A line break in a key is printed as\n"
                     "\\n, a tab as \\t, a carriage return as \\r, another control character as\n"
                     "\\xHH and a backslash as \\\\, so that a line is always one key. -0 prints\n"
                     "keys as they are, each with a NUL after it; --json gives them as they are\n"
                     "too. --prefix gives the keys that begin with TEXT, --limit the first N of\n"
                     "them, and --long puts the size in bytes and the time of the last change\n"
                     "before each.\n"
                     "\n"
                     "  kv list my-bucket\n"
                     "  kv list --long --prefix user: my-bucket\n"
                     "  kv list -0 my-bucket | xargs -0 kv get-many my-bucket --\n"
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
    [COMMAND_STAT] = "Tells the value's file, its size, when it was changed last, whether it is\n"
                     "text or bytes, and its number if it is a counter. Exit code 1 if there is\n"
                     "no such key.\n"
                     "\n"
                     "  kv stat my-bucket user:123\n",
    [COMMAND_COPY] = "Copies the value of KEY to TO-KEY, in TO-BUCKET if that is given. TO-KEY is\n"
                     "replaced as a whole: who reads it finds what it had or the copy. With\n"
                     "--absent nothing is changed if TO-KEY is there, and the exit code is 2. The\n"
                     "copy has one value that KEY had; a change to KEY meanwhile is not in it.\n"
                     "\n"
                     "  kv cp my-bucket user:123 user:123.old\n"
                     "  kv cp --absent my-bucket user:123 archive user:123\n",
    [COMMAND_MOVE] = "Copies the value as cp does, then removes KEY. It is no single step: for a\n"
                     "moment both keys are there, never neither. If KEY was changed while it was\n"
                     "copied, it stays as it is now, and the exit code is 2.\n"
                     "\n"
                     "  kv mv my-bucket user:123 user:321\n"
                     "  kv mv my-bucket user:321 archive user:321\n",
    [COMMAND_EDIT] = "Opens the value in $VISUAL, $EDITOR or vi, and stores what you save if the\n"
                     "key has not changed since. If it has, nothing is stored, your edit is kept\n"
                     "in a file, what the key has now is shown, and the exit code is 2. A value\n"
                     "that did not end with a line break does not get one from the editor. A key\n"
                     "that is not there begins empty.\n"
                     "\n"
                     "  EDITOR='sed -i s/John/Jane/' kv edit my-bucket user:123\n",
    [COMMAND_WATCH] = "Prints a line for each change, as it happens: set KEY or delete KEY. With\n"
                      "KEY, changes to that key alone; --limit ends it after N lines. The native\n"
                      "kv hears of changes from the file system on Linux, whoever makes them;\n"
                      "elsewhere it looks twice a second, so it tells of several changes in\n"
                      "between as one. Changes before it has begun are not told.\n"
                      "\n"
                      "  kv watch my-bucket\n"
                      "  kv watch --limit 1 my-bucket state && kv get my-bucket state\n",
    [COMMAND_EXPORT] =
        "Every key and its value, as one stream for import to read: the values' own\n"
        "bytes between lines that tell their sizes and checksums (docs/export.md).\n"
        "--all writes all buckets. Others may change the bucket meanwhile: a key\n"
        "that is set gets one of its values, one that vanishes is left out.\n"
        "\n"
        "  kv export my-bucket > my-bucket.export\n"
        "  kv export my-bucket | kv import copy\n"
        "  kv export --all > all.export\n",
    [COMMAND_IMPORT] =
        "Reads from standard input what export wrote; --all what export --all wrote.\n"
        "Each key is stored as soon as it is there and checked, in place of the value\n"
        "it had; keys that are not in the stream stay. Prints how many keys there\n"
        "were. A stream that is damaged or cut, or a key that cannot be stored, ends\n"
        "it: the error tells how many keys were imported before, and the exit code\n"
        "is 3. Import again as often as you like.\n"
        "\n"
        "  kv export my-bucket > my-bucket.export\n"
        "  kv import copy < my-bucket.export\n"
        "  kv export --all | kv --data copies import --all\n",
    [COMMAND_BUCKETS] = "One bucket a line, sorted; the options are those of list.\n"
                        "\n"
                        "  kv buckets\n"
                        "  kv buckets --prefix my-\n",
    [COMMAND_CREATE_BUCKET] = "Makes the bucket's directory. One that is there is no error.\n"
                              "\n"
                              "  kv create-bucket my-bucket\n",
    [COMMAND_DELETE_BUCKET] =
        "Asks, then removes the bucket and all its keys; --yes does not ask. Where\n"
        "the directory has something that is no key (a directory, a link, a file\n"
        "whose name begins with a dot), nothing is deleted.\n"
        "\n"
        "The bucket goes in one step, before its files are removed. A change that\n"
        "another process makes at that moment either counts as before it, and is\n"
        "deleted, or fails: there is no such bucket. A process that makes buckets\n"
        "makes a new one.\n"
        "\n"
        "  kv delete-bucket --yes my-bucket\n",
    [COMMAND_INFO] = "A line for each: the version, where the data are, the settings as kv\n"
                     "understands them, and what file system it is.\n"
                     "\n"
                     "  kv info\n",
    [COMMAND_DOCTOR] =
        "Looks through the data, DIR or those of --data, and changes nothing: files\n"
        "that are no keys and why, text that was meant to be a counter, leftovers in\n"
        ".kv/, owners and modes that lock somebody out, names that another disk would\n"
        "not take, a lost mark of portable names, space, and whether the file system\n"
        "keeps the store's promises. Each finding says what to do. Exit code 1 if\n"
        "there is something to do; a note alone is not.\n"
        "With --peer COMMAND it asks instead whether this volume, which two machines\n"
        "share, keeps what the store relies on. COMMAND runs kv doctor DIR --serve on\n"
        "the other one. Both work in .kv-doctor/ below DIR, which is removed.\n"
        "\n"
        "  kv doctor\n"
        "  kv doctor /srv/data\n"
        "  kv doctor /mnt/data --peer 'ssh other kv doctor /mnt/data --serve'\n"
        "  kv --json doctor | jq -r '.findings[].code'\n",
};

static const char *const heads[] = {"Keys", "Buckets", "Data"};

// The commands under each head, in the order that help shows them.
static const enum command_verb groups[][14] = {
    {COMMAND_GET, COMMAND_SET, COMMAND_DELETE, COMMAND_EXISTS, COMMAND_INCREMENT, COMMAND_SWAP,
     COMMAND_COPY, COMMAND_MOVE, COMMAND_EDIT, COMMAND_STAT, COMMAND_GET_MANY, COMMAND_SET_MANY,
     COMMAND_DELETE_MANY, COMMAND_HELP},
    {COMMAND_LIST, COMMAND_WATCH, COMMAND_EXPORT, COMMAND_IMPORT, COMMAND_BUCKETS,
     COMMAND_CREATE_BUCKET, COMMAND_DELETE_BUCKET, COMMAND_HELP},
    {COMMAND_INFO, COMMAND_DOCTOR, COMMAND_HELP},
};

static void help_on_group(struct output *output, unsigned group)
{
    enum { name_columns = 14 };
    print_text(output, heads[group]);
    print_text(output, ":\n");
    for (size_t i = 0; groups[group][i] != COMMAND_HELP; i++) {
        const struct command_manual *manual = program.tool.entries[groups[group][i]].manual;
        print_text(output, "  ");
        print_text(output, manual->name);
        for (size_t column = strlen(manual->name); column < name_columns; column++) {
            print_text(output, " ");
        }
        print_text(output, manual->summary);
        print_text(output, "\n");
    }
    print_text(output, "\n");
}

static void help_on_all(struct output *output)
{
    print_text(output,
               "kv keeps values under keys, keys in buckets, and all of it in plain files:\n"
               "the key user:123 of the bucket my-bucket is the file data/my-bucket/user:123.\n"
               "\n"
               "usage: kv [--data DIR] [--json] COMMAND ...\n"
               "\n");
    for (unsigned group = 0; group < sizeof groups / sizeof groups[0]; group++) {
        help_on_group(output, group);
    }
    print_text(
        output,
        "Try:\n"
        "  kv set my-bucket user:123 \"John Doe\"\n"
        "  kv get my-bucket user:123\n"
        "  cat data/my-bucket/user:123\n"
        "\n"
        "The data are in ./data, or in DIR. A command that stores something makes the\n"
        "directory and the bucket; not the bucket if the environment has\n"
        "KEYVALUE_FILESYSTEM_CREATE_BUCKETS=0. A command that reads makes nothing.\n"
        "\n"
        "--data DIR  the data directory\n"
        "--json      prints one JSON object. A value is a string, or {\"base64\": ...} if\n"
        "            it is not UTF-8, or null if there is none. An error is an object on\n"
        "            standard error: {\"error\": {\"kind\": ..., \"message\": ...}}, its kind\n"
        "            being usage, no-such-store, no-such-key, access-denied, conflict,\n"
        "            input or other\n"
        "--help      explains a command, as kv help COMMAND does\n"
        "--version   prints the version\n"
        "--          ends the options, for keys and values that begin with -\n"
        "-           in a value's place stands for standard input, which may have 1 GiB\n"
        "\n"
        "Exit codes: 0 done, 1 no such key, 2 another value was found, 3 failed.\n");
}

void help_print(enum command_verb verb, struct output *output)
{
    const struct command_manual *manual = program.tool.entries[verb].manual;
    if (details[verb] == NULL) {
        help_on_all(output);
        return;
    }
    print_text(output, "kv ");
    print_text(output, manual->name);
    print_text(output, ": ");
    print_text(output, manual->summary);
    print_text(output, "\n\nusage: kv [--data DIR] [--json] ");
    print_text(output, manual->name);
    print_text(output, *manual->flags != '\0' ? " " : "");
    print_text(output, manual->flags);
    print_text(output, *manual->operands != '\0' ? " " : "");
    print_text(output, manual->operands);
    print_text(output, "\n\n");
    print_text(output, details[verb]);
}
