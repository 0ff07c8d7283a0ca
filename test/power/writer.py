"""One writer: a process that changes the store at random, and marks each change before and after it.

    writer.py ROOT MARK NAME COUNT SEED LEVEL MIX PAUSE

PAUSE is the mean number of seconds between two changes. It ends with 0, whatever the calls returned: a call
that fails is marked as such.
"""
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import keyvalue  # noqa: E402
from history import value  # noqa: E402

BUCKETS = ("b0", "b1")
KEYS = ["k%d" % n for n in range(8)]
MORE_KEYS = ["m%d" % n for n in range(8)]
FRESH = 0.03  # how often a new instance takes over
SWAPS_MAX = 100

# What is done, with weights. `new_bucket` opens a bucket that is not there, and sets a key of it.
MIXES = {
    "all": {"set": 30, "set_new": 12, "delete": 10, "delete_new": 5, "increment": 18, "swap": 10, "set_many": 6,
            "delete_many": 3, "new_bucket": 6},
    "new": {"set_new": 1},
    "large": {"set_large": 1},
    "batch": {"set_many": 2, "delete_many": 1},
    "new_bucket": {"new_bucket": 1},
}


class Writer:
    def __init__(self, root, mark, name, seed, level, mix):
        self.root = root
        self.mark_file = os.open(mark, os.O_WRONLY)
        self.name = name
        self.random = random.Random("%s %s" % (seed, name))
        self.env = {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1", "KEYVALUE_FILESYSTEM_DURABLE": level}
        self.mix = MIXES[mix]
        self.number = 0
        self.new_keys = []
        self.start()

    def start(self):
        self.store = keyvalue.Store(self.root, self.env)
        self.open_buckets = {}

    def mark(self, *content):
        line = (json.dumps(content) + "\n").encode()
        assert os.write(self.mark_file, line) == len(line)

    def bucket(self, name):
        if name not in self.open_buckets:
            self.open_buckets[name] = self.store.open(name)
        return self.open_buckets[name]

    def change(self, what, bucket, keys, function, *, name=None):
        """Marks and makes one change."""
        name = name or self.id
        self.mark("begin", name, what, bucket, keys)
        try:
            result = function(self.bucket(bucket))
        except keyvalue.Failure as failure:
            self.mark("failed", name, str(failure))
        else:
            self.mark("end", name, result)

    def value(self, *, large=False):
        draw = self.random.random()
        if large:
            size = self.random.randrange(1_100_000, 1_300_000)  # takes more than one write
        elif draw < 0.6:
            size = self.random.randrange(30, 200)
        elif draw < 0.97:
            size = self.random.randrange(200, 5000)
        else:
            size = self.random.randrange(5000, 100_000)
        return value(self.id, size)

    def step(self):
        self.number += 1
        self.id = "%s.%d" % (self.name, self.number)
        if self.random.random() < FRESH:
            self.start()
        what = self.random.choices(list(self.mix), list(self.mix.values()))[0]
        getattr(self, what)(self.random.choice(BUCKETS + BUCKETS[:1]))

    # One method for each of the mixes' words.

    def set(self, bucket):
        key = self.random.choice(KEYS)
        self.change("set", bucket, [key], lambda b: b.set(key, self.value()))

    def set_large(self, bucket):
        key = self.random.choice(KEYS)
        self.change("set", bucket, [key], lambda b: b.set(key, self.value(large=True)))

    def set_new(self, bucket):
        key = "n" + self.id
        self.new_keys.append((bucket, key))
        self.change("set", bucket, [key], lambda b: b.set(key, self.value()))

    def delete(self, bucket):
        key = self.random.choice(KEYS)
        self.change("delete", bucket, [key], lambda b: b.delete(key))

    def delete_new(self, bucket):
        if self.new_keys:
            bucket, key = self.new_keys.pop(self.random.randrange(len(self.new_keys)))
            self.change("delete", bucket, [key], lambda b: b.delete(key))

    def increment(self, bucket):
        key = self.random.choice(["c0", "c1"])
        self.change("increment", bucket, [key], lambda b: b.increment(key, 1))

    def swap(self, bucket):
        def one_more(b):
            for _ in range(SWAPS_MAX):
                cas = b.cas("x")
                seen = cas.current()
                number = int(seen.split(b" ", 1)[0].split(b"_")[1]) + 1 if seen is not None else 1
                try:
                    cas.swap(value("%s_%d" % (self.id, number), self.random.randrange(40, 3000)))
                    return number
                except keyvalue.CasFailed as failed:
                    failed.cas.drop()
            return 0
        self.change("swap", bucket, ["x"], one_more)

    def set_many(self, bucket):
        keys = self.random.sample(KEYS + MORE_KEYS, 4)
        self.change("set", bucket, keys, lambda b: b.set_many([(key, self.value()) for key in keys]))

    def delete_many(self, bucket):
        keys = self.random.sample(KEYS + MORE_KEYS, 3)
        self.change("delete", bucket, keys, lambda b: b.delete_many(keys))

    def new_bucket(self, _):
        """A bucket of its own, or one that the others make at about the same time."""
        bucket = "own-" + self.id if self.random.random() < 0.5 else "shared-%d" % (self.number // 40)
        self.change("open", bucket, [], lambda b: None, name=self.id + ".open")
        if self.random.random() < 0.8:
            self.change("set", bucket, ["k0"], lambda b: b.set("k0", self.value()))


def main():
    root, mark, name, count, seed, level, mix, pause = sys.argv[1:]
    writer = Writer(root, mark, name, seed, level, mix)
    for _ in range(int(count)):
        if float(pause) > 0:
            time.sleep(writer.random.expovariate(1 / float(pause)))
        writer.step()


if __name__ == "__main__":
    main()
