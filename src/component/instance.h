// instance.h: the one store of this instance of the component.
#ifndef INSTANCE_H
#define INSTANCE_H

#include "core/store.h"

// Gives the store, set up from the environment and the preopened directories on
// the first call. On STATUS_NO_ROOT and STATUS_BAD_SETTING, `*why` is the reason
// (a NUL-terminated static string); only store_fail may be called on `*store`
// then.
enum status instance_store(struct store **store, const char **why);

// Appends the root's guest path. To be called once the store is set up.
void instance_place(struct message *message);

#endif
