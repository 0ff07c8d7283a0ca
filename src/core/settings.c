#include "settings.h"

// A word that a setting takes, and what it means.
struct word {
    const char *text;
    unsigned value;
};

static const struct word switch_words[] = {{"0", false}, {"1", true}, {NULL, 0}};
static const struct word durable_words[] = {{"none", DURABLE_NONE}, {"values", DURABLE_VALUES},
                                            {"all", DURABLE_ALL},   {"0", DURABLE_NONE},
                                            {"1", DURABLE_ALL},     {NULL, 0}};
static const struct word names_words[] = {
    {"plain", NAMES_PLAIN}, {"portable", NAMES_PORTABLE}, {NULL, 0}};
static const struct word counters_words[] = {
    {"binary", COUNTER_BINARY}, {"text", COUNTER_TEXT}, {NULL, 0}};

static enum status refuse(struct bytes name, struct bytes value, const char *expected,
                          struct message *why)
{
    message_text(why, "the setting ");
    message_quoted(why, name);
    message_text(why, " with the value ");
    message_quoted(why, value);
    message_text(why, " is not understood; ");
    message_text(why, expected);
    return STATUS_BAD_SETTING;
}

static bool is_text(struct bytes bytes, const char *text)
{
    return bytes_equal(bytes, (struct bytes){(const uint8_t *)text, strlen(text)});
}

// What `value` means among the words; false if it is none of them.
static bool find_word(const struct word *words, struct bytes value, unsigned *meaning)
{
    for (; words->text != NULL; words++) {
        if (is_text(value, words->text)) {
            *meaning = words->value;
            return true;
        }
    }
    return false;
}

static void set_create_buckets(struct settings *settings, unsigned value)
{
    settings->create_buckets = value != 0;
}

static void set_durable(struct settings *settings, unsigned value)
{
    settings->durable = (enum durable)value;
}

static void set_names(struct settings *settings, unsigned value)
{
    settings->names = (enum names)value;
}

static void set_counters(struct settings *settings, unsigned value)
{
    settings->counters = (enum counter_form)value;
}

// The settings but the root, which takes any path.
static const struct {
    const char *name;
    const struct word *words;
    void (*set)(struct settings *settings, unsigned value);
    const char *expected;
} known[] = {
    {"CREATE_BUCKETS", switch_words, set_create_buckets, "give it 1 or 0, or unset it"},
    {"DURABLE", durable_words, set_durable, "give it none, values or all, or unset it"},
    {"NAMES", names_words, set_names, "give it plain or portable, or unset it"},
    {"COUNTERS", counters_words, set_counters, "give it binary or text, or unset it"},
};

enum status settings_apply(struct settings *settings, struct bytes name, struct bytes value,
                           struct message *why)
{
    struct bytes prefix = BYTES("KEYVALUE_FILESYSTEM_");
    if (name.size < prefix.size || !bytes_equal((struct bytes){name.data, prefix.size}, prefix) ||
        value.size == 0) {
        return STATUS_OK;
    }
    struct bytes which = {name.data + prefix.size, name.size - prefix.size};
    if (is_text(which, "ROOT")) {
        if (value.size > root_bytes_max) {
            return refuse(name, value, "the path is too long", why);
        }
        memcpy(settings->root, value.data, value.size);
        settings->root_size = value.size;
        return STATUS_OK;
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (!is_text(which, known[i].name)) {
            continue;
        }
        unsigned meaning;
        if (!find_word(known[i].words, value, &meaning)) {
            return refuse(name, value, known[i].expected, why);
        }
        known[i].set(settings, meaning);
        return STATUS_OK;
    }
    return refuse(name, value, "there is ROOT, CREATE_BUCKETS, DURABLE, NAMES and COUNTERS", why);
}
