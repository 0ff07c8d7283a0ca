#include "places.h"

void places_root(const struct store *store, struct path *path)
{
    path_start(path, (struct bytes){store->settings.root, store->settings.root_size});
}

enum status places_push(const struct store *store, struct bytes name, struct path *path)
{
    uint8_t file[name_bytes_max];
    size_t size;
    enum status status = name_encode(store->settings.names, name, file, &size);
    if (status == STATUS_OK) {
        path_push(path, (struct bytes){file, size});
    }
    return status;
}

enum status places_bucket(const struct store *store, struct bytes identifier, struct path *path)
{
    places_root(store, path);
    return places_push(store, identifier.size > 0 ? identifier : BYTES("default"), path);
}
