"""Where the root is, and the settings that say so."""
import shutil

import pytest

import children
from keyvalue import AccessDenied, Failure, NoSuchStore, Other, Store
from test_errors import make

ROOT = "KEYVALUE_FILESYSTEM_ROOT"
CREATE = {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}


@pytest.fixture
def tree(tmp_path):
    """Two directories; every bucket `b` in them holds its own path as the key `where`."""
    for path in ("one", "two", "one/below", "one/below/deeper"):
        (tmp_path / path / "b").mkdir(parents=True)
        (tmp_path / path / "b" / "where").write_text(path)
    return tmp_path


def where(store):
    return store.open("b").get("where").decode()


@pytest.mark.parametrize("guest, value, expected", [
    ("/data", None, "one"),
    ("/data", "", "one"),
    ("/data", "/data", "one"),
    ("/data", "/data/", "one"),
    ("/data/", "/data", "one"),
    ("/data/", "/data/below", "one/below"),
    ("/data/", None, "one"),
    ("/data", "/data/below", "one/below"),
    ("/data", "/data/below/", "one/below"),
    ("/data", "/data/below/deeper", "one/below/deeper"),
    ("/", "/below", "one/below"),
    ("/", "/", "one"),
    ("/", None, "one"),
    (".", ".", "one"),
    (".", "below", "one/below"),
    (".", "./below", "one/below"),
    (".", None, "one"),
    ("data", "data", "one"),
    ("data", "./data/below", "one/below"),
    ("/größe", "/größe/below", "one/below"),
])
def test_the_root_setting(tree, guest, value, expected):
    """ROOT is a preopened directory or one below it, with or without a slash at the end."""
    env = {} if value is None else {ROOT: value}
    assert where(Store(tree / "one", env, guest=guest)) == expected


@pytest.mark.parametrize("guest, value", [
    ("/tenant1", "/tenant10"), ("/data", "/data2"), ("/data", "/data\r"), ("/data", "/data "),
    ("data", "data2"), (".", "/below"), ("/", "below"), ("/one", "/on"),
])
def test_a_root_beside_the_preopened_directory(tree, guest, value):
    """A path that only begins with a preopened directory's letters is not below it: open says so."""
    for draft in (1, 2):
        with pytest.raises(Other, match="no preopened directory holds that path"):
            Store(tree / "one", {ROOT: value}, guest=guest, draft=draft).open("b")


def test_tenants_are_kept_apart(tree):
    """Of two directories whose names begin alike, ROOT opens the one that it names."""
    for preopens in ([(tree / "one", "/tenant1"), (tree / "two", "/tenant10")],
                     [(tree / "two", "/tenant10"), (tree / "one", "/tenant1")]):
        assert where(Store(None, {ROOT: "/tenant1"}, preopens=preopens)) == "one"
        assert where(Store(None, {ROOT: "/tenant10"}, preopens=preopens)) == "two"


def test_two_preopened_directories(tree):
    """Of several preopened directories the last is the default, and ROOT chooses any; of those
    that hold the path, the closest."""
    preopens = [(tree / "one", "/one"), (tree / "two", "/two")]
    assert where(Store(preopens=preopens)) == "two"
    assert where(Store(preopens=preopens[::-1])) == "one"
    for name in ("one", "two"):
        assert where(Store(None, {ROOT: "/" + name}, preopens=preopens)) == name
    assert where(Store(None, {ROOT: "/one/below"}, preopens=preopens)) == "one/below"
    nested = [(tree / "one", "/data"), (tree / "two", "/data/below")]
    assert where(Store(None, {ROOT: "/data/below"}, preopens=nested)) == "two"
    assert where(Store(None, {ROOT: "/data/below"}, preopens=nested[::-1])) == "two"
    assert where(Store(None, {ROOT: "/data"}, preopens=nested)) == "one"


def test_a_root_that_is_missing(tree):
    """With the directory that ROOT names missing, open says that, makes nothing, and works as
    soon as it is there."""
    for env in ({}, CREATE):
        store = Store(tree / "one", {ROOT: "/data/missing", **env})
        for draft in (1, 2):
            with pytest.raises(Other, match="root directory is not there.*make.*_ROOT"):
                store.open("b", draft=draft)
        assert not (tree / "one" / "missing").exists()
    (tree / "one" / "missing" / "b").mkdir(parents=True)
    store.open("b").set("k", b"v")
    assert (tree / "one" / "missing" / "b" / "k").read_bytes() == b"v"


