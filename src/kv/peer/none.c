// A component can start no other program.
#include "peer.h"

enum command_exit peer_doctor(struct session *session, struct bytes command)
{
    (void)command;
    session_fail(session, "other", "--peer needs the native kv");
    return COMMAND_FAILED;
}

enum command_exit peer_serve(struct session *session)
{
    session_fail(session, "other", "--serve needs the native kv");
    return COMMAND_FAILED;
}
