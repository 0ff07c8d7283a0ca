"""The file with upstream's other get-many: build/keyvalue_filesystem_pairs.wasm."""
import collections
import re
import shutil
import subprocess

import pytest

from keyvalue import BUILD, PAIRS, STORE, Other, Store
from tools import ROOT, WASM_TOOLS

OLDER = "result<list<option<tuple<string, list<u8>>>>, error>;"
NEWER = "result<list<tuple<string, option<list<u8>>>>, error>;"
ASKED = ["b", "missing", "", "empty", "b"]


def changed(before, after):
    """The lines that there are no more, and those that are new, wherever they stand."""
    lines = [collections.Counter(line.strip() for line in text.splitlines()) for text in (before, after)]
    return list((lines[0] - lines[1]).elements()), list((lines[1] - lines[0]).elements())


def fill(bucket):
    bucket.set_many([("b", b"two"), ("empty", b""), ("", b"no name")])


def test_shapes(root):
    """At 0.2.0-draft2 each key that was asked for comes back with its value or none, in order and as often as it was
    asked for; at 0.2.0-draft the same file has slots, as every other file has at both."""
    bucket = Store(root, name=PAIRS).open("b")
    fill(bucket)
    values = [b"two", None, b"no name", b"", b"two"]
    pairs = list(zip(ASKED, values))
    slots = [pair if pair[1] is not None else None for pair in pairs]
    assert bucket.get_many(ASKED) == pairs
    assert bucket.get_many([]) == []
    assert Store(root, draft=1, name=PAIRS).open("b").get_many(ASKED) == slots
    assert Store(root, draft=2, name=STORE).open("b").get_many(ASKED) == slots


def test_failure(root):
    """A key that cannot be read fails the call, and the next call works."""
    bucket = Store(root, name=PAIRS).open("b")
    fill(bucket)
    for _ in range(3):
        with pytest.raises(Other):
            bucket.get_many(["b", "x" * 256])
        assert bucket.get_many(["b"]) == [("b", b"two")]


def test_nothing_is_kept(root):
    """What a get-many returned is freed, to the last part: in memory for a few answers, a thousand are given."""
    store = Store(root, name=PAIRS)
    store.store.set_limits(memory_size=1 << 20)
    bucket = store.open("b")
    bucket.set("present", bytes(1000))
    asked = ["present"] + ["missing"] * 99
    for _ in range(1000):
        assert len(bucket.get_many(asked)) == len(asked)


def test_one_function_differs():
    """The two files export the same, but for the one get-many, and import the same; so do the two WITs."""
    shown = [subprocess.run([WASM_TOOLS, "component", "wit", str(BUILD / name)], check=True, stdout=subprocess.PIPE)
             .stdout.decode() for name in (STORE, PAIRS)]
    gone, came = changed(*shown)
    call = "get-many: func(bucket: borrow<bucket>, keys: list<string>) -> "
    assert (gone, came) == ([call + OLDER], [call + NEWER])
    texts = [(ROOT / "wit" / folder / "keyvalue-draft2/keyvalue.wit").read_text() for folder in ("deps", "pairs")]
    gone, came = changed(*texts)
    signatures = [[line for line in lines if not line.startswith("//")] for lines in (gone, came)]
    assert signatures == [[call + OLDER], [call + NEWER]]


# What the rows of docs/languages.md stand for: the folder of the WIT, the version, and the interfaces that are imported.
DRAFT, DRAFT2 = "@0.2.0-draft", "@0.2.0-draft2"
CONSUMERS = [("deps/keyvalue-draft", DRAFT, ["store", "atomics", "batch"]),
             ("deps/keyvalue-draft2", DRAFT2, ["store", "atomics"]),
             ("deps/keyvalue-draft2", DRAFT2, ["store", "atomics", "batch"]),
             ("pairs/keyvalue-draft2", DRAFT2, ["store", "atomics", "batch"])]


def consumer(folder, wit, version, interfaces):
    """A component that calls every function of the interfaces."""
    shutil.copytree(str(ROOT / "wit" / wit), str(folder / "wit" / "deps" / "keyvalue"))
    imports = "".join("import wasi:keyvalue/{}{}; ".format(name, version) for name in interfaces)
    (folder / "wit" / "app.wit").write_text("package example:app; world app { " + imports + "}")
    module, component = folder / "core.wasm", folder / "app.wasm"
    for command in (["embed", "--dummy", folder / "wit", "-o", module], ["new", module, "-o", component]):
        subprocess.run([WASM_TOOLS, "component", *command], check=True)
    return component


def composed(folder, component, name):
    """How wasm-tools takes the component and a store, and wac where it is there: fits or refused."""
    plug = folder / "plug.wasm"
    shutil.copy(str(BUILD / name), str(plug))
    commands = [([WASM_TOOLS, "compose", component, "-d", plug], "is not compatible with target instance import")]
    if shutil.which("wac"):
        commands.append((["wac", "plug", component, "--plug", plug], "resource types are not the same"))
    taken = set()
    for command, refusal in commands:
        done = subprocess.run([*command, "-o", folder / "composed.wasm"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 0 or refusal in done.stderr.decode(), done.stderr.decode()
        taken.add("fits" if done.returncode == 0 else "refused")
    assert len(taken) == 1, taken
    return taken.pop()


def test_which_file_fits(tmp_path):
    """docs/languages.md says which file a component needs: one that fits composes, and the other one is refused with the
    message that the page has."""
    page = (ROOT / "docs" / "languages.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `0\.2\.0-draft.*\| (\w+) \| (\w+) \|$", page, re.MULTILINE)
    found = []
    for number, (wit, version, interfaces) in enumerate(CONSUMERS):
        folder = tmp_path / str(number)
        folder.mkdir()
        component = consumer(folder, wit, version, interfaces)
        found.append(tuple(composed(folder, component, name) for name in (STORE, PAIRS)))
    assert found == rows
    assert "is not compatible with target instance import" in page and "resource types are not the same" in page
