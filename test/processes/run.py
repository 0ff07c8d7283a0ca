"""Real processes on one directory of the real file system, killed at random.

    run.py [--seconds N] [--processes N] [--seed N] [--check PROGRAM]

Each round starts processes that change and read a few keys (worker.py), kills
one or all of them again and again with SIGKILL, starts others in their place,
and checks what they recorded: without a search where the keys are used plainly
(history.py), and by PROGRAM (check/) for linearizability whatever was done.
Every round runs in a directory on disk and, where there is one, on tmpfs; with
an instance for a process, and with one for every call, as request servers do.

The seed chooses what is called and killed; what the system does in between is
its own, so a failure keeps the history, which replays the check.
"""
import argparse
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import history
import worker

BUILD = Path(__file__).resolve().parents[2] / "build" / "processes"
TMPFS = Path("/dev/shm")
HANG_SECONDS = 60  # after the end, far beyond what any call takes
KILL_EVERY = 0.15  # seconds, on average
KILL_ALL = 0.2  # the part of kills that take all at once
DISTURB = 0.05  # the part of kills with a disturbance before them


def start(function, *arguments):
    """A new process that runs a function."""
    sys.stdout.flush()
    process = os.fork()
    if process == 0:
        code = 1
        try:
            function(*arguments)
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)
    return process


def take_longer(factor):
    """For a machine that is so many times as slow as usual: fewer kills, and a call hangs later."""
    global HANG_SECONDS, KILL_EVERY
    HANG_SECONDS *= factor
    KILL_EVERY *= factor


def wait(process):
    """Waits for a process's end; its exit code, negative for a signal."""
    end = time.monotonic() + HANG_SECONDS
    while time.monotonic() < end:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        time.sleep(0.002)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None


class Place:
    """Where rounds work: a directory for their records, which has the root in it too unless mounts of one volume are
    given. Then each process uses one of these, and `disturb` is called with one of them now and then."""

    def __init__(self, name, directory, mounts=(), disturb=None):
        self.name, self.directory, self.mounts, self.disturb = name, directory, mounts, disturb

    def roots(self, directory):
        """A new root, by each of its paths, once its bucket is seen through all of them."""
        roots = [Path(mount) / directory.name for mount in self.mounts] or [directory / "root"]
        (roots[0] / worker.BUCKET).mkdir(parents=True)
        end = time.monotonic() + HANG_SECONDS
        while not all((root / worker.BUCKET).is_dir() for root in roots):
            assert time.monotonic() < end, "a mount does not show what another one made"
            time.sleep(0.05)
        return roots


