"""What the store costs on any machine, compared with docs/measured/counts.txt.

Instructions are WebAssembly's own, counted by the host from one end of a call
to the other, allocation for the arguments included; a copy counts one for each
byte, so that bytes copied in the guest show here too. Memory is the smallest
linear memory in which the call succeeds, found by halving. (The calls to the
host are in test_host_counts.py.) With the pinned compiler and optimiser the
counts are the same on every machine; another one's may differ by more than is allowed here.

    make counts     writes docs/measured/counts.txt anew, after a change that is meant
"""
import functools
import gzip
import os
import pathlib

import pytest
import wasmtime
from wasmtime import component

import keyvalue
import measured
import wash

PROJECT = pathlib.Path(__file__).resolve().parents[2]
COUNTS = PROJECT / "docs" / "measured" / "counts.txt"
PAGE = 64 * 1024
FUEL = 10**15

# How far a count may be from the recorded one: the order in which a real
# directory lists its entries changes what sorting them takes.
TOLERANCE = 0.03

pytestmark = pytest.mark.skipif("WASI_SDK_PATH" in os.environ or not keyvalue.OPTIMISED,
                                reason="counts are the pinned compiler's and optimiser's")


@functools.lru_cache(maxsize=None)
def metered():
    config = wasmtime.Config()
    config.consume_fuel = True
    engine = wasmtime.Engine(config)
    linker = component.Linker(engine)
    linker.add_wasip2()
    file = keyvalue.BUILD / keyvalue.STORE
    return engine, linker, component.Component.from_file(engine, str(file))


class Metered(keyvalue.Store):
    """A store whose instructions are counted and whose memory is limited."""

    def __init__(self, root, memory=1 << 32):
        engine, linker, compiled = metered()
        wasi = wasmtime.WasiConfig()
        wasi.preopen_dir(str(root), "/data")
        self.store = wasmtime.Store(engine)
        self.store.set_limits(memory_size=memory)
        self.store.set_wasi(wasi)
        self.store.set_fuel(FUEL)
        self._instance = linker.instantiate(self.store, compiled)
        self._functions = {}
        self.draft = 2

    def instructions(self, call):
        before = self.store.get_fuel()
        call()
        return before - self.store.get_fuel()


MANY = ["key-%03d" % number for number in range(100)]
SIZES = {"16 B": 16, "64 KiB": 64 << 10, "1 MiB": 1 << 20}


def fill(root, name, keys):
    (root / name).mkdir()
    for number in range(keys):
        (root / name / ("key-%06d" % number)).touch()


def count_instructions(root):
    """Each operation's instructions, in an instance that did it before."""
    for keys in (1000, 10000):
        fill(root, "list-%d" % keys, keys)
    store = Metered(root)
    counts = {"start": FUEL - store.store.get_fuel()}
    counts["first open"] = store.instructions(lambda: store.open("b"))
    bucket = store.open("b")
    counts["first set"] = store.instructions(lambda: bucket.set("first", b"v"))
    calls = {"open": lambda: store.open("b")}
    for name, size in SIZES.items():
        calls["set " + name] = lambda size=size: bucket.set("key-%d" % size, bytes(size))
    for name, size in SIZES.items():
        calls["get " + name] = lambda size=size: bucket.get("key-%d" % size)
    calls["get, absent"] = lambda: bucket.get("absent")
    calls["exists"] = lambda: bucket.exists("key-16")
    calls["exists, 200 bytes of key"] = lambda: bucket.exists("k" * 200)
    calls["increment"] = lambda: bucket.increment("counter")
    calls["set-many of 100"] = lambda: bucket.set_many([(key, b"v" * 16) for key in MANY])
    calls["get-many of 100"] = lambda: bucket.get_many(MANY)
    for keys in (1000, 10000):
        # Not changed just now, or it would be scanned a second time, in a turn.
        os.utime(str(root / ("list-%d" % keys)), (10**9, 10**9))
        listed = store.open("list-%d" % keys)
        calls["list %d keys" % keys] = listed.keys
    for name, call in calls.items():
        call()  # grows the memory, and what else happens once
        counts[name] = store.instructions(call)
    bucket.set("gone", b"v")
    counts["delete"] = store.instructions(lambda: bucket.delete("gone"))
    return counts


