// Who may do what: a writer needs the bucket's directory and its .kv/ for writing,
// a reader the values for reading.
#include "doctor.h"

enum {
    owner_all = 0700,
    owner_read = 0400,
    group_write = 0020,
    others_write = 0002,
    sticky = 01000,
};

// True if the owner and group of `user` may do with the file what is asked for, as
// bits of an owner's permission.
static bool may(const struct facts *user, const struct facts *file, uint32_t asked)
{
    if (user->owner == 0 || user->owner == file->owner) {
        return true; // as far as `mode` goes, which is looked at by itself
    }
    uint32_t group = user->group == file->group ? file->mode << 3 : 0;
    return ((group | file->mode << 6) & asked) == asked;
}

static void look_at_directory(struct doctor *doctor, const struct facts *above,
                              const struct facts *directory)
{
    if ((directory->mode & owner_all) != owner_all) {
        doctor_tell(doctor, FINDING_MODE, &doctor->path, NULL);
    }
    if (!may(above, directory, owner_all)) {
        doctor_tell(doctor, FINDING_OWNER, &doctor->path, NULL);
    }
    if ((directory->mode & others_write) != 0 && (directory->mode & sticky) == 0) {
        doctor_tell(doctor, FINDING_OPEN_TO_ALL, &doctor->path, NULL);
    }
}

void doctor_modes_bucket(struct doctor *doctor, const struct facts *root,
                         const struct facts *bucket)
{
    look_at_directory(doctor, root, bucket);
    if ((bucket->mode & sticky) != 0) {
        doctor_tell(doctor, FINDING_STICKY, &doctor->path, NULL);
    }
}

void doctor_modes_scratch(struct doctor *doctor, const struct facts *bucket)
{
    struct facts scratch;
    if (!facts_of(doctor->port, path_place(&doctor->path), &scratch)) {
        return;
    }
    look_at_directory(doctor, bucket, &scratch);
    if ((bucket->mode & group_write) != 0 && (scratch.mode & group_write) == 0) {
        doctor_tell(doctor, FINDING_GROUP, &doctor->path, NULL);
    }
    if (scratch.device != bucket->device) {
        doctor_tell(doctor, FINDING_OTHER_MOUNT, &doctor->path, NULL);
    }
}

void doctor_modes_value(struct doctor *doctor, const struct facts *bucket)
{
    struct facts value;
    if (!facts_of(doctor->port, path_place(&doctor->path), &value)) {
        return; // deleted meanwhile
    }
    if ((value.mode & owner_read) == 0) {
        doctor_tell(doctor, FINDING_MODE, &doctor->path, NULL);
    }
    if (!may(bucket, &value, owner_read)) {
        doctor_tell(doctor, FINDING_OWNER, &doctor->path, NULL);
    }
    if (value.links > 1) {
        doctor_tell(doctor, FINDING_HARD_LINK, &doctor->path, NULL);
    }
    if (value.device != bucket->device) {
        doctor_tell(doctor, FINDING_OTHER_MOUNT, &doctor->path, NULL);
    }
}
