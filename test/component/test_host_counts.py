"""What every operation costs in calls of wasi:filesystem, drops of handles included."""

import pytest
from host import Host
from keyvalue import CasFailed

# The calls of each operation in their order, on a bucket that the instance has changed before, twice, so
# that its directory is open; `*n` is n times. `key` holds a small value, `counter` a counter, and the bucket ten keys.
STEADY = {
    "open": "stat-at",
    "get": "stat-at open-at read drop",
    "get, absent": "stat-at",
    "get, empty": "stat-at open-at read drop",
    "get, 64 KiB - 1": "stat-at open-at read drop",
    "get, 64 KiB": "stat-at open-at read*2 drop",
    "get, 1 MiB": "stat-at open-at read*17 drop",
    "exists": "stat-at",
    "exists, absent": "stat-at",
    "set": "open-at stat-at write drop rename-at",
    "set, new key": "open-at stat-at write drop rename-at",
    "set, empty": "open-at stat-at drop rename-at",
    "set, 1 MiB": "open-at stat-at write drop rename-at",
    "delete": "stat-at rename-at unlink-file-at",
    "delete, absent": "stat-at*2",
    "increment": "open-at stat-at open-at read drop write drop rename-at",
    "increment, absent": "open-at stat-at write drop rename-at",
    "cas.new": "stat-at open-at read drop",
    "cas.current": "",
    "cas, drop": "",
    "swap": "open-at stat-at open-at read drop write drop rename-at",
    "swap, absent": "open-at stat-at write drop rename-at",
    "swap, changed": "open-at stat-at open-at read drop drop unlink-file-at",
    "list-keys, 10 keys": "stat-at open-at read-directory read-directory-entry*12 drop-stream drop",
    "get-many": "stat-at open-at read drop stat-at open-at read drop",
    "set-many": "open-at stat-at write drop rename-at open-at stat-at write drop rename-at",
    "delete-many": "stat-at rename-at unlink-file-at stat-at rename-at unlink-file-at",
    "bucket, drop": "",
}

# The same with the setting that makes changes durable, where it makes a difference.
DURABLE = {
    "set": "open-at stat-at write sync drop rename-at sync",
    "delete": "stat-at rename-at open-at sync drop unlink-file-at",
    "increment": "open-at stat-at open-at read drop write sync drop rename-at sync",
}

# The first set of an instance: it has to claim the bucket.
CLAIM = "open-at read-directory read-directory-entry*%d drop-stream drop"
WRITE = "open-at stat-at write drop rename-at"
FIRST = {
    "set, nobody was here": "create-directory-at*3 " + CLAIM % 2 + " " + WRITE,
    "set, after a claim that was given up": "create-directory-at " + CLAIM % 3
    + " remove-directory-at " + WRITE,
    "set, after a crash while a value was written": "create-directory-at " + CLAIM % 3
    + " remove-directory-at*7 unlink-file-at*2 remove-directory-at " + WRITE,
    "set, when the claim was taken": "open-at create-directory-at " + CLAIM % 3
    + " remove-directory-at " + WRITE + " open-at",
}

# What the project promises, in calls.
PROMISED = {
    "get": 4,
    "get, absent": 1,
    "exists": 1,
    "set": 5,
    "delete": 3,
    "increment": 8,
}


def expand(calls):
    names = []
    for word in calls.split():
        name, _, times = word.partition("*")
        names += [name] * int(times or 1)
    return names


def assert_calls(host, expected, what):
    names = host.names()
    assert names == expand(expected), "%s made %d calls, not %d: %s" % (
        what,
        len(names),
        len(expand(expected)),
        " ".join(names),
    )
    host.assert_released()


def steady_operation(bucket, name):
    """Brings a bucket of ten keys into the state that the operation needs, and gives the operation."""
    cas = bucket.cas("key")

    def swap_changed():
        bucket.set("key", b"another")
        bucket.store.calls.clear()
        with pytest.raises(CasFailed):
            cas.swap(b"new")

    for key, size in (("empty", 0), ("64 KiB - 1", 65535), ("64 KiB", 65536), ("1 MiB", 1 << 20)):
        if name == "get, " + key:
            bucket.set("key", bytes(size))
    absent = bucket.cas("absent") if name == "swap, absent" else None
    operation = {
        "open": lambda: bucket.store.open("b"),
        "exists": lambda: bucket.exists("key"),
        "exists, absent": lambda: bucket.exists("absent"),
        "get, absent": lambda: bucket.get("absent"),
        "set": lambda: bucket.set("key", b"value"),
        "set, new key": lambda: bucket.set("absent", b"value"),
        "set, empty": lambda: bucket.set("key", b""),
        "set, 1 MiB": lambda: bucket.set("key", bytes(1 << 20)),
        "delete": lambda: bucket.delete("key"),
        "delete, absent": lambda: bucket.delete("absent"),
        "increment": lambda: bucket.increment("counter"),
        "increment, absent": lambda: bucket.increment("absent"),
        "cas.new": lambda: bucket.cas("key"),
        "cas.current": lambda: cas.current(),
        "cas, drop": lambda: cas.drop(),
        "swap": lambda: cas.swap(b"value"),
        "swap, absent": lambda: absent.swap(b"value"),
        "swap, changed": swap_changed,
        "list-keys, 10 keys": lambda: bucket.list_keys(),
        "get-many": lambda: bucket.get_many(["key", "counter"]),
        "set-many": lambda: bucket.set_many([("key", b"a"), ("counter", b"b")]),
        "delete-many": lambda: bucket.delete_many(["key", "counter"]),
        "bucket, drop": lambda: bucket.drop(),
    }
    return operation.get(name, lambda: bucket.get("key"))


