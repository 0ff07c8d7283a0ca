"""How writers in several processes share one bucket, as Markdown tables.

    contention.py [--seconds N] [--processes 1,2,4,8] [--native PROGRAM]

Two tables for each kind of file system: the built component, under wasmtime from
Python, and PROGRAM (contention.c), the same core with almost no host around it. A
worker's share is what all did, divided by their number; a wait is one whole call.
"""
import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import run
import worker

HEAD = """
| changes | processes | total/s | of one | slowest/share | fastest/share | worst ms | gave up |
|---|---|---|---|---|---|---|---|"""
START_SECONDS = 1.0  # for all processes to get ready


def counter(bucket, _):
    bucket.increment("counter")


def keys(bucket, index):
    bucket.set("key-%d" % index, b"0123456789abcdef")


# A name, what is changed, and whether every call has an instance of its own.
WORKLOADS = [("increments, one counter", counter, False), ("sets, different keys", keys, False),
             ("increments, a fresh instance each", counter, True),
             ("sets, different keys, a fresh instance each", keys, True)]


def work(root, compiled, change, fresh, index, start, seconds, result):
    """Changes until the time is up; writes how often it did, its worst wait and its failures."""
    worker.load(compiled)
    bucket = worker.keyvalue.Store(root).open(worker.BUCKET)
    changes = failures = worst = 0
    while time.monotonic() < start:
        time.sleep(0.0005)
    before = time.monotonic()
    while before < start + seconds:
        if fresh:
            bucket.store.store.close()
            bucket = worker.keyvalue.Store(root).open(worker.BUCKET)
        try:
            change(bucket, index)
            changes += 1
        except worker.keyvalue.Failure:
            failures += 1
        after = time.monotonic()
        worst = max(worst, after - before)
        before = after
    result.write_text("%d %d %f" % (changes, failures, worst))


def measure(directory, compiled, change, fresh, count, seconds):
    """One cell: each worker's changes, failures and worst wait."""
    with tempfile.TemporaryDirectory(dir=str(directory)) as scratch:
        root = Path(scratch) / "root"
        bucket = root / worker.BUCKET
        bucket.mkdir(parents=True)
        results = [Path(scratch) / str(i) for i in range(count)]
        start = time.monotonic() + START_SECONDS
        processes = [run.start(work, root, compiled, change, fresh, i, start, seconds, results[i])
                     for i in range(count)]
        time.sleep(START_SECONDS + seconds)
        assert [run.wait(process) for process in processes] == [0] * count
        rows = [result.read_text().split() for result in results]
        rows = [(int(changes), int(failures), float(worst)) for changes, failures, worst in rows]
        if change is counter:
            value = int.from_bytes((bucket / "counter").read_bytes(), "little")
            assert value == sum(row[0] for row in rows), "the counter is not the number of increments"
        return rows


def print_table(directory, compiled, counts, seconds):
    print(HEAD)
    for name, change, fresh in WORKLOADS:
        alone = None
        for count in counts:
            rows = measure(directory, compiled, change, fresh, count, seconds)
            changes = [row[0] for row in rows]
            rate = sum(changes) / seconds
            alone = alone or rate / count
            share = sum(changes) / count or 1
            print("| %s | %d | %.0f | %.2f | %.2f | %.2f | %.0f | %d |" % (
                name, count, rate, rate / alone, min(changes) / share, max(changes) / share,
                max(row[2] for row in rows) * 1000, sum(row[1] for row in rows)), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5, help="for each row")
    parser.add_argument("--processes", default="1,2,4,8")
    parser.add_argument("--native", type=Path, help="contention.c, built")
    arguments = parser.parse_args()
    counts = [int(count) for count in arguments.processes.split(",")]
    print("%d processors, %g seconds a row" % (os.cpu_count(), arguments.seconds))
    with tempfile.TemporaryDirectory() as scratch:
        compiled = Path(scratch) / "compiled"
        assert run.wait(run.start(worker.compile_to, compiled)) == 0
        for place, directory in run.places():
            print("\nThe component, on %s:" % place)
            print_table(directory, compiled, counts, arguments.seconds)
            if arguments.native:
                print("\nThe core alone, on %s:\n" % place, flush=True)
                subprocess.run([str(arguments.native), str(directory), str(arguments.seconds),
                                *map(str, counts)], check=True)


if __name__ == "__main__":
    sys.exit(main())
