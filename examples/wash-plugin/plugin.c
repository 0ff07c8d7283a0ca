// A plugin of wash 1.0.0-beta that is as small as one can be: an interface for the
// components that `wash dev` runs, and one command. docs/extending-wash.md explains it.
#include "tally_plugin.h"

#include <stdlib.h>
#include <string.h>

// ---- What the plugin is ----

// Everything that is handed over is allocated: the bindings free it.
static tally_plugin_string_t give(const char *text)
{
    tally_plugin_string_t string;
    tally_plugin_string_dup(&string, text);
    return string;
}

// `wash tally WORD`
static wasmcloud_wash_types_command_t make_command(void)
{
    wasmcloud_wash_types_command_t command = {.id = give("tally"),
                                              .name = give("tally"),
                                              .description = give("Prints a word in capitals")};
    command.arguments.ptr = calloc(1, sizeof *command.arguments.ptr);
    command.arguments.len = 1;
    command.arguments.ptr[0].name = give("word");
    command.arguments.ptr[0].description = give("The word");
    command.usage.ptr = calloc(1, sizeof *command.usage.ptr);
    command.usage.len = 1;
    command.usage.ptr[0] = give("wash tally WORD");
    return command;
}

// wash calls it whenever it starts: nothing that could fail or take time.
void exports_wasmcloud_wash_plugin_info(exports_wasmcloud_wash_plugin_metadata_t *metadata)
{
    *metadata = (exports_wasmcloud_wash_plugin_metadata_t){
        .id = give("com.example.tally"),
        .name = give("tally"),
        .description = give("Adds numbers"),
        .contact = give("You"),
        .url = give("https://example.com"),
        .license = give("Apache-2.0"),
        .version = give("0.1.0"),
    };
    metadata->command.is_some = true;
    metadata->command.val = make_command();
    metadata->hooks.ptr = calloc(1, sizeof *metadata->hooks.ptr);
    metadata->hooks.len = 1;
    metadata->hooks.ptr[0] = WASMCLOUD_WASH_TYPES_HOOK_TYPE_DEV_REGISTER;
}

// ---- Commands ----

bool exports_wasmcloud_wash_plugin_initialize(exports_wasmcloud_wash_plugin_own_runner_t runner,
                                              tally_plugin_string_t *said,
                                              tally_plugin_string_t *failure)
{
    (void)failure;
    wasmcloud_wash_types_runner_drop_own(runner);
    *said = give("");
    return true;
}

bool exports_wasmcloud_wash_plugin_run(exports_wasmcloud_wash_plugin_own_runner_t runner,
                                       exports_wasmcloud_wash_plugin_command_t *command,
                                       tally_plugin_string_t *said, tally_plugin_string_t *failure)
{
    wasmcloud_wash_types_runner_drop_own(runner);
    if (command->arguments.len != 1 || !command->arguments.ptr[0].value.is_some) {
        exports_wasmcloud_wash_plugin_command_free(command);
        *failure = give("there is no word");
        return false;
    }
    tally_plugin_string_t word = command->arguments.ptr[0].value.val;
    said->ptr = malloc(word.len + 1);
    said->len = word.len;
    for (size_t i = 0; i < word.len; i++) {
        bool small = word.ptr[i] >= 'a' && word.ptr[i] <= 'z';
        said->ptr[i] = (uint8_t)(word.ptr[i] - (small ? 'a' - 'A' : 0));
    }
    exports_wasmcloud_wash_plugin_command_free(command);
    return true;
}

// Of the hooks, `dev-register` alone is in the metadata, and wash makes no call for it.
bool exports_wasmcloud_wash_plugin_hook(exports_wasmcloud_wash_plugin_own_runner_t runner,
                                        exports_wasmcloud_wash_plugin_hook_type_t hook,
                                        tally_plugin_string_t *said, tally_plugin_string_t *failure)
{
    (void)hook;
    return exports_wasmcloud_wash_plugin_initialize(runner, said, failure);
}

// ---- The interface for components ----

struct exports_example_tally_tally_counter_t {
    uint32_t sum;
};

exports_example_tally_tally_own_counter_t
exports_example_tally_tally_constructor_counter(uint32_t start)
{
    exports_example_tally_tally_counter_t *counter = malloc(sizeof *counter);
    counter->sum = start;
    return exports_example_tally_tally_counter_new(counter);
}

uint32_t
exports_example_tally_tally_method_counter_add(exports_example_tally_tally_borrow_counter_t counter,
                                               uint32_t delta)
{
    counter->sum += delta;
    return counter->sum;
}

// For other hosts: wash 1.0.0-beta never calls it.
void exports_example_tally_tally_counter_destructor(exports_example_tally_tally_counter_t *counter)
{
    free(counter);
}
