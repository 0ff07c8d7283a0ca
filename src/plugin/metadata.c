// What the plugin is, as `info` tells it.
//
// wash knows plugins with one top-level command and plugins with sub-commands.
// Its versions show the former alone as `wash NAME ...`, so `info` has both: the
// sub-commands, and a command whose arguments are the words of any of them.
#include "plugin.h"
#include "text.h"

#include <stdlib.h>

typedef exports_wasmcloud_wash_plugin_metadata_t plugin_metadata;

const struct bytes plugin_left_out = {(const uint8_t *)"\0", 1};

static component_option_string_t give_option(const struct bytes *words)
{
    component_option_string_t option = {.is_some = words != NULL};
    if (words != NULL) {
        struct text text = text_start(false);
        text.output.write(&text.output, *words);
        option.val = text_give(&text);
    }
    return option;
}

static plugin_argument give_argument(const char *name, const char *description,
                                     const struct bytes *otherwise)
{
    return (plugin_argument){
        .name = text_words(name),
        .description = text_words(description),
        .default_ = give_option(otherwise),
    };
}

struct operand {
    const char *name; // as usage has it, in upper case
    const char *argument;
    const char *description;
    const char *otherwise; // what it is where it is left out, NULL: none
};

static const struct operand operands[] = {
    {"BUCKET", "bucket", "The bucket: a directory where the data are", NULL},
    {"KEY", "key", "The key: a file in that directory", NULL},
    {"VALUE", "value", "The value, as text, or what to add to a counter", NULL},
    {"DELTA", "delta", "The whole number to add", "1"},
};

enum {
    operand_count = sizeof operands / sizeof operands[0],
    arguments_max = 4,
};

// The arguments for the operands that a usage line shows.
static size_t give_operands(const char *usage, plugin_argument *arguments)
{
    size_t count = 0;
    for (const char *at = usage; *at != '\0';) {
        bool optional = *at == '[';
        at += optional;
        for (size_t i = 0; i < operand_count; i++) {
            if (strncmp(at, operands[i].name, strlen(operands[i].name)) == 0) {
                const char *text = operands[i].otherwise;
                struct bytes otherwise = plugin_left_out;
                if (text != NULL) {
                    otherwise = (struct bytes){(const uint8_t *)text, strlen(text)};
                }
                arguments[count++] = give_argument(operands[i].argument, operands[i].description,
                                                   optional ? &otherwise : NULL);
            }
        }
        while (*at != '\0' && *at++ != ' ') {
        }
    }
    return count;
}

// All commands have one flag. wash looks its value up under the flag, but
// keeps it under the argument's name: they have to be the same.
static void give_flags(plugin_command *command)
{
    struct bytes text = BYTES("text");
    command->flags.ptr = calloc(1, sizeof *command->flags.ptr);
    if (command->flags.ptr != NULL) {
        command->flags.len = 1;
        command->flags.ptr->f0 = text_words("format");
        command->flags.ptr->f1 =
            give_argument("format", "text, or json for one JSON object", &text);
    }
}

static component_string_t give_usage(const char *name, const char *usage)
{
    struct text text = text_start(false);
    print_text(&text.output, plugin_tool.name);
    print_text(&text.output, " ");
    print_text(&text.output, name);
    print_text(&text.output, *usage != '\0' ? " " : "");
    print_text(&text.output, usage);
    print_text(&text.output, " [--format text|json]");
    return text_give(&text);
}

static plugin_command give_command(enum command_verb verb)
{
    const struct command_manual *manual = plugin_tool.entries[verb].manual;
    plugin_command command = {.id = text_words(manual->name),
                              .name = text_words(manual->name),
                              .description = text_words(manual->summary)};
    give_flags(&command);
    command.arguments.ptr = calloc(arguments_max, sizeof *command.arguments.ptr);
    if (command.arguments.ptr != NULL) {
        command.arguments.len = give_operands(manual->operands, command.arguments.ptr);
    }
    if (command.arguments.len == 0) {
        free(command.arguments.ptr);
    }
    command.usage.ptr = calloc(1, sizeof *command.usage.ptr);
    if (command.usage.ptr != NULL) {
        command.usage.len = 1;
        *command.usage.ptr = give_usage(manual->name, manual->operands);
    }
    return command;
}

