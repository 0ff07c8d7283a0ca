#include "guard.h"

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

static bool same_name(struct bytes a, struct bytes b)
{
    if (a.size != b.size) {
        return false;
    }
    for (size_t i = 0; i < a.size; i++) {
        if (lower(a.data[i]) != lower(b.data[i])) {
            return false;
        }
    }
    return true;
}

static bool ends_with(struct bytes name, struct bytes end)
{
    return name.size > end.size &&
           same_name((struct bytes){name.data + name.size - end.size, end.size}, end);
}

// The name without its port. Inside brackets a colon belongs to the name.
static struct bytes without_port(struct bytes authority)
{
    size_t at = authority.size;
    while (at > 0 && authority.data[at - 1] >= '0' && authority.data[at - 1] <= '9') {
        at--;
    }
    if (at == 0 || at == authority.size || authority.data[at - 1] != ':') {
        return authority;
    }
    struct bytes name = {authority.data, at - 1};
    bool bare = bytes_find(name, ':') == name.size;
    bool bracketed = name.size > 0 && name.data[name.size - 1] == ']';
    return bare || bracketed ? name : authority;
}

// 127.x.x.x: four numbers of up to three digits.
static bool is_loopback(struct bytes name)
{
    unsigned dots = 0;
    unsigned digits = 0;
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == '.' && digits > 0 && dots < 3) {
            dots++;
            digits = 0;
        } else if (name.data[i] >= '0' && name.data[i] <= '9' && digits < 3) {
            digits++;
        } else {
            return false;
        }
    }
    return dots == 3 && digits > 0 && memcmp(name.data, "127.", 4) == 0;
}

bool guard_host(struct bytes authority, struct bytes more)
{
    struct bytes name = without_port(authority);
    if (same_name(name, BYTES("localhost")) || ends_with(name, BYTES(".localhost")) ||
        same_name(name, BYTES("[::1]")) || is_loopback(name)) {
        return true;
    }
    size_t begin = 0;
    for (size_t at = 0; at <= more.size; at++) {
        if (at < more.size && more.data[at] != ' ' && more.data[at] != ',') {
            continue;
        }
        struct bytes allowed = {more.data + begin, at - begin};
        if (allowed.size > 0 && (same_name(allowed, authority) || same_name(allowed, name))) {
            return true;
        }
        begin = at + 1;
    }
    return false;
}

bool guard_origin(struct bytes authority, const struct bytes *origin, const struct bytes *site)
{
    if (site != NULL && !bytes_equal(*site, BYTES("same-origin"))) {
        return false;
    }
    if (origin == NULL) {
        return site != NULL;
    }
    static const struct bytes schemes[] = {{(const uint8_t *)"http://", 7},
                                           {(const uint8_t *)"https://", 8}};
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        struct bytes scheme = schemes[i];
        if (origin->size > scheme.size &&
            bytes_equal((struct bytes){origin->data, scheme.size}, scheme) &&
            same_name((struct bytes){origin->data + scheme.size, origin->size - scheme.size},
                      authority)) {
            return true;
        }
    }
    return false;
}
