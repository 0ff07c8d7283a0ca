// posix/translate.h: what POSIX says, in the port's words.
#ifndef POSIX_TRANSLATE_H
#define POSIX_TRANSLATE_H

#include "core/port.h"

#include <sys/stat.h>

// Of an errno. One that is not known becomes STATUS_IO.
enum status translate_errno(int error);

// Of a call that returns -1 and sets errno where it fails.
enum status translate_result(int returned);

// Of st_mode.
enum port_kind translate_mode(mode_t mode);

// Of d_type, which may be unknown.
enum port_kind translate_entry(unsigned char type);

#endif
