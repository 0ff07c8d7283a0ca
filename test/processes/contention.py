"""How writers in several processes share one bucket: writes docs/measured/contention.md.

    contention.py --native PROGRAM --slow-sync LIBRARY --simulated PROGRAM [--seconds N] [--quick]

Through the built component, under wasmtime from Python, and through PROGRAM
(contention.c), the same core with almost no host around it. A worker's share is
what all did, divided by their number; a wait is one whole call. All is told as a
part of what one writer alone does in the same run, so that it says something on
any machine. A slow sync is LIBRARY's (slow_sync.c), preloaded: it waits, and no
root is needed. The simulator's table comes from its program, test/sim/time.c.
"""
import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import run
import worker

sys.path.append(str(Path(__file__).resolve().parents[2] / "tools"))

import measured  # noqa: E402

START_SECONDS = 1.0  # for all processes to get ready
BUSY_PROCESSES = 8
WORKLOADS = {"counter": "increments, one counter", "keys": "sets, different keys",
             "fresh-counter": "increments, a fresh instance each",
             "fresh-keys": "sets, different keys, a fresh instance each"}
COUNTS = [2, 4, 8, 16]
SYNC_COUNTS = [2, 4, 8]
SYNCS = [5, 30, 100, 300]


class Figures:
    """What came of some writers: changes of all and of the slowest, the longest, failures."""

    def __init__(self, rows, seconds):
        self.count = len(rows)
        self.total = sum(row[0] for row in rows)
        self.slowest = min(row[0] for row in rows)
        self.worst = max(row[1] for row in rows)
        self.failures = sum(row[2] for row in rows)
        self.seconds = seconds

    @property
    def rate(self):
        return self.total / self.seconds

    @property
    def share(self):
        return self.slowest * self.count / self.total if self.total else 0

    @property
    def worst_changes(self):
        """The longest call, in the time that one change of each writer takes on average."""
        return self.worst * self.rate / self.count


def make_change(workload, bucket, index):
    if workload.endswith("counter"):
        bucket.increment("counter")
    else:
        bucket.set("key-%d" % index, b"0123456789abcdef")


def work(root, compiled, workload, index, start, seconds, result, env=()):
    """Changes until the time is up; writes how often it did, its worst wait and its failures."""
    worker.load(compiled)
    bucket = worker.keyvalue.Store(root, env).open(worker.BUCKET)
    changes = failures = 0
    worst = 0.0
    while time.monotonic() < start:
        time.sleep(0.0005)
    before = time.monotonic()
    while before < start + seconds:
        if workload.startswith("fresh"):
            bucket.store.store.close()
            bucket = worker.keyvalue.Store(root, env).open(worker.BUCKET)
        try:
            make_change(workload, bucket, index)
            changes += 1
        except worker.keyvalue.Failure:
            failures += 1
        after = time.monotonic()
        worst = max(worst, after - before)
        before = after
    result.write_text("%d %f %d" % (changes, worst, failures))


