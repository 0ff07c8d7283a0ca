"""The file with upstream's other get-many: build/keyvalue_filesystem_pairs.wasm."""
import collections
import subprocess

import pytest

from keyvalue import BUILD, PAIRS, STORE, Other, Store

ROOT = BUILD.parent
WASM_TOOLS = str(ROOT / ".toolchain" / "bin" / "wasm-tools")
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
