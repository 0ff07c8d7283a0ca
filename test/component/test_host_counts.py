"""What every operation costs in calls of wasi:filesystem, drops of handles included."""
import os

import pytest
from host import Host, Trap, determine
from keyvalue import CasFailed

@pytest.fixture(autouse=True)
def same_in_every_run():
    """Or one in 64 new instances would look for litter."""
    determine(1, 0)


# A listing of ten keys: a bucket that changed a moment ago is listed once more, in the turn.
SCAN = "stat-at*2 open-at read-directory read-directory-entry*12 drop-stream drop stat-at"

# The calls of each operation in their order, on a bucket that the instance has changed before, twice, so that its
# directory is open (a batch lets go of it); `*n` is n times. `key` holds a small value, `counter` a counter, and the bucket ten keys.
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
    "set, 1 MiB": "remove-directory-at drop create-directory-at open-at write drop rename-at stat-at rename-at",
    "delete": "stat-at rename-at stat-at unlink-file-at",
    "delete, absent": "stat-at*2",
    "increment": "open-at stat-at open-at read drop write drop rename-at",
    "increment, absent": "open-at stat-at write drop rename-at",
    "cas.new": "stat-at open-at read drop",
    "cas.current": "",
    "cas, drop": "",
    "swap": "open-at stat-at open-at read drop write drop rename-at",
    "swap, absent": "open-at stat-at write drop rename-at",
    "swap, changed": "open-at stat-at open-at read drop*2 unlink-file-at",
    "list-keys, 10 keys": SCAN,
    "list-keys, just changed": SCAN + " open-at drop " + SCAN + " unlink-file-at",
    "get-many": "drop stat-at open-at read drop stat-at open-at read drop",
    "set-many": "drop open-at stat-at write drop rename-at open-at*2 stat-at write drop rename-at",
    "delete-many": "drop stat-at rename-at stat-at unlink-file-at open-at stat-at rename-at stat-at unlink-file-at",
    "bucket, drop": "",
}

# The same with the setting that makes changes durable, where it makes a difference. A set prepares its value
# before it takes the turn.
DURABLE_SET = "create-directory-at open-at write sync drop rename-at stat-at rename-at"
DURABLE_INCREMENT = "create-directory-at*2 open-at rename-at stat-at open-at read drop write sync drop rename-at"
DURABLE_DELETE = "stat-at create-directory-at*2 rename-at*2 stat-at unlink-file-at"
DURABLE = {
    "values": {"set": DURABLE_SET, "delete": DURABLE_DELETE + " open-at", "increment": DURABLE_INCREMENT + " open-at"},
    "all": {"set": DURABLE_SET + " open-at sync drop", "delete": DURABLE_DELETE + " open-at sync",
            "increment": DURABLE_INCREMENT + " open-at sync", "delete, absent": "stat-at*2 open-at sync drop"},
}

# The first change of an instance. The turn is nobody's, an idle series of another instance's, or that of one which
# died in it: then patience has to end first.
MAKE = "create-directory-at open-at write drop"
COMMIT = "stat-at rename-at"
LOOK = "open-at read-directory read-directory-entry drop-stream drop remove-directory-at"
LOOK_INSIDE = "open-at read-directory read-directory-entry drop-stream drop"
FIRST = {
    "set, nobody was here": "create-directory-at*3 " + MAKE + " rename-at " + COMMIT,
    "set, after a single change": MAKE + " rename-at " + COMMIT,
    "set, after a series": MAKE + " rename-at " + LOOK + " rename-at " + COMMIT,
    "increment, after a single change": "create-directory-at open-at rename-at stat-at open-at read drop write drop"
                                        " rename-at",
    "delete, after a single change": "stat-at create-directory-at*2 rename-at*2 stat-at unlink-file-at"
                                     " remove-directory-at",
    "set, when the series was put aside": "open-at drop create-directory-at*2 open-at write drop rename-at " + COMMIT + " open-at",
}

# What the project promises, in calls.
PROMISED = {
    "get": 4,
    "get, absent": 1,
    "exists": 1,
    "set": 5,
    "delete": 4,
    "increment": 8,
}
PROMISED_FIRST = {
    "set, after a single change": 8,
    "increment, after a single change": 10,
    "delete, after a single change": 10,
}


def counter(number):
    return number.to_bytes(8, "little")


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