def test_a_root_that_comes_and_goes(tree):
    """A root removed and made again is used at the next call, by buckets that are open too."""
    store = Store(tree / "one", {ROOT: "/data/below"})
    bucket = store.open("b")
    bucket.set("k", b"v")
    shutil.rmtree(tree / "one" / "below")
    assert bucket.get("k") is None
    with pytest.raises(NoSuchStore):
        bucket.set("k", b"v")
    with pytest.raises(NoSuchStore):
        bucket.list_keys()
    with pytest.raises(Other):
        store.open("b")
    (tree / "one" / "below" / "b").mkdir(parents=True)
    bucket.set("k", b"w")
    assert store.open("b").get("k") == b"w"


def test_a_preopened_directory_that_was_removed(tree):
    """With the preopened directory itself removed no call traps, and none but a read succeeds."""
    store = Store(tree / "two", CREATE)
    bucket = store.open("b")
    bucket.set("k", b"v")
    shutil.rmtree(tree / "two")
    assert bucket.get("k") is None
    for call in (lambda: bucket.set("k", b"v"), lambda: bucket.increment("n"), bucket.list_keys,
                 lambda: bucket.delete("k"), lambda: store.open("b"), lambda: store.open("c")):
        with pytest.raises(Failure):
            call()


def test_creating_buckets(tree):
    """With CREATE_BUCKETS=1 open makes a missing bucket, and one that is there stays."""
    store = Store(tree / "one", CREATE)
    assert where(store) == "one"
    for draft, name, directory in ((1, "new", "new"), (2, "", "default"), (2, "a/b", "a%2Fb"),
                                   (1, "..", "%2E.")):
        store.open(name, draft=draft).set("k", b"v")
        assert (tree / "one" / directory / "k").read_bytes() == b"v"
    shutil.rmtree(tree / "one" / "new")
    assert store.open("new").keys() == []
    assert (tree / "one" / "new").is_dir()


@pytest.mark.parametrize("value", ["0", ""])
def test_not_creating_buckets(tree, value):
    """CREATE_BUCKETS=0, or empty, is as if it were not set."""
    with pytest.raises(NoSuchStore):
        Store(tree / "one", {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": value}).open("new")
    assert not (tree / "one" / "new").exists()


def test_other_variables_are_left_alone(tree):
    """Environment variables that are not ours change nothing, whatever they hold."""
    env = {"PATH": "x", "KEYVALUE_FILESYSTEM": "1", "keyvalue_filesystem_root": "/x", "A": "ß" * 999}
    assert where(Store(tree / "one", env)) == "one"


@pytest.mark.parametrize("draft", [1, 2])
def test_durable(tree, draft):
    """With DURABLE=1 every call does what it does without."""
    store = Store(tree / "one", {"KEYVALUE_FILESYSTEM_DURABLE": "1", **CREATE}, draft=draft)
    bucket = store.open("new")
    bucket.set("k", b"v" * 100_000)
    assert bucket.get("k") == b"v" * 100_000
    bucket.set("k", b"")
    assert bucket.increment("n", 7) == 7
    bucket.set_many([("a", b"1"), ("b", b"2")])
    assert bucket.get_many(["a", "x"]) == [("a", b"1"), None]
    bucket.delete("a")
    bucket.delete_many(["b", "x"])
    assert bucket.exists("k") is True and bucket.exists("a") is False
    assert sorted(bucket.keys()) == ["k", "n"]
    if draft == 2:
        bucket.cas("k").swap(b"w")
        assert bucket.get("k") == b"w"


@pytest.mark.parametrize("target, expected", [("below", "one/below"), (".", "one")])
def test_a_root_that_is_a_link(tree, target, expected):
    """A link to a directory can be the root, as its path leads there; one to nothing cannot, and
    one that leads out of the preopened directory is denied."""
    (tree / "one" / "link").symlink_to(target)
    store = Store(tree / "one", {ROOT: "/data/link"})
    assert where(store) == expected
    with pytest.raises(NoSuchStore):
        store.open("missing")
    Store(tree / "one", {ROOT: "/data/link", **CREATE}).open("missing").set("k", b"v")
    assert (tree / expected / "missing" / "k").read_bytes() == b"v"

    (tree / "one" / "link").unlink()
    (tree / "one" / "link").symlink_to("nothing")
    with pytest.raises(Other, match="root directory is not there"):
        Store(tree / "one", {ROOT: "/data/link", **CREATE}).open("b")
    (tree / "one" / "link").unlink()
    (tree / "one" / "link").symlink_to("../two")
    with pytest.raises(AccessDenied):
        store.open("b")


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_root_that_is_no_directory(tree, kind):
    """Where ROOT is no directory, open says so, and hangs at nothing."""
    make(tree / "one" / "root", kind)
    children.run((open_below_what_is_no_directory, str(tree / "one")), seconds=60)


def open_below_what_is_no_directory(root):
    for env in ({}, CREATE):
        for draft in (1, 2):
            with pytest.raises(Other, match="root directory is not there"):
                Store(root, {ROOT: "/data/root", **env}, draft=draft).open("b")
