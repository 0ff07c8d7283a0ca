// wash_plugin.c: wasmcloud:wash/plugin, by which wash knows the store, and the
// commands it gives wash's users to look after their data.
//
// wash knows plugins with one top-level command and plugins with sub-commands.
// Its versions show the former alone as `wash NAME ...`, so `info` has both: the
// sub-commands, and a command whose arguments are the words of any of them.
#include "cli/manual.h"
#include "cli/verbs.h"
#include "component.h"
#include "component/instance.h"

#include <stdlib.h>

#define PLUGIN_NAME "keyvalue-filesystem"

typedef exports_wasmcloud_wash_plugin_metadata_t plugin_metadata;
typedef exports_wasmcloud_wash_plugin_command_t plugin_command;
typedef exports_wasmcloud_wash_plugin_own_runner_t plugin_runner;
typedef wasmcloud_wash_types_command_argument_t plugin_argument;

static const struct command_entry entries[command_verb_count] = {
    [COMMAND_GET] = {&manual_get, verb_get},
    [COMMAND_SET] = {&manual_set, verb_set},
    [COMMAND_DELETE] = {&manual_delete, verb_delete},
    [COMMAND_LIST] = {&manual_list, verb_list},
    [COMMAND_INCREMENT] = {&manual_increment, verb_increment},
    [COMMAND_BUCKETS] = {&manual_buckets, verb_buckets},
    [COMMAND_CREATE_BUCKET] = {&manual_create_bucket, verb_create_bucket},
    [COMMAND_INFO] = {&manual_info, verb_info},
};

static const struct command_tool tool = {"wash " PLUGIN_NAME, entries, NULL};

// ---- Text for wash ----

struct text {
    struct output output;
    uint8_t *data;
    size_t size;
    size_t room;
    bool failed; // for want of memory; the text is empty then
};

static void text_write(struct output *output, struct bytes bytes)
{
    struct text *text = (struct text *)output;
    if (bytes.size > text->room - text->size && !text->failed) {
        size_t room = text->room * 2 + bytes.size;
        uint8_t *data = room < text->room ? NULL : buffer_grow(text->data, text->size, room);
        text->failed = data == NULL;
        text->data = data != NULL ? data : text->data;
        text->room = data != NULL ? room : text->room;
    }
    if (bytes.size > 0 && !text->failed) {
        memcpy(text->data + text->size, bytes.data, bytes.size);
        text->size += bytes.size;
    }
}

static struct text text_start(bool json)
{
    return (struct text){
        .output = {.write = text_write, .json = json, .done = "done\n", .name = ""},
    };
}

static void text_free(struct text *text)
{
    free(text->data);
    *text = text_start(text->output.json);
}

// Hands the text over to the caller.
static component_string_t text_give(struct text *text)
{
    if (text->size == 0) {
        text_free(text);
    }
    return (component_string_t){text->data, text->size};
}

// The same without the line break at its end: wash adds its own.
static component_string_t text_give_line(struct text *text)
{
    if (text->size > 0 && text->data[text->size - 1] == '\n') {
        text->size--;
    }
    return text_give(text);
}

static component_string_t give(const char *words)
{
    struct text text = text_start(false);
    print_text(&text.output, words);
    return text_give(&text);
}

// ---- What the plugin is ----

// What wash is told to set where an operand is left out: no command line can.
static const struct bytes left_out = {(const uint8_t *)"\0", 1};

static component_option_string_t give_option(const struct bytes *words)
{
    component_option_string_t option = {.is_some = words != NULL};
    if (words != NULL) {
        struct text text = text_start(false);
        text_write(&text.output, *words);
        option.val = text_give(&text);
    }
    return option;
}

static plugin_argument give_argument(const char *name, const char *description,
                                     const struct bytes *otherwise)
{
    return (plugin_argument){
        .name = give(name),
        .description = give(description),
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
                struct bytes otherwise = left_out;
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
        command->flags.ptr->f0 = give("format");
        command->flags.ptr->f1 =
            give_argument("format", "text, or json for one JSON object", &text);
    }
}

