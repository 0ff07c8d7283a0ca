// kv_transfer: export and import alone, for hosts that have a store of their own and the
// older draft alone. This file has what kv has in help.c and operations.c.
#include "help.h"
#include "transfer.h"

const struct command_tool help_tool = {"kv_transfer", 1 << COMMAND_HELP | 1 << COMMAND_EXPORT |
                                                          1 << COMMAND_IMPORT};
const char help_in_front[] = "kv_transfer: ";
const char help_on_missing_bucket[] =
    "; make it in this host's store first (wasmtime's has \"\" alone)";

void help_print(enum command_verb verb, struct output *output)
{
    (void)verb; // two commands, told together
    print_text(output,
               "kv_transfer takes buckets out of a host's own store and into it, where that has\n"
               "wasi:keyvalue at 0.2.0-draft alone. The stream is that of kv (docs/export.md).\n"
               "\n"
               "usage: kv_transfer [--json] export BUCKET\n"
               "       kv_transfer [--json] import BUCKET\n"
               "\n"
               "export writes every key and its value to standard output, for import to read.\n"
               "import reads standard input, stores each key as soon as it is there and checked,\n"
               "and prints how many there were. Exit codes: 0 done, 3 failed.\n"
               "\n"
               "  wasmtime run -S keyvalue kv_transfer.wasm import \"\" < my-bucket.export\n");
}

enum command_exit operations_run(const struct command *command, struct stream *out,
                                 struct stream *err)
{
    struct session session = {.command = command, .out = &out->output, .err = &err->output};
    if (command->verb == COMMAND_EXPORT) {
        return transfer_export(&session, out, err);
    }
    return transfer_import(&session, err);
}
