#define _DARWIN_C_SOURCE

#include "facts.h"

#include "posix/port.h"

#include <sys/mount.h>

struct known {
    const char *name; // f_fstypename of statfs(2)
    enum facts_trust trust;
};

static const struct known table[] = {
    {"apfs", FACTS_FOLDS},   {"hfs", FACTS_FOLDS},     {"msdos", FACTS_FOLDS},
    {"exfat", FACTS_FOLDS},  {"nfs", FACTS_SHARED},    {"smbfs", FACTS_SHARED},
    {"afpfs", FACTS_SHARED}, {"webdav", FACTS_SHARED}, {"macfuse", FACTS_FUSE},
    {"osxfuse", FACTS_FUSE}, {"devfs", FACTS_NO_DISK}, {"cd9660", FACTS_NO_DISK},
};

bool facts_of_disk(struct port *port, struct facts_disk *disk)
{
    static struct statfs found; // its strings are ours to the end
    if (fstatfs(((struct posix_port *)port)->root, &found) < 0) {
        return false;
    }
    *disk = (struct facts_disk){
        .name = found.f_fstypename,
        .trust = FACTS_UNKNOWN,
        .read_only = (found.f_flags & MNT_RDONLY) != 0,
        .free_bytes = (uint64_t)found.f_bavail * (uint64_t)found.f_bsize,
        .total_bytes = (uint64_t)found.f_blocks * (uint64_t)found.f_bsize,
        .free_files = (uint64_t)found.f_ffree,
        .total_files = (uint64_t)found.f_files,
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, found.f_fstypename) == 0) {
            disk->trust = table[i].trust;
        }
    }
    return true;
}
