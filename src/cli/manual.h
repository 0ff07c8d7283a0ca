// manual.h: what there is to know about each command (command.h).
#ifndef MANUAL_H
#define MANUAL_H

#include "command.h"

extern const struct command_manual manual_help;
extern const struct command_manual manual_get;
extern const struct command_manual manual_set;
extern const struct command_manual manual_delete;
extern const struct command_manual manual_exists;
extern const struct command_manual manual_list;
extern const struct command_manual manual_increment;
extern const struct command_manual manual_swap;
extern const struct command_manual manual_get_many;
extern const struct command_manual manual_set_many;
extern const struct command_manual manual_delete_many;
extern const struct command_manual manual_stat;
extern const struct command_manual manual_copy;
extern const struct command_manual manual_move;
extern const struct command_manual manual_edit;
extern const struct command_manual manual_watch;
extern const struct command_manual manual_export;
extern const struct command_manual manual_import;
extern const struct command_manual manual_buckets;
extern const struct command_manual manual_create_bucket;
extern const struct command_manual manual_delete_bucket;
extern const struct command_manual manual_info;
extern const struct command_manual manual_doctor;

#endif
