"""Whatever a person or another program puts into a root, by any name and of any
kind: no call traps and none hangs. Every case runs in a child process, which is
killed should it hang."""
import os
import pathlib
import shutil
import time

import pytest

import children
from keyvalue import Failure, NoSuchStore, Other, Store
from test_errors import make, snapshot

ID = "0123456789ABCDEF"


def junk(directory):
    """Something of every kind, by names that mean something to the store and by others."""
    for name in ("new", "old", ID, "%2F", ".hidden"):
        for at, kind in enumerate(("file", "directory", "full directory", "link", "pipe", "socket")):
            if name in ("new", "old") and at > 0:
                continue
            try:
                make(directory / (name if at == 0 else f"{name}{at}"), kind, target="..")
            except FileExistsError:
                pass
    for name in (b"\xff\xfe", b"caf\xe9", b"a\nb"):
        with open(os.path.join(os.fsencode(directory), name), "wb") as file:
            file.write(b"v")
    (directory / "loop").symlink_to("loop")


# ---- The scratch space ----

def kv_file(bucket):
    (bucket / ".kv").write_bytes(b"v")


def kv_pipe(bucket):
    os.mkfifo(bucket / ".kv")


def kv_socket(bucket):
    make(bucket / ".kv", "socket")


def kv_link_to_the_bucket(bucket):
    (bucket / ".kv").symlink_to(".")


def kv_link_to_the_root(bucket):
    (bucket / ".kv").symlink_to("..")


def kv_link_outside(bucket):
    (bucket / ".kv").symlink_to("../../outside")


def kv_link_to_nothing(bucket):
    (bucket / ".kv").symlink_to("nothing")


def kv_link_to_itself(bucket):
    (bucket / ".kv").symlink_to(".kv")


def kv_junk(bucket):
    (bucket / ".kv").mkdir()
    junk(bucket / ".kv")


def kv_writers_of_every_kind(bucket):
    (bucket / ".kv").mkdir()
    for number, kind in enumerate(("file", "directory", "link", "pipe", "socket")):
        make(bucket / ".kv" / f"{number:016X}", kind, target="../..")
        writer = bucket / ".kv" / f"{number:015X}A"
        writer.mkdir()
        make(writer / "new", kind, target="../..")
        make(writer / "old", kind, target="../../..")
        make(writer / "else", kind, target=".")


def kv_writer_with_names_that_are_not_utf8(bucket):
    (bucket / ".kv" / ID).mkdir(parents=True)
    for name in (b"\xff", b"\xfe\xfe"):
        with open(os.path.join(os.fsencode(bucket), b".kv", ID.encode(), name), "wb") as file:
            file.write(b"v")


def kv_writer_with_full_directories(bucket):
    (bucket / ".kv" / ID / "new" / "deep" / "deeper").mkdir(parents=True)
    (bucket / ".kv" / ID / "old").mkdir()


def kv_writer_with_many_files(bucket):
    (bucket / ".kv" / ID).mkdir(parents=True)
    for number in range(300):
        (bucket / ".kv" / ID / f"file {number}").write_bytes(b"v")


# With these the bucket can be changed; with the others a change is refused.
WORKS = [kv_junk, kv_writers_of_every_kind]
REFUSED = [kv_file, kv_pipe, kv_socket, kv_link_outside, kv_link_to_nothing, kv_link_to_itself]
# A link to a directory is followed, as it is for a root and a bucket.
EITHER = [kv_link_to_the_bucket, kv_link_to_the_root, kv_writer_with_names_that_are_not_utf8, kv_writer_with_full_directories,
          kv_writer_with_many_files]


@pytest.mark.parametrize("put", WORKS + REFUSED + EITHER, ids=lambda put: put.__name__)
def test_a_hostile_scratch_space(root, put):
    """Whatever `.kv` is, reads work, and a change is done or refused with an error that says to
    remove `.kv`; after that is done, it works. Nothing but `.kv` is changed by a refusal."""
    children.run((use_a_hostile_scratch_space, str(root), put))


def use_a_hostile_scratch_space(root, put):
    root = pathlib.Path(root)
    (root.parent / "outside").mkdir()
    (root / "b" / "k").write_bytes(b"5")
    put(root / "b")
    before = snapshot(root)
    for draft in (1, 2):
        bucket = Store(root, draft=draft).open("b")
        changes = [lambda: bucket.set("k", b"6"), lambda: bucket.increment("k"),
                   lambda: bucket.delete("new key"), lambda: bucket.set_many([("k", b"7")]),
                   lambda: bucket.increment("k")]
        if draft == 2:
            changes.append(lambda: bucket.cas("k").swap(b"5"))
        for change in changes:
            assert bucket.exists("k") is True
            assert bucket.keys() == ["k"]
            assert bucket.get_many(["k"]) == [("k", bucket.get("k"))]
            try:
                change()
                worked = True
            except Failure as error:
                worked = False
                assert put not in WORKS, error
                # A link that leaves the preopened directory is denied by the host.
                assert "remove .kv" in str(error) or put is kv_link_outside, error
            assert not worked or put not in REFUSED or change is changes[2]
        if put in REFUSED:
            assert snapshot(root) == before
    assert os.listdir(root.parent / "outside") == []
    if os.path.isdir(root / "b" / ".kv") and not os.path.islink(root / "b" / ".kv"):
        shutil.rmtree(root / "b" / ".kv")
    else:
        os.unlink(root / "b" / ".kv")
    bucket.set("k", b"5")
    assert bucket.increment("k") == 6


