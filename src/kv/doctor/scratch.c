// A bucket's .kv/: the writers that prepare, and whose turn it is (core/turn.h).
#include "doctor.h"

#include "core/hex.h"
#include "core/turn.h"

// No change takes as long; docs/format.md tells the same time.
static const uint64_t stale_after = (uint64_t)10 * 60 * 1000 * 1000 * 1000;

static bool is_id(struct bytes name)
{
    uint64_t id;
    return name.size == turn_id_bytes && hex_read_u64(name.data, name.size, &id);
}

// Hex digits and a letter.
static bool is_token(struct bytes name)
{
    if (name.size < 2 || name.size > turn_token_bytes) {
        return false;
    }
    for (size_t i = 0; i + 1 < name.size; i++) {
        if (hex_value(name.data[i]) > 15) {
            return false;
        }
    }
    return name.data[name.size - 1] >= 'a' && name.data[name.size - 1] <= 'j';
}

static bool is_stale(struct doctor *doctor)
{
    struct port_stat stat;
    return doctor->now != 0 &&
           port_stat(doctor->port, path_place(&doctor->path), &stat) == STATUS_OK &&
           stat.modified != 0 && stat.modified + stale_after < doctor->now;
}

// Inside of a writer's directory.
static void look_at_inner(struct doctor *doctor, struct bytes name, enum port_kind kind,
                          void *context)
{
    bool ours = (kind == PORT_FILE && is_token(name)) || (kind == PORT_DIRECTORY && is_id(name));
    if (!ours && doctor->now != 0) {
        doctor_tell(doctor, FINDING_SCRATCH_FOREIGN, &doctor->path, NULL);
    }
    (void)context;
}

static void look_at_turn_entry(struct doctor *doctor, struct bytes name, enum port_kind kind,
                               void *context)
{
    (void)context;
    bool ours = (kind == PORT_FILE && is_token(name)) || (kind == PORT_DIRECTORY && is_id(name));
    if (!ours) {
        doctor_tell(doctor, FINDING_TURN_FOREIGN, &doctor->path, NULL);
    } else if (kind == PORT_FILE && is_stale(doctor)) {
        doctor_tell(doctor, FINDING_TURN_STALE, &doctor->path, NULL);
    }
}

static void look_at_writer(struct doctor *doctor)
{
    if (is_stale(doctor)) {
        doctor_tell(doctor, FINDING_SCRATCH_STALE, &doctor->path, NULL);
    } else {
        (void)doctor_walk(doctor, look_at_inner, NULL); // it may well be gone by now
    }
}

static void look_at_entry(struct doctor *doctor, struct bytes name, enum port_kind kind,
                          void *context)
{
    (void)context;
    if (kind == PORT_DIRECTORY && bytes_equal(name, BYTES("turn"))) {
        (void)doctor_walk(doctor, look_at_turn_entry, NULL); // it comes and goes
    } else if (kind == PORT_DIRECTORY && is_id(name)) {
        look_at_writer(doctor);
    } else if (kind != PORT_DIRECTORY || !bytes_equal(name, BYTES("spare"))) {
        doctor_tell(doctor, FINDING_SCRATCH_FOREIGN, &doctor->path, NULL);
    }
}

void doctor_scratch(struct doctor *doctor)
{
    struct port_stat stat;
    enum status status = port_stat(doctor->port, path_place(&doctor->path), &stat);
    if (status == STATUS_OK && stat.kind != PORT_DIRECTORY) {
        doctor_tell(doctor, FINDING_SCRATCH_KIND, &doctor->path, NULL);
        return;
    }
    if (status == STATUS_OK) {
        status = doctor_walk(doctor, look_at_entry, NULL);
    }
    if (status != STATUS_OK && status != STATUS_NO_ENTRY) {
        doctor_tell(doctor, FINDING_UNREADABLE, &doctor->path, status_text(status));
    }
}
