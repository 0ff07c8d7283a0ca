// One step, on this machine.
#include "peer.h"

static struct bytes text_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static void place_of(const struct peer_side *side, const char *name, struct path *path)
{
    path_copy(path, &side->path);
    if (name[0] != '\0') {
        path_push(path, text_of(name));
    }
}

static enum status write_file(struct port *port, const struct path *path, const char *value)
{
    port_handle file;
    enum status status = port_open(port, path_place(path), PORT_CREATE, &file);
    if (status != STATUS_OK) {
        return status;
    }
    size_t written = 0;
    status = port_write(port, file, value, strlen(value), 0, &written);
    enum status closed = port_close(port, file);
    if (status == STATUS_OK && written != strlen(value)) {
        status = STATUS_IO;
    }
    return status != STATUS_OK ? status : closed;
}

// Reads what is open, a zero byte as '?', and closes it.
static enum status read_file(struct port *port, port_handle file, struct peer_answer *answer)
{
    size_t got = 0;
    enum status status = port_read(port, file, answer->value, sizeof answer->value - 1, 0, &got);
    (void)port_close(port, file); // nothing was written
    answer->value[status == STATUS_OK ? got : 0] = '\0';
    for (size_t i = 0; status == STATUS_OK && i < got; i++) {
        if (answer->value[i] == '\0') {
            answer->value[i] = '?';
        }
    }
    return status;
}

static enum status stat_file(struct port *port, const struct path *path, struct peer_answer *answer)
{
    struct port_stat stat;
    enum status status = port_stat(port, path_place(path), &stat);
    if (status == STATUS_OK) {
        answer->size = stat.size;
    }
    return status;
}

static enum status take(struct peer_side *side, const struct peer_step *step,
                        struct peer_answer *answer)
{
    struct path path, target;
    struct port *port = side->port;
    place_of(side, step->name, &path);
    switch (step->kind) {
    case PEER_STAT:
        return stat_file(port, &path, answer);
    case PEER_WRITE:
        return write_file(port, &path, step->value);
    case PEER_RENAME:
        place_of(side, step->target, &target);
        return port_rename(port, path_place(&path), path_place(&target));
    case PEER_MAKE:
        return port_make_directory(port, path_place(&path));
    case PEER_REMOVE:
        return port_remove_directory(port, path_place(&path));
    case PEER_UNLINK:
        return port_remove_file(port, path_place(&path));
    case PEER_READ:
    case PEER_OPEN: {
        port_handle file;
        enum status status = port_open(port, path_place(&path), PORT_READ, &file);
        if (status == STATUS_OK && step->kind == PEER_READ) {
            return read_file(port, file, answer);
        }
        side->open = file;
        side->is_open = status == STATUS_OK;
        return status;
    }
    case PEER_READ_OPEN:
        if (!side->is_open) {
            return STATUS_NO_ENTRY;
        }
        side->is_open = false;
        return read_file(port, side->open, answer);
    case peer_step_kinds:
        break;
    }
    return STATUS_UNSUPPORTED;
}

bool peer_take_here(struct peer_side *side, const struct peer_step *step,
                    struct peer_answer *answer)
{
    *answer = (struct peer_answer){.size = 0};
    answer->status = take(side, step, answer);
    return true;
}
