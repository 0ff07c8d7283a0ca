"""Values of every size, through every call that takes or gives one. Large ones
are made and checked inside a component that the store is plugged into."""
import filecmp
import functools
import os

import pytest

from keyvalue import Instance, Other, Store

WAYS = ["single", "batch", "atomic"]
READ = 64 << 10   # what a host gives in one call
WRITE = 1 << 20   # what the store gives the host in one call

SIZES = [0, 1, 2, 7, 8, 9, 4095, 4096, 4097, *(
    multiple * unit + more for unit, multiples in ((READ, (1, 2, 3, 15, 17)), (WRITE, (1, 2, 3)))
    for multiple in multiples for more in (-1, 0, 1))]


@functools.lru_cache(maxsize=None)
def block(seed):
    """What the pattern repeats; see test/component/consumer.c."""
    state, data = seed, bytearray()
    for _ in range(65521):
        state = (state * 1664525 + 1013904223) % 2**32
        data.append(state >> 24)
    return bytes(data)


def pattern(size, seed):
    return (block(seed) * (size // 65521 + 1))[:size]


class Consumer(Instance):
    def __init__(self, root):
        super().__init__(root, name="consumer.wasm")

    def write(self, key, size, seed, way):
        error = self.call(None, "write", "b", key, size, seed, way)
        assert error is None, f"{way} write of {size}: {error}"

    def verify(self, key, size, seed, way):
        error = self.call(None, "verify", "b", key, size, seed, way)
        assert error is None, f"{way} read of {size}: {error}"


@pytest.mark.parametrize("way", WAYS)
def test_sizes_around_every_boundary(root, way):
    """A value of any size is, byte for byte, the file, and comes back through every read."""
    consumer = Consumer(root)
    path = root / "b" / "k"
    for size in SIZES:
        consumer.write("k", size, 1, way)
        assert path.read_bytes() == pattern(size, 1), f"{size} bytes"
        for read in WAYS:
            consumer.verify("k", size, 1, read)


@pytest.mark.parametrize("size", SIZES)
def test_files_written_by_hand(root, size):
    """A file of any size that was put there by hand comes back byte for byte."""
    (root / "b" / "k").write_bytes(pattern(size, 2))
    for read in WAYS:
        Consumer(root).verify("k", size, 2, read)


def test_a_smaller_value_replaces_a_larger_one(root):
    """Nothing of a value is left when another one, larger or smaller, takes its place."""
    consumer = Consumer(root)
    for number, size in enumerate([3 * WRITE, 5, WRITE + 1, 0, READ, READ - 1, 1]):
        for way in WAYS:
            consumer.write("k", size, number, way)
            assert (root / "b" / "k").read_bytes() == pattern(size, number)
            consumer.verify("k", size, number, way)


@pytest.mark.parametrize("way", WAYS)
def test_64_mebibytes(root, tmp_path, way):
    """A value of 64 MiB goes through every call."""
    size = 64 << 20
    consumer = Consumer(root)
    consumer.write("k", size, 3, way)
    (tmp_path / "expected").write_bytes(pattern(size, 3))
    assert filecmp.cmp(root / "b" / "k", tmp_path / "expected", shallow=False)
    consumer.verify("k", size, 3, way)
    # Once more, through memory that was used before, and with an old value to compare.
    consumer.write("k", size, 4, way)
    consumer.verify("k", size, 4, way)
    (tmp_path / "expected").unlink()
    (root / "b" / "k").unlink()


@pytest.mark.parametrize("way", WAYS)
def test_memory_is_given_back(root, way):
    """What a call took it gives back: large values go through a small memory for ever."""
    consumer = Consumer(root)
    consumer.store.set_limits(memory_size=64 << 20)
    for number in range(20):
        consumer.write("k", 8 << 20, number, way)
        consumer.verify("k", 8 << 20, number, way)


def test_a_failed_batch_gives_its_memory_back(root):
    """A get-many that fails gives back what it had read by then."""
    store = Store(root)
    store.store.set_limits(memory_size=8 << 20)
    (root / "b" / "k").write_bytes(bytes(1 << 20))
    for draft in (1, 2):
        bucket = store.open("b", draft=draft)
        for _ in range(20):
            with pytest.raises(Other, match="too long"):
                bucket.get_many(["k", "k", "x" * 256])


def assert_no_read(bucket, draft, match):
    """Every call that reads the key `large` fails, and says so."""
    calls = [lambda: bucket.get("large"), lambda: bucket.get_many(["small", "large"])]
    if draft == 2:
        calls.append(lambda: bucket.cas("large"))
    for call in calls:
        with pytest.raises(Other, match=match):
            call()


def test_out_of_memory(root):
    """A value beyond the memory there is, is an error and no trap, and the instance goes on."""
    store = Store(root)
    store.store.set_limits(memory_size=32 << 20)
    (root / "b" / "small").write_bytes(b"v")
    with open(root / "b" / "large", "wb") as file:
        file.truncate(64 << 20)
    for draft in (1, 2):
        bucket = store.open("b", draft=draft)
        assert_no_read(bucket, draft, "out of memory")
        assert bucket.get("small") == b"v"
        bucket.set("k", b"v")
        assert bucket.increment("n") == draft


GIB = 1 << 30  # the largest value: value_bytes_max in src/core/read.h


def make_sparse(path, size):
    with open(str(path), "wb") as file:
        file.truncate(size)


@pytest.mark.parametrize("size", [GIB + 1, 3 << 29, (2 << 30) - 65537, (2 << 30) - 1, 2 << 30, (4 << 30) - 1, 4 << 30,
                                  5 << 30])
def test_too_large(root, size):
    """A file over 1 GiB is an error that says so, through every call, and no trap; the instance goes on."""
    make_sparse(root / "b" / "large", size)
    (root / "b" / "small").write_bytes(b"v")
    store = Store(root)
    for draft in (1, 2):
        bucket = store.open("b", draft=draft)
        assert_no_read(bucket, draft, "too large")
        with pytest.raises(Other, match="not a counter"):
            bucket.increment("large")
        assert bucket.exists("large") is True
        assert bucket.get("small") == b"v"
    bucket.set("large", b"now small")
    assert bucket.get("large") == b"now small"


@pytest.mark.skipif(os.environ.get("HOST_TESTS") != "full", reason="takes 4 GiB of memory: HOST_TESTS=full")
@pytest.mark.parametrize("way", WAYS)
def test_the_largest(root, way):
    """A value of 1 GiB goes through every call, and one of a byte more is refused, and leaves nothing behind."""
    consumer = Consumer(root)
    consumer.write("k", GIB, 5, way)
    assert (root / "b" / "k").stat().st_size == GIB
    consumer.verify("k", GIB, 5, way)
    consumer = Consumer(root)
    error = consumer.call(None, "write", "b", "k", GIB + 1, 6, way)
    assert "too large" in error
    consumer.verify("k", GIB, 5, way)
    assert [path.name for path in (root / "b").iterdir() if path.name[0] != "."] == ["k"]


@pytest.mark.skipif(os.environ.get("HOST_TESTS") != "full", reason="takes 4 GiB of memory: HOST_TESTS=full")
def test_together_too_large(root):
    """Values that each are small enough, but not all together, are an error of get-many, and no trap."""
    keys = ["k%d" % number for number in range(9)]
    for key in keys:
        make_sparse(root / "b" / key, GIB >> 1)
    store = Store(root)
    for draft in (1, 2):
        with pytest.raises(Other, match="out of memory"):
            store.open("b", draft=draft).get_many(keys)
    assert store.open("b").exists("k0") is True


@pytest.mark.parametrize("draft", [1, 2])
def test_values_through_the_exports_themselves(root, draft):
    """A value of any bytes comes back unchanged through both drafts, singly and in batches."""
    bucket = Store(root, draft=draft).open("b")
    values = {f"k{size}": pattern(size, size) for size in (0, 1, 255, 256, READ - 1, READ, READ + 1)}
    values["all"] = bytes(range(256))
    bucket.set_many(values.items())
    assert bucket.get_many(list(values)) == list(values.items())
    for key, value in values.items():
        bucket.set(key, value[::-1])
        assert bucket.get(key) == value[::-1]
        assert (root / "b" / key).read_bytes() == value[::-1]
