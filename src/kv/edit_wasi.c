// edit: a component can start no editor.
#include "kv_commands.h"

enum command_exit kv_edit(struct session *session)
{
    return session_fail(session, "other",
                        "a component cannot start an editor; the native kv can (make kv)");
}
