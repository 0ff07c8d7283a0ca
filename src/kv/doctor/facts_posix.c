#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE

#include "facts.h"

#include "core/path.h"
#include "posix/port.h"

#include <fcntl.h>
#include <sys/stat.h>

bool facts_of(struct port *port, struct place place, struct facts *facts)
{
    char path[path_bytes_max + 1];
    struct stat found;
    int root = ((struct posix_port *)port)->root;
    if (place.path.size > path_bytes_max) {
        return false;
    }
    memcpy(path, place.path.data, place.path.size);
    path[place.path.size] = '\0';
    if (fstatat(place.directory == port_root ? root : (int)place.directory, path, &found,
                AT_SYMLINK_NOFOLLOW) < 0) {
        return false;
    }
    *facts = (struct facts){
        .owner = (uint32_t)found.st_uid,
        .group = (uint32_t)found.st_gid,
        .mode = (uint32_t)found.st_mode & 07777,
        .links = (uint64_t)found.st_nlink,
        .device = (uint64_t)found.st_dev,
    };
    return true;
}
