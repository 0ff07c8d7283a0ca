#include "instance.h"

#include "component.h"
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
    component_list_tuple2_string_string_t variables;
    wasi_cli_environment_get_environment(&variables);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < variables.len && status == STATUS_OK; i++) {
        struct bytes name = {variables.ptr[i].f0.ptr, variables.ptr[i].f0.len};
        struct bytes value = {variables.ptr[i].f1.ptr, variables.ptr[i].f1.len};
        status = settings_apply(settings, name, value, why);
    }
    component_list_tuple2_string_string_free(&variables);
    return status;
}

static enum status find_root(struct settings *settings, struct message *why)
{
    struct bytes asked = {settings->root, settings->root_size};
    uint8_t below[root_bytes_max];
    size_t below_size;
    enum status status = wasi_port_init(&instance.wasi, asked, below, &below_size);
    if (status == STATUS_OK) {
        memcpy(settings->root, below, below_size);
        settings->root_size = below_size;
    } else if (asked.size > 0) {
        message_text(why, "KEYVALUE_FILESYSTEM_ROOT is ");
        message_quoted(why, asked);
        message_text(why, status == STATUS_NO_ROOT
                              ? ", but no preopened directory holds that path; give the host one "
                                "(wasmtime --dir DIR::PATH)"
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