static component_string_t give_usage(const char *name, const char *usage)
{
    struct text text = text_start(false);
    print_text(&text.output, tool.name);
    print_text(&text.output, " ");
    print_text(&text.output, name);
    print_text(&text.output, *usage != '\0' ? " " : "");
    print_text(&text.output, usage);
    print_text(&text.output, " [--format text|json]");
    return text_give(&text);
}

static plugin_command give_command(enum command_verb verb)
{
    const struct command_manual *manual = entries[verb].manual;
    plugin_command command = {
        .id = give(manual->name), .name = give(manual->name), .description = give(manual->summary)};
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
        if (command_in(&tool, (enum command_verb)i)) {
            verbs[count++] = (enum command_verb)i;
        }
    }
    return count;
}

static plugin_command give_top_command(const enum command_verb *verbs, size_t count)
{
    plugin_command command = {.id = give(PLUGIN_NAME),
                              .name = give(PLUGIN_NAME),
                              .description = give("Look after data that the store keeps in files")};
    give_flags(&command);
    command.arguments.ptr = calloc(arguments_max, sizeof *command.arguments.ptr);
    if (command.arguments.ptr != NULL) {
        struct text choice = text_start(false);
        for (size_t i = 0; i < count; i++) {
            print_text(&choice.output, i > 0 ? ", " : "");
            print_text(&choice.output, entries[verbs[i]].manual->name);
        }
        plugin_argument *arguments = command.arguments.ptr;
        arguments[0].name = give("command");
        arguments[0].description = text_give(&choice);
        command.arguments.len = 1 + give_operands("[BUCKET] [KEY] [VALUE]", arguments + 1);
    }
    command.usage.ptr = calloc(count, sizeof *command.usage.ptr);
    if (command.usage.ptr != NULL) {
        command.usage.len = count;
        for (size_t i = 0; i < count; i++) {
            const struct command_manual *manual = entries[verbs[i]].manual;
            command.usage.ptr[i] = give_usage(manual->name, manual->operands);
        }
    }
    return command;
}

