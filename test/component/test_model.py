"""Random histories against a dict: two instances, both drafts, and a person
who edits the files, all on one bucket."""
import os
import re
import shutil
import struct
import tempfile

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from keyvalue import CasFailed, Other, Store
from test_names import plain_name

# Few keys, so that operations meet; with names that need escapes.
keys = st.sampled_from(["", "a", "b", "n", ".kv", "a/b", "%2F", "größe"])
values = st.one_of(
    st.binary(max_size=20),
    st.sampled_from([b"41\n", b"-7", b"0", b"9999999", b"999999\n", b"12345678", b"-\n", b"\n", b"",
                     b"18446744073709551615", b"9223372036854775807\n", b"-9223372036854775808",
                     b"\xff" * 8, b"\0" * 8, b"\xff" * 7 + b"\x7f"]))
deltas = st.one_of(st.integers(0, 3), st.sampled_from([2**63 - 1]), st.integers(-3, -1))
# What stands where a value should be.
KINDS = {"directory": os.mkdir, "link": lambda path: os.symlink("a", path), "pipe": os.mkfifo}


def eight_of_text(content):
    """True for 8 bytes that an editor or a shell writes as text."""
    printable = rb"[\x20-\x7e\t-\r]"
    pattern = rb"%s{8}|\xef\xbb\xbf%s{5}|\xff\xfe(%s\0){3}" % (printable, printable, printable)
    return re.fullmatch(pattern, content, re.S) is not None


def count(content, delta, draft):
    """The counter's new value and content; None where it is refused. The rule
    of the documentation, written a second time."""
    low, high = (0, 2**64) if draft == 1 else (-2**63, 2**63)
    is_text = content is not None and re.fullmatch(rb"-?[0-9]+(\r?\n)?", content)
    if content is not None and (len(content) == 8 if eight_of_text(content) else len(content) != 8 and not is_text):
        return None
    code = "<Q" if draft == 1 else "<q"
    if content is None:
        value = 0
    else:
        value = int(content) if is_text else struct.unpack(code, content)[0]
    if not low <= value < high or not low <= value + delta < high:
        return None
    value += delta
    if not is_text:
        return value, struct.pack(code, value)
    line_end = content[len(content.rstrip(b"\r\n")):]
    text = b"%d%s" % (value, line_end)
    if len(text) == 8:
        text = b"%d%s" % (value, b"" if line_end else b"\n")
    return value, text


