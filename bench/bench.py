"""Measures the store against plain system calls, and says so in docs/measured/benchmarks.md.

    bench.py [--repeats N] [--long] [CASE...]
    bench.py --start
    bench.py --check

Every case is done by four sides (see bench/cases.h): the store, as a component
calls it; a floor, a provider that touches no file, called in the same way; the
same work as plain system calls; and the core on its POSIX port. The sides take
turns, each time in a process of its own, and the least time of all counts. All
of it is done on a tmpfs, where there is one, so that no disk hides anything.

With cases named, only their table is printed and nothing is written. --check does each case once on every side, to
see that it still can be done, and measures nothing.
"""
import argparse
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

import wasmtime
from wasmtime import component

import chart

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tools"))
import measured  # noqa: E402

PROJECT = pathlib.Path(__file__).resolve().parents[1]
BUILD = PROJECT / "build" / "bench"
WASMTIME = PROJECT / ".toolchain" / "bench" / "wasmtime_cli" / "wasmtime"
SIDES = ("store", "floor", "native", "core")

FIRST_BUCKETS = 20
INSTANCES = 300
LIST_MEMORY = 16 << 20  # more than that, no listing may take

# What it is called here, the case, its size, operations in a turn, turns in a
# process, and the largest (store - floor) / native that we want to see, if any.
CASES = [
    ("get 16 B", "get", 16, 50, 40, 3),
    ("get 4 KiB", "get", 4096, 50, 40, 3),
    ("get 64 KiB", "get", 65536, 20, 30, 2.5),
    ("get 1 MiB", "get", 1 << 20, 1, 50, 1.75),
    ("get 16 MiB", "get", 16 << 20, 1, 15, 2.25),
    ("set 16 B", "set", 16, 20, 40, 1.75),
    ("set 4 KiB", "set", 4096, 20, 40, 1.75),
    ("set 64 KiB", "set", 65536, 10, 30, 1.5),
    ("set 1 MiB", "set", 1 << 20, 1, 50, 1.6),
    ("set 16 MiB", "set", 16 << 20, 1, 15, 1.4),
    ("get an absent key", "absent", 0, 100, 40, 2),
    ("exists", "exists", 0, 100, 40, 2),
    ("open", "open", 0, 100, 40, 2),
    ("increment", "increment", 0, 20, 40, 2.25),
    ("set and delete", "delete", 0, 20, 40, 2),
    ("set-many of 100", "set-many", 0, 1, 20, 1.5),
    ("get-many of 100", "get-many", 0, 1, 30, 3),
    ("first change of an instance", "first", 0, 1, FIRST_BUCKETS, None),
    ("list 1,000 keys", "list", 1000, 1, 30, None),
    ("list 10,000 keys", "list", 10000, 1, 5, None),
    ("list 50,000 keys", "list", 50000, 1, 2, 12),
]
LONG_CASES = [("list 500,000 keys", "list", 500000, 1, 1, None)]


def fill(root, cases):
    """Makes the buckets that the cases work on."""
    (root / "b").mkdir()
    for number in range(FIRST_BUCKETS):
        # What an earlier instance leaves.
        (root / f"first-{number}" / ".kv" / "turn").mkdir(parents=True)
        (root / f"first-{number}" / "key-16").touch()
    for _, case, size, *_ in cases:
        if case == "list":
            bucket = root / f"list-{size}"
            bucket.mkdir()
            for number in range(size):
                (bucket / f"key-{number:06}").touch()


def command(side, root, case, size, count, turns):
    if side in ("native", "core"):
        return [BUILD / side, root, case, str(size), str(count), str(turns)]
    return [WASMTIME, "run", "--allow-precompiled", f"--dir={root}::/data",
            f"-Wmax-memory-size={LIST_MEMORY if case == 'list' else 1 << 32}",
            f'--invoke=run("{case}", {size}, {count}, {turns})', BUILD / f"{side}.cwasm"]


def run(side, root, case, size, count, turns):
    """Nanoseconds for one operation."""
    # With this set, the host walks the stack for every error that a call returns.
    environment = {name: value for name, value in os.environ.items() if name != "RUST_BACKTRACE"}
    output = subprocess.run(command(side, root, case, size, count, turns), check=True,
                            env=environment, stdout=subprocess.PIPE, text=True).stdout
    return int(re.search(r"\d+", output).group()) / count


def measure(root, cases, repeats):
    """The least time of each side, for each case."""
    times = {case[0]: dict.fromkeys(SIDES, float("inf")) for case in cases}
    for repeat in range(repeats):
        print(f"round {repeat + 1} of {repeats}", flush=True)
        for name, *order, _ in cases:
            for side in SIDES:
                took = run(side, root, *order)
                times[name][side] = min(times[name][side], took)
    return times


