"""Checks what a reader relies on: check_source.py files | style

files  Every tracked file matches a pattern of tools/known-files, and has a name that needs no quoting in
       a shell; every pattern matches a file.
style  No source file beside the tests' is longer than 400 lines and no function than 50, tables aside;
       src/core/ includes nothing but itself; no folders of src/ include each other in a circle.
"""
import collections
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PATTERNS = ROOT / "tools" / "known-files"
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
# Longer than that, since it is a table: a line for each case.
TABLES = {"status_text"}
NAME = re.compile(r"[A-Za-z0-9._][A-Za-z0-9._-]*")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=str(ROOT), check=True, stdout=subprocess.PIPE).stdout
    return [name for name in listed.decode("utf-8", "backslashreplace").split("\0") if name]


def as_regex(pattern):
    """A pattern as a regular expression; a * stays within a name."""
    return re.compile(re.sub(r"\\\*", "[^/]*", re.escape(pattern)).replace(r"\[", "[").replace(r"\]", "]"))


def check_files():
    patterns = [line for line in PATTERNS.read_text().splitlines() if line and not line.startswith("#")]
    unused = set(patterns)
    for name in tracked():
        matching = {pattern for pattern in patterns if as_regex(pattern).fullmatch(name)}
        unused -= matching
        if not matching:
            yield "%r is a file that no pattern of tools/known-files knows" % name
        if not all(NAME.fullmatch(part) for part in name.split("/")):
            yield "%r is an odd name for a file" % name
    for pattern in sorted(unused):
        yield "tools/known-files: %s matches nothing" % pattern


def functions(text):
    """The functions of a C file that clang-format has formatted: name, first line, number of lines."""
    lines = text.splitlines()
    start = 0
    for at, line in enumerate(lines):
        if line == "{":
            start = at
            while start > 0 and re.match(r"[A-Za-z_ ].*", lines[start - 1]) and not lines[start - 1].endswith(";"):
                start -= 1
        elif line == "}" and start:
            name = re.search(r"(\w+)\(", " ".join(lines[start:at + 1]))
            yield name[1] if name else "?", start + 1, at + 1 - start
            start = 0


def check_length(name, text):
    count = len(text.splitlines())
    if count > FILE_LINES_MAX:
        yield "%s has %d lines; at most %d are a file that is read in one go" % (name, count, FILE_LINES_MAX)
    for function, line, size in functions(text):
        if size > FUNCTION_LINES_MAX and function not in TABLES:
            yield "%s:%d: %s has %d lines, more than %d" % (name, line, function, size, FUNCTION_LINES_MAX)


def circle(edges):
    """The folders that include each other, however far around."""
    left = {folder: set(others) for folder, others in edges.items()}
    while True:
        done = [folder for folder, others in left.items() if not others & left.keys()]
        if not done:
            return sorted(left)
        for folder in done:
            del left[folder]


def check_includes(sources):
    edges = collections.defaultdict(set)
    for name, text in sources.items():
        folder = name.split("/")[1]
        for included in re.findall(r'^#include "([^"]+)"', text, re.MULTILINE):
            into = included.split("/")[0] if "/" in included else folder
            if not (ROOT / "src" / into).is_dir():
                continue  # generated
            if into != folder:
                edges[folder].add(into)
            if folder == "core" and into != "core":
                yield "%s includes %s: the core knows no host" % (name, included)
    around = circle(edges)
    if around:
        yield "these folders of src/ include each other in a circle: " + ", ".join(around)


def check_style():
    names = [name for name in tracked() if re.fullmatch(r"(src|bench|examples)/.*\.[ch]", name) and "/gen/" not in name]
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in names if (ROOT / name).exists()}
    for name, text in sources.items():
        yield from check_length(name, text)
    yield from check_includes({name: text for name, text in sources.items() if name.startswith("src/")})


def main():
    faults = list({"files": check_files, "style": check_style}[sys.argv[1]]())
    for fault in faults:
        print("FAILED " + fault)
    print("%d passed, %d failed" % (int(not faults), len(faults)))
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
