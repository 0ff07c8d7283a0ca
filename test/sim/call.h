// sim/call.h: what the calls of the simulated port (port.h) have in common. Each
// begins, finds its paths step by step, acts, says what its writer sees, and ends.
// The calls themselves are at the end, for the table in port.c.
#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "port.h"

// Where a path leads: a directory and a name in it; no directory for the one that
// the path is relative to.
struct spot {
    disk_inode directory;
    disk_inode itself; // where there is no directory
    struct bytes name;
    uint8_t folded[disk_name_max]; // the name, where the disk folds
};

// Begins a call: counts it, and returns its fault.
enum status call_begin(struct sim_port *view, enum port_call call, struct bytes path);

// The point before a step, where others may act: a third of the call's time has
// passed since the last one.
void call_point(struct sim_port *view);

// The first step of a call on a path: finds the spot, and holds its directory as the
// call's first or second (`which`). call_forget releases both once the second step is
// taken.
enum status call_find(struct sim_port *view, struct place place, struct spot *spot, unsigned which);
void call_forget(struct sim_port *view);

// Adds to what the writer was told.
void call_sees(struct sim_port *view, uint64_t what);

// Ends a call, and returns what it says, which is what the writer sees.
enum status call_end(struct sim_port *view, enum port_call call, struct bytes path,
                     enum status status);

// The path of a call that has none.
struct bytes call_no_path(void);

uint64_t call_hash_of(struct bytes bytes);

// True for what is in `.kv/turn/`.
bool call_in_turn(struct bytes path);

// What is at a spot now; 0 for nothing.
disk_inode call_inode_at(const struct disk *disk, const struct spot *spot);

// What a disk says of a directory or file that was removed while it was in use, and
// of a name that is not in a directory.
enum status call_lost(const struct disk *disk);
enum status call_absent(const struct disk *disk, const struct spot *spot);

// An open handle; a new one on an inode, with its number; and its end.
struct sim_port_handle *call_handle(struct sim_port *view, port_handle number);
struct sim_port_handle *call_new_handle(struct sim_port *view, disk_inode inode,
                                        port_handle *number);
void call_free_handle(struct sim_port *view, struct sim_port_handle *handle);

// port_files.c
enum status sim_stat(struct port *port, struct place place, bool follow, struct port_stat *stat);
enum status sim_open(struct port *port, struct place place, enum port_mode mode, port_handle *file);
enum status sim_read(struct port *port, port_handle file, void *bytes, size_t size, uint64_t offset,
                     size_t *got);
enum status sim_write(struct port *port, port_handle file, const void *bytes, size_t size,
                      uint64_t offset, size_t *written);
enum status sim_sync(struct port *port, port_handle file);
enum status sim_close(struct port *port, port_handle file);

// port_listings.c
enum status sim_list(struct port *port, port_handle directory, port_handle *listing);
enum status sim_list_next(struct port *port, port_handle listing, struct port_entry *entry);
void sim_list_close(struct port *port, port_handle listing);

// port_entries.c
enum status sim_make_directory(struct port *port, struct place place);
enum status sim_remove_directory(struct port *port, struct place place);
enum status sim_remove_file(struct port *port, struct place place);
enum status sim_rename(struct port *port, struct place from, struct place to);

#endif