// The verbs that this plugin has; gives their number.
static size_t list_verbs(enum command_verb verbs[command_verb_count])
{
    size_t count = 0;
    for (unsigned i = 0; i < command_verb_count; i++) {
        if (command_in(&plugin_tool, (enum command_verb)i)) {
            verbs[count++] = (enum command_verb)i;
        }
    }
    return count;
}

static plugin_command give_top_command(const enum command_verb *verbs, size_t count)
{
    plugin_command command = {.id = text_words(PLUGIN_NAME),
                              .name = text_words(PLUGIN_NAME),
                              .description =
                                  text_words("Look after data that the store keeps in files")};
    give_flags(&command);
    command.arguments.ptr = calloc(arguments_max, sizeof *command.arguments.ptr);
    if (command.arguments.ptr != NULL) {
        struct text choice = text_start(false);
        for (size_t i = 0; i < count; i++) {
            print_text(&choice.output, i > 0 ? ", " : "");
            print_text(&choice.output, plugin_tool.entries[verbs[i]].manual->name);
        }
        plugin_argument *arguments = command.arguments.ptr;
        arguments[0].name = text_words("command");
        arguments[0].description = text_give(&choice);
        command.arguments.len = 1 + give_operands("[BUCKET] [KEY] [VALUE]", arguments + 1);
    }
    command.usage.ptr = calloc(count, sizeof *command.usage.ptr);
    if (command.usage.ptr != NULL) {
        command.usage.len = count;
        for (size_t i = 0; i < count; i++) {
            const struct command_manual *manual = plugin_tool.entries[verbs[i]].manual;
            command.usage.ptr[i] = give_usage(manual->name, manual->operands);
        }
    }
    return command;
}

// What there is no memory for stays empty: there is no way to fail here.
static plugin_metadata make_metadata(void)
{
    plugin_metadata made = {
        .id = text_words("dev.wasmcloud." PLUGIN_NAME),
        .name = text_words(PLUGIN_NAME),
        .description =
            text_words("wasi:keyvalue in plain files: a bucket is a directory, a key a file"),
        .contact = text_words("wasmCloud Team"),
        .url = text_words("https://github.com/wasmCloud/wash"),
        .license = text_words("Apache-2.0"),
        .version = text_words(VERSION),
    };
    enum command_verb verbs[command_verb_count];
    size_t count = list_verbs(verbs);
    made.command.is_some = true;
    made.command.val = give_top_command(verbs, count);
    made.sub_commands.ptr = calloc(count, sizeof *made.sub_commands.ptr);
    if (made.sub_commands.ptr != NULL) {
        made.sub_commands.len = count;
        for (size_t i = 0; i < count; i++) {
            made.sub_commands.ptr[i] = give_command(verbs[i]);
        }
    }
    made.hooks.ptr = malloc(sizeof *made.hooks.ptr);
    if (made.hooks.ptr != NULL) {
        made.hooks.len = 1;
        *made.hooks.ptr = WASMCLOUD_WASH_TYPES_HOOK_TYPE_DEV_REGISTER;
    }
    return made;
}

// Made once and kept, for the instance's later calls; so what frees it after a
// call, large in the bindings, stands here in its place and does nothing.
void exports_wasmcloud_wash_plugin_info(plugin_metadata *ret)
{
    static plugin_metadata metadata;
    if (metadata.id.len == 0) {
        metadata = make_metadata();
    }
    *ret = metadata;
}

__attribute__((export_name("cabi_post_wasmcloud:wash/plugin@0.0.2#info"))) void
__wasm_export_exports_wasmcloud_wash_plugin_info_post_return(uint8_t *result);

void __wasm_export_exports_wasmcloud_wash_plugin_info_post_return(uint8_t *result)
{
    (void)result;
}
