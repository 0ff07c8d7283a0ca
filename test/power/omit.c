// omit.c: leaves one kind of sync out, to see that the cuts notice. Preloaded into a writer.
//
// POWER_OMIT says which: `value` (a regular file), `root` (the directory that POWER_ROOT
// names), `bucket` (any other directory), `directory` (any at all). The sync is said to
// have worked.
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int fsync(int file);
int fdatasync(int file);

static bool omitted(int file)
{
    const char *omit = getenv("POWER_OMIT");
    const char *root = getenv("POWER_ROOT");
    struct stat found;
    struct stat top;
    if (omit == NULL || root == NULL || fstat(file, &found) != 0 || stat(root, &top) != 0) {
        return false;
    }
    const char *kind = "bucket";
    if (!S_ISDIR(found.st_mode)) {
        kind = "value";
    } else if (found.st_ino == top.st_ino && found.st_dev == top.st_dev) {
        kind = "root";
    }
    return strcmp(omit, kind) == 0 || (strcmp(omit, "directory") == 0 && S_ISDIR(found.st_mode));
}

int fsync(int file)
{
    return omitted(file) ? 0 : (int)syscall(SYS_fsync, file);
}

int fdatasync(int file)
{
    return omitted(file) ? 0 : (int)syscall(SYS_fdatasync, file);
}