def warm_bucket(host):
    bucket = host.open("b")
    bucket.set_many([("key", b"value"), ("counter", b"\x07" + bytes(7))])
    bucket.set_many([("key %d" % i, b"value") for i in range(8)])
    return bucket


@pytest.mark.parametrize("name", STEADY)
def test_steady_state(root, name):
    """Every operation makes exactly the calls of the table."""
    with Host(root) as host:
        operation = steady_operation(warm_bucket(host), name)
        host.calls.clear()
        operation()
        assert_calls(host, STEADY[name], name)
        assert host.open_handles() == ["b"]


@pytest.mark.parametrize("name", ["get", "get, absent", "exists", "set", "delete", "increment"])
def test_the_older_draft_costs_the_same(root, name):
    """Which draft is called makes no difference to the host."""
    with Host(root) as host:
        warm_bucket(host)
        host.draft = 1
        bucket = host.open("b")
        operation = {
            "get": lambda: bucket.get("key"),
            "get, absent": lambda: bucket.get("absent"),
            "exists": lambda: bucket.exists("key"),
            "set": lambda: bucket.set("key", b"value"),
            "delete": lambda: bucket.delete("key"),
            "increment": lambda: bucket.increment("counter"),
        }[name]
        host.calls.clear()
        operation()
        assert_calls(host, STEADY[name], name)


@pytest.mark.parametrize("name", PROMISED)
def test_promised(name):
    """The table keeps what is promised."""
    assert len(expand(STEADY[name])) <= PROMISED[name]


@pytest.mark.parametrize("name", DURABLE)
def test_durable(root, name):
    """A durable change syncs the new value before the rename, and the bucket after it."""
    with Host(root, KEYVALUE_FILESYSTEM_DURABLE="1") as host:
        operation = steady_operation(warm_bucket(host), name)
        host.calls.clear()
        operation()
        assert_calls(host, DURABLE[name], name)


def test_start(root):
    """An instance calls nothing until it is used, and then looks once for its directories and for the
    mark that tells the root's names."""
    with Host(root) as host:
        assert host.calls == []
        host.open("b")
        assert_calls(host, "get-directories stat-at*2", "the first open")
        assert [call.name for call in host.calls].count("get-environment") == 1
        host.calls.clear()
        host.open("b")
        assert_calls(host, "stat-at", "the second open")


def test_portable(root):
    """With portable names the first open of a root's life goes through it and marks it; after that an
    instance pays one look for the mark, and an operation what it costs with plain names."""
    (root / "b" / "key").write_bytes(b"value")
    listing = "stat-at open-at read-directory read-directory-entry*2"
    with Host(root, KEYVALUE_FILESYSTEM_NAMES="portable") as host:
        host.open("b")
        assert_calls(host, "get-directories stat-at " + listing.replace("*2", "") + " " + listing
                     + " drop-stream drop read-directory-entry drop-stream drop "
                     + "open-at write drop stat-at", "the first open of a root")
    with Host(root, KEYVALUE_FILESYSTEM_NAMES="portable") as host:
        bucket = host.open("b")
        assert_calls(host, "get-directories stat-at*2", "the first open of an instance")
        bucket.set_many([("key", b"value")] * 3)
        host.calls.clear()
        bucket.set("Key", b"value")
        assert_calls(host, STEADY["set"], "set")


@pytest.mark.parametrize("name", FIRST)
def test_first_change(root, name):
    """The first change of an instance pays for its claim, and for what it finds of others."""
    if "nobody" not in name:
        with Host(root) as former:
            former.open("b").set("key", b"former")
            if "crash" in name:
                (claim,) = (root / "b" / ".kv").iterdir()
                (claim / "new").write_bytes(b"half of it")
    with Host(root) as host, Host(root) as rival:
        bucket = host.open("b")
        if "taken" in name:
            bucket.set("key", b"value")
            rival.open("b").set("key", b"another's")
        host.calls.clear()
        bucket.set("key", b"value")
        assert_calls(host, FIRST[name], name)


def test_second_change(root):
    """Behind its second change, and not before, an open bucket's directory is opened, and kept open until
    the bucket is dropped."""
    with Host(root) as host:
        for opening in range(2):
            bucket = host.open("b")
            bucket.set("key", b"value")
            assert host.open_handles() == []
            host.calls.clear()
            bucket.set("key", b"value")
            assert_calls(host, STEADY["set"] + " open-at", "the second set")
            assert host.open_handles() == ["b"]
            bucket.drop()
            assert host.open_handles() == []
