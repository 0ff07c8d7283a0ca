"""Key and bucket names against file names, plain and portable."""
import os
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyvalue import Other, Store

NAMES = "KEYVALUE_FILESYSTEM_NAMES"
PORTABLE = {NAMES: "portable"}
DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9]) *(\.|\Z)", re.A)


def plain_name(name):
    """The rule of docs/format.md, written a second time."""
    if name in ("", "%"):
        return "%25" if name else "%"
    escaped = r"\A\.|\A%(?=2E)|%(?=2F|5C|00|25)|[/\\\0]"
    return re.sub(escaped, lambda match: "%%%02X" % ord(match[0]), name)


def portable_name(name):
    """The same for portable names."""
    if not name:
        return "%"
    escaped = rb"\A[. ]|[. ]\Z|[^-a-z0-9 !#&'()+,.;=@[\]^_`{}]" + (b"|\\A." if DEVICE.match(name) else b"")
    return re.sub(escaped, lambda match: b"%%%02x" % match[0][0], name.encode()).decode()


FILE_NAME = {"plain": plain_name, "portable": portable_name}
both = pytest.mark.parametrize("names", FILE_NAME)


def new_bucket(tmp_path_factory, names):
    """The empty bucket `b` of a root of its own."""
    root = tmp_path_factory.mktemp("names")
    (root / "b").mkdir()
    bucket = Store(root, {NAMES: names}).open("b")
    bucket.root = root
    return bucket


# Text that is apt to meet the rules: what they are about, and some of all else.
characters = st.one_of(st.sampled_from("%%%.../\\\x002F5CE0 a\n"),
                       st.characters(blacklist_categories=["Cs"]))
texts = st.text(characters, max_size=40)

NASTY = [
    "", ".", "..", "...", "/", "\\", "\0", "%", "%%", "%2F", "%2f", "%25", "%252F", "%2E", "a%2E",
    "%2E.", ".kv", ".KV", "%2Ekv", ".git", ".DS_Store", "../../etc/passwd", "a/../b", "/abs", "a/",
    "//", "a\nb", "a\r\nb", "\t", " ", " a ", "a.", "a ", "CON", "NUL.txt", "aux", "C:\\x", "a:b",
    "*?\"<>|", "-rf", "--", "~", "$HOME", "`id`", "new", "old", "default", "0123456789ABCDEF",
    "größe", "gro\u0308ße", "\u202eabc", "\ufeff", "\uffff", "\U0010ffff", "\x7f", "\x01", "日本語",
    "\U0001f4be" * 20, "con", "con.a", "lpt1 .x", "com10", "user~1", "$mft", "\u212a", "e\u0301", "\u00e9", "%00", "%5C", "100%", "50%2", "%2", "%\0", "%/", "%%2F", "a%", "user:123",
]


@both
@given(name=texts)
def test_a_key_comes_back_as_it_was_set(tmp_path_factory, names, name):
    """Every key can be set, is listed as itself, and has exactly its own file."""
    bucket = new_bucket(tmp_path_factory, names)
    root = bucket.root
    file = FILE_NAME[names](name)
    if len(file) > 255:
        with pytest.raises(Other, match=f" {len(name.encode())} bytes, {len(file)} as a file name"):
            bucket.set(name, b"v")
        return
    bucket.set(name, b"v")
    assert bucket.keys() == [name]
    assert sorted(os.listdir(root / "b")) == sorted([".kv", file])
    assert bucket.get(name) == b"v"


@both
@given(keys=st.lists(texts.map(lambda text: text[:20]), unique=True, min_size=2, max_size=12))
def test_different_keys_are_different_files(tmp_path_factory, names, keys):
    """No two keys share a file: each keeps its own value."""
    bucket = new_bucket(tmp_path_factory, names)
    for key in keys:
        bucket.set(key, key.encode())
    assert bucket.get_many(keys) == [(key, key.encode()) for key in keys]
    assert sorted(bucket.keys()) == sorted(keys)


@given(name=st.text(string.ascii_letters + string.digits + " :-_+=@#,;~$&()[]{}'!^äß日%",
                    min_size=1, max_size=60).filter(lambda name: "%" not in name[:-1]
                                                    and name != "%"))
def test_an_ordinary_name_is_its_own_file_name(tmp_path_factory, name):
    """A name without what is escaped is the file's name, and a file made by hand is that key."""
    bucket = new_bucket(tmp_path_factory, "plain")
    (bucket.root / "b" / name).write_bytes(b"by hand")
    assert bucket.get(name) == b"by hand"
    assert bucket.keys() == [name]


@given(name=st.text(string.ascii_lowercase + string.digits + "_-+=@#,;&()[]{}'!^`", min_size=1, max_size=60)
       .filter(lambda name: not DEVICE.match(name)))
def test_an_ordinary_lower_case_name_is_its_own_portable_file_name(tmp_path_factory, name):
    """The same with portable names, for lower-case names."""
    bucket = new_bucket(tmp_path_factory, "portable")
    (bucket.root / "b" / name).write_bytes(b"by hand")
    assert bucket.get(name) == b"by hand"
    assert bucket.keys() == [name]


@both
@given(name=st.text(characters.filter(lambda one: one not in "/\0"), min_size=1, max_size=40)
       .filter(lambda name: name not in (".", "..")))
