"""Every row of the error table: which error, and that its line says the
operation, the bucket, the key and a cause to act on. And that a failed call
changed nothing."""
import os
import pathlib
import shutil
import socket
import subprocess

import pytest

import children
from keyvalue import AccessDenied, NoSuchStore, Other, Store


def calls(bucket, key="k"):
    """Every call on a key, by its name in messages; those that change it and those that do not."""
    changes = {
        "set": lambda: bucket.set(key, b"1"),
        "delete": lambda: bucket.delete(key),
        "increment": lambda: bucket.increment(key),
        "set-many": lambda: bucket.set_many([(key, b"1")]),
        "delete-many": lambda: bucket.delete_many([key]),
    }
    reads = {
        "get": lambda: bucket.get(key),
        "exists": lambda: bucket.exists(key),
        "get-many": lambda: bucket.get_many([key]),
    }
    if bucket.draft == 2:
        changes["swap"] = lambda: bucket.cas(key).swap(b"1")
        reads["cas"] = lambda: bucket.cas(key)
    return changes, reads


def snapshot(root):
    """All that is below a directory, `.kv` aside: kinds, contents, link targets, inodes."""
    found = {}
    for directory, directories, files in os.walk(root):
        if ".kv" in directories:
            directories.remove(".kv")
        for name in directories + files:
            path = os.path.join(directory, name)
            state = os.lstat(path)
            content = None
            if os.path.islink(path):
                content = os.readlink(path)
            elif os.path.isfile(path) and state.st_size < 1 << 20:
                with open(path, "rb") as file:
                    content = file.read()
            found[path] = (state.st_mode, state.st_ino, content)
    return found


def refused(call, *parts):
    """The text of the `other` that the call gives: one line, with all these parts."""
    with pytest.raises(Other) as error:
        call()
    text = error.value.text
    assert "\n" not in text
    for part in parts:
        assert part in text, (part, text)
    return text


# ---- No such store, and the root ----

def test_no_such_bucket(root):
    """Opening a bucket that has no directory is no-such-store, and makes none."""
    for draft in (1, 2):
        with pytest.raises(NoSuchStore):
            Store(root, draft=draft).open("missing")
        with pytest.raises(NoSuchStore):
            Store(root, draft=draft).open("")
    assert os.listdir(root) == ["b"]


def test_a_bucket_that_was_removed(root, bucket):
    """With its directory gone, changes and listing are no-such-store and reads find nothing."""
    bucket.set("k", b"v")
    shutil.rmtree(root / "b")
    changes, _ = calls(bucket)
    for call in [*changes.values(), bucket.list_keys]:
        with pytest.raises(NoSuchStore):
            call()
    assert bucket.get("k") is None
    assert bucket.exists("k") is False
    assert bucket.get_many(["k"]) == [None]
    assert os.listdir(root) == []
    with pytest.raises(NoSuchStore):
        bucket.store.open("b")


def test_a_bucket_that_was_made_again(root, bucket):
    """A bucket removed and made again is used by the handles that are open, and is empty."""
    bucket.set("k", b"v")
    shutil.rmtree(root / "b")
    (root / "b").mkdir()
    assert bucket.get("k") is None
    assert bucket.keys() == []
    assert bucket.increment("n") == 1
    bucket.set("k", b"w")
    assert (root / "b" / "k").read_bytes() == b"w"


def test_no_directory_preopened():
    """Without any preopened directory, open says what to give the host."""
    for draft in (1, 2):
        refused(lambda: Store(None, draft=draft).open("b"), "open", '"b"', "root directory", "--dir",
                "a volume")


@pytest.mark.parametrize("kind", ["file", "link", "pipe", "socket"])
def test_what_is_no_bucket(root, kind):
    """Something else than a directory by a bucket's name, or than a link to one, is refused with these words."""
    (root / "file").write_text("")
    make(root / "x", kind, target="file")
    before = snapshot(root)
    for draft in (1, 2):
        for env in ({}, {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}):
            refused(lambda: Store(root, env, draft=draft).open("x"), "open", '"x"',
                    "not a directory")
    assert snapshot(root) == before


# ---- Settings ----

