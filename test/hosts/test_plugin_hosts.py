"""What wash does to components in its two generations: the store holds under each of it."""
import gc
import os
import struct

import pytest

import keyvalue
from keyvalue import STORE, Store
from wash import PLUGIN, Plugin, Wash

MEMORY_BYTES_MAX = 1 << 19  # enough for some calls, not for ten thousand of anything
HANDLES = 10_000


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def make(name, *arguments, **options):
    return Plugin(*arguments, **options) if name == PLUGIN else Store(*arguments, **options)


@pytest.fixture(params=[STORE, PLUGIN])
def name(request):
    return request.param


def test_same_directory_listed_twice(root, name):
    """wash 2 lists a volume's mount twice: the store keeps one and its root is the directory, as if listed once."""
    store = make(name, None, preopens=[(root, "/data"), (root, "/data")])
    store.open("b").increment("n", 2)
    store = make(name, None, {"KEYVALUE_FILESYSTEM_ROOT": "/data"}, preopens=[(root, "/data"), (root, "/data")])
    assert store.open("b").increment("n", 3) == 5
    assert (root / "b" / "n").read_bytes() == struct.pack("<q", 5)


def test_new_instance_for_every_call(root, name):
    """wash makes an instance for every request: each sees what those before did, a cursor of another continues, a
    first change costs no key, and at the end no writer's directory is left in .kv."""
    keys = {"key-%d" % i for i in range(1500)}
    make(name, root).open("b").set_many([(key, b"v") for key in keys])
    for count in range(1, 51):
        assert make(name, root).open("b").increment("n") == count
    seen, cursor = make(name, root).open("b").list_keys()
    while cursor is not None:
        page, cursor = make(name, root).open("b").list_keys(cursor)
        seen += page
    assert sorted(seen) == sorted(keys | {"n"})
    assert set(os.listdir(root / "b" / ".kv")) == {"turn", "spare"}


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="descriptors cannot be counted here")
@pytest.mark.parametrize("draft", [1, 2])
def test_handles_are_never_dropped(root, name, draft):
    """wash never drops a handle: ten thousand opened in one instance, with changes in between, take no
    descriptor more than one does, and fit into a small fixed memory."""
    store = make(name, root)
    store.store.set_limits(memory_size=MEMORY_BYTES_MAX)
    buckets = [store.open("b", draft)]
    buckets[0].increment("n", 0)
    buckets[0].increment("n")  # from its second change on, the bucket's directory is open
    gc.collect()  # what earlier tests left open shall not be closed in between
    before = descriptors()
    for number in range(1, HANDLES):
        buckets.append(store.open("b", draft))
        if number % 100 == 0:
            buckets[-1].increment("n")
    assert descriptors() <= before
    assert buckets[0].increment("n") == HANDLES // 100 + 1
    assert buckets[-1].increment("n") == HANDLES // 100 + 2


def test_buckets_come_and_go(root, name):
    """Handles to many buckets that are dropped leave nothing: five hundred in turn fit where one does."""
    for number in range(500):
        (root / str(number)).mkdir()
    store = make(name, root)
    store.store.set_limits(memory_size=MEMORY_BYTES_MAX)
    for _ in range(2):
        for number in range(500):
            bucket = store.open(str(number))
            bucket.increment("n")
            bucket.drop()
    assert Store(root).open("499").increment("n", 0) == 2


def test_memory_limit_is_one(root, name):
    """The limit of the tests above does end an instance that keeps what it is given: it is no idle check."""
    store = make(name, root)
    store.store.set_limits(memory_size=MEMORY_BYTES_MAX)
    store.open("b").set("k", bytes(MEMORY_BYTES_MAX // 8))
    with pytest.raises((keyvalue.Other, keyvalue.wasmtime.Trap, keyvalue.wasmtime.WasmtimeError)):
        store.open("b").set("k", bytes(MEMORY_BYTES_MAX))


def test_commands_and_dev_on_one_directory(tmp_path):
    """Where --blobstore-root is the plugin's own directory, its commands look after what the application in
    `wash dev` has there, which sees the directory as /dev."""
    wash = Wash(tmp_path)
    assert wash.run("create-bucket", "b") == (True, "done")
    application = Plugin(tmp_path, guest="/dev").open("b", 1)
    application.increment("page_views", 41)
    assert wash.run("increment", "b", "page_views") == (True, "42")
    assert wash.run("get", "b", "page_views") == (
        True, "8 bytes, not text: 2A 00 00 00 00 00 00 00 (as a counter: 42)")
    assert application.increment("page_views", 0) == 42
