"""What durable changes cost, in flushes and in time, beside bare calls and SQLite. `make bench-durable`, as root.

    cost.py [--write] [--rounds N]

The flushes are counted on recorded disks (machine.py), one file system after the other. The time is taken in this
project's own directory, on whatever disk that is: the rows take N turns each, and the shortest call counts. All of
it is called from Python, the bare system calls too, which adds some microseconds to each.
"""
import argparse
import collections
import contextlib
import os
import pathlib
import platform
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import keyvalue  # noqa: E402
import machine  # noqa: E402

sys.path.insert(0, str(machine.PROJECT / "tools"))

import measured  # noqa: E402

VALUE = bytes(range(100))
MANY = 100
WARM_UP = 3  # changes that are not counted
COUNTED = {1: 100, MANY: 10}  # calls on a recorded disk, by their keys
TIMED = {1: 10, MANY: 1}  # calls in a turn
# With a journal as large as on a disk of some size: a small one is full soon, and emptying it takes flushes too.
SYSTEMS = (machine.System("ext4", "ext4", 512, machine.MKFS_EXT4 + ["-J", "size=64"]),
           machine.SYSTEMS["xfs"], machine.SYSTEMS["btrfs"])


# ---- The sides: each class has a `change`, and what has to be there before it ----


class Side:
    keys = 1

    def __init__(self, root):
        self.root = root
        self.number = 0
        root.mkdir()
        self.start()

    def start(self):
        """Once."""

    def before(self):
        """Before every change, neither counted nor timed."""

    def close(self):
        """At the end."""

    def names(self):
        """Names that are new the first time, and replaced after that."""
        return ["key-%d" % n for n in range(self.keys)]


class Bare(Side):
    """What it takes by hand: a new file, its sync, its rename, and the sync of its directory."""
    sync_value = sync_directory = True

    def start(self):
        self.directory = os.open(str(self.root), os.O_RDONLY | os.O_DIRECTORY)

    def change(self):
        file = os.open("new", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=self.directory)
        os.write(file, VALUE)
        if self.sync_value:
            os.fsync(file)
        os.close(file)
        os.rename("new", "key", src_dir_fd=self.directory, dst_dir_fd=self.directory)
        if self.sync_directory:
            os.fsync(self.directory)

    def close(self):
        os.close(self.directory)


class BareValues(Bare):
    sync_directory = False


class BareNone(Bare):
    sync_value = sync_directory = False


class Store(Side):
    level = "all"

    def open(self):
        self.store = keyvalue.Store(self.root, {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1",
                                                "KEYVALUE_FILESYSTEM_DURABLE": self.level})
        return self.store

    def start(self):
        self.bucket = self.open().open("b")

    def close(self):
        self.bucket = None
        self.store.store.close()


class Set(Store):
    def change(self):
        self.bucket.set("key", VALUE)


class SetNew(Store):
    def change(self):
        self.number += 1
        self.bucket.set("key-%d" % self.number, VALUE)


class Increment(Store):
    def change(self):
        self.bucket.increment("count", 1)


class Delete(Store):
    def before(self):
        self.bucket.set("key", VALUE)

    def change(self):
        self.bucket.delete("key")


class SetMany(Store):
    keys = MANY

    def change(self):
        self.bucket.set_many([(name, VALUE) for name in self.names()])


class DeleteMany(SetMany):
    def before(self):
        self.bucket.set_many([(name, VALUE) for name in self.names()])

    def change(self):
        self.bucket.delete_many(self.names())


class Fresh(Store):
    def before(self):
        self.close()

    def change(self):
        self.open().open("b").set("key", VALUE)


class NewBucket(Fresh):
    def change(self):
        self.number += 1
        self.open().open("b-%d" % self.number).set("key", VALUE)


