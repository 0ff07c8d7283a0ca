"""Four processes on one bucket at the same time."""
import random
import struct

import children
from keyvalue import CasFailed, Store

PROCESSES = 4
INCREMENTS = 500
SWAPS = 100
ROUNDS = 150


def test_no_increment_is_lost(root):
    """The counter ends at the number of increments, and no two of them returned the same."""
    results = children.run(*[(increment, str(root), 1 + number % 2) for number in range(PROCESSES)])
    total = PROCESSES * INCREMENTS
    assert sorted(sum(results, [])) == list(range(1, total + 1))
    assert (root / "b" / "n").read_bytes() == struct.pack("<q", total)


def increment(root, draft):
    bucket = Store(root, draft=draft).open("b")
    return [bucket.increment("n") for _ in range(INCREMENTS)]


def test_no_swap_is_lost(root):
    """A value that every process appends its own tokens to by swaps holds them all, in order."""
    children.run(*[(append, str(root), number) for number in range(PROCESSES)])
    tokens = (root / "b" / "log").read_text().split()
    assert len(tokens) == PROCESSES * SWAPS
    for number in range(PROCESSES):
        own = [token for token in tokens if token.startswith(f"{number}:")]
        assert own == [f"{number}:{at}" for at in range(SWAPS)]


def append(root, number):
    bucket = Store(root).open("b")
    for at in range(SWAPS):
        cas = bucket.cas("log")
        while True:
            try:
                cas.swap((cas.current() or b"") + b"%d:%d " % (number, at))
                break
            except CasFailed as failed:
                cas = failed.cas


def test_no_value_is_torn_or_left_behind(root):
    """While four processes set, delete and increment, in a new instance again and again, every
    read gives a whole value of one writer; at the end there are the keys and whose turn it was."""
    children.run(*[(mix, str(root), number) for number in range(PROCESSES)])
    names = {path.name for path in (root / "b").iterdir()}
    assert names <= {".kv", "shared", "n"}
    assert sum(struct.unpack("<q", (root / "b" / "n").read_bytes())) == PROCESSES * ROUNDS
    assert {path.name for path in (root / "b" / ".kv").iterdir()} <= {"spare", "turn"}
    series = list((root / "b" / ".kv" / "turn").iterdir())
    assert [list(entry.iterdir()) for entry in series] in ([], [[]])


def mix(root, number):
    chance = random.Random(number)
    for step in range(ROUNDS):
        if step % 10 == 0:
            bucket = Store(root, draft=1 + chance.randrange(2)).open("b")
        if chance.random() < 0.2:
            bucket.delete("shared")
        else:
            bucket.set("shared", b"%d" % number * chance.randrange(1, 20_000, 1999))
        value = bucket.get("shared")
        assert value is None or len(set(value)) == 1, "a mixed value"
        assert value is None or len(value) % 1999 == 1, "a cut value"
        bucket.increment("n")
        assert set(bucket.keys()) <= {"shared", "n"}
