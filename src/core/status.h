// status.h: the one result type of every fallible function.
//
// 0 is success. A status exists if some caller acts on it or if a person should
// read a different message; anything else that a host reports is STATUS_IO.
// Results are returned through pointers and set only on STATUS_OK, unless a
// function says otherwise.
#ifndef STATUS_H
#define STATUS_H

enum status {
    STATUS_OK = 0,

    // Errors of a file system (port.h), with the POSIX names of each.
    STATUS_NO_ENTRY,      // ENOENT, ESTALE
    STATUS_EXISTS,        // EEXIST
    STATUS_NOT_EMPTY,     // ENOTEMPTY
    STATUS_NOT_DIRECTORY, // ENOTDIR
    STATUS_IS_DIRECTORY,  // EISDIR
    STATUS_IS_SYMLINK,    // ELOOP: the last part of a path is a symbolic link
    STATUS_ACCESS,        // EACCES, EPERM, EROFS
    STATUS_NO_SPACE,      // ENOSPC, EDQUOT
    STATUS_TOO_LARGE,     // EFBIG, EOVERFLOW
    STATUS_NO_MEMORY,     // ENOMEM, and every failed allocation of ours
    STATUS_BAD_NAME,      // ENAMETOOLONG, EILSEQ, EINVAL
    STATUS_IN_USE,        // EBUSY, ETXTBSY
    STATUS_UNSUPPORTED,   // ENOTSUP, ENOSYS
    STATUS_CROSS_DEVICE,  // EXDEV: a rename from one mount to another
    STATUS_IO,            // EIO and the rest
    STATUS_END,           // a listing has no more entries

    // Errors of the core.
    STATUS_LOST,              // the turn is gone: take it again, do the change again
    STATUS_BUSY,              // the turn was not free for too long
    STATUS_CHANGED,           // a swap found another value than expected
    STATUS_NO_SUCH_STORE,     // the bucket's directory is not there
    STATUS_UNREADABLE,        // a listing has too many entries in a row that cannot be read
    STATUS_NOT_BUCKET,        // what has the bucket's name is not a directory
    STATUS_NAME_TOO_LONG,     // over name_bytes_max once encoded
    STATUS_IS_PIPE,           // where a value should be
    STATUS_IS_SPECIAL,        // a device, a socket or what the host cannot tell from them
    STATUS_SCRATCH,           // .kv/ holds what we did not put there
    STATUS_NOT_COUNTER,       // the value is not a counter
    STATUS_COUNTER_AMBIGUOUS, // 8 bytes that are decimal text as well
    STATUS_COUNTER_RANGE,     // the text is a number beyond what the draft can count
    STATUS_COUNTER_OVERFLOW,  // the sum is beyond what the draft can count
    STATUS_BAD_CURSOR,        // not one that a listing returned
    STATUS_BAD_SETTING,       // an environment variable is not understood
    STATUS_OTHER_NAMES,       // the root's names are not of the kind that the setting asks for
    STATUS_NO_ROOT,           // no preopened directory holds the root, or it is not there
};

// The cause in words a user can act on; a static string, never NULL.
const char *status_text(enum status status);

#endif
