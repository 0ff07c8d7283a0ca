"""Every call of both drafts, on what it promises when nothing goes wrong."""
import os
import shutil
import struct

import pytest

from keyvalue import CasFailed, Store


def test_set(root, bucket):
    """A set value is the content of the file named like the key."""
    bucket.set("user:123", b"one")
    bucket.set("user:123", b"\0two\xff")
    assert (root / "b" / "user:123").read_bytes() == b"\0two\xff"


def test_get(root, bucket):
    """Get gives the file's bytes as they are now, and nothing where there is no file."""
    assert bucket.get("k") is None
    (root / "b" / "k").write_bytes(b"by hand")
    assert bucket.get("k") == b"by hand"
    (root / "b" / "k").write_bytes(b"")
    assert bucket.get("k") == b""
    (root / "b" / "k").unlink()
    assert bucket.get("k") is None


def test_exists(root, bucket):
    """A key exists exactly while its file does."""
    assert bucket.exists("k") is False
    (root / "b" / "k").write_bytes(b"")
    assert bucket.exists("k") is True
    (root / "b" / "k").unlink()
    assert bucket.exists("k") is False


def test_delete(root, bucket):
    """Delete removes the file and nothing else; an absent key is no error."""
    bucket.set("k", b"v")
    bucket.set("other", b"v")
    bucket.delete("k")
    bucket.delete("k")
    assert bucket.keys() == ["other"]
    assert not (root / "b" / "k").exists()


def test_list_keys(root, bucket):
    """A listing gives each key once, by its own name, and no cursor when it ends."""
    names = ["", "a", "a/b", ".hidden", "größe", "100%"]
    for name in names:
        bucket.set(name, b"v")
    keys, cursor = bucket.list_keys()
    assert sorted(keys) == sorted(names)
    assert cursor is None


def test_list_keys_of_an_empty_bucket(bucket):
    """A bucket without keys has one empty page."""
    assert bucket.list_keys() == ([], None)


def test_increment(root, bucket):
    """A counter that is absent starts at the delta, is 8 bytes little-endian, and adds up."""
    assert bucket.increment("n", 5) == 5
    assert bucket.increment("n", 0) == 5
    assert bucket.increment("n", 2**40) == 5 + 2**40
    assert (root / "b" / "n").read_bytes() == struct.pack("<q", 5 + 2**40)


def test_increment_of_text(root, bucket):
    """A counter written as text stays text, with or without its newline."""
    (root / "b" / "views").write_bytes(b"41\n")
    assert bucket.increment("views") == 42
    assert (root / "b" / "views").read_bytes() == b"42\n"
    (root / "b" / "views").write_bytes(b"0099")
    assert bucket.increment("views") == 100
    assert (root / "b" / "views").read_bytes() == b"100"


@pytest.mark.parametrize("before, after", [
    (b"999999\n", b"1000000"),
    (b"99999\r\n", b"100000"),
    (b"9999999", b"10000000\n"),
    (b"10000000\n", b"10000001\n"),
    (b"99999999\n", b"100000000\n"),
])
def test_text_counters_are_never_8_bytes(root, bucket, before, after):
    """Text that would be 8 bytes loses its line end, or gains one."""
    (root / "b" / "n").write_bytes(before)
    bucket.increment("n")
    assert (root / "b" / "n").read_bytes() == after


def test_increment_counts_up_to_the_end(root):
    """The first draft counts to 2^64 - 1, the second from -2^63 to 2^63 - 1."""
    store = Store(root)
    assert store.open("b", draft=1).increment("u", 2**64 - 1) == 2**64 - 1
    assert store.open("b", draft=2).increment("s", 2**63 - 1) == 2**63 - 1
    assert store.open("b", draft=2).increment("t", -2**63) == -2**63
    assert (root / "b" / "t").read_bytes() == struct.pack("<q", -2**63)
    (root / "b" / "text").write_bytes(b"3\n")
    assert store.open("b", draft=2).increment("text", -5) == -2
    assert (root / "b" / "text").read_bytes() == b"-2\n"


def test_get_many(bucket):
    """Get-many has one slot for each asked key, in the order asked, repeats included."""
    bucket.set("a", b"1")
    bucket.set("b", b"")
    assert bucket.get_many(["b", "x", "a", "b", ""]) == [
        ("b", b""), None, ("a", b"1"), ("b", b""), None]
    assert bucket.get_many([]) == []


def test_set_many(bucket):
    """Set-many sets every pair, the last one where a key is repeated."""
    bucket.set_many([("a", b"1"), ("b", b""), ("a", b"3")])
    bucket.set_many([])
    assert bucket.get_many(["a", "b"]) == [("a", b"3"), ("b", b"")]


def test_delete_many(bucket):
    """Delete-many removes every key and passes over absent ones."""
    bucket.set_many([("a", b"1"), ("b", b"2"), ("c", b"3")])
    bucket.delete_many(["a", "nothing", "c", "a"])
    bucket.delete_many([])
    assert bucket.keys() == ["b"]


def test_swap(root):
    """A swap commits while the key has what the handle saw."""
    bucket = Store(root).open("b")
    bucket.set("k", b"old")
    cas = bucket.cas("k")
    assert cas.current() == b"old"
    assert cas.current() == b"old"
    cas.swap(b"new")
    assert bucket.get("k") == b"new"