def test_any_file_is_at_most_one_key(tmp_path_factory, names, name):
    """A file put there by hand is listed as the one key whose file it is, or is no key."""
    bucket = new_bucket(tmp_path_factory, names)
    (bucket.root / "b" / name).write_bytes(b"v")
    keys = bucket.keys()
    assert [FILE_NAME[names](key) for key in keys] in ([], [name])
    if keys:
        assert bucket.get(keys[0]) == b"v"
    else:
        assert name[0] == "." or FILE_NAME[names](name) != name


@both
@pytest.mark.parametrize("draft", [1, 2])
@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_nasty_names(root, names, draft, name):
    """A name that means something elsewhere is just a name, for a key and for a bucket."""
    bucket = Store(root, {NAMES: names}, draft=draft).open("b")
    file_name = FILE_NAME[names]
    bucket.set(name, b"1")
    assert bucket.get(name) == b"1"
    assert bucket.exists(name) is True
    assert bucket.get_many([name]) == [(name, b"1")]
    assert bucket.keys() == [name]
    assert os.path.isfile(os.path.join(root, "b", file_name(name)))
    bucket.delete(name)
    assert bucket.keys() == []
    assert sorted(os.listdir(root)) == [".kv-names", "b"][names == "plain":]

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
    assert len(plain_name(name).encode()) == size
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


@pytest.mark.parametrize("name, size, encoded", [
    ("a" * 256, 256, 256), ("\u00df" * 43, 86, 258), ("A" * 86, 86, 258), ("con" + "." * 252, 255, 259),
], ids=["ascii", "non-ascii", "capitals", "device"])
def test_portable_names_that_are_too_long(root, name, size, encoded):
    """A name that fits only without its escapes is refused with both lengths, and a shorter one is taken."""
    bucket = Store(root, PORTABLE).open("b")
    with pytest.raises(Other, match=f"{size} bytes, {encoded} as a file name, of which at most 255 fit"):
        bucket.set(name, b"v")
    bucket.set(name[:-4], b"v")
    assert bucket.keys() == [name[:-4]]


# ---- Roots of the other names ----

def refused(root, env):
    with pytest.raises(Other) as error:
        Store(root, env).open("b")
    return error.value.text


def test_a_portable_root_opened_plain(root):
    """A root with portable names cannot be opened for plain ones, and the error names the variable; not by
    either name of the setting's default, nor to make a bucket."""
    Store(root, PORTABLE).open("b").set("Key", b"v")
    assert (root / ".kv-names").read_text() == "portable\n"
    for env in ({}, {NAMES: ""}, {NAMES: "plain"}, {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}):
        assert refused(root, env) == (
            'open: bucket "b": this root has portable names, says the file .kv-names in it; '
            "set KEYVALUE_FILESYSTEM_NAMES=portable")
    assert sorted(os.listdir(root / "b")) == ["%4bey", ".kv"]
    assert Store(root, PORTABLE).open("b").keys() == ["Key"]


def test_a_plain_root_opened_portable(root):
    """A root with names that would be lost cannot be opened for portable ones, the error names the first
    of them and what to do, and nothing is written."""
    Store(root).open("b").set("Key", b"v")
    assert refused(root, PORTABLE) == (
        'open: bucket "b": "b"/"Key" would be lost, as its name is not the same in portable names; move the '
        "keys with kv export and import, or rename it, or unset KEYVALUE_FILESYSTEM_NAMES")
    assert sorted(os.listdir(root)) == ["b"]
    Store(root).open("b").delete("Key")
    (root / "B").mkdir()
    (root / "B" / "key").write_text("v")
    assert 'open: bucket "b": "B" would be lost' in refused(root, PORTABLE)
    (root / "B" / "key").unlink()  # a directory that holds no keys is in nobody's way
    Store(root, PORTABLE).open("b")
    assert sorted(os.listdir(root)) == [".kv-names", "B", "b"]


def test_a_root_that_reads_alike(root):
    """A root whose names are the same keys either way becomes portable at its first portable open, with
    all its keys; what is no key does not count."""
    plain = Store(root).open("b")
    keys = ["page_views", "", "%", "a b", "2026-11-23.txt"]
    for key in keys:
        plain.set(key, key.encode())
    (root / "README").write_text("no bucket")
    (root / "b" / "Sub").mkdir()
    (root / "b" / ".DS_Store").write_text("no key")
    portable = Store(root, PORTABLE).open("b")
    assert sorted(portable.keys()) == sorted(keys)
    assert portable.get_many(keys) == [(key, key.encode()) for key in keys]


def test_an_instance_looks_once(root):
    """An instance that has opened a root goes on with its names, as documented, when another one gives the
    root portable names meanwhile; the next instance sees that."""
    plain = Store(root)
    plain.open("b").set("key", b"v")
    Store(root, PORTABLE).open("b")
    assert plain.open("b").get("key") == b"v"
    assert "portable names" in refused(root, {})


def test_a_root_that_cannot_be_marked(root):
    """Where the host lets nothing be written, an unmarked root cannot be opened for portable names, a
    marked one can, and the error says so."""
    (root / "b" / "key").write_bytes(b"v")
    with pytest.raises(Other, match="mark of portable names, .kv-names, cannot be written to this root; open"):
        Store(root, PORTABLE, mutable=False).open("b")
    assert os.listdir(root) == ["b"]
    Store(root, PORTABLE).open("b")
    assert Store(root, PORTABLE, mutable=False).open("b").get("key") == b"v"


@pytest.mark.parametrize("value", ["Portable", "1", "portable ", "posix"])
def test_a_setting_that_is_not_understood(root, value):
    """Any other value is refused, with the values there are."""
    assert f'NAMES" with the value "{value}" is not understood; give it plain or portable' in refused(
        root, {NAMES: value})
