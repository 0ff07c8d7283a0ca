#include "core/utf8.h"
#include "program.h"
#include "streams.h"

// Words that are not UTF-8 could not be printed, nor be keys.
static bool are_text(const struct bytes *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!utf8_valid(words[i])) {
            return false;
        }
    }
    return true;
}

static void print_version(struct output *out)
{
    print_text(out, program.tool.name);
    print_text(out, " " VERSION "\n");
}

static enum command_exit run(struct bytes *words, size_t count, struct output *out,
                             struct output *err)
{
    char text[session_message_bytes_max];
    struct message why = {text, sizeof text, 0};
    struct command command;
    if (!are_text(words, count)) {
        print_error(err, "usage", BYTES("an argument is not valid UTF-8"));
        return COMMAND_FAILED;
    }
    if (count == 0) {
        program.help(COMMAND_HELP, err);
        return COMMAND_FAILED;
    }
    bool understood = command_parse(&program.tool, words, count, &command, &why);
    out->json = command_has(&command, OPTION_JSON);
    err->json = out->json;
    if (!understood) {
        print_error(err, "usage", (struct bytes){(const uint8_t *)text, why.size});
        return COMMAND_FAILED;
    }
    if (command_has(&command, OPTION_VERSION)) {
        print_version(out);
        return COMMAND_DONE;
    }
    if (command.help) {
        program.help(command.verb, out);
        return COMMAND_DONE;
    }
    return program.run(&command, out, err);
}

int program_run(struct bytes *words, size_t count)
{
    static struct stream out; // static for the buffers' sake: a component's stack is small
    static struct stream err;
    stream_open(&out, HOST_OUT, program.in_front);
    stream_open(&err, HOST_ERR, program.in_front);
    enum command_exit code = run(words, count, &out.output, &err.output);
    if (!stream_flush(&out)) {
        print_error(&err.output, "other", BYTES("standard output cannot be written"));
        code = COMMAND_FAILED;
    }
    // With nowhere left to say so, a failure here stays unsaid.
    (void)stream_flush(&err);
    return (int)code;
}
