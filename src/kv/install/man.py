"""Writes kv's manual page from what `kv help` says: man.py KV VERSION > kv.1"""
import re
import subprocess
import sys

SECTIONS = {"Keys": "KEYS", "Buckets": "BUCKETS", "Data": "THE DATA"}


def escaped(line):
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + line if line[:1] in (".", "'") else line


def told(kv, *words):
    return subprocess.run([kv, "help", *words], check=True, capture_output=True, text=True).stdout


def paragraphs(text):
    """The text's paragraphs; those that are indented are shown as they are."""
    for part in text.strip("\n").split("\n\n"):
        lines = part.split("\n")
        if lines[0].startswith(" "):
            yield from [".PP", ".RS 4", ".nf", *(escaped(line.strip()) for line in lines), ".fi", ".RE"]
        else:
            yield from [".PP", *map(escaped, lines)]


def command(kv, name):
    text = told(kv, name)
    usage = re.search(r"^usage: kv (.*)$", text, re.MULTILINE)[1].replace("[--data DIR] [--json] ", "")
    summary = text.split("\n", 1)[0].split(": ", 1)[1]
    body = text.split("\n\n", 2)[2]
    return [".SS " + escaped("kv " + usage), escaped(summary[0].upper() + summary[1:] + "."), *paragraphs(body)]


def page(kv, version):
    text = told(kv)
    intro, rest = text.split("usage: kv", 1)
    yield f'.TH KV 1 "" "kv {version}" "keyvalue\\-filesystem"'
    yield from [".SH NAME", "kv \\- the key\\-value store in plain files, on the command line"]
    yield from [".SH SYNOPSIS", ".B kv", escaped("[--data DIR] [--json] COMMAND ...")]
    yield from [".SH DESCRIPTION", *paragraphs(intro)]
    for head, title in SECTIONS.items():
        yield ".SH " + title
        for name in re.findall(r"^  (\S+)", re.search(rf"^{head}:\n(.*?)\n\n", text, re.DOTALL | re.MULTILINE)[1], re.MULTILINE):
            yield from command(kv, name)
    general = rest[rest.index("The data are in"):]
    before, options = general.split("\n--data DIR", 1)
    options, codes = ("--data DIR" + options).split("\n\nExit codes: ")
    yield from [".SH OPTIONS"]
    for option in re.split(r"\n(?=-)", options):
        name, words = re.match(r"(\S+(?: [A-Z]+)?) +(.*)", option, re.DOTALL).groups()
        yield from [".TP", ".B " + escaped(name), *(escaped(line.strip()) for line in words.split("\n"))]
    yield from [".SH FILES", *paragraphs(before)]
    yield ".SH EXIT STATUS"
    for code, meaning in re.findall(r"(\d) ([^,.]+)", codes):
        yield from [".TP", ".B " + code, escaped(meaning[0].upper() + meaning[1:] + ".")]
    yield from [".SH ENVIRONMENT", ".TP", ".B KEYVALUE_FILESYSTEM_*", "The store's settings; docs/reference.md has them.",
                ".TP", ".B VISUAL, EDITOR", "The editor of kv edit.",
                ".TP", ".B NO_COLOR", "If it is set, there are no colours on a terminal either."]


if __name__ == "__main__":
    sys.stdout.write("\n".join(page(sys.argv[1], sys.argv[2])) + "\n")