class Sqlite(Side):
    """A table of keys and values, in the write-ahead log, with a sync for every transaction."""

    def start(self):
        self.database = sqlite3.connect(str(self.root / "database"), isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL").fetchall()
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE kv (key TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID")

    def change(self):
        self.database.execute("BEGIN")
        self.database.executemany("REPLACE INTO kv VALUES (?, ?)", [(name, VALUE) for name in self.names()])
        self.database.execute("COMMIT")

    def close(self):
        self.database.close()


class SqliteMany(Sqlite):
    keys = MANY


def _at(level, side):
    return type("%s_%s" % (side.__name__, level), (side,), {"level": level})


# A row: what it is called, its side, and the most flushes on ext4 that we want to see, if any.
Row = collections.namedtuple("Row", "name side most")

ROWS = [
    Row("bare calls: new file, sync, rename, sync of the directory", Bare, None),
    Row("store, `all`: set", Set, 4.1),
    Row("store, `all`: set of a new key", SetNew, 4.1),
    Row("store, `all`: increment", Increment, 4.1),
    Row("store, `all`: delete", Delete, None),
    Row("store, `all`: set in a fresh instance", Fresh, 4.2),
    Row("store, `all`: set in a fresh instance, in a new bucket", NewBucket, None),
    Row("store, `all`: set-many of 100, a key", SetMany, 2.2),
    Row("store, `all`: delete-many of 100, a key", DeleteMany, 0.1),
    Row("bare calls: new file, sync, rename", BareValues, None),
    Row("store, `values`: set", _at("values", Set), 2.1),
    Row("store, `values`: set in a fresh instance", _at("values", Fresh), 2.1),
    Row("store, `values`: set-many of 100, a key", _at("values", SetMany), 2.1),
    Row("store, `values`: delete-many of 100, a key", _at("values", DeleteMany), 0.1),
    Row("bare calls: new file, rename", BareNone, None),
    Row("store, `none`: set", _at("none", Set), None),
    Row("store, `none`: set-many of 100, a key", _at("none", SetMany), None),
    Row("SQLite, WAL, `synchronous=FULL`: a row in a transaction", Sqlite, None),
    Row("SQLite, the same: 100 rows in a transaction, a row", SqliteMany, None),
]


# ---- Measuring ----


@contextlib.contextmanager
def _sides(folder):
    """Every row's side, at work in a folder of its own."""
    sides = [row.side(folder / ("row-%d" % number)) for number, row in enumerate(ROWS)]
    try:
        for side in sides:
            for _ in range(WARM_UP):
                side.before()
                side.change()
        yield sides
    finally:
        for side in sides:
            side.close()


def count_flushes(system):
    """For each row, the flushes for every key."""
    counts = []
    with machine.scratch() as scratch, machine.Recorded(system, scratch) as disk:
        with _sides(disk.at) as sides:
            for side in sides:
                os.sync()
                for _ in range(COUNTED[side.keys]):
                    side.before()
                    disk.mark("begin")
                    side.change()
                    disk.mark("end")
                disk.mark("row")
        log = machine.Log(disk.log)
        flushes, inside, changes = 0, False, 0
        for kind, _, text in log.records:
            flushes += kind == "F" and inside
            if kind == "M":
                inside = text == "begin"
                changes += inside
                if text == "row":
                    counts.append(flushes / changes / sides[len(counts)].keys)
                    flushes, changes = 0, 0
    return counts


def measure_time(rounds):
    """For each row the microseconds for every key, in the shortest call: what else the machine does adds."""
    times = [[] for _ in ROWS]
    with tempfile.TemporaryDirectory(dir=str(machine.PARTS)) as folder, _sides(pathlib.Path(folder)) as sides:
        for _ in range(rounds):
            for side, taken in zip(sides, times):
                for _ in range(TIMED[side.keys]):
                    side.before()
                    begun = time.perf_counter()
                    side.change()
                    taken.append((time.perf_counter() - begun) / side.keys * 1e6)
    return [min(taken) for taken in times]


# ---- The page ----

PAGE = """On Linux %(kernel)s, as root, with SQLite %(sqlite)s.

A sync costs what the disk needs to write, and how often it is made to wait is what a store can do something about. So
flushes come first: how often the disk was told to write out all that it has, for every key that was changed, counted on
a recorded disk ([`test/power/disk.c`](../../test/power/disk.c)). Then the time for every key on this machine's disk
(%(disk)s), in the shortest of many calls, and the same as a multiple of the bare calls in the first row. Values are of
100 bytes. All rows are called from Python and take turns in one run.

%(table)s

"At most" is for ext4. A sync is two flushes on ext4: one before the journal's commit record, and one after it.

This disk answers a flush in about 0.1 ms, so that the host counts for much of the time: the wasmtime package for Python
hands each call to the file system to another thread, which the row without any sync shows best
([benchmarks.md](benchmarks.md) has the same in a host that does not). Where a flush takes 5 ms, as on many disks, the
flushes are all that counts.

- `all` syncs the file before the rename and the bucket's directory after it, as the bare calls do. A batch syncs the
  directory once, at its end. The first change of an instance also syncs the root, after the bucket, which finds
  nothing left to write.
- `values` leaves out the directory: half of the flushes for a set, none for a delete.
- SQLite appends a transaction to one file, its log, and syncs that alone: no name changes, so there is one sync for a
  change in place of two, and one for a hundred changes in one transaction. A store of plain files has to sync each file
  before its name may point to it, so a batch of 100 costs it 100 syncs and one more. That is the price of values that
  `cat` can read. What changes hundreds of keys a second durably, and needs no files, is better off with SQLite.
"""


def table(flushes, times):
    systems = list(flushes)
    head = [""] + [name + " flushes" for name in systems] + ["at most", "time", "of bare"]
    lines = ["| %s |" % " | ".join(head), "| --- |" + " ---: |" * (len(head) - 1)]
    for number, row in enumerate(ROWS):
        cells = [row.name] + ["%.2f" % flushes[name][number] for name in systems]
        cells += ["" if row.most is None else "%.1f" % row.most]
        cells += ["%.0f µs" % times[number], "%.2f" % (times[number] / times[0])]
        lines.append("| %s |" % " | ".join(cells))
    return "\n".join(lines)


def disk_name():
    """The file system that the time is taken on."""
    return machine.run("stat", "--file-system", "--format", "%T", str(machine.PARTS)).replace("ext2/ext3", "ext4")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="write docs/measured/durable.md anew")
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    flushes = collections.OrderedDict()
    for system in SYSTEMS:
        lack = machine.lack(system.name)
        if lack is None:
            flushes[system.name] = count_flushes(system)
        else:
            print("SKIPPED %s: %s" % (system.name, lack))
    times = measure_time(arguments.rounds)
    print(table(flushes, times))
    over = ["%s: %.2f flushes, at most %.1f" % (row.name, count, row.most)
            for row, count in zip(ROWS, flushes.get("ext4", [])) if row.most is not None and count > row.most]
    print("\n".join("over: " + text for text in over))
    if arguments.write and len(flushes) == len(SYSTEMS):
        measured.write("durable.md", "What a durable change costs", "make bench-durable", PAGE % {
            "kernel": platform.release().split("-")[0], "sqlite": sqlite3.sqlite_version, "disk": disk_name(),
            "table": table(flushes, times)})
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