def steady_operation(root, bucket, name):
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
        "list-keys, just changed": lambda: bucket.list_keys(),
        "get-many": lambda: bucket.get_many(["key", "counter"]),
        "set-many": lambda: bucket.set_many([("key", b"a"), ("counter", b"b")]),
        "delete-many": lambda: bucket.delete_many(["key", "counter"]),
        "bucket, drop": lambda: bucket.drop(),
    }
    if name == "list-keys, 10 keys":
        os.utime(str(root / "b"), (10**9, 10**9))
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
        operation = steady_operation(root, warm_bucket(host), name)
        host.calls.clear()
        operation()
        assert_calls(host, STEADY[name], name)


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


def test_promised():
    """The tables keep what is promised."""
    for table, promised in ((STEADY, PROMISED), (FIRST, PROMISED_FIRST)):
        for name, calls in promised.items():
            assert len(expand(table[name])) <= calls, name


@pytest.mark.parametrize("level, name", [(level, name) for level, table in DURABLE.items() for name in table])
def test_durable(root, level, name):
    """A durable change syncs the new value before the rename, and at the level `all` the bucket after it."""
    with Host(root, KEYVALUE_FILESYSTEM_DURABLE=level) as host:
        operation = steady_operation(root, warm_bucket(host), name)
        host.calls.clear()
        operation()
        assert_calls(host, DURABLE[level][name], name)


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
        assert_calls(host, "get-directories stat-at*2 " + listing.replace("*2", "") + " " + listing
                     + " drop-stream drop read-directory-entry drop-stream drop "
                     + "open-at write drop", "the first open of a root")
    with Host(root, KEYVALUE_FILESYSTEM_NAMES="portable") as host:
        bucket = host.open("b")
        assert_calls(host, "get-directories stat-at*2", "the first open of an instance")
        bucket.set_many([("key", b"value")] * 3)
        host.calls.clear()
        bucket.set("Key", b"value")
        assert_calls(host, STEADY["set"], "set")


FORMER_CHANGES = {"nobody was here": 0, "after a single change": 1, "after a series": 2}


@pytest.mark.parametrize("name", FIRST)
def test_first_change(root, name):
    """The first change of an instance pays for its directory, and for what it finds of others."""
    operation, found = name.split(", ")
    with Host(root) as former:
        for _ in range(FORMER_CHANGES.get(found, 0)):
            former.open("b").set("key", counter(1))
    with Host(root) as host, Host(root) as rival:
        bucket = host.open("b")
        if "put aside" in name:
            for value in (1, 2, 3):
                bucket.set("key", counter(value))
            rival.open("b").set("key", counter(4))
        change = {
            "set": lambda: bucket.set("key", b"value"),
            "increment": lambda: bucket.increment("key"),
            "delete": lambda: bucket.delete("key"),
        }[operation]
        host.calls.clear()
        change()
        assert_calls(host, FIRST[name], name)


def test_after_a_crash(root):
    """A change of an instance that died in its turn is waited for, and then removed: what that takes is bounded by
    how long it takes, not by what others do."""
    with Host(root) as former:
        former.open("b").set("key", b"former")

        def die(call):
            if call.name == "rename-at" and "/turn/" in call.path:
                raise Trap()

        former.plan = die
        with pytest.raises(Trap):
            former.open("b").set("key", b"half of it")
    with Host(root) as host:
        bucket = host.open("b")
        host.calls.clear()
        bucket.set("key", b"value")
        names = host.names()
        assert names[:4] == expand(MAKE)
        assert names.count("unlink-file-at") == 1  # the revocation
        assert names[-3:] == expand("rename-at " + COMMIT)
        assert [call.name for call in host.calls].count("block") < 100
        host.assert_released()
        assert bucket.get("key") == b"value"


SECOND_SET = ["create-directory-at*2 open-at write drop rename-at " + COMMIT + " open-at", STEADY["set"] + " open-at"]


def test_second_change(root):
    """With its second change an instance begins a series, which it keeps. After it, and not before, an open bucket's directory is opened, and kept open until
    the bucket is dropped."""
    with Host(root) as host:
        for opening in range(2):
            bucket = host.open("b")
            bucket.set("key", b"value")
            assert host.open_handles() == []
            host.calls.clear()
            bucket.set("key", b"value")
            assert_calls(host, SECOND_SET[opening], "the second set")
            assert host.open_handles() == ["b"]
            bucket.drop()
            assert host.open_handles() == []
