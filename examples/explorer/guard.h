// guard.h: which requests are answered.
//
// The page has no password. It relies on listening on this machine alone, and on what a
// browser says in every request: the host name it asked for (Host), and the page that
// sent a form (Origin, Sec-Fetch-Site). Host is checked on every request, so a foreign
// name that resolves to this machine (DNS rebinding) reads nothing. The other two are
// checked on every change, so no other site can make one (CSRF).
#ifndef GUARD_H
#define GUARD_H

#include "core/bytes.h"

// True if `authority` (NAME or NAME:PORT) is a name of this machine (localhost, a name
// below localhost, 127.x.x.x, [::1]), or one of `more`: names with or without a port,
// separated by blanks or commas. A name without a port allows every port.
bool guard_host(struct bytes authority, struct bytes more);

// True if the page itself sent the form: `origin` is http:// or https:// and the
// authority, and `site` is "same-origin". Each is NULL if the request has no such
// header; one of them has to be there.
bool guard_origin(struct bytes authority, const struct bytes *origin, const struct bytes *site);

#endif