@pytest.mark.parametrize("env, parts", [
    ({"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "yes"}, ['CREATE_BUCKETS"', '"yes"', "1 or 0"]),
    ({"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": " 1"}, ['CREATE_BUCKETS"', '" 1"', "1 or 0"]),
    ({"KEYVALUE_FILESYSTEM_DURABLE": "true"}, ['DURABLE"', '"true"', "none, values or all"]),
    ({"KEYVALUE_FILESYSTEM_DURABEL": "1"}, ['DURABEL"', "ROOT", "CREATE_BUCKETS", "DURABLE"]),
    ({"KEYVALUE_FILESYSTEM_": "1"}, ["KEYVALUE_FILESYSTEM_"]),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/elsewhere"}, ["ROOT", '"/elsewhere"', "--dir"]),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/dat"}, ["ROOT", '"/dat"', "--dir"]),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/database"}, ["ROOT", '"/database"', "--dir"]),
    ({"KEYVALUE_FILESYSTEM_ROOT": "data"}, ["ROOT", '"data"', "--dir"]),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/data/.."}, ["ROOT", '"/data/.."', '".."']),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/data/b/../b"}, ["ROOT", '".."']),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/data/./b"}, ["ROOT", '"."']),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/data//b"}, ["ROOT", "empty"]),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/data/" + "a" * 600}, ["ROOT", "too long"]),
], ids=lambda value: " ".join(f"{k[20:]}={v[:20]}" for k, v in value.items())
    if isinstance(value, dict) else "")
def test_a_setting_that_is_not_understood(root, env, parts):
    """A setting that is not understood is an error on every open, and names the setting."""
    store = Store(root, env)
    for draft in (1, 2, 1):
        refused(lambda: store.open("b", draft=draft), "open", '"b"', *parts)


# ---- Names, cursors, counters ----

def test_a_bad_cursor(root):
    """A text that no listing gave as its cursor is refused, by this name."""
    bucket = Store(root, draft=2).open("b")
    bucket.set("k", b"v")
    for cursor in ("", "0", "k", "0123456789abcdef", "0123456789ABCDEF0", "0123456789ABCDE ",
                   "\0" * 16, "ß" * 8, "-000000000000001", "+" * 16, "9" * 100_000):
        refused(lambda: bucket.list_keys(cursor), "list-keys", '"b"', "cursor")


COUNTERS = [
    (1, b"", 1, "not a counter"),
    (2, b"", 1, "not a counter"),
    (1, b"abc", 1, "not a counter"),
    (1, b"1 ", 1, "not a counter"),
    (1, b" 1", 1, "not a counter"),
    (1, b"+1", 1, "not a counter"),
    (1, b"-", 1, "not a counter"),
    (1, b"\n", 1, "not a counter"),
    (1, b"1\n\n", 1, "not a counter"),
    (1, b"1\r", 1, "not a counter"),
    (1, b"0x10", 1, "not a counter"),
    (1, b"1.5", 1, "not a counter"),
    (1, b"\0" * 7, 1, "not a counter"),
    (1, b"\0" * 9, 1, "not a counter"),
    (1, "١".encode(), 1, "not a counter"),
    (1, b"0" * 65, 1, "not a counter"),
    (1, b"1" * 1_000_000, 1, "not a counter"),
    (1, b"12345678", 1, "8 bytes"),
    (2, b"1234567\n", 1, "8 bytes"),
    (2, b"-1234567", 1, "8 bytes"),
    (2, b"-123456\n", 1, "8 bytes"),
    (1, b"-1", 1, "number in the file"),
    (1, b"-1\n", 2, "number in the file"),
    (1, b"18446744073709551616", 0, "number in the file"),
    (1, b"99999999999999999999999999999999999999", 0, "number in the file"),
    (2, b"9223372036854775808\n", -1, "number in the file"),
    (2, b"-9223372036854775809", 1, "number in the file"),
    (1, b"18446744073709551615", 1, "sum"),
    (1, b"1", 2**64 - 1, "sum"),
    (1, b"\xff" * 8, 1, "sum"),
    (1, b"\x01" + b"\0" * 7, 2**64 - 1, "sum"),
    (2, b"9223372036854775807", 1, "sum"),
    (2, b"-9223372036854775808\n", -1, "sum"),
    (2, b"\xff" * 7 + b"\x7f", 1, "sum"),
    (2, b"\0" * 7 + b"\x80", -1, "sum"),
]


@pytest.mark.parametrize("draft, content, delta, cause", COUNTERS,
                         ids=lambda value: ascii(value)[:40])
