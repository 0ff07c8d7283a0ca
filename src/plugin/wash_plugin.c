// wash_plugin.c: wasmcloud:wash/plugin, by which wash knows the store, and the
// commands it gives wash's users to look after their data. metadata.c has `info`.
#include "cli/manual.h"
#include "cli/verbs.h"
#include "component/instance.h"
#include "plugin.h"
#include "text.h"

#include <stdlib.h>

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

const struct command_tool plugin_tool = {"wash " PLUGIN_NAME, entries, NULL};

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
    return !bytes_equal(*value, plugin_left_out);
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

// The command and its arguments as the words that a user typed. None of them is
// an option: what they begin with is theirs.
static size_t read_words(const plugin_command *given, struct bytes *words)
{
    size_t count = 0;
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
    if (understood && command_read(&plugin_tool, words, read_words(given, words), &command, &why)) {
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
    given.output.write(&given.output, (struct bytes){(const uint8_t *)text, line.size});
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
        *err = text_words("this plugin has no such hook; there is dev-register");
        return false;
    }
    *ret = give_place();
    return true;
}
