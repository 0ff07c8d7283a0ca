// The store of a component: on the directory that its host gives it.
#include "host.h"

#include "component/instance.h"

enum status host_open(struct bytes data, bool make, struct store **store, const char **why,
                      struct bytes *place)
{
    static char text[host_place_bytes_max];
    struct message message = {text, sizeof text, 0};
    (void)make; // the directory is the host's to make
    if (data.size > 0) {
        *why = "a component has the directory that its host gives it (wasmtime run --dir DIR); "
               "--data is for ./kv and the native kv";
        return STATUS_NO_ROOT;
    }
    enum status status = instance_store(store, why);
    if (status == STATUS_OK) {
        instance_place(&message);
        *place = (struct bytes){(const uint8_t *)text, message.size};
    }
    return status;
}

void host_close(void)
{
}