def test_a_counter_that_is_refused(root, draft, content, delta, cause):
    """An increment that cannot be is refused with its cause, and the file stays as it is."""
    (root / "b" / "n").write_bytes(content)
    before = snapshot(root)
    bucket = Store(root, draft=draft).open("b")
    refused(lambda: bucket.increment("n", delta), "increment", '"b"', '"n"', cause)
    assert snapshot(root) == before


# ---- What is no file ----

def make(path, kind, target="target"):
    if kind == "file":
        path.write_bytes(b"v")
    elif kind == "directory":
        path.mkdir()
    elif kind == "full directory":
        path.mkdir()
        (path / "file").write_bytes(b"5")
    elif kind == "link":
        path.symlink_to(target)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        # A socket's path may have 107 bytes; the working directory makes it short.
        here = os.getcwd()
        os.chdir(path.parent)
        try:
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(path.name)
        finally:
            os.chdir(here)


WRONG = {"directory": "directory", "full directory": "directory", "link": "symbolic link",
         "dangling link": "symbolic link", "link outside": "symbolic link", "pipe": "named pipe",
         "socket": "socket"}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("draft", [1, 2])
def test_what_is_no_file(root, kind, draft):
    """Something else than a file by a key's name is absent to reads, is refused by changes with
    an error that says what it is, and is neither followed nor moved nor replaced."""
    children.run((use_what_is_no_file, str(root), kind, draft))


def use_what_is_no_file(root, kind, draft):
    root = pathlib.Path(root)
    (root / "b" / "target").write_bytes(b"5")
    (root / "outside").write_bytes(b"5")
    if kind == "dangling link":
        (root / "b" / "k").symlink_to("nothing")
    elif kind == "link outside":
        (root / "b" / "k").symlink_to(root / "outside")
    else:
        make(root / "b" / "k", kind)
    before = snapshot(root)
    bucket = Store(root, draft=draft).open("b")
    bucket.increment("n")  # once without a series, the rest with one
    (root / "b" / "n").unlink()
    changes, _ = calls(bucket)
    for _ in range(2):
        assert bucket.get("k") is None
        assert bucket.exists("k") is False
        assert bucket.get_many(["k", "target"]) == [None, ("target", b"5")]
        assert bucket.keys() == ["target"]
        if draft == 2:
            assert bucket.cas("k").current() is None
        for name, change in changes.items():
            refused(change, name, '"b"', '"k"', WRONG[kind])
            assert snapshot(root) == before, name
    fresh = Store(root, draft=draft).open("b")
    for name, change in calls(fresh)[0].items():
        refused(change, name, '"b"', '"k"', WRONG[kind])
    assert snapshot(root) == before


def test_a_batch_stops_at_the_key_that_fails(root, bucket):
    """A batch leaves what came before the failing key changed and the rest undone, and its error
    names the batch, and that key."""
    make(root / "b" / "way", "directory")
    refused(lambda: bucket.set_many([("a", b"1"), ("way", b"2"), ("c", b"3")]), "set-many",
            '"b"', '"way"', "directory")
    assert bucket.get_many(["a", "c"]) == [("a", b"1"), None]
    bucket.set("c", b"3")
    refused(lambda: bucket.delete_many(["a", "way", "c"]), "delete-many", '"b"', '"way"',
            "directory")
    assert bucket.get_many(["a", "c"]) == [None, ("c", b"3")]
    refused(lambda: bucket.get_many(["c", "x" * 300]), "get-many", '"b"', '"xxx', "too long")


# ---- Access, size, space ----

def test_a_root_that_is_read_only(root):
    """In a directory that the host preopens for reading alone, reads work, changes are
    access-denied, and nothing changes."""
    (root / "b" / "k").write_bytes(b"5")
    before = snapshot(root)
    for draft in (1, 2):
        bucket = Store(root, draft=draft, mutable=False).open("b")
        assert bucket.get("k") == b"5" and bucket.keys() == ["k"] and bucket.exists("k")
        for change in calls(bucket)[0].values():
            with pytest.raises(AccessDenied):
                change()
        bucket.delete("absent")
        with pytest.raises(NoSuchStore):
            bucket.store.open("missing")
        with pytest.raises(AccessDenied):
            Store(root, {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}, draft=draft,
                  mutable=False).open("missing")
    assert snapshot(root) == before
    assert sorted(os.listdir(root / "b")) == ["k"]


def test_permissions(root):
    """A file or directory that the user may not read or change is access-denied; a file that may
    not be read can still be replaced, as anywhere."""
    children.run((use_permissions, str(root)))


