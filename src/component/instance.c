#include "instance.h"

#include "wasi/imports.h"
#include "wasi/memory.h"
#include "wasi/port.h"

// What has to outlive a call. The core itself has no state like this.
static struct {
    bool ready;
    enum status status;
    char why[store_message_bytes_max];
    struct wasi_port wasi;
    struct store store;
} instance;

static enum status read_settings(struct settings *settings, struct message *why)
{
    struct environment_result environment;
    environment_get(&environment);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < environment.count; i++) {
        const struct variable *variable = &environment.variables[i];
        if (status == STATUS_OK) {
            status = settings_apply(settings, variable->name, variable->value, why);
        }
        memory_free(variable->name.data, variable->name.size);
        memory_free(variable->value.data, variable->value.size);
    }
    memory_free(environment.variables, environment.count);
    return status;
}

static enum status find_root(struct settings *settings, struct message *why)
{
    struct bytes asked = {settings->root, settings->root_size};
    struct bytes below;
    enum status status = wasi_port_init(&instance.wasi, asked, &below);
    if (status == STATUS_OK) {
        if (below.size > 0) {
            memmove(settings->root, below.data, below.size);
        }
        settings->root_size = below.size;
    } else if (asked.size > 0) {
        message_text(why, "KEYVALUE_FILESYSTEM_ROOT is ");
        message_quoted(why, asked);
        message_text(why, status == STATUS_NO_ROOT
                              ? ", but no preopened directory holds that path; have the host "
                                "give one (wasmtime: --dir DIR::PATH; wash: a volume)"
                              : "; give it a plain path, without empty, \".\" or \"..\" parts");
    } else {
        message_text(why, status_text(status));
    }
    return status;
}

enum status instance_store(struct store **store, const char **why)
{
    if (!instance.ready) {
        instance.ready = true;
        store_init(&instance.store, &instance.wasi.port);
        struct message message = {instance.why, sizeof instance.why - 1, 0};
        instance.status = read_settings(&instance.store.settings, &message);
        if (instance.status == STATUS_OK) {
            instance.status = find_root(&instance.store.settings, &message);
        }
    }
    *store = &instance.store;
    *why = instance.why;
    return instance.status;
}

void instance_place(struct message *message)
{
    struct bytes preopen = instance.wasi.preopen;
    struct bytes below = {instance.store.settings.root, instance.store.settings.root_size};
    bool divided = preopen.size > 0 && preopen.data[preopen.size - 1] == '/';
    message_bytes(message, preopen.size > 0 ? preopen : BYTES("."));
    message_text(message, below.size > 0 && !divided ? "/" : "");
    message_bytes(message, below);
}