// What there is no memory for stays empty: there is no way to fail here.
static plugin_metadata make_metadata(void)
{
    plugin_metadata made = {
        .id = give("dev.wasmcloud." PLUGIN_NAME),
        .name = give(PLUGIN_NAME),
        .description = give("wasi:keyvalue in plain files: a bucket is a directory, a key a file"),
        .contact = give("wasmCloud Team"),
        .url = give("https://github.com/wasmCloud/wash"),
        .license = give("Apache-2.0"),
        .version = give(VERSION),
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

// ---- Commands ----

static enum command_exit run_command(const struct command *command, struct output *out,
                                     struct output *err)
{
    char text[store_message_bytes_max];
    struct message place = {text, sizeof text, 0};
    struct session session = {
        .command = command,
        .out = out,
        .err = err,
        .missing = "; make it with create-bucket, or with mkdir where the data are",
        .version = VERSION,
    };
    const char *why;
    enum status status = instance_store(&session.store, &why);
    if (status != STATUS_OK) {
        (void)store_fail(session.store, command->entry->manual->name, NULL, NULL, status, why);
        return session_fail_status(&session, (struct bytes){NULL, 0}, status);
    }
    instance_place(&place);
    session.place = (struct bytes){(const uint8_t *)text, place.size};
    session.may_create = session.store->settings.create_buckets;
    return session_run(&session);
}

// ---- What wash hands over ----

static struct bytes string_bytes(const component_string_t *string)
{
    return (struct bytes){string->ptr, string->len};
}

// The value that an argument was given, or else its default.
static bool argument_value(const plugin_argument *argument, struct bytes *value)
{
    if (!argument->value.is_some && !argument->default_.is_some) {
        return false;
    }
    *value = string_bytes(argument->value.is_some ? &argument->value.val : &argument->default_.val);
    return !bytes_equal(*value, left_out);
}

// Reads the flags. False with the reason in `why` if they make no sense.
static bool read_flags(const plugin_command *given, bool *json, struct message *why)
{
    *json = false;
    for (size_t i = 0; i < given->flags.len; i++) {
        struct bytes value;
        if (!argument_value(&given->flags.ptr[i].f1, &value)) {
            continue;
        }
        bool known = bytes_equal(string_bytes(&given->flags.ptr[i].f0), BYTES("format"));
        *json = known && bytes_equal(value, BYTES("json"));
        if (!known || !(*json || bytes_equal(value, BYTES("text")))) {
            message_text(why, known ? "unknown format " : "unknown flag ");
            message_quoted(why, known ? value : string_bytes(&given->flags.ptr[i].f0));
            message_text(why, known ? "; there is text and json" : "; there is --format");
            return false;
        }
    }
    return true;
}

// The command and its arguments as the words that a user typed. What they have
// in front is theirs: none of them is an option.
static size_t read_words(const plugin_command *given, struct bytes *words)
{
    size_t count = 0;
    words[count++] = BYTES("--");
    if (!bytes_equal(string_bytes(&given->name), BYTES(PLUGIN_NAME))) {
        words[count++] = string_bytes(&given->name);
    }
    for (size_t i = 0; i < given->arguments.len; i++) {
        if (!argument_value(&given->arguments.ptr[i], &words[count])) {
            break;
        }
        count++;
    }
    return count;
}

static void run(const plugin_command *given, struct text *out, struct text *err)
{
    char text[512];
    struct message why = {text, sizeof text, 0};
    struct command command;
    struct bytes *words = calloc(given->arguments.len + 2, sizeof *words);
    if (words == NULL) {
        print_error(&err->output, "other", BYTES("out of memory"));
        return;
    }
    bool understood = read_flags(given, &out->output.json, &why);
    err->output.json = out->output.json;
    if (understood && command_parse(&tool, words, read_words(given, words), &command, &why)) {
        // What failed has said so to `err`.
        (void)run_command(&command, &out->output, &err->output);
        out->output.raw = command.verb == COMMAND_GET && !out->output.json;
    } else {
        print_error(&err->output, "usage", (struct bytes){(const uint8_t *)text, why.size});
    }
    free(words);
}

bool exports_wasmcloud_wash_plugin_run(plugin_runner runner, plugin_command *cmd,
                                       component_string_t *ret, component_string_t *err)
{
    wasmcloud_wash_types_runner_drop_own(runner);
    struct text printed = text_start(false);
    struct text problem = text_start(false);
    run(cmd, &printed, &problem);
    exports_wasmcloud_wash_plugin_command_free(cmd);
    if (printed.failed) {
        print_error(&problem.output, "other", BYTES("out of memory"));
    }
    if (problem.size > 0 || problem.failed) {
        text_free(&printed);
        *err = text_give_line(&problem);
        return false;
    }
    *ret = printed.output.raw ? text_give(&printed) : text_give_line(&printed);
    return true;
}

// ---- The rest of wash's calls ----

// A line that tells where data are kept, or why nowhere.
static component_string_t give_place(void)
{
    char text[2 * store_message_bytes_max];
    struct message line = {text, sizeof text, 0};
    struct store *store;
    const char *why;
    message_text(&line, PLUGIN_NAME " " VERSION);
    if (instance_store(&store, &why) == STATUS_OK) {
        message_text(&line, " keeps its data in the guest's ");
        instance_place(&line);
        message_text(&line, ": a bucket is a directory there, a key a file in it. That is "
                            "--blobstore-root for wash dev, and plugins/fs/" PLUGIN_NAME
                            " in wash's data directory for the plugin's commands");
    } else {
        message_text(&line, " has no place for data: ");
        message_text(&line, why);
    }
    struct text given = text_start(false);
    text_write(&given.output, (struct bytes){(const uint8_t *)text, line.size});
    return text_give(&given);
}

bool exports_wasmcloud_wash_plugin_initialize(plugin_runner runner, component_string_t *ret,
                                              component_string_t *err)
{
    (void)err; // wash would run no command, and hide what is wrong with it
    wasmcloud_wash_types_runner_drop_own(runner);
    *ret = give_place();
    return true;
}

bool exports_wasmcloud_wash_plugin_hook(plugin_runner runner,
                                        exports_wasmcloud_wash_plugin_hook_type_t hook,
                                        component_string_t *ret, component_string_t *err)
{
    wasmcloud_wash_types_runner_drop_own(runner);
    if (hook != WASMCLOUD_WASH_TYPES_HOOK_TYPE_DEV_REGISTER) {
        *err = give("this plugin has no such hook; there is dev-register");
        return false;
    }
    *ret = give_place();
    return true;
}
