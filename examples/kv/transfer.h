// transfer.h: a bucket as a stream (archive.h), out of wasi:keyvalue and into it.
//
// Nothing but list-keys, get and set is called, so any implementation will do at
// either end. Memory is bounded by a page of keys and the largest value.
//
// Where standard error is a terminal, and not with --json, one line there tells how
// far it is.
#ifndef TRANSFER_H
#define TRANSFER_H

#include "session.h"
#include "streams.h"

// Writes the session's bucket to `out`. A key that vanishes between its listing and
// its reading is left out.
enum command_exit transfer_export(struct session *session, struct stream *out, struct stream *err);

// Reads standard input and sets each key as soon as it is whole and checked. The
// bucket is opened once the stream's first line is right. What was imported is told
// however it ends.
enum command_exit transfer_import(struct session *session, struct stream *err);

#endif
