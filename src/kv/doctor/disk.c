// The file system: what it is, and whether there is room.
#include "doctor.h"

enum {
    least_parts = 50,                       // of the disk that should be free: one in so many
    enough_free_bytes = 1024 * 1024 * 1024, // and then the rest does not matter
    enough_free_files = 10000,
};

static bool is_little(uint64_t free, uint64_t total, uint64_t enough)
{
    return total > 0 && free < total / least_parts && free < enough;
}

static void tell_number(struct doctor *doctor, enum finding finding, uint64_t number,
                        const char *unit)
{
    char text[64];
    struct message message = {text, sizeof text - 1, 0};
    message_number(&message, number);
    message_text(&message, unit);
    text[message.size] = '\0';
    doctor_tell(doctor, finding, &doctor->path, text);
}

static void look_at_trust(struct doctor *doctor, const struct facts_disk *disk)
{
    switch (disk->trust) {
    case FACTS_LOCAL:
    case FACTS_MEMORY: // which the first lines say
        break;
    case FACTS_FOLDS:
        if (doctor->names == NAMES_PLAIN) {
            doctor_tell(doctor, FINDING_FOLDS_NAMES, &doctor->path, disk->name);
        }
        break;
    case FACTS_SHARED:
    case FACTS_FUSE:
    case FACTS_NO_DISK:
    case FACTS_UNKNOWN:
        doctor_tell(doctor, FINDING_FILE_SYSTEM, &doctor->path, disk->name);
        break;
    }
}

void doctor_disk(struct doctor *doctor)
{
    struct facts_disk disk;
    struct doctor_part part;
    if (!facts_of_disk(doctor->port, &disk)) {
        return;
    }
    doctor_begin_part(doctor, &part);
    look_at_trust(doctor, &disk);
    if (disk.read_only) {
        doctor_tell(doctor, FINDING_READ_ONLY, &doctor->path, NULL);
    }
    if (is_little(disk.free_bytes, disk.total_bytes, enough_free_bytes)) {
        tell_number(doctor, FINDING_SPACE, disk.free_bytes >> 20, " MiB are free");
    }
    if (is_little(disk.free_files, disk.total_files, enough_free_files)) {
        tell_number(doctor, FINDING_INODES, disk.free_files, " inodes are free");
    }
    doctor_end_part(doctor);
}
