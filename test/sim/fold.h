// fold.h: names as the worst disk there is takes them: NTFS, FAT and HFS+ in one.
//
// It refuses what Windows refuses (control characters, " * : < > ? \ |, a device's
// name with whatever behind a dot), drops dots and spaces at the end, takes
// capitals and small letters for one and é in one piece for é in two, ignores
// format characters, and has a short name such as user12~1 for every file whose
// own is not 8.3. It does not even keep what it was given: it lists a file as it
// compares it, in small letters.
#ifndef FOLD_H
#define FOLD_H

#include "core/bytes.h"
#include "core/status.h"

// Writes what the disk makes of `name` to `folded` (`room` bytes). STATUS_BAD_NAME
// where it refuses it or it does not fit.
enum status fold_name(struct bytes name, uint8_t *folded, size_t room, size_t *size);

// True if `name`, folded, may be the short name that the disk gave to the file
// `file`: with any number behind the tilde.
bool fold_is_short_name(struct bytes name, struct bytes file);

#endif
