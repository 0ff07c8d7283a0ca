"""The proof with power cuts at full size. `make prove-power`, as root.

    run.py [--write] [--cuts N] [--keep] [SYSTEM...]

N cuts (300 if it is not given) of each file system at each level of the durable setting; and the controls: runs in
which one sync is left out, on each file system as it comes, which must be noticed in at least half of the cuts. What
was found in each run is kept in build/power/results/; --keep goes on with what is there, so that a part can be done
again.

The exit status is 0 if nothing was found that the level forbids, and every control was noticed.
"""
import argparse
import collections
import concurrent.futures
import json
import shutil
import sys

import campaign
import judge
import machine
import page

RESULTS = machine.PARTS / "results"
SLEEPS = 0.1  # seconds between changes from which on a run leaves the processor to others

# One series of cuts: its part of all cuts of a level, and how it is recorded.
Series = collections.namedtuple("Series", "name share options")

PROMISED = (
    Series("everything", 0.6, {"count": 150}),
    Series("four writers", 0.2, {"count": 40, "writers": 4}),
    Series("batches", 0.1, {"count": 40, "mix": "batch"}),
    Series("large values", 0.1, {"count": 12, "mix": "large"}),
)
# Nothing is synced, so time has to pass: the kernel writes what is some 5 to 30 seconds old.
UNPROMISED = (
    Series("alone", 0.5, {"count": 220, "pause": 0.25}),
    Series("beside a program that syncs", 0.5, {"count": 220, "pause": 0.25, "neighbour": 0.25}),
)
SERIES = {"none": UNPROMISED, "values": PROMISED, "all": PROMISED}

# One sync left out: what it is called, the name that omit.c has for it, the level, the changes that must show
# it, and whether they must.
Control = collections.namedtuple("Control", "name omit level options must")

NEW, BATCH = {"mix": "new", "focus": ["set"]}, {"mix": "batch", "focus": ["set", "delete"]}
OPEN = {"mix": "new_bucket", "focus": ["open"]}
CONTROLS = (
    Control("no sync of the value", "value", "all", NEW, True),
    Control("no sync of the value", "value", "values", {"mix": "new", "neighbour": 0.03, "pause": 0.02}, True),
    Control("no sync of the bucket behind a set", "bucket", "all", NEW, True),
    Control("no sync of the bucket behind a batch", "bucket", "all", BATCH, True),
    Control("no sync of a new bucket nor of the root", "directory", "all", OPEN, True),
    # These file systems write a new directory's name with the directory.
    Control("no sync of the root", "root", "all", OPEN, False),
)
CONTROL_CUTS = 20


class Job:
    """One run to record and to cut, and where its result is kept."""

    def __init__(self, system, level, series, cuts, options, control=None):
        self.system = system
        self.level = level
        self.series = series
        self.cuts = cuts
        self.options = options
        self.control = control  # one of CONTROLS
        self.recording = None
        self.name = (system, level, series)
        self.path = RESULTS / ("%s, %s, %s.json" % self.name)

    def result(self):
        return json.loads(self.path.read_text()) if self.path.exists() else None

    def record(self, folder):
        """Records the run, where that was not done before."""
        if self.recording is None:
            folder.mkdir()
            plan = campaign.plan(self.system, self.level, **self.options)
            self.recording = campaign.Recording(plan, folder)

    def cut(self):
        found, words = campaign.cut(self.recording, self.cuts)
        self.recording = None
        self.path.write_text(json.dumps({"found": found, "examples": words}, indent=1))

    def found(self):
        return collections.Counter(self.result()["found"])

    def wrong(self):
        """What was found of what must not be."""
        found = self.found()
        forbidden = judge.forbidden(machine.SYSTEMS[self.system], self.level)
        return {name: found[name] for name in forbidden + ("failed calls",) if found[name]}

    def passed(self):
        if self.control is None:
            return not self.wrong()
        return not self.control.must or 2 * self.found()["cuts noticed"] >= self.found()["cuts"]

    def words(self):
        found = self.found()
        if self.control is not None:
            return "noticed in %d of %d cuts" % (found["cuts noticed"], found["cuts"])
        return "%d cuts, %d acknowledged changes, %s" % (
            found["cuts"], found["acknowledged"], self.wrong() or "nothing wrong")


def jobs(systems, cuts):
    for level, series in SERIES.items():
        for name in systems:
            for one in series:
                yield Job(name, level, one.name, int(cuts * one.share), one.options)
    for name in [name for name in systems if not machine.SYSTEMS[name].mode]:
        for control in CONTROLS:
            options = dict({"writers": 1, "count": 60}, omit=control.omit, **control.options)
            yield Job(name, control.level, control.name, CONTROL_CUTS, options, control)


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="write docs/measured/power.md and the rows of promises.md")
    parser.add_argument("--cuts", type=int, default=300, help="cuts of each file system at each level")
    parser.add_argument("--keep", action="store_true", help="do only what has no result yet")
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help="of " + ", ".join(machine.SYSTEMS))
    return parser.parse_args()


def do(todo, folder):
    """Runs what has no result yet. What sleeps most of the time is recorded all at once."""
    new = [job for job in todo if job.result() is None]
    sleeping = [job for job in new if job.options.get("pause", 0) >= SLEEPS]
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(sleeping))) as pool:
        list(pool.map(lambda job: job.record(folder / ("run-%d" % todo.index(job))), sleeping))
    for job in new:
        at = folder / ("run-%d" % todo.index(job))
        job.record(at)
        job.cut()
        shutil.rmtree(str(at))
        yield job


def main():
    arguments = parse()
    if not arguments.keep:
        shutil.rmtree(str(RESULTS), ignore_errors=True)
    RESULTS.mkdir(parents=True, exist_ok=True)
    systems = arguments.systems or list(machine.SYSTEMS)
    lacking = {name: machine.lack(name) for name in systems if machine.lack(name) is not None}
    for name, reason in lacking.items():
        print("SKIPPED %s: %s" % (name, reason))
    todo = list(jobs([name for name in systems if name not in lacking], arguments.cuts))
    with machine.scratch() as folder:
        for job in do(todo, folder):
            print("%s: %s, %s, %s: %s" % (("passed" if job.passed() else "FAILED",) + job.name + (job.words(),)),
                  flush=True)
            if not job.passed():
                print("\n".join("    " + text for text in job.result()["examples"]), flush=True)
    failed = sum(not job.passed() for job in todo)
    if arguments.write and todo:
        page.write(todo, lacking)
        page.write_promises(todo)
    print("%d passed, %d failed" % (len(todo) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
