// guard.h: whom the page answers.
//
// The page has no password. Its protection is that it listens on this machine
// alone, and that a browser tells truthfully which name it asked for (Host) and
// which page sent a form (Origin, Sec-Fetch-Site). The first is checked on every
// request, so a foreign name that was made to lead to this machine (DNS rebinding)
// reads nothing; the others on every change, so no other page can make one.
#ifndef GUARD_H
#define GUARD_H

#include "core/bytes.h"

// True if `authority` (NAME or NAME:PORT) is a name of this machine (localhost, a name
// below localhost, 127.x.x.x, [::1]), or one of `more`: names with or without a port,
// apart from each other by blanks or commas. One without a port stands for all ports.
bool guard_host(struct bytes authority, struct bytes more);

// True if a form of the page itself was sent: `origin` is http:// or https:// and the
// authority, and the site, where it was told, is "same-origin". Either is NULL where
// the request has no such header; without an origin, the site has to be told.
bool guard_origin(struct bytes authority, const struct bytes *origin, const struct bytes *site);

#endif