def use_permissions(root):
    root = pathlib.Path(root)
    for name, mode in (("open", 0o777), ("readable", 0o555), ("blind", 0o333), ("closed", 0o000)):
        (root / name).mkdir()
        (root / name / "k").write_bytes(b"5")
        (root / name / "secret").write_bytes(b"5")
        os.chmod(root / name / "secret", 0)
        os.chmod(root / name, mode)
    os.chmod(root, 0o755)
    store = Store(root)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)

    bucket = store.open("open")
    for call in (lambda: bucket.get("secret"), lambda: bucket.get_many(["k", "secret"]),
                 lambda: bucket.cas("secret"), lambda: bucket.increment("secret")):
        with pytest.raises(AccessDenied):
            call()
    assert bucket.exists("secret") is True
    assert sorted(bucket.keys()) == ["k", "secret"]
    bucket.set("secret", b"6")
    assert bucket.get("secret") == b"6"

    readable = store.open("readable")
    assert readable.get("k") == b"5"
    for change in calls(readable)[0].values():
        with pytest.raises(AccessDenied):
            change()
    assert readable.get("k") == b"5"

    blind = store.open("blind")
    with pytest.raises(AccessDenied):
        blind.list_keys()
    assert blind.get("k") == b"5"
    blind.set("k", b"6")
    assert blind.get("k") == b"6"

    closed = store.open("closed")
    for call in [*calls(closed)[0].values(), *calls(closed)[1].values(), closed.list_keys]:
        with pytest.raises(AccessDenied):
            call()


def test_a_file_that_is_too_large(root, bucket):
    """A file beyond what memory holds is refused by a read, with a cause, and can be replaced."""
    with open(root / "b" / "k", "wb") as file:
        file.truncate(100 << 30)
    changes, reads = calls(bucket)
    for name in set(reads) - {"exists"}:
        refused(reads[name], name, '"b"', '"k"', "too large")
    refused(changes["increment"], "increment", '"b"', '"k"', "not a counter")
    assert bucket.exists("k") is True
    assert bucket.keys() == ["k"]
    assert os.path.getsize(root / "b" / "k") == 100 << 30
    bucket.set("k", b"v")
    assert bucket.get("k") == b"v"


def test_a_file_that_grew_too_large_for_a_swap(root):
    """A swap whose key became a huge file is refused, and the file stays."""
    bucket = Store(root).open("b")
    cas = bucket.cas("k")
    with open(root / "b" / "k", "wb") as file:
        file.truncate(100 << 30)
    refused(lambda: cas.swap(b"v"), "swap", '"b"', '"k"', "too large")
    assert os.path.getsize(root / "b" / "k") == 100 << 30


def test_a_full_disk(tmp_path):
    """On a full disk a change is refused with that cause, leaves the old value and no litter, and
    works again when there is room."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)],
                             capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        (disk / "b").mkdir()
        bucket = Store(disk).open("b")
        bucket.set("k", b"old")
        (disk / "b" / "filling").write_bytes(b"x" * (200 << 10))
        for draft in (1, 2):
            other = Store(disk, draft=draft).open("b")
            refused(lambda: other.set("k", b"y" * 100_000), "set", '"b"', '"k"', "no space")
            refused(lambda: other.set_many([("k", b"y" * 100_000)]), "set-many", '"k"', "no space")
            assert other.get("k") == b"old"
            files = [name for _, _, names in os.walk(disk) for name in names]
            assert sorted(files) == ["filling", "k"]
        refused(lambda: bucket.cas("k").swap(b"y" * 100_000), "swap", '"b"', '"k"', "no space")
        bucket.delete("filling")
        bucket.set("k", b"y" * 100_000)
        assert bucket.get("k") == b"y" * 100_000
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_long_and_strange_names_in_messages(root, bucket):
    """A message is one line and valid text whatever the names hold, and never loses its cause."""
    for key in ("a\nb", "\r\0\x7f\x1b[31m", 'quo"te\\', "\u2028", "ß" * 120, "\n" * 255, "é\n" * 80):
        (root / "b" / "dir").mkdir(exist_ok=True)
        bucket.set(key, b"no number")
        text = refused(lambda: bucket.increment(key), "increment", '"b"', "not a counter")
        assert text.isprintable() or "\u2028" in key
        bucket.delete(key)
