"""Writes a C table of what each code point is where case is folded and é is e and an accent.

The rules are those that Python knows: decomposed, case folded, decomposed again; format characters, which
some disks ignore, are nothing. Accents in another order than the canonical one stay apart.
"""

import unicodedata


def folded(character):
    if unicodedata.category(character) == "Cf":
        return ""
    decomposed = unicodedata.normalize("NFD", character).casefold()
    return unicodedata.normalize("NFD", decomposed)


def main():
    for code in range(0x80, 0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        becomes = folded(chr(code))
        if becomes != chr(code):
            print('{0x%X, "%s"},' % (code, "".join("\\x%02X" % byte for byte in becomes.encode())))


if __name__ == "__main__":
    main()
