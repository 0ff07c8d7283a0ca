"""Writes the page's own files as C: python embed.py FILE... > assets.c"""
import hashlib
import os
import sys

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

digest = hashlib.sha256()
print('// Made by embed.py.\n#include "assets.h"\n')
names = sys.argv[1:]
for number, path in enumerate(names):
    with open(path, "rb") as file:
        content = file.read()
    digest.update(content)
    print("static const uint8_t content_{}[] = {{{}}};".format(number, ",".join(map(str, content))))
print("static const struct asset assets[] = {")
for number, path in enumerate(names):
    name = os.path.basename(path)
    print('    {{"{}", "{}", {{content_{}, sizeof content_{}}}}},'.format(
        name, TYPES[os.path.splitext(name)[1]], number, number))
print("""}};

const struct asset *assets_find(struct bytes name)
{{
    for (size_t i = 0; i < sizeof assets / sizeof *assets; i++) {{
        struct bytes known = {{(const uint8_t *)assets[i].name, strlen(assets[i].name)}};
        if (bytes_equal(name, known)) {{
            return &assets[i];
        }}
    }}
    return NULL;
}}

uint64_t assets_version(void)
{{
    return 0x{};
}}""".format(digest.hexdigest()[:16]))