class Component:
    """The built component, in processes of Python."""
    name = "the component"

    def __init__(self, place, compiled, slow_sync):
        self.place, self.compiled, self.slow_sync = place, compiled, slow_sync

    def measure(self, workload, count, seconds, sync=0):
        if sync:  # what is preloaded must be there from the start of a process
            return self.measure_slow(workload, count, seconds, sync)
        with tempfile.TemporaryDirectory(dir=str(self.place)) as scratch:
            return self.measure_in(Path(scratch), workload, count, seconds)

    def measure_slow(self, workload, count, seconds, sync):
        env = dict(os.environ, LD_PRELOAD=str(self.slow_sync), SLOW_SYNC_MS=str(sync))
        done = subprocess.run([sys.executable, __file__, "--one", str(self.place), str(self.compiled), workload,
                               str(count), str(seconds)], env=env, stdout=subprocess.PIPE, check=True,
                              universal_newlines=True)
        rows = [line.split() for line in done.stdout.splitlines()]
        return Figures([(int(c), float(w), int(f)) for c, w, f in rows], seconds)

    def measure_in(self, scratch, workload, count, seconds, env=()):
        root = scratch / "root"
        bucket = root / worker.BUCKET
        bucket.mkdir(parents=True)
        results = [scratch / str(i) for i in range(count)]
        start = time.monotonic() + START_SECONDS
        processes = [run.start(work, root, self.compiled, workload, i, start, seconds, results[i], env)
                     for i in range(count)]
        time.sleep(START_SECONDS + seconds)
        assert [run.wait(process) for process in processes] == [0] * count
        rows = [result.read_text().split() for result in results]
        figures = Figures([(int(c), float(w), int(f)) for c, w, f in rows], seconds)
        if workload.endswith("counter"):
            value = int.from_bytes((bucket / "counter").read_bytes(), "little")
            assert value == figures.total, "the counter is not the number of increments"
        return figures


class Native:
    """The core on POSIX, in processes of C."""
    name = "the core alone"

    def __init__(self, place, program):
        self.place, self.program = place, program

    def measure(self, workload, count, seconds, sync=0):
        with tempfile.TemporaryDirectory(dir=str(self.place)) as scratch:
            done = subprocess.run([str(self.program), scratch, workload, str(count), str(seconds), str(sync)],
                                  stdout=subprocess.PIPE, check=True, universal_newlines=True)
        total, slowest, worst, failures = map(int, done.stdout.split())
        figures = Figures([(0, 0.0, 0)] * count, seconds)
        figures.total, figures.slowest, figures.failures = total, slowest, failures
        figures.worst = worst / 1e6
        return figures


def one(arguments):
    """A measurement with what is preloaded: a row for each writer."""
    place, compiled, workload, count, seconds = arguments
    with tempfile.TemporaryDirectory(dir=place) as scratch:
        durable = {"KEYVALUE_FILESYSTEM_DURABLE": "all"}
        component = Component(Path(place), Path(compiled), None)
        root = Path(scratch)
        component.measure_in(root, workload, int(count), float(seconds), durable)
        for i in range(int(count)):
            print((root / str(i)).read_text())


class Busy:
    """Processes that do nothing but keep the processors busy."""

    def __enter__(self):
        self.processes = [run.start(self.spin) for _ in range(BUSY_PROCESSES)]

    def __exit__(self, *_):
        for process in self.processes:
            os.kill(process, signal.SIGKILL)
            run.wait(process)

    @staticmethod
    def spin():
        while True:
            pass


# ---- The tables ----

class Page:
    """The page's lines, and the summary's figures: the least and most of each kind."""

    def __init__(self, quick, seconds):
        self.lines = []
        self.quick = quick
        self.seconds = seconds
        self.least = {}
        self.most = {}

    def say(self, line=""):
        print(line, flush=True)
        self.lines.append(line)

    def note(self, name, value):
        self.least[name] = min(value, self.least.get(name, value))
        self.most[name] = max(value, self.most.get(name, value))

    def span(self, name, digits=2):
        if name not in self.least:
            return "–"
        least, most = ("%.*f" % (digits, value) for value in (self.least[name], self.most[name]))
        return least if least == most else "%s to %s" % (least, most)


HEAD = """
| changes | writers | of one alone | slowest of its share | longest wait | failed |
|---|---|---|---|---|---|"""


def print_writers(page, subject, title, kind, counts):
    page.say("\n%s, %s:\n%s" % (subject.name, title, HEAD))
    for workload, text in WORKLOADS.items():
        alone = subject.measure(workload, 1, page.seconds)
        for count in counts:
            figures = subject.measure(workload, count, page.seconds)
            part = figures.rate / alone.rate
            page.say("| %s | %d | %.2f | %.2f | %.0f ms | %d |" % (
                text, count, part, figures.share, figures.worst * 1000, figures.failures))
            page.note("failed", figures.failures)
            if subject.name == "the component":
                page.note(kind + " of one", part)
                page.note(kind + " share", figures.share)
                page.note(kind + " wait", figures.worst * 1000)