class Histories(RuleBasedStateMachine):
    swaps = Bundle("swaps")

    def __init__(self):
        super().__init__()
        self.root = tempfile.mkdtemp()
        self.directory = os.path.join(self.root, "b")
        os.mkdir(self.directory)
        self.model = {}
        self.wrong = {}  # keys that something else than a file stands for
        self.buckets = [None] * 4
        for which in (0, 1):
            self.start_again(which)

    def teardown(self):
        shutil.rmtree(self.root)

    def path(self, key):
        return os.path.join(self.directory, plain_name(key))

    def attempt(self, key, change, expected):
        """Does a change; `expected` None, or something in the way, is a refusal."""
        if key in self.wrong or expected is None:
            with pytest.raises(Other):
                change()
            return False
        change()
        return True

    # ---- The store ----

    @rule(which=st.integers(0, 1))
    def start_again(self, which):
        """A new instance in the place of one that is left as it is."""
        store = Store(self.root)
        self.buckets[which] = store.open("b", draft=1)
        self.buckets[which + 2] = store.open("b", draft=2)

    @rule(which=st.integers(0, 3), key=keys, value=values)
    def set(self, which, key, value):
        if self.attempt(key, lambda: self.buckets[which].set(key, value), value):
            self.model[key] = value

    @rule(which=st.integers(0, 3), key=keys)
    def get(self, which, key):
        assert self.buckets[which].get(key) == self.model.get(key)
        assert self.buckets[which].exists(key) is (key in self.model)

    @rule(which=st.integers(0, 3), key=keys)
    def delete(self, which, key):
        if self.attempt(key, lambda: self.buckets[which].delete(key), True):
            self.model.pop(key, None)

    @rule(which=st.integers(0, 3), key=keys, delta=deltas)
    def increment(self, which, key, delta):
        bucket = self.buckets[which]
        delta = abs(delta) if bucket.draft == 1 else delta
        expected = count(self.model.get(key), delta, bucket.draft)
        results = []
        if self.attempt(key, lambda: results.append(bucket.increment(key, delta)), expected):
            assert results == [expected[0]]
            self.model[key] = expected[1]

    @rule(which=st.integers(0, 3), asked=st.lists(keys, max_size=6))
    def get_many(self, which, asked):
        expected = [(key, self.model[key]) if key in self.model else None for key in asked]
        assert self.buckets[which].get_many(asked) == expected

    @rule(which=st.integers(0, 3), pairs=st.lists(st.tuples(keys, values), max_size=4))
    def set_many(self, which, pairs):
        ends = [at for at, (key, _) in enumerate(pairs) if key in self.wrong][:1]
        if ends:
            with pytest.raises(Other):
                self.buckets[which].set_many(pairs)
        else:
            self.buckets[which].set_many(pairs)
        self.model.update(pairs[:ends[0]] if ends else pairs)

    @rule(which=st.integers(0, 3), asked=st.lists(keys, max_size=4))
    def delete_many(self, which, asked):
        ends = [at for at, key in enumerate(asked) if key in self.wrong][:1]
        if ends:
            with pytest.raises(Other):
                self.buckets[which].delete_many(asked)
        else:
            self.buckets[which].delete_many(asked)
        for key in asked[:ends[0]] if ends else asked:
            self.model.pop(key, None)

    @rule(which=st.integers(0, 3))
    def list_keys(self, which):
        assert sorted(self.buckets[which].keys()) == sorted(self.model)

    @rule(target=swaps, which=st.integers(2, 3), key=keys)
    def look(self, which, key):
        return key, self.model.get(key), self.buckets[which].cas(key)

    @rule(target=swaps, swap=consumes(swaps), value=values)
    def swap(self, swap, value):
        key, seen, cas = swap
        assert cas.current() == seen
        found = self.model.get(key)
        if key in self.wrong:
            with pytest.raises(Other):
                cas.swap(value)
        elif seen == found:
            cas.swap(value)
            self.model[key] = value
        else:
            with pytest.raises(CasFailed) as failed:
                cas.swap(value)
            return key, found, failed.value.cas
        return key, self.model.get(key), self.buckets[2].cas(key)

    # ---- The person ----

    def clear(self, key):
        path = self.path(key)
        if os.path.isdir(path) and not os.path.islink(path):
            os.rmdir(path)
        elif os.path.lexists(path):
            os.unlink(path)
        self.wrong.pop(key, None)
        self.model.pop(key, None)

    @rule(key=keys, value=values)
    def write(self, key, value):
        if key in self.wrong:
            self.clear(key)
        with open(self.path(key), "wb") as file:
            file.write(value)
        self.model[key] = value

    @rule(key=keys, value=values)
    def replace(self, key, value):
        if key in self.wrong:
            self.clear(key)
        with open(os.path.join(self.root, "elsewhere"), "wb") as file:
            file.write(value)
        os.replace(os.path.join(self.root, "elsewhere"), self.path(key))
        self.model[key] = value

    @rule(key=keys)
    def remove(self, key):
        self.clear(key)

    @rule(key=keys, kind=st.sampled_from(sorted(KINDS)))
    def stand_in_the_way(self, key, kind):
        self.clear(key)
        KINDS[kind](self.path(key))
        self.wrong[key] = kind

    @rule()
    def remove_the_scratch_space(self):
        shutil.rmtree(os.path.join(self.directory, ".kv"), ignore_errors=True)

    @rule()
    def make_the_bucket_again(self):
        shutil.rmtree(self.directory)
        os.mkdir(self.directory)
        self.model.clear()
        self.wrong.clear()

    @invariant()
    def the_files_are_the_model(self):
        found, wrong = {}, set()
        for entry in os.scandir(self.directory):
            if entry.name == ".kv":
                continue
            if entry.is_file(follow_symlinks=False):
                with open(entry.path, "rb") as file:
                    found[entry.name] = file.read()
            else:
                wrong.add(entry.name)
        assert found == {plain_name(key): value for key, value in self.model.items()}
        assert wrong == {plain_name(key) for key in self.wrong}


TestHistories = Histories.TestCase
TestHistories.__doc__ = "Every result and every file is what a dict would have it, at every step."
TestHistories.settings = settings(max_examples=150, stateful_step_count=40)