def test_a_failed_swap_gives_a_handle_to_go_on_with(root):
    """A swap that finds another value changes nothing; its handle has that value and can swap."""
    bucket = Store(root).open("b")
    bucket.set("k", b"one")
    cas = bucket.cas("k")
    (root / "b" / "k").write_bytes(b"two")
    assert cas.current() == b"one"
    with pytest.raises(CasFailed) as failed:
        cas.swap(b"three")
    assert bucket.get("k") == b"two"
    assert failed.value.cas.current() == b"two"
    (root / "b" / "k").write_bytes(b"four")
    with pytest.raises(CasFailed) as again:
        failed.value.cas.swap(b"three")
    again.value.cas.swap(b"three")
    assert bucket.get("k") == b"three"


def test_absent_is_a_value_of_its_own_to_a_swap(root):
    """Absent equals absent alone: not an empty value, in either direction."""
    bucket = Store(root).open("b")
    absent = bucket.cas("k")
    assert absent.current() is None
    absent.swap(b"")
    assert bucket.get("k") == b""

    absent = bucket.cas("other")
    bucket.set("other", b"")
    with pytest.raises(CasFailed) as failed:
        absent.swap(b"v")
    assert failed.value.cas.current() == b""

    empty = bucket.cas("k")
    assert empty.current() == b""
    bucket.delete("k")
    with pytest.raises(CasFailed) as failed:
        empty.swap(b"v")
    assert failed.value.cas.current() is None
    assert bucket.exists("k") is False
    failed.value.cas.swap(b"v")
    assert bucket.get("k") == b"v"


def test_the_same_bytes_are_the_same_value_to_a_swap(root):
    """A swap compares bytes: a file written anew with the same content does not fail it."""
    bucket = Store(root).open("b")
    bucket.set("k", b"same")
    cas = bucket.cas("k")
    bucket.set("k", b"else")
    (root / "b" / "k").write_bytes(b"same")
    cas.swap(b"new")
    assert bucket.get("k") == b"new"


def test_a_swap_outlives_its_bucket_handle(root):
    """A swap works after its bucket's handle was dropped, and other buckets came and went."""
    store = Store(root)
    bucket = store.open("b")
    bucket.set("k", b"old")
    cas = bucket.cas("k")
    bucket.drop()
    for number in range(40):
        (root / f"b{number}").mkdir()
        other = store.open(f"b{number}")
        other.set("k", b"v")
        other.drop()
    cas.swap(b"new")
    assert (root / "b" / "k").read_bytes() == b"new"
    assert store.open("b").get("k") == b"new"


def test_a_dropped_swap_changes_nothing(root):
    """Dropping a handle leaves the key as it is."""
    bucket = Store(root).open("b")
    bucket.set("k", b"v")
    bucket.cas("k").drop()
    assert bucket.get("k") == b"v"


def test_both_drafts_see_one_store(root):
    """A key set through one draft is the same key through the other, in the same instance."""
    store = Store(root)
    first, second = store.open("b", draft=1), store.open("b", draft=2)
    first.set("k", b"1")
    second.set("l", b"2")
    assert first.get("l") == b"2" and second.get("k") == b"1"
    assert first.increment("n") == 1 and second.increment("n") == 2
    assert first.keys() == second.keys()


def test_two_instances_see_each_other(root):
    """A change is seen by every other instance at its next call."""
    one, two = Store(root).open("b"), Store(root).open("b")
    for number in range(50):
        one.set("k", b"%d" % number)
        assert two.get("k") == b"%d" % number
        assert two.increment("n") == 2 * number + 1
        assert one.increment("n") == 2 * number + 2
        two.delete("k")
        assert one.exists("k") is False


def test_the_empty_identifier_is_the_default_bucket(root):
    """The identifier "" opens the bucket `default`."""
    (root / "default").mkdir()
    store = Store(root)
    store.open("").set("k", b"v")
    assert (root / "default" / "k").read_bytes() == b"v"
    assert store.open("default").get("k") == b"v"


def test_the_scratch_space_is_safe_to_delete(root, bucket):
    """With `.kv` deleted after any change, the next change works."""
    for number in range(5):
        bucket.set("k", b"v")
        assert bucket.increment("n") == number + 1
        bucket.delete("k")
        shutil.rmtree(root / "b" / ".kv" / "turn")
        if number % 2:
            shutil.rmtree(root / "b" / ".kv")
    assert bucket.keys() == ["n"]


def test_nothing_is_left_behind(root):
    """10,000 sets of one key and 10,000 increments leave the two keys and one idle series."""
    store = Store(root)
    first, second = store.open("b", draft=1), store.open("b", draft=2)
    for number in range(10_000):
        first.set("k", b"%d" % number)
        assert second.increment("n") == number + 1
    assert sorted(os.listdir(root / "b")) == [".kv", "k", "n"]
    assert sorted(os.listdir(root / "b" / ".kv")) == ["spare", "turn"]
    assert os.listdir(root / "b" / ".kv" / "spare") == []
    series = list((root / "b" / ".kv" / "turn").iterdir())
    assert len(series) == 1 and os.listdir(series[0]) == []


def test_handles_never_dropped_cost_no_files(root):
    """Ten thousand handles left open in one instance, with changes through some of them, hold no more file
    descriptors of the host than one does."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("no /proc/self/fd to count in")
    (root / "c").mkdir()
    store = Store(root)
    first = store.open("b")
    first.set("k", b"v")
    first.set("k", b"v")  # from here on, the directory of the bucket that is changed is open
    first.cas("k")
    before = len(os.listdir("/proc/self/fd"))
    for number in range(5_000):
        bucket = store.open("bc"[number % 2], draft=1 + number % 3 % 2)
        assert bucket.exists("k") is (number % 2 == 0)
        first.cas("k")
        if number % 100 < 2:
            bucket.set("w", b"")
    first.set("k", b"w")
    assert len(os.listdir("/proc/self/fd")) == before
