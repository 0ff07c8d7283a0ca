"""Key and bucket names against file names."""
import os
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvalue import Other, Store


def file_name(name):
    """The rule of docs/format.md, written a second time."""
    if name in ("", "%"):
        return "%25" if name else "%"
    escaped = r"\A\.|\A%(?=2E)|%(?=2F|5C|00|25)|[/\\\0]"
    return re.sub(escaped, lambda match: "%%%02X" % ord(match[0]), name)


# Text that is apt to meet the rules: what they are about, and some of all else.
characters = st.one_of(st.sampled_from("%%%.../\\\x002F5CE0 a\n"),
                       st.characters(blacklist_categories=["Cs"]))
names = st.text(characters, max_size=40)

NASTY = [
    "", ".", "..", "...", "/", "\\", "\0", "%", "%%", "%2F", "%2f", "%25", "%252F", "%2E", "a%2E",
    "%2E.", ".kv", ".KV", "%2Ekv", ".git", ".DS_Store", "../../etc/passwd", "a/../b", "/abs", "a/",
    "//", "a\nb", "a\r\nb", "\t", " ", " a ", "a.", "a ", "CON", "NUL.txt", "aux", "C:\\x", "a:b",
    "*?\"<>|", "-rf", "--", "~", "$HOME", "`id`", "new", "old", "default", "0123456789ABCDEF",
    "größe", "gro\u0308ße", "\u202eabc", "\ufeff", "\uffff", "\U0010ffff", "\x7f", "\x01", "日本語",
    "\U0001f4be" * 30, "%00", "%5C", "100%", "50%2", "%2", "%\0", "%/", "%%2F", "a%", "user:123",
]


@given(name=names)
def test_a_key_comes_back_as_it_was_set(tmp_path_factory, name):
    """Every key can be set, is listed as itself, and has exactly its own file."""
    root = tmp_path_factory.mktemp("names")
    (root / "b").mkdir()
    bucket = Store(root).open("b")
    bucket.set(name, b"v")
    assert bucket.keys() == [name]
    assert sorted(os.listdir(root / "b")) == sorted([".kv", file_name(name)])
    assert bucket.get(name) == b"v"


@given(keys=st.lists(names, unique=True, min_size=2, max_size=12))
def test_different_keys_are_different_files(tmp_path_factory, keys):
    """No two keys share a file: each keeps its own value."""
    root = tmp_path_factory.mktemp("names")
    (root / "b").mkdir()
    bucket = Store(root).open("b")
    for key in keys:
        bucket.set(key, key.encode())
    assert bucket.get_many(keys) == [(key, key.encode()) for key in keys]
    assert sorted(bucket.keys()) == sorted(keys)


@given(name=st.text(string.ascii_letters + string.digits + " :-_+=@#,;~$&()[]{}'!^äß日%",
                    min_size=1, max_size=60).filter(lambda name: "%" not in name[:-1]
                                                    and name != "%"))
def test_an_ordinary_name_is_its_own_file_name(tmp_path_factory, name):
    """A name without what is escaped is the file's name, and a file made by hand is that key."""
    root = tmp_path_factory.mktemp("names")
    (root / "b").mkdir()
    bucket = Store(root).open("b")
    (root / "b" / name).write_bytes(b"by hand")
    assert bucket.get(name) == b"by hand"
    assert bucket.keys() == [name]


@given(name=st.text(characters.filter(lambda one: one not in "/\0"), min_size=1, max_size=40)
       .filter(lambda name: name not in (".", "..")))
def test_any_file_is_at_most_one_key(tmp_path_factory, name):
    """A file put there by hand is listed as the one key whose file it is, or is no key."""
    root = tmp_path_factory.mktemp("names")
    (root / "b").mkdir()
    bucket = Store(root).open("b")
    (root / "b" / name).write_bytes(b"v")
    keys = bucket.keys()
    assert [file_name(key) for key in keys] in ([], [name])
    if keys:
        assert bucket.get(keys[0]) == b"v"
    else:
        assert name[0] == "." or file_name(name) != name


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_nasty_names(root, bucket, name):
    """A name that means something elsewhere is just a name, for a key and for a bucket."""
    bucket.set(name, b"1")
    assert bucket.get(name) == b"1"
    assert bucket.exists(name) is True
    assert bucket.get_many([name]) == [(name, b"1")]
    assert bucket.keys() == [name]
    assert os.path.isfile(os.path.join(root, "b", file_name(name)))
    bucket.delete(name)
    assert bucket.keys() == []
    assert sorted(os.listdir(root)) == ["b"]

    directory = file_name(name or "default")
    (root / directory).mkdir(exist_ok=True)
    other = bucket.store.open(name)
    other.set("k", b"2")
    assert (root / directory / "k").read_bytes() == b"2"


@pytest.mark.parametrize("name, size", [
    ("a" * 255, 255), ("ß" * 127, 254), ("/" * 85, 255), ("." + "a" * 252, 255),
    ("\U0001f4be" * 63, 252), ("%" * 254 + "a", 255),
], ids=lambda value: None if isinstance(value, str) else str(value))
def test_names_that_just_fit(bucket, name, size):
    """A name of up to 255 bytes as a file name is taken."""
    assert len(file_name(name).encode()) == size
    bucket.set(name, b"v")
    assert bucket.keys() == [name]
    assert bucket.get(name) == b"v"
    bucket.delete(name)
    assert bucket.keys() == []


@pytest.mark.parametrize("name, size, encoded", [
    ("a" * 256, 256, 256), ("ß" * 128, 256, 256), ("/" * 86, 86, 258), ("." + "a" * 253, 254, 256),
    ("a" * 100_000, 100_000, 100_000),
], ids=lambda value: None if isinstance(value, str) else str(value))
def test_names_that_are_too_long(root, bucket, name, size, encoded):
    """A longer name is refused by every call, with both lengths, and nothing is made."""
    calls = [lambda: bucket.get(name), lambda: bucket.set(name, b"v"), lambda: bucket.delete(name),
             lambda: bucket.exists(name), lambda: bucket.increment(name),
             lambda: bucket.get_many([name]), lambda: bucket.set_many([(name, b"v")]),
             lambda: bucket.delete_many([name]), lambda: bucket.store.open(name)]
    if bucket.draft == 2:
        calls.append(lambda: bucket.cas(name))
    for call in calls:
        with pytest.raises(Other) as error:
            call()
        for part in ("too long", f" {size} bytes", f" {encoded} as a file name", "255"):
            assert part in error.value.text
    assert bucket.keys() == []
    assert [entry for entry in os.listdir(root / "b") if entry != ".kv"] == []


def test_files_that_are_no_keys(root, bucket):
    """Names that begin with a dot, are not UTF-8, or escape what needs no escape are no keys."""
    strange = [b".hidden", b".x.swp", b"%252", b"a%25", b"\xff", b"caf\xe9", b"\xed\xa0\x80",
               b"\xc0\xaf", b"%2E%2F\x80"]
    plain = {b"%2e": "%2e", b"a%2E": "a%2E", b"%41": "%41", b"%2Ex": ".x", b"%25": "%", b"%": ""}
    for name in strange + list(plain):
        with open(os.path.join(os.fsencode(root), b"b", name), "wb") as file:
            file.write(b"v")
    assert sorted(bucket.keys()) == sorted(plain.values())
