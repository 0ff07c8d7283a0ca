// kv_commands.h: the commands that only kv has, in addition to cli/verbs.h.
#ifndef KV_COMMANDS_H
#define KV_COMMANDS_H

#include "cli/verbs.h"
#include "program.h"

enum command_exit kv_edit(struct session *session);
enum command_exit kv_watch(struct session *session);
enum command_exit kv_doctor(struct session *session);

// What the data are on, in words; NULL where the host does not tell.
const char *kv_file_system(const struct session *session);

#endif
