// Each command by itself, so that a front end has those it lists and no others.
#include "manual.h"

#define HAS(option) (1 << OPTION_##option)

const struct command_manual manual_help = {
    "help", "[COMMAND]", "", 0, 1, 0, false, false, "explain a command, with examples"};

const struct command_manual manual_get = {"get", "BUCKET KEY", "[--counter]",  2, 2, HAS(COUNTER),
                                          true,  false,        "print a value"};

const struct command_manual manual_set = {"set", "BUCKET KEY VALUE", "", 3, 3, 0, true,
                                          true,  "store a value"};

const struct command_manual manual_delete = {
    "delete", "BUCKET KEY", "", 2, 2, 0, true, false, "remove a key and its value"};

const struct command_manual manual_exists = {
    "exists", "BUCKET KEY", "", 2, 2, 0, true, false, "tell whether there is a key"};

const struct command_manual manual_list = {
    "list", "BUCKET", "[--prefix TEXT] [--limit N] [--long] [-0]",
    1,      1,        HAS(PREFIX) | HAS(LIMIT) | HAS(LONG) | HAS(NUL),
    true,   false,    "print all keys, sorted"};

const struct command_manual manual_increment = {
    "increment", "BUCKET KEY [DELTA]", "", 2, 3, 0, true, true, "add to a counter"};

const struct command_manual manual_swap = {"swap",
                                           "BUCKET KEY EXPECTED NEW",
                                           "",
                                           3,
                                           4,
                                           HAS(ABSENT),
                                           true,
                                           true,
                                           "store a value if it has not changed"};

const struct command_manual manual_get_many = {
    "get-many", "BUCKET KEY...",       "", 2, command_operands_max, 0, true,
    false,      "print several values"};

const struct command_manual manual_set_many = {
    "set-many", "BUCKET (KEY VALUE)... | -", "", 2, command_operands_max, 0, true,
    true,       "store several values"};

const struct command_manual manual_delete_many = {
    "delete-many", "BUCKET KEY...",      "", 2, command_operands_max, 0, true,
    false,         "remove several keys"};

const struct command_manual manual_stat = {
    "stat", "BUCKET KEY", "", 2, 2, 0, true, false, "tell a value's size, time, kind and file"};

const struct command_manual manual_copy = {
    "cp",  "BUCKET KEY [TO-BUCKET] TO-KEY", "[--absent]", 3, 4, HAS(ABSENT), true,
    false, "copy a value to another key"};

const struct command_manual manual_move = {
    "mv",  "BUCKET KEY [TO-BUCKET] TO-KEY", "[--absent]", 3, 4, HAS(ABSENT), true,
    false, "move a value to another key"};

const struct command_manual manual_edit = {
    "edit", "BUCKET KEY", "", 2, 2, 0, true, false, "change a value in your editor"};

const struct command_manual manual_watch = {"watch",
                                            "BUCKET [KEY]",
                                            "[--limit N]",
                                            1,
                                            2,
                                            HAS(LIMIT),
                                            true,
                                            false,
                                            "print changes as they happen"};

const struct command_manual manual_export = {"export",
                                             "BUCKET | --all",
                                             "",
                                             0,
                                             1,
                                             HAS(ALL),
                                             false,
                                             false,
                                             "write a bucket, or all, as one stream"};

const struct command_manual manual_import = {
    "import", "BUCKET | --all", "", 0, 1, HAS(ALL), false, true, "store what export wrote"};

const struct command_manual manual_buckets = {"buckets", "",    "[--prefix TEXT] [--limit N] [-0]",
                                              0,         0,     HAS(PREFIX) | HAS(LIMIT) | HAS(NUL),
                                              false,     false, "print all buckets, sorted"};

const struct command_manual manual_create_bucket = {
    "create-bucket", "BUCKET", "", 1, 1, 0, false, true, "make a bucket"};

const struct command_manual manual_delete_bucket = {"delete-bucket",
                                                    "BUCKET",
                                                    "[--yes]",
                                                    1,
                                                    1,
                                                    HAS(YES),
                                                    false,
                                                    false,
                                                    "remove a bucket and all its keys"};

const struct command_manual manual_info = {
    "info", "", "", 0, 0, 0, false, false, "tell the version, the settings and where the data are"};

const struct command_manual manual_doctor = {
    "doctor", "[DIR]", "[--peer COMMAND | --serve]",
    0,        1,       HAS(PEER) | HAS(SERVE),
    false,    false,   "look for what is wrong with the data; change nothing"};