def test_ten_thousand_dead_writers(root):
    """However many directories crashed writers left, a change is made, and one that finds a writer
    dead in its turn removes some of those that are old."""
    children.run((use_ten_thousand_dead_writers, str(root)))


def use_ten_thousand_dead_writers(root):
    root = pathlib.Path(root)
    kv = root / "b" / ".kv"
    kv.mkdir()
    hour_ago = time.time() - 3600
    for number in range(10_000):
        writer = kv / f"{number * 0x9E3779B97F4A7C15 % 2**64:016X}"
        writer.mkdir()
        if number % 100 == 0:
            (writer / f"{writer.name}a").write_bytes(b"half a val")
        os.utime(writer, (hour_ago, hour_ago))
    (kv / "turn").mkdir()
    (kv / "turn" / f"{ID}a").write_bytes(b"half a val")
    bucket = Store(root).open("b")
    bucket.set("k", b"v")
    assert (root / "b" / "k").read_bytes() == b"v"
    assert len(set(os.listdir(kv)) - {"turn", "spare"}) < 10_000
    assert bucket.keys() == ["k"]


# ---- The directory through which an instance commits, meddled with ----

@pytest.mark.parametrize("kind", ["file", "directory", "full directory", "link", "pipe", "socket"])
@pytest.mark.parametrize("name", ["in the series", "beside it"])
def test_a_commit_meddled_with(root, kind, name):
    """With something put into the very directory that an instance commits through, no call hangs
    or traps, and a new instance can change the bucket, or its error says to remove `.kv`."""
    children.run((use_a_commit_meddled_with, str(root), kind, name), seconds=60)


def use_a_commit_meddled_with(root, kind, name):
    root = pathlib.Path(root)
    bucket = Store(root).open("b")
    bucket.set("k", b"4")
    bucket.set("k", b"5")
    (series,) = (root / "b" / ".kv" / "turn").iterdir()
    make((series if name == "in the series" else series.parent) / "new", kind, target="../../k")
    for change in (lambda: bucket.set("k", b"6"), lambda: bucket.increment("k"),
                   lambda: bucket.delete("k"), lambda: bucket.cas("k").swap(b"7")):
        try:
            change()
        except Failure:
            pass
        assert bucket.get("k") in (b"5", b"6", b"7", None)
    try:
        Store(root).open("b").set("k", b"8")
        assert (root / "b" / "k").read_bytes() == b"8"
    except Other as error:
        assert kind == "full directory" and "remove .kv" in error.text


# ---- Buckets ----

def test_a_bucket_full_of_junk(root):
    """Among things of every kind and name, keys are listed, read and changed as always."""
    children.run((use_a_bucket_full_of_junk, str(root)))


def use_a_bucket_full_of_junk(root):
    root = pathlib.Path(root)
    junk(root / "b")
    junk(root)
    for draft in (1, 2):
        bucket = Store(root, draft=draft).open("b")
        listed = bucket.keys()
        assert sorted(listed) == sorted(["new", "old", ID, "/", "a\nb"])
        for name in os.listdir(root / "b"):
            if name.startswith(".") or not name.isprintable():
                continue
            key = name.replace("%2F", "/")
            for call in (lambda: bucket.get(key), lambda: bucket.exists(key),
                         lambda: bucket.increment(key), lambda: bucket.set(key, b"v"),
                         lambda: bucket.get_many([key])):
                try:
                    call()
                except Other as error:
                    assert key not in listed or "not a counter" in error.text
        bucket.set("new", b"1")
        assert bucket.get("new") == b"1"
        bucket.delete("new")
        bucket.set("new", b"1")
        store = bucket.store
        for name in os.listdir(root):
            if not name.isprintable():
                continue
            try:
                store.open(name, draft=draft).keys()
            except Failure:
                pass
        assert sorted(bucket.keys()) == sorted(listed)


@pytest.mark.parametrize("kind", ["file", "link", "pipe", "socket"])
def test_a_bucket_that_became_something_else(root, kind):
    """With something else in the place of an open bucket's directory, no call hangs or traps, and
    every change and listing fails."""
    children.run((use_a_bucket_that_became_something_else, str(root), kind), seconds=60)


def use_a_bucket_that_became_something_else(root, kind):
    root = pathlib.Path(root)
    for draft in (1, 2):
        for durable in ("0", "1"):
            for changed in (False, True):
                store = Store(root, {"KEYVALUE_FILESYSTEM_DURABLE": durable}, draft=draft)
                bucket = store.open("b")
                if changed:
                    bucket.set("k", b"v")
                shutil.rmtree(root / "b")
                make(root / "b", kind, target="nothing")
                calls = [bucket.list_keys, lambda: bucket.set("k", b"v"),
                         lambda: bucket.increment("k"), lambda: bucket.delete_many(["k"]),
                         lambda: bucket.set_many([("k", b"v")]), lambda: store.open("b")]
                for call in calls:
                    with pytest.raises(Failure):
                        call()
                for call in (lambda: bucket.get("k"), lambda: bucket.exists("k")):
                    try:
                        assert not call()
                    except NoSuchStore:
                        pass
                (root / "b").unlink()
                (root / "b").mkdir()
