#include "watch.h"

enum status watch_events(struct watch *watch)
{
    (void)watch; // looking again will do
    return STATUS_UNSUPPORTED;
}
