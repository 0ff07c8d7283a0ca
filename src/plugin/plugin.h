// plugin.h: what the parts of the plugin share.
#ifndef PLUGIN_H
#define PLUGIN_H

#include "cli/command.h"
#include "component.h"

#define PLUGIN_NAME "keyvalue-filesystem"

typedef exports_wasmcloud_wash_plugin_command_t plugin_command;
typedef exports_wasmcloud_wash_plugin_own_runner_t plugin_runner;
typedef wasmcloud_wash_types_command_argument_t plugin_argument;

// The commands that it has.
extern const struct command_tool plugin_tool;

// What wash is told to set where an operand is left out: no command line can.
extern const struct bytes plugin_left_out;

#endif
