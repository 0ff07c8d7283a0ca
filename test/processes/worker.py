"""One writer: a process with a wasmtime of its own, that calls the store at random and records it.

Every call is two lines of JSON in the worker's file, unbuffered, so that a
SIGKILL loses nothing that was written:

    ["call", nanoseconds, [[operation, key, argument...], ...]]     before the call
    ["return", nanoseconds, [result, ...]]                          after it

The clock is CLOCK_MONOTONIC, the same for all processes of a machine. A batch
is one call of several operations, since it promises atomicity to none but each.
Values are written as spell() gives them: hex digits, a long value by its head.
"""
import hashlib
import json
import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import keyvalue  # noqa: E402
from wasmtime import component  # noqa: E402

BUCKET = "b"
LONG_BYTES = 200_000  # takes several host calls to read and to write
SHORT_BYTES = 64

# For each profile, its keys and what is done to them, with weights. In `plain`
# each key sees operations that can be checked without a search (history.py).
PLAIN_COUNTER = {"increment-one": 6, "get": 2, "cat": 1}
PLAIN_CHAIN = {"swap": 6, "get": 2, "cat": 1}
PLAIN_REGISTER = {"set": 4, "set-long": 1, "delete": 2, "get": 3, "cat": 2, "exists": 1}
MIXED = {"increment": 6, "swap": 4, "set": 1, "set-counter": 1, "set-long": 1, "delete": 2, "get": 2,
         "cat": 1, "exists": 1, "get-many": 1, "set-many": 1, "delete-many": 1}
PROFILES = {
    "plain": {"counter-0": PLAIN_COUNTER, "counter-1": PLAIN_COUNTER, "chain-0": PLAIN_CHAIN,
              "chain-1": PLAIN_CHAIN, "register-0": PLAIN_REGISTER, "register-1": PLAIN_REGISTER},
    "mixed": {"a": MIXED, "b": MIXED, "c": MIXED},
}


def long_value(tag):
    head = b"%s %d\n" % (tag.encode(), LONG_BYTES)
    return (head * (LONG_BYTES // len(head) + 1))[:LONG_BYTES]


def spell(value):
    """A value in a history; a long one by its head if it is whole, else as torn."""
    if value is None or len(value) <= SHORT_BYTES:
        return None if value is None else value.hex()
    tag = value.split(b" ", 1)[0][:SHORT_BYTES]
    if value == long_value(tag.decode("latin-1")):
        return b"long ".hex() + tag.hex()
    return "torn: %d bytes, SHA-1 %s" % (len(value), hashlib.sha1(value).hexdigest())


def compile_to(path):
    """Compiles the component once for all workers."""
    Path(path).write_bytes(keyvalue.compiled().serialize())


def load(path):
    """Has this process use what compile_to() wrote."""
    loaded = component.Component.deserialize_file(keyvalue.engine(), str(path))
    keyvalue.compiled = lambda name=None: loaded


class Worker:
    def __init__(self, root, compiled, record, profile, fresh, name):
        load(compiled)
        self.root = root
        self.profile = PROFILES[profile]
        self.fresh = fresh  # an instance for every call
        self.random = random.Random(name)
        self.name = name
        self.values = 0
        self.bucket = None
        self.record = os.open(str(record), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)

    def write(self, kind, content):
        # The clock before the call's line, and after the call for its return's.
        line = json.dumps([kind, time.monotonic_ns(), content]) + "\n"
        assert os.write(self.record, line.encode()) == len(line)

    def call(self, operations, function):
        self.write("call", operations)
        result = function()
        self.write("return", result)
        return result

    def call_one(self, operation, function):
        return self.call([operation], lambda: [function()])[0]

    def open(self):
        if self.fresh and self.bucket is not None:
            self.bucket.store.store.close()
            self.bucket = None
        if self.bucket is None:
            self.bucket = keyvalue.Store(self.root).open(BUCKET)
        return self.bucket

    def new_tag(self):
        self.values += 1
        return "%s.%d" % (self.name, self.values)

    def new_counter(self):
        """A value that is a counter, in one of the forms there are."""
        number = self.random.randrange(1000)
        forms = [number.to_bytes(8, "little"), b"%d" % number, b"-%d\n" % number, b"%09d\n" % number]
        return self.random.choice(forms)

    # One method for each operation, of its name.

    def get(self, key):
        self.call_one(["get", key], lambda: spell(self.open().get(key)))

    def cat(self, key):
        def read():
            try:
                return spell((Path(self.root) / BUCKET / key).read_bytes())
            except FileNotFoundError:
                return None
        self.call_one(["get", key], read)

    def exists(self, key):
        self.call_one(["exists", key], lambda: self.open().exists(key))

    def put(self, key, value):
        self.call_one(["set", key, spell(value)], lambda: self.open().set(key, value))

    def set(self, key):
        self.put(key, self.new_tag().encode())

    def set_counter(self, key):
        self.put(key, self.new_counter())

    def set_long(self, key):
        self.put(key, long_value(self.new_tag()))

    def delete(self, key):
        self.call_one(["delete", key], lambda: self.open().delete(key))

    def increment(self, key):
        delta = self.random.choice([1, 1, 7, 1000, -1, -20])

        def increment():
            try:
                return self.open().increment(key, delta)
            except keyvalue.Other as error:
                if "counter" not in error.text and "8 bytes of text" not in error.text:
                    raise
                return "refused"
        self.call_one(["increment", key, delta], increment)

    def increment_one(self, key):
        self.call_one(["increment", key, 1], lambda: self.open().increment(key, 1))

    def swap(self, key):
        cas = []

        def look():
            cas.append(self.open().cas(key))
            return spell(cas[0].current())
        expected = self.call_one(["get", key], look)
        value = self.new_tag().encode()

        def swap():
            try:
                cas[0].swap(value)
            except keyvalue.CasFailed as failed:
                found = spell(failed.cas.current())
                failed.cas.drop()
                return ["changed", found]
            return ["swapped"]
        self.call_one(["swap", key, expected, spell(value)], swap)

    def some_keys(self):
        return self.random.sample(sorted(self.profile), self.random.randint(1, len(self.profile)))

    def get_many(self, _):
        keys = self.some_keys()
        self.call([["get", key] for key in keys], lambda: [
            None if found is None else spell(found[1]) for found in self.open().get_many(keys)])

    def set_many(self, _):
        pairs = [(key, self.new_counter()) for key in self.some_keys()]

        def change():
            self.open().set_many(pairs)
            return [None for _ in pairs]
        self.call([["set", key, spell(value)] for key, value in pairs], change)

    def delete_many(self, _):
        keys = self.some_keys()

        def change():
            self.open().delete_many(keys)
            return [None for _ in keys]
        self.call([["delete", key] for key in keys], change)

    def step(self):
        key = self.random.choice(sorted(self.profile))
        weights = self.profile[key]
        operation = self.random.choices(list(weights), list(weights.values()))[0]
        getattr(self, operation.replace("-", "_"))(key)


def work(root, compiled, record, profile, fresh, name, end):
    """Works until the clock says `end`, or for as long as it lives."""
    worker = Worker(root, compiled, record, profile, fresh, name)
    while time.monotonic_ns() < end:
        worker.step()
