#include "status.h"

const char *status_text(enum status status)
{
    switch (status) {
    case STATUS_OK:
        return "no error";
    case STATUS_NO_ENTRY:
        return "a file or directory vanished; try again";
    case STATUS_EXISTS:
    case STATUS_NOT_EMPTY:
    case STATUS_IS_DIRECTORY:
        return "a directory has that name; remove or rename it";
    case STATUS_NOT_DIRECTORY:
        return "part of the path is not a directory";
    case STATUS_IS_SYMLINK:
        return "a symbolic link has that name, and links are not followed; put a file in its place";
    case STATUS_ACCESS:
        return "access denied; check the permissions of the directory and of the mount";
    case STATUS_NO_SPACE:
        return "no space left on the disk or in the quota; make room and try again";
    case STATUS_TOO_LARGE:
        return "too large for the file system or for this component's memory";
    case STATUS_NO_MEMORY:
        return "out of memory";
    case STATUS_BAD_NAME:
        return "the host's file system does not take that file name; use another name";
    case STATUS_IN_USE:
        return "the file or directory is in use: if something locks it, try again; if it is a "
               "mount of its own, it cannot be replaced";
    case STATUS_UNSUPPORTED:
        return "the host or its file system does not support this";
    case STATUS_CROSS_DEVICE:
        return "the bucket and its .kv, or the value, are on different mounts; a bucket has to be "
               "on one";
    case STATUS_IO:
    case STATUS_END:
        return "the host reports an input/output error: the disk fails, or the mount is read-only, "
               "or too many files are open, or .kv is on another mount";
    case STATUS_LOST:
    case STATUS_BUSY:
        return "other writers kept the bucket busy; nothing was changed, try again";
    case STATUS_CHANGED:
        return "the value is not the expected one";
    case STATUS_NO_SUCH_STORE:
        return "there is no such bucket; make its directory";
    case STATUS_UNREADABLE:
        return "the host cannot read the names of a million entries in a row; remove or rename "
               "those that are not UTF-8";
    case STATUS_NOT_BUCKET:
        return "what has the bucket's name is not a directory; remove or rename it";
    case STATUS_NAME_TOO_LONG:
        return "the name is too long for a file name";
    case STATUS_IS_PIPE:
        return "a named pipe has that name; remove or rename it";
    case STATUS_IS_SPECIAL:
        return "a device or socket has that name, or a named pipe; remove or rename it";
    case STATUS_SCRATCH:
        return "something in the bucket's .kv is not the store's and in its way; remove .kv";
    case STATUS_NOT_COUNTER:
        return "the value is not a counter: 8 bytes (little-endian) or decimal text; set it anew";
    case STATUS_COUNTER_AMBIGUOUS:
        return "the value is 8 bytes of text, which would be counted as a binary number; write the "
               "number with another number of bytes, such as without its line end";
    case STATUS_COUNTER_RANGE:
        return "the number in the file is outside what this interface can count";
    case STATUS_COUNTER_OVERFLOW:
        return "the sum is outside what this interface can count";
    case STATUS_BAD_CURSOR:
        return "the cursor is not one that list-keys returned; start without one";
    case STATUS_BAD_SETTING:
        return "a setting is not understood";
    case STATUS_OTHER_NAMES:
        return "the root has other names than KEYVALUE_FILESYSTEM_NAMES says";
    case STATUS_NO_ROOT:
        return "the root directory is not there; have the host give one (wasmtime: --dir DIR; "
               "wash: a volume), or make the one that KEYVALUE_FILESYSTEM_ROOT names";
    }
    return "unknown error";
}
