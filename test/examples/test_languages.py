"""The notebook of examples/notes, the same in several languages. `make languages` builds them and writes
docs/measured/languages.md.

Each is run in an empty directory of its own. Skipped where one is not built.
"""
import os
import re
import subprocess
import sys

import pytest

import measured
from keyvalue import BUILD

ROOT = BUILD.parent
SOURCES = ROOT / "examples" / "notes"
RUN = [sys.executable, str(ROOT / "tools" / "run_component.py")]
CREATE = {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}

WIT_BINDGEN = ("wit-bindgen", "tools/tools.mk", "WIT_BINDGEN_VERSION := (.*)")
RUST = ("Rust", "tools/tools.mk", "RUST_VERSION := (.*)")



def go_version():
    """Go is the machine's own."""
    return subprocess.run(["go", "env", "GOVERSION"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()[2:]


# Language: the source, the component in build/ without its ending, and where what makes it is pinned.
LANGUAGES = {
    "C": ("notes.c", "notes", [("zig cc", "tools/compiler.txt", "ziglang==(.*?) "),
                               WIT_BINDGEN]),
    "C, with wasi-libc's wasm32-wasip2": ("notes.c", "notes_wasip2", [
        ("zig cc", "tools/compiler.txt", "ziglang==(.*?) "), ("wasi-libc of Rust", *RUST[1:]), WIT_BINDGEN]),
    "Rust": ("notes.rs", "notes_rs", [RUST, ("wit-bindgen", "examples/notes/Cargo.toml", 'wit-bindgen = "=(.*?)"')]),
    "Go": ("notes.go", "notes_go", [("Go", None, go_version), WIT_BINDGEN]),
    "JavaScript": ("notes.js", "notes_js", [
        ("componentize-js", "tools/componentize-js/package.json", 'componentize-js": "(.*?)"')]),
    "Python": ("notes.py", "notes_py", [
        ("componentize-py", "tools/componentize-py.txt", "componentize-py==(.*?) ")]),
}

# What is typed, and what it must print: on standard output, or after "notes: " on standard error, with exit code 1.
STORY = [
    (["list"], ""),
    (["add", "shopping", "milk, bread"], ""),
    (["show", "shopping"], "shopping (1): milk, bread\n"),
    (["add", "größe", "42 cm", "a/b", "<script>", ".hidden", "100%\nof it", "empty", ""], ""),
    (["show", "größe", "missing", "a/b", ".hidden", "empty", "shopping", "größe"],
     "größe (1): 42 cm\nmissing: no such note\na/b (1): <script>\n.hidden (1): 100%\nof it\nempty (1): \n"
     "shopping (2): milk, bread\ngröße (2): 42 cm\n"),
    (["list"], "größe\nempty\nshopping\n.hidden\na/b\n"),
    (["remove", "shopping", "missing"], ""),
    (["show", "shopping"], "shopping: no such note\n"),
    (["add", "shopping", "tea"], ""),
    (["show", "shopping"], "shopping (1): tea\n"),
]
EDITED = [  # once someone has written into views/größe, notes/by-hand and views/by-hand
    (["show", "größe", "by-hand"], "größe (42): 42 cm\n",
     'increment: bucket "views", key "by-hand": the value is not a counter'),
    (["add", "alone"], "", "usage: add (NAME TEXT)... | show NAME... | list | remove NAME..."),
    (["burn"], "", "usage: add (NAME TEXT)... | show NAME... | list | remove NAME..."),
    ([], "", "usage: add (NAME TEXT)... | show NAME... | list | remove NAME..."),
]
NO_BUCKET = "a bucket is missing: make the directories notes and views"
TREE = {
    "notes/.kv": None, "notes/%2Ehidden": b"100%\nof it", "notes/a%2Fb": b"<script>", "notes/by-hand": b"hello",
    "notes/empty": b"", "notes/größe": b"42 cm", "notes/shopping": b"tea",
    "views/.kv": None, "views/%2Ehidden": b"\1" + bytes(7), "views/a%2Fb": b"\1" + bytes(7),
    "views/by-hand": b"many", "views/empty": b"\1" + bytes(7), "views/größe": b"42\n",
    "views/shopping": b"\1" + bytes(7),
}

results = {}


def reason_not_built(language):
    source, component, _ = LANGUAGES[language]
    built = BUILD / (component + ".wasm")
    if not built.exists():
        return "build/{} is not there; make languages builds it where its tools are".format(built.name)
    if built.stat().st_mtime < (SOURCES / source).stat().st_mtime:
        return "build/{} is older than its source; make languages builds it".format(built.name)
    return None


def tree(folder):
    """Every file below the folder with its bytes; None for .kv, in which names are random."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name == ".kv":
            found[name] = None
        elif path.is_file() and "/.kv/" not in name:
            found[name] = path.read_bytes()
    return found


def check(component, folder, words, output, error="", env=CREATE):
    """Runs one command; what it prints and its exit code must be these."""
    done = subprocess.run([*RUN, str(BUILD / (component + ".wasm")), *words], cwd=str(folder), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **env}, timeout=600)
    step = "{} {}".format(component, words)
    errors = done.stderr.decode()
    assert done.stdout.decode() == output, step + errors
    assert errors.startswith("notes: " + error) if error else errors == "", step + errors
    assert done.returncode == (1 if error else 0), step


def play(component, folder):
    """The whole story in the empty folder."""
    check(component, folder, ["list"], "", NO_BUCKET, env={})
    for words, output in STORY:
        check(component, folder, words, output)
    (folder / "views" / "größe").write_text("41\n")
    (folder / "notes" / "by-hand").write_text("hello")
    (folder / "views" / "by-hand").write_text("many")
    for words, output, error in EDITED:
        check(component, folder, words, output, error)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_in_every_language(language, tmp_path):
    """Whatever language the notebook is written in, it prints the same and leaves the same files, byte for byte."""
    reason = reason_not_built(language)
    if reason:
        results[language] = "not run: " + reason
        pytest.skip(reason)
    results[language] = "**fails**"
    play(LANGUAGES[language][1], tmp_path)
    assert tree(tmp_path) == TREE
    results[language] = "{} commands print the same, {} files are the same".format(
        1 + len(STORY) + len(EDITED), sum(value is not None for value in TREE.values()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_listing_of_many_pages(language, tmp_path):
    """A notebook of more notes than a page of the store's listing holds is listed whole, each name once."""
    if reason_not_built(language):
        pytest.skip(reason_not_built(language))
    (tmp_path / "notes").mkdir()
    names = ["note {}".format(number) for number in range(2100)]
    for name in names:
        (tmp_path / "notes" / name).touch()
    done = subprocess.run([*RUN, str(BUILD / (LANGUAGES[language][1] + ".wasm")), "list"], cwd=str(tmp_path),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=600)
    assert sorted(done.stdout.decode().splitlines()) == sorted(names)


HEAD = """\
| language | source | made by | lines | component | result |
| --- | --- | --- | --: | --: | --- |
"""
FOOT = """
Lines are those that are not blank. The component is the one before the store is plugged in; those of Go, JavaScript and
Python bring their language's runtime or engine.
"""


def rounded(size):
    """To what stays from build to build: the engines' snapshots of memory differ by some KB."""
    if size < 1e6:
        return "{:.0f} KB".format(size / 1e3)
    return "{:.1f} MB".format(size / 1e6) if size < 1e7 else "{:.0f} MB".format(size / 1e6)


def version(place, pattern):
    return pattern() if place is None else re.search(pattern, (ROOT / place).read_text())[1]


def row(language):
    source, component, pins = LANGUAGES[language]
    tools = ", ".join("{} {}".format(name, version(place, pattern)) for name, place, pattern in pins)
    lines = sum(1 for line in (SOURCES / source).read_text().splitlines() if line.strip())
    alone = BUILD / "wasm" / (component + ".component.wasm")
    size = "–" if reason_not_built(language) else rounded(alone.stat().st_size)
    return "| {} | [{}](../../examples/notes/{}) | {} | {} | {} | {} |\n".format(
        language, source, source, tools, lines, size, results[language])


@pytest.fixture(scope="module", autouse=True)
def table():
    """Writes docs/measured/languages.md anew where `make languages` asks for it, also when a test fails."""
    yield
    if os.environ.get("WRITE_LANGUAGES"):
        measured.write("languages.md", "The notebook in each language", "make languages",
                       HEAD + "".join(map(row, LANGUAGES)) + FOOT)
