// verbs.h: the commands, one function each, on the store itself.
//
// session_run calls them, with the bucket open where the command works in one.
// They print what they did to `out`, and to `err` what a person should know.
#ifndef VERBS_H
#define VERBS_H

#include "session.h"

// verbs_key.c: one key.
enum command_exit verb_get(struct session *session);
enum command_exit verb_set(struct session *session);
enum command_exit verb_delete(struct session *session);
enum command_exit verb_exists(struct session *session);
enum command_exit verb_increment(struct session *session);
enum command_exit verb_swap(struct session *session);

// verbs_many.c: several keys. A change that fails leaves done what came before.
enum command_exit verb_get_many(struct session *session);
enum command_exit verb_set_many(struct session *session);
enum command_exit verb_delete_many(struct session *session);

// verbs_list.c: names, in memory and sorted. verbs_list_long.c has --long too.
enum command_exit verb_list(struct session *session);
enum command_exit verb_list_long(struct session *session);
enum command_exit verb_buckets(struct session *session);

// verbs_stat.c
enum command_exit verb_stat(struct session *session);

// verbs_move.c: the target is replaced as a whole. `mv` removes the source only
// if it still has what was copied; until then both are there.
enum command_exit verb_copy(struct session *session);
enum command_exit verb_move(struct session *session);

// verbs_bucket.c. delete-bucket takes the bucket out of the root by one rename,
// then removes what was in it: a writer at work loses its bucket like any other
// change that comes too late.
enum command_exit verb_create_bucket(struct session *session);
enum command_exit verb_delete_bucket(struct session *session);
enum command_exit verb_info(struct session *session);

// verbs_transfer.c: streams (archive.h) out of buckets and into them.
enum command_exit verb_export(struct session *session);
enum command_exit verb_import(struct session *session);

#endif