class Round:
    def __init__(self, place, directory, compiled, arguments, profile, fresh, number):
        self.place = place
        self.directory = directory
        self.compiled = compiled
        self.roots = place.roots(directory)
        self.bucket = self.roots[0] / worker.BUCKET
        self.profile = profile
        self.fresh = fresh
        self.name = "%d.%d" % (arguments.seed, number)
        self.random = random.Random(self.name)
        self.end = time.monotonic_ns() + int(arguments.seconds * 1e9)
        self.count = arguments.processes
        self.kills = 0
        self.disturbed = 0
        self.faults = []
        self.operations = []
        self.started = 0

    def start_worker(self):
        number = self.started
        self.started += 1
        record = self.directory / ("worker-%d" % number)
        process = start(worker.work, self.roots[number % len(self.roots)], self.compiled, record, self.profile, self.fresh,
                        "%s.%d" % (self.name, number), self.end)
        return process, record, number

    def ended(self, running, killed):
        process, record, number = running
        code = wait(process)
        if code is None:
            self.faults.append("process %d hangs; its last call is in %s" % (number, record))
        elif code not in ([0, -signal.SIGKILL] if killed else [0]):
            self.faults.append("process %d ended with %d" % (number, code))
        self.operations += history.load(record, number, time.monotonic_ns())

    def run(self):
        workers = [self.start_worker() for _ in range(self.count)]
        while not self.faults:
            time.sleep(self.random.expovariate(1 / KILL_EVERY))
            if time.monotonic_ns() >= self.end:
                break
            if self.place.disturb is not None and self.random.random() < DISTURB:
                self.place.disturb(self.random.choice(self.place.mounts))
                self.disturbed += 1
            every = self.random.random() < KILL_ALL
            chosen = workers if every else [self.random.choice(workers)]
            for process, _, _ in chosen:
                os.kill(process, signal.SIGKILL)
            self.kills += len(chosen)
            for running in chosen:
                self.ended(running, killed=True)
            workers = [w for w in workers if w not in chosen] + [self.start_worker() for _ in chosen]
        for running in workers:
            self.ended(running, killed=False)
        self.look_at_the_end()

    def look_at_the_end(self):
        """After one more change the turn is nobody's or idle, and the files are the values."""
        code = wait(start(self.change_once))
        if code != 0:
            self.faults.append("the last change ended with %s" % code)
        self.look_at_scratch()
        keys = worker.PROFILES[self.profile]
        # FUSE itself keeps an open file that is replaced, by a name of its own.
        strangers = {path.name for path in self.bucket.iterdir() if not path.name.startswith(".fuse_hidden")}
        strangers -= {*keys, ".kv", "last"}
        if strangers:
            self.faults.append("files that are no key: %s" % strangers)
        for key in keys:
            path = self.bucket / key
            value = worker.spell(path.read_bytes() if path.exists() else None)
            now = time.monotonic_ns()
            self.operations.append({"name": "get", "key": key, "client": self.started, "call": now,
                                    "return": now + 1, "unknown": False, "result": value})

    def look_at_scratch(self):
        """Killed writers may leave what they had prepared; nobody else leaves anything."""
        scratch = self.bucket / ".kv"
        writers = [path for path in scratch.iterdir() if path.name not in ("turn", "spare")]
        turns = list((scratch / "turn").iterdir()) if (scratch / "turn").exists() else []
        busy = [path for path in turns if path.is_file() or any(path.iterdir())]
        strange = [path for path in writers if len(path.name) != 16 or not path.is_dir()]
        if len(writers) > self.kills or len(turns) > 1 or busy or strange:
            self.faults.append("litter after %d kills: %s" % (self.kills, [str(path) for path in writers + turns]))

    def change_once(self):
        worker.load(self.compiled)
        worker.keyvalue.Store(self.roots[-1]).open(worker.BUCKET).set("last", b"")

    def check(self, program):
        """All that must hold of the history, which is kept where it does not."""
        if self.profile == "plain":
            self.faults += history.check_plain(self.operations)
            for name in ["increment", "swap", "get"]:
                if not history.check_plain(history.corrupt(self.operations, name)):
                    self.faults.append("a wrong result of %s was not found" % name)
        self.kept = BUILD / ("history-%s.json" % self.name)
        self.kept.write_text(json.dumps(self.operations))
        for options in [[], ["-corrupt"]] if program is not None else []:
            checked = subprocess.run([str(program), *options, str(self.kept)], stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT, universal_newlines=True)
            if checked.returncode != 0:
                self.faults.append(checked.stdout.strip())
        if not self.faults:
            self.kept.unlink()


def places():
    """On disk and in memory."""
    BUILD.mkdir(parents=True, exist_ok=True)
    return [Place("disk", BUILD)] + ([Place("tmpfs", TMPFS)] if TMPFS.is_dir() else [])


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3, help="a round's length")
    parser.add_argument("--rounds", type=int, default=1, help="rounds of each kind")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--profiles", default="plain", help="of %s" % ", ".join(worker.PROFILES))
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--check", type=Path, help="the linearizability checker, built")
    return parser.parse_args()


class Total:
    """What came of all rounds."""
    passed = failed = operations = kills = disturbed = unknown = 0

    def add(self, this):
        self.operations += len(this.operations)
        self.kills += this.kills
        self.disturbed += this.disturbed
        self.unknown += sum(operation["unknown"] for operation in this.operations)
        self.passed += not this.faults
        self.failed += bool(this.faults)


def run_all(arguments, all_places):
    """Every kind of round at every place, as often as is asked for; the total."""
    total = Total()
    kinds = itertools.product(range(arguments.rounds), arguments.profiles.split(","), [False, True], all_places)
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=str(BUILD)) as scratch:
        compiled = Path(scratch) / "compiled"
        assert wait(start(worker.compile_to, compiled)) == 0
        for number, (_, profile, fresh, place) in enumerate(kinds):
            with tempfile.TemporaryDirectory(dir=str(place.directory)) as directory:
                this = Round(place, Path(directory), compiled, arguments, profile, fresh, number)
                this.run()
                this.check(arguments.check)
                total.add(this)
                what = "%s keys, an instance for every %s, on %s" % (
                    profile, "call" if fresh else "process", place.name)
                if not this.faults:
                    print("ok %s: %d operations, %d kills" % (what, len(this.operations), this.kills), flush=True)
                else:
                    print("FAILED %s, round %d; again: make test-processes SEED=%d; check again: %s %s" % (
                        what, number, arguments.seed, arguments.check or "build/processes/check", this.kept))
                    print("\n".join("  " + fault for fault in this.faults[:10]), flush=True)
    return total


def main():
    total = run_all(parse(), places())
    print("%d histories, %d operations, %d kills, %d calls cut short" % (
        total.passed + total.failed, total.operations, total.kills, total.unknown))
    print("%d passed, %d failed" % (total.passed, total.failed))
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
