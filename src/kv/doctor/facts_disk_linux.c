#define _GNU_SOURCE

#include "facts.h"

#include "posix/port.h"

#include <sys/statvfs.h>
#include <sys/vfs.h>

struct known {
    uint32_t magic; // f_type of statfs(2)
    const char *name;
    enum facts_trust trust;
};

static const struct known table[] = {
    {0x0000EF53, "ext4", FACTS_LOCAL},       {0x58465342, "XFS", FACTS_LOCAL},
    {0x9123683E, "Btrfs", FACTS_LOCAL},      {0x794C7630, "overlayfs", FACTS_LOCAL},
    {0x2FC12FC1, "ZFS", FACTS_LOCAL},        {0xF2F52010, "F2FS", FACTS_LOCAL},
    {0xCA451A4E, "bcachefs", FACTS_LOCAL},   {0x3153464A, "JFS", FACTS_LOCAL},
    {0x52654973, "ReiserFS", FACTS_LOCAL},   {0x00003434, "NILFS2", FACTS_LOCAL},
    {0x24051905, "UBIFS", FACTS_LOCAL},      {0x0000F15F, "eCryptfs", FACTS_LOCAL},
    {0x01021994, "tmpfs", FACTS_MEMORY},     {0x858458F6, "ramfs", FACTS_MEMORY},
    {0x00004D44, "FAT", FACTS_FOLDS},        {0x2011BAB0, "exFAT", FACTS_FOLDS},
    {0x7366746E, "NTFS", FACTS_FOLDS},       {0x5346544E, "NTFS", FACTS_FOLDS},
    {0x0000482B, "HFS+", FACTS_FOLDS},       {0x00006969, "NFS", FACTS_SHARED},
    {0x0000517B, "SMB", FACTS_SHARED},       {0xFF534D42, "SMB", FACTS_SHARED},
    {0xFE534D42, "SMB", FACTS_SHARED},       {0x00C36400, "CephFS", FACTS_SHARED},
    {0x01021997, "9P", FACTS_SHARED},        {0x0BD00BD0, "Lustre", FACTS_SHARED},
    {0x7461636F, "OCFS2", FACTS_SHARED},     {0x01161970, "GFS2", FACTS_SHARED},
    {0x5346414F, "AFS", FACTS_SHARED},       {0x19830326, "BeeGFS", FACTS_SHARED},
    {0x65735546, "FUSE", FACTS_FUSE},        {0x00009FA0, "proc", FACTS_NO_DISK},
    {0x62656572, "sysfs", FACTS_NO_DISK},    {0x0027E0EB, "cgroup", FACTS_NO_DISK},
    {0x63677270, "cgroup2", FACTS_NO_DISK},  {0x73717368, "squashfs", FACTS_NO_DISK},
    {0x00009660, "ISO 9660", FACTS_NO_DISK}, {0xE0F5E1E2, "EROFS", FACTS_NO_DISK},
};

bool facts_of_disk(struct port *port, struct facts_disk *disk)
{
    struct statfs found;
    if (fstatfs(((struct posix_port *)port)->root, &found) < 0) {
        return false;
    }
    *disk = (struct facts_disk){
        .name = "an unknown file system",
        .trust = FACTS_UNKNOWN,
        .read_only = (found.f_flags & ST_RDONLY) != 0,
        .free_bytes = (uint64_t)found.f_bavail * (uint64_t)found.f_bsize,
        .total_bytes = (uint64_t)found.f_blocks * (uint64_t)found.f_bsize,
        .free_files = (uint64_t)found.f_ffree,
        .total_files = (uint64_t)found.f_files,
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].magic == (uint32_t)found.f_type) {
            disk->name = table[i].name;
            disk->trust = table[i].trust;
        }
    }
    return true;
}
