"""Listing page by page while keys come and go, and the cursors of both drafts."""
import os
import random

import pytest

from host import Host
from keyvalue import Store

PAGE = 1000


def fill(directory, names):
    for name in names:
        (directory / name).write_bytes(b"")


def pages(root, draft, cursor=None, between=lambda: None):
    """Lists with a new instance for every page; `between` is done between two."""
    while True:
        keys, cursor = Store(root, draft=draft).open("b").list_keys(cursor)
        yield keys
        if cursor is None:
            return
        assert isinstance(cursor, int if draft == 1 else str)
        between()


@pytest.mark.parametrize("draft", [1, 2])
@pytest.mark.parametrize("count", [PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1])
def test_pages(root, draft, count):
    """Whatever the number of keys, every one is listed once, on pages of up to 1000, the last of
    which has no cursor."""
    names = {f"key {number}" for number in range(count)}
    fill(root / "b", names)
    listed = list(pages(root, draft))
    assert [len(page) for page in listed[:-1]] == [PAGE] * (len(listed) - 1)
    assert 0 < len(listed[-1]) <= PAGE
    keys = [key for page in listed for key in page]
    assert len(keys) == count and set(keys) == names
    assert sorted(Store(root, draft=draft).open("b").keys()) == sorted(names)


@pytest.mark.parametrize("draft", [1, 2])
def test_bucket_that_is_a_link(root, draft):
    """A link to a directory of the root is a bucket: its keys are listed, read and changed as those of the directory."""
    (root / "link").symlink_to("b")
    fill(root / "b", ["k"])
    bucket = Store(root, draft=draft).open("link")
    bucket.set("new", b"v")
    bucket.set("new", b"w")  # through the directory, which is kept open by now
    assert sorted(bucket.keys()) == ["k", "new"]
    assert (root / "b" / "new").read_bytes() == b"w"


@pytest.mark.parametrize("draft", [1, 2])
@pytest.mark.parametrize("fresh", [True, False], ids=["new instances", "one instance"])
def test_listing_while_keys_come_and_go(root, draft, fresh):
    """Keys that are there from the first page to the last are listed exactly once, and no key
    twice, though others are added and removed between any two pages."""
    chance = random.Random(7)
    staying = {f"stays {number}" for number in range(2500)}
    others = {f"goes {number}" for number in range(1500)}
    ever = staying | others
    fill(root / "b", ever)

    def come_and_go():
        for name in chance.sample(sorted(others), 200):
            (root / "b" / name).unlink()
            others.remove(name)
        added = {f"comes {chance.random()}" for _ in range(200)}
        fill(root / "b", added)
        others.update(added)
        ever.update(added)

    if fresh:
        keys = [key for page in pages(root, draft, between=come_and_go) for key in page]
    else:
        bucket = Store(root, draft=draft).open("b")
        keys, cursor = bucket.list_keys()
        while cursor is not None:
            come_and_go()
            page, cursor = bucket.list_keys(cursor)
            keys += page
    assert len(keys) == len(set(keys)), "a key was listed twice"
    assert staying <= set(keys), "a key was left out"
    assert set(keys) <= ever, "a key was made up"


def test_cursors_of_both_drafts_are_one_number(root):
    """The second draft's cursor is the first one's in 16 hex digits; either goes on at the same
    key, in the same instance and in a new one, as often as asked."""
    fill(root / "b", [f"key {number}" for number in range(2500)])
    store = Store(root)
    first, second = store.open("b", draft=1), store.open("b", draft=2)
    keys, cursor = first.list_keys()
    assert second.list_keys() == (keys, "%016X" % cursor)
    following = first.list_keys(cursor)[0]
    for _ in range(2):
        assert first.list_keys(cursor)[0] == following
        assert second.list_keys("%016X" % cursor)[0] == following
        assert Store(root).open("b").list_keys("%016X" % cursor)[0] == following


def test_any_number_is_a_cursor(root):
    """The pages behind the smallest and the largest number are all keys and none."""
    fill(root / "b", ["a", "b", "c"])
    first, second = (Store(root, draft=draft).open("b") for draft in (1, 2))
    for bucket, low, high in ((first, 0, 2**64 - 1), (second, "0" * 16, "F" * 16)):
        assert sorted(bucket.list_keys(low)[0]) == ["a", "b", "c"]
        assert bucket.list_keys(high) == ([], None)


def test_listings_of_two_buckets_do_not_mix(root):
    """Two listings of one instance, page by page in turn, each give their own bucket's keys."""
    (root / "c").mkdir()
    fill(root / "b", [f"b {number}" for number in range(2100)])
    fill(root / "c", [f"c {number}" for number in range(2100)])
    store = Store(root)
    buckets = {"b": store.open("b"), "c": store.open("c")}
    found, cursors = {"b": [], "c": []}, {"b": None, "c": None}
    for _ in range(3):
        for name, bucket in buckets.items():
            keys, cursors[name] = bucket.list_keys(cursors[name])
            found[name] += keys
    for name in buckets:
        assert cursors[name] is None
        assert sorted(found[name]) == sorted(set(os.listdir(root / name)) - {".kv"})


def test_long_names(root):
    """A full listing of keys of 255 bytes, and of such as decode to far fewer, loses none."""
    names = {"%2F" * 80 + f"{number:015}" for number in range(1200)}
    names |= {"x" * 240 + f"{number:015}" for number in range(1200)}
    fill(root / "b", names)
    keys = Store(root).open("b").keys()
    assert len(keys) == 2400
    assert {key.replace("/", "%2F") for key in keys} == names


@pytest.mark.parametrize("draft", [1, 2])
def test_names_that_the_host_makes_up(root, draft):
    """A file name that is not UTF-8 is no key where the host lists it with U+FFFD in it, as jco does; a name that
    has this character itself is one."""
    fill(root / "b", ["plain", "with \ufffd"])
    with open(os.path.join(os.fsencode(root / "b"), b"not \xff"), "wb"):
        pass
    with Host(root, draft=draft) as host:
        host.replaces_names = True
        assert sorted(host.open("b").list_keys()[0]) == ["plain", "with \ufffd"]
