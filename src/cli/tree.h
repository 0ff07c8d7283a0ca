// tree.h: removes a directory and all that is below it.
#ifndef TREE_H
#define TREE_H

#include "core/path.h"

// Removes the tree at `path`, which is as it was afterwards. What vanishes
// meanwhile is no error, nor that there is nothing. `removed` counts the files,
// and `progress` is called after each with `context`; it may be NULL.
enum status tree_remove(struct port *port, struct path *path, void (*progress)(void *context),
                        void *context);

#endif
