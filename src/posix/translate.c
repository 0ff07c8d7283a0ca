// What a directory entry is (d_type) is beyond POSIX, on each system by another name.
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "translate.h"

#include <dirent.h>
#include <errno.h>

enum status translate_errno(int error)
{
    switch (error) {
    case ENOENT:
    case ESTALE:
        return STATUS_NO_ENTRY;
    case EEXIST:
        return STATUS_EXISTS;
    case ENOTEMPTY:
        return STATUS_NOT_EMPTY;
    case ENOTDIR:
        return STATUS_NOT_DIRECTORY;
    case EISDIR:
        return STATUS_IS_DIRECTORY;
    case ELOOP:
        return STATUS_IS_SYMLINK;
    case EACCES:
    case EPERM:
    case EROFS:
        return STATUS_ACCESS;
    case ENOSPC:
    case EDQUOT:
        return STATUS_NO_SPACE;
    case EFBIG:
    case EOVERFLOW:
        return STATUS_TOO_LARGE;
    case ENOMEM:
        return STATUS_NO_MEMORY;
    case ENAMETOOLONG:
    case EILSEQ:
    case EINVAL:
        return STATUS_BAD_NAME;
    case EBUSY:
    case ETXTBSY:
        return STATUS_IN_USE;
    case ENOTSUP:
    case ENOSYS:
        return STATUS_UNSUPPORTED;
    case EXDEV:
        return STATUS_CROSS_DEVICE;
    default:
        return STATUS_IO;
    }
}

enum status translate_result(int returned)
{
    return returned >= 0 ? STATUS_OK : translate_errno(errno);
}

enum port_kind translate_mode(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return PORT_FILE;
    case S_IFDIR:
        return PORT_DIRECTORY;
    case S_IFLNK:
        return PORT_SYMLINK;
    case S_IFIFO:
        return PORT_PIPE;
    default:
        return PORT_SPECIAL;
    }
}

enum port_kind translate_entry(unsigned char type)
{
    switch (type) {
    case DT_UNKNOWN:
        return PORT_UNKNOWN;
    case DT_REG:
        return PORT_FILE;
    case DT_DIR:
        return PORT_DIRECTORY;
    case DT_LNK:
        return PORT_SYMLINK;
    case DT_FIFO:
        return PORT_PIPE;
    default:
        return PORT_SPECIAL;
    }
}