def print_slow(page, subject):
    page.say("\n%s, level `all`, increments of one counter:\n" % subject.name)
    page.say("| a sync takes | writers | of one alone | slowest of its share | longest call | in turns of all |")
    page.say("|---|---|---|---|---|---|")
    for sync in SYNCS[1:2] if page.quick else SYNCS:
        seconds = max(page.seconds, sync / 1000 * 40)
        alone = subject.measure("counter", 1, seconds, sync)
        for count in SYNC_COUNTS:
            figures = subject.measure("counter", count, seconds, sync)
            part = figures.rate / alone.rate
            page.say("| %d ms | %d | %.2f | %.2f | %.2f s | %.1f |" % (
                sync, count, part, figures.share, figures.worst, figures.worst_changes))
            page.note("failed", figures.failures)
            if subject.name == "the component":
                page.note("sync of one", part)
                page.note("sync longest", figures.worst_changes)


def in_process(function, place, compiled):
    """What a function returns that has a process of its own: one that has run wasmtime cannot be forked."""
    with tempfile.TemporaryDirectory(dir=str(place)) as scratch:
        root, result = Path(scratch) / "root", Path(scratch) / "result"
        (root / worker.BUCKET).mkdir(parents=True)
        assert run.wait(run.start(lambda: result.write_text(str(function(root, compiled))))) == 0
        return float(result.read_text())


def by_turns(root, compiled):
    """What a change takes where two instances make them by turns, of what it takes one alone."""
    changes = 400
    worker.load(compiled)
    times = []
    for count in [1, 2]:
        buckets = [worker.keyvalue.Store(root).open(worker.BUCKET) for _ in range(count)]
        for bucket in buckets:
            bucket.increment("counter")
        before = time.monotonic()
        for i in range(changes):
            buckets[i % count].increment("counter")
        times.append(time.monotonic() - before)
    return times[1] / times[0]


def long_value(page, program):
    """A large value's rate beside three busy writers, of its rate alone: the slowest one is its writer."""
    native = Native(run.places()[0].directory, program)  # there may be no room for it in memory
    seconds = 3 if page.quick else 10
    alone, beside = (native.measure("long", count, seconds) for count in [1, 4])
    page.note("long", beside.slowest / alone.slowest)


def work_for_ever(root, compiled):
    worker.load(compiled)
    bucket = worker.keyvalue.Store(root).open(worker.BUCKET)
    while True:
        bucket.increment("counter")


def is_busy(bucket):
    """Whether the turn is somebody's in the middle of a change."""
    try:
        for entry in (bucket / ".kv" / "turn").iterdir():
            return entry.is_file() or any(entry.iterdir())
    except FileNotFoundError:
        pass
    return False


def next_change(root, compiled, result):
    """Writes how long a change takes, in milliseconds."""
    worker.load(compiled)
    bucket = worker.keyvalue.Store(root).open(worker.BUCKET)
    before = time.monotonic()
    bucket.increment("counter")
    result.write_text(str((time.monotonic() - before) * 1000))


def after_kills(page, place, compiled):
    """How long a change takes after a writer was killed in the middle of one."""
    with tempfile.TemporaryDirectory(dir=str(place)) as scratch:
        root, result = Path(scratch) / "root", Path(scratch) / "result"
        (root / worker.BUCKET).mkdir(parents=True)
        wanted = 5 if page.quick else 25
        kills = met = 0
        while met < wanted and kills < 2000:
            process = run.start(work_for_ever, root, compiled)
            time.sleep(0.15 + kills % 7 * 0.003)
            os.kill(process, signal.SIGKILL)
            run.wait(process)
            kills += 1
            if is_busy(root / worker.BUCKET):
                met += 1
                assert run.wait(run.start(next_change, root, compiled, result)) == 0
                page.note("killed", float(result.read_text()))