def peak(root, operation):
    """The least memory in pages in which an operation of a fresh instance succeeds."""
    def why_not(pages):
        try:
            operation(Metered(root, pages * PAGE).open("b"))
        except (keyvalue.Failure, wasmtime.WasmtimeError) as failure:
            return failure

    fails, works = 0, 1
    while why_not(works):
        fails, works = works, works * 2
        if works > 1 << 16:
            raise why_not(works)  # for some other reason
    while works - fails > 1:
        middle = (fails + works) // 2
        fails, works = (middle, works) if why_not(middle) else (fails, middle)
    return works


LARGE = 2 << 20


def count_memory(root):
    """Each operation's peak of linear memory, in pages of 64 KiB."""
    for name, size in SIZES.items():
        (root / "b" / ("key-%d" % size)).write_bytes(bytes(size))
    (root / "b" / "large").write_bytes(bytes(LARGE))
    fill(root, "listed", 10000)
    operations = {
        "open": lambda bucket: None,
        "set 1 MiB": lambda bucket: bucket.set("new", bytes(1 << 20)),
        "get 16 B": lambda bucket: bucket.get("key-16"),
        "get 1 MiB": lambda bucket: bucket.get("key-%d" % (1 << 20)),
        "get 2 MiB": lambda bucket: bucket.get("large"),
        "increment": lambda bucket: bucket.increment("counter"),
        "delete": lambda bucket: bucket.delete("key-16"),
        "list 10000 keys": lambda bucket: bucket.store.open("listed").keys(),
    }
    return {name: peak(root, operation) for name, operation in operations.items()}


def count_bytes():
    return {name: len(gzip.compress((keyvalue.BUILD / name).read_bytes(), 9, mtime=0))
            for name in (keyvalue.STORE, wash.PLUGIN)}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    counts = {}
    for unit, count in (("instructions", count_instructions), ("pages of memory", count_memory)):
        root = tmp_path_factory.mktemp("counts")
        (root / "b").mkdir()
        counts.update({(unit, name): number for name, number in count(root).items()})
    counts.update({("bytes gzipped", name): number for name, number in count_bytes().items()})
    return counts


HEAD = """\
# What the store costs on any machine: WebAssembly instructions of a call, with
# one for each byte that is copied, the memory it needs (of an instance that did
# nothing before), the sizes of the files as they are downloaded.
# Made by `make counts`; not written by hand. Compared by test/component/test_counts.py.

"""


def read():
    recorded = {}
    for line in COUNTS.read_text().splitlines():
        if line and not line.startswith("#"):
            number, unit, name = (part.strip() for part in line.split("|"))
            recorded[unit, name] = int(number)
    return recorded


def test_counts(counted):
    """No operation takes noticeably more, or less, than docs/measured/counts.txt says."""
    if os.environ.get("WRITE_COUNTS"):
        COUNTS.write_text(HEAD + "".join("%10d | %-15s | %s\n" % (number, unit, name)
                                         for (unit, name), number in counted.items()))
        measured.say("counts.txt")
    recorded = read()
    off = ["%s of %s: %d, recorded %s" % (unit, name, number, recorded.get((unit, name)))
           for (unit, name), number in counted.items()
           if abs(number - recorded.get((unit, name), 0)) > TOLERANCE * number]
    assert not off and recorded.keys() == counted.keys(), \
        "\n".join(off + ["if that is meant: make counts"])


def test_a_get_holds_its_value_and_little_more(counted):
    """A get of n bytes needs at most n and 256 KiB of memory; so no copy of it was made."""
    assert counted["pages of memory", "get 2 MiB"] * PAGE <= LARGE + 256 * 1024
    assert counted["pages of memory", "get 1 MiB"] * PAGE <= (1 << 20) + 256 * 1024


def test_a_set_holds_its_argument_alone(counted):
    """A set needs no memory of its own beyond the value that it was given."""
    assert counted["pages of memory", "set 1 MiB"] * PAGE <= (1 << 20) + 256 * 1024
