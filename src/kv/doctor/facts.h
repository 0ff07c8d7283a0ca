// facts.h: what POSIX tells of files and file systems beyond the port.
//
// facts_posix.c has it for the native program, facts_none.c for the component,
// whose host tells none of it.
#ifndef FACTS_H
#define FACTS_H

#include "core/port.h"

struct facts {
    uint32_t owner;
    uint32_t group;
    uint32_t mode; // the permission bits
    uint64_t links;
    uint64_t device;
};

// Of what is at a place; a link is not followed. False where it is not known.
bool facts_of(struct port *port, struct place place, struct facts *facts);

// What a file system is for the store.
enum facts_trust {
    FACTS_UNKNOWN, // not in our table
    FACTS_LOCAL,   // the store's promises hold
    FACTS_MEMORY,  // they do, until the machine stops
    FACTS_FOLDS,   // they do, but it takes different names for one
    FACTS_SHARED,  // several machines may have it
    FACTS_FUSE,    // a program, which may be anything
    FACTS_NO_DISK, // not made for files of ours
};

struct facts_disk {
    const char *name;
    enum facts_trust trust;
    bool read_only;
    uint64_t free_bytes;  // for who is no administrator
    uint64_t total_bytes; // 0: not known
    uint64_t free_files;
    uint64_t total_files; // 0: it has no fixed number
};

// Of the file system of the port's directory. False where it is not known.
bool facts_of_disk(struct port *port, struct facts_disk *disk);

#endif