# What was measured before the turn, and what was wanted of it.
SUMMARY = [
    ("one counter, different keys, a fresh instance for each: all writers, of one alone", "quiet of one", 2,
     "1.0 to 1.3", "1.0"),
    ("the same on a busy machine", "busy of one", 2, "0.8", "0.9"),
    ("the slowest writer, of its share", "quiet share", 2, "0.85", "0.6"),
    ("the same on a busy machine", "busy share", 2, "0.59", "0.6"),
    ("the longest wait, ms", "quiet wait", 0, "116", "150"),
    ("the same on a busy machine", "busy wait", 0, "667", "400"),
    ("level `all`, a sync of 5 to 300 ms: all writers, of one alone", "sync of one", 2, "0.9, then 0.01", "1.5"),
    ("the same: the longest call, in turns of all writers", "sync longest", 1, "–", "4"),
    ("two instances by turns: a change, of one's alone", "turns", 1, "82", "2"),
    ("a value of 256 MB beside three busy writers, of its rate alone (the core alone)", "long", 2, "0.02", "0.5"),
    ("after a writer was killed in the middle of a change, the next one waits, ms", "killed", 0, "3", "150"),
    ("changes that failed, in any row below", "failed", 0, "–", "0"),
]


def print_summary(page):
    lines = ["| through the component | before | wanted | now |", "|---|---|---|---|"]
    for text, name, digits, before, wanted in SUMMARY:
        lines.append("| %s | %s | %s | %s |" % (text, before, wanted, page.span(name, digits)))
    return lines


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=5, help="for each row")
    parser.add_argument("--native", type=Path, help="contention.c, built")
    parser.add_argument("--slow-sync", type=Path, help="slow_sync.c, built")
    parser.add_argument("--simulated", type=Path, help="test/sim/time.c, built")
    parser.add_argument("--quick", action="store_true", help="fewer rows")
    parser.add_argument("--one", nargs=5, help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(page, arguments, place, compiled):
    subjects = [Component(place, compiled, arguments.slow_sync), Native(place, arguments.native)]
    counts = COUNTS[::3] if page.quick else COUNTS
    for subject in subjects:
        print_writers(page, subject, "a quiet machine", "quiet", counts)
        with Busy():
            print_writers(page, subject, "%d busy processes beside" % BUSY_PROCESSES, "busy", counts)
    for subject in subjects:
        print_slow(page, subject)
    page.note("turns", in_process(by_turns, place, compiled))
    long_value(page, arguments.native)
    after_kills(page, place, compiled)


def main():
    arguments = parse()
    if arguments.one:
        one(arguments.one)
        return
    page = Page(arguments.quick, arguments.seconds)
    with tempfile.TemporaryDirectory() as scratch:
        compiled = Path(scratch) / "compiled"
        assert run.wait(run.start(worker.compile_to, compiled)) == 0
        place = run.places()[-1]
        measure(page, arguments, place.directory, compiled)
    summary = print_summary(page)
    print("\n".join(summary))
    if arguments.simulated:
        head = ["How many writers of one bucket get on, on %d processors with a load of %.0f at the end, in %s, %g" %
                (os.cpu_count(), os.getloadavg()[0], place.name, arguments.seconds),
                "seconds for each row; and, below, computed by the simulator, in which a clock of its own gives every call the time that a profile says:",
                "those figures are the same on every machine.", ""]
        table = subprocess.run([str(arguments.simulated), "table"], stdout=subprocess.PIPE, check=True,
                               universal_newlines=True).stdout
        text = head + summary + ["", "## Measured"] + page.lines + ["", "## Computed", "", table.rstrip()]
        measured.write("contention.md", "Writers beside each other", "make contention", "\n".join(text))


if __name__ == "__main__":
    main()