def check(root, cases):
    """Does each case once on every side, and says how many could be done."""
    failed = 0
    for name, case, size, *_ in cases:
        for side in SIDES:
            try:
                run(side, root, case, size, 1, 1)
            except subprocess.CalledProcessError:
                print(f"FAILED {name}, by the {side}")
                failed += 1
    print(f"{len(cases) * len(SIDES) - failed} passed, {failed} failed")
    if failed:
        sys.exit(1)


def ratio(times):
    return (times["store"] - times["floor"]) / times["native"]


def instantiation():
    """Nanoseconds to start the store, and two components that do nothing: one of
    the same world, and one without any import or export."""
    engine = wasmtime.Engine()
    linker = component.Linker(engine)
    linker.add_wasip2()
    files = {"store": BUILD / "provider-store.wasm", "dummy": BUILD / "dummy.wasm",
             "empty": BUILD / "empty.wasm"}
    compiled = {name: component.Component.from_file(engine, str(file))
                for name, file in files.items()}
    least = dict.fromkeys(files, float("inf"))
    for _ in range(INSTANCES):
        for name in files:
            store = wasmtime.Store(engine)
            store.set_wasi(wasmtime.WasiConfig())
            start = time.perf_counter_ns()
            linker.instantiate(store, compiled[name])
            least[name] = min(least[name], time.perf_counter_ns() - start)
            store.close()
    return least


def duration(nanoseconds):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= size:
            number = nanoseconds / size
            return f"{number:.{0 if number >= 100 else 1 if number >= 10 else 2}f} {unit}"
    return f"{nanoseconds:.0f} ns"


def table(cases, times):
    lines = ["| | store | floor | system calls | core | (store − floor) ÷ system calls | at most |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, *_, target in cases:
        cells = [duration(times[name][side]) for side in SIDES]
        lines.append(f"| {name} | " + " | ".join(cells) +
                     f" | {ratio(times[name]):.2f} | {target or ''} |")
    return "\n".join(lines)


def started(least):
    return (f"Starting an instance: {duration(least['store'])}; a component of the same world that "
            f"does nothing: {duration(least['dummy'])} ({least['store'] / least['dummy']:.2f} times "
            f"that, at most 1.5); one without any import or export: {duration(least['empty'])}.")


def host():
    version = subprocess.run([WASMTIME, "--version"], check=True, stdout=subprocess.PIPE,
                             text=True).stdout.split()[1]
    return (f"wasmtime {version} on {platform.system()} {platform.machine()}, "
            f"{os.cpu_count()} cores.")


def write(cases, times, least):
    """Writes the page and the chart."""
    told = "What is compared with what, and why, is told in [benchmarks.md](../benchmarks.md)."
    chart_shown = "![A chart of the ratios](benchmarks.svg)"
    measured.write("benchmarks.md", "Benchmarks", "make bench",
                   "\n\n".join([told, host(), table(cases, times), started(least), chart_shown]))
    bars = [(name, ratio(times[name]), target) for name, *_, target in cases]
    measured.path("benchmarks.svg").write_text(chart.draw(bars))
    measured.say("benchmarks.svg")


def write_started(least):
    """Puts the new measurement of starting into the page's place for it, and nothing else."""
    text = measured.read("benchmarks.md")
    measured.path("benchmarks.md").write_text(
        re.sub(r"^Starting an instance: .*$", started(least), text, flags=re.MULTILINE))
    print(started(least))
    measured.say("benchmarks.md")


def main():
    parser = argparse.ArgumentParser(description="see the head of this file")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--start", action="store_true", help="only what starting an instance takes")
    parser.add_argument("--check", action="store_true", help="only whether every case can be done")
    parser.add_argument("cases", nargs="*", metavar="CASE")
    options = parser.parse_args()
    if options.start:
        write_started(instantiation())
        return
    cases = CASES + (LONG_CASES if options.long else [])
    if options.cases:
        cases = [case for case in cases if case[1] in options.cases]
        assert cases, "there is no such case"
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    root = pathlib.Path(tempfile.mkdtemp(prefix="keyvalue-filesystem-", dir=shared))
    try:
        fill(root, cases)
        if options.check:
            check(root, cases)
            return
        times = measure(root, cases, options.repeats)
    finally:
        shutil.rmtree(root)
    print(table(cases, times))
    if not options.cases:
        least = instantiation()
        print("\n" + started(least))
        write(cases, times, least)


if __name__ == "__main__":
    main()
