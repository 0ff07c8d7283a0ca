#include "settings.h"

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

static enum status apply_switch(bool *setting, struct bytes name, struct bytes value,
                                struct message *why)
{
    if (bytes_equal(value, BYTES("1"))) {
        *setting = true;
    } else if (bytes_equal(value, BYTES("0"))) {
        *setting = false;
    } else {
        return refuse(name, value, "give it 1 or 0, or unset it", why);
    }
    return STATUS_OK;
}

static enum status apply_names(enum names *names, struct bytes name, struct bytes value,
                               struct message *why)
{
    if (bytes_equal(value, BYTES("portable"))) {
        *names = NAMES_PORTABLE;
    } else if (bytes_equal(value, BYTES("plain"))) {
        *names = NAMES_PLAIN;
    } else {
        return refuse(name, value, "give it plain or portable, or unset it", why);
    }
    return STATUS_OK;
}

enum status settings_apply(struct settings *settings, struct bytes name, struct bytes value,
                           struct message *why)
{
    struct bytes prefix = BYTES("KEYVALUE_FILESYSTEM_");
    if (name.size < prefix.size || !bytes_equal((struct bytes){name.data, prefix.size}, prefix) ||
        value.size == 0) {
        return STATUS_OK;
    }
    struct bytes which = {name.data + prefix.size, name.size - prefix.size};
    if (bytes_equal(which, BYTES("CREATE_BUCKETS"))) {
        return apply_switch(&settings->create_buckets, name, value, why);
    }
    if (bytes_equal(which, BYTES("DURABLE"))) {
        return apply_switch(&settings->durable, name, value, why);
    }
    if (bytes_equal(which, BYTES("NAMES"))) {
        return apply_names(&settings->names, name, value, why);
    }
    if (!bytes_equal(which, BYTES("ROOT"))) {
        return refuse(name, value, "there is ROOT, CREATE_BUCKETS, DURABLE and NAMES", why);
    }
    if (value.size > root_bytes_max) {
        return refuse(name, value, "the path is too long", why);
    }
    memcpy(settings->root, value.data, value.size);
    settings->root_size = value.size;
    return STATUS_OK;
}
