#include "facts.h"

bool facts_of_disk(struct port *port, struct facts_disk *disk)
{
    (void)port;
    (void)disk;
    return false;
}
