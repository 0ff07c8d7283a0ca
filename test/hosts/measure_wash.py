"""What a request costs in the real wash, with the store beside a component, composed, and with wash's own: `make measure-wash`.

Writes docs/measured/wash.md. All servers run at once and are asked by turns, so that what disturbs the machine disturbs
all of them; figures are medians of the rounds. CPU time is that of wash, from /proc; the client's is not in it.
"""
import argparse
import collections
import contextlib
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import load
import washdev
from washdev import BUILD, ROOT

sys.path.insert(0, str(ROOT / "tools"))
import measured  # noqa: E402

COUNTER = BUILD / "wasm" / "http_counter.component.wasm"
CONNECTIONS = (1, 4, 16)
BUSY = 8
VOLUME = "  volumes:\n    - {host_path: ./data, guest_path: /data}\n"
# Name: component and configuration.
SERVERS = collections.OrderedDict([
    ("beside", (COUNTER, washdev.beside())),
    ("composed", (BUILD / "http_counter.wasm", VOLUME)),
    ("wash, files", (COUNTER, "  wasi_keyvalue_path: ./values\n")),
    ("wash, memory", (COUNTER, "")),
])
REFERENCE = "wash, files"
NOTHING = load.REQUEST.replace(b"GET / ", b"GET /nothing ")  # answered without a call of the store
Figure = collections.namedtuple("Figure", "rate cpu median longest refused")


def prefer(process):
    """Asks for priority over what else runs here; whether that was allowed. Linux shares its processors out among
    sessions first, where it is set up so."""
    try:
        os.setpriority(os.PRIO_PROCESS, process, -20)
        group = pathlib.Path("/proc/{}/autogroup".format(process))
        if group.exists():
            group.write_text("-20")
    except OSError:
        return False
    return True


@contextlib.contextmanager
def all_servers(folder, names=tuple(SERVERS)):
    """The running washes by name."""
    with contextlib.ExitStack() as stack:
        found = collections.OrderedDict()
        for name in names:
            component, dev = SERVERS[name]
            place = folder / re.sub(r"\W", "", name)
            (place / "data" / "my-bucket").mkdir(parents=True)
            port = washdev.free_port()
            washdev.configure(place, component, port, dev)
            found[name] = stack.enter_context(washdev.serving(washdev.NEWEST, place, port))
            for thread in pathlib.Path("/proc/{}/task".format(found[name].process.pid)).iterdir():
                prefer(int(thread.name))
        yield found


@contextlib.contextmanager
def busy(count):
    """So many processes beside, each as busy as it can be."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
                 for _ in range(count)]
    try:
        for process in processes:
            prefer(process.pid)
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def measure(wash, connections, seconds, request=load.REQUEST, status=200):
    before = wash.cpu_seconds()
    answers, took = load.ask(wash.port, connections, seconds=seconds, request=request)
    cpu = wash.cpu_seconds() - before
    times = sorted(answer.seconds for answer in answers)
    return Figure(len(answers) / took, 1000 * cpu / len(answers), 1000 * times[len(times) // 2], 1000 * times[-1],
                  sum(answer.status != status for answer in answers))


def rounds(washes, connections, count, seconds, **request):
    """For each server the figures of all rounds as one: medians, the longest of all, and all that were refused."""
    found = collections.defaultdict(list)
    for number in range(count):
        names = list(washes)
        for name in names[number % len(names):] + names[:number % len(names)]:
            found[name].append(measure(washes[name], connections, seconds, **request))
    return {name: Figure(*(statistics.median(figure[i] for figure in figures) for i in range(3)),
                         max(figure.longest for figure in figures), sum(figure.refused for figure in figures))
            for name, figures in found.items()}


def rate_table(found):
    """found: {connections: {name: Figure}}"""
    lines = ["| connections | | requests/s | of wash's files | CPU a request, ms | median, ms | longest, ms | refused |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for connections, figures in found.items():
        for name, figure in figures.items():
            lines.append("| {} | {} | {:,.0f} | {:.2f} | {:.2f} | {:.1f} | {:.0f} | {} |".format(
                connections, name, figure.rate, figure.rate / figures[REFERENCE].rate, figure.cpu, figure.median,
                figure.longest, figure.refused))
    return lines


FILE_CALLS = {"open", "openat", "openat2", "mkdir", "mkdirat", "rmdir", "unlink", "unlinkat", "rename", "renameat",
              "renameat2", "stat", "statx", "newfstatat", "lstat", "read", "pread64", "readv", "preadv", "pwrite64",
              "pwritev", "getdents64", "fsync", "fdatasync", "link", "linkat", "symlinkat", "readlinkat"}
WITH_THEM = {"fcntl", "fstat", "close", "write"}
TRACED = re.compile(r"^(\d+) +(\w+)\((.*)$")


def calls_of(wash, folder, count=20):
    """Of a request: how often wash hands a call on files to a thread that may block, and the system calls in these."""
    trace = folder / "trace"
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", str(trace), "-p", str(wash.process.pid)],
                              stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not (trace.exists() and trace.stat().st_size):
            assert tracer.poll() is None and time.monotonic() < deadline, "strace does not trace"
            time.sleep(0.05)
        load.ask(wash.port, 1, count)
    finally:
        tracer.terminate()
        tracer.wait()
    runs = system_calls = 0
    in_run = collections.defaultdict(bool)
    for line in trace.read_bytes().decode(errors="replace").splitlines():
        match = TRACED.match(line)
        # A volume is opened where the instance is made, by the thread that runs it.
        if match is None or (match[2] == "open" and "O_DIRECTORY" in line):
            continue
        thread, call = match[1], match[2]
        if call in FILE_CALLS:
            runs += not in_run[thread]
            system_calls += 1
            in_run[thread] = True
        elif call not in WITH_THEM:
            in_run[thread] = False
    return runs / count, system_calls / count


def parts_table(washes, seconds, count):
    """Where the time goes: a request that calls nothing, one that counts, and the file calls between the two."""
    nothing = rounds(washes, 1, count, seconds, request=NOTHING, status=404)
    counting = rounds(washes, 1, count, seconds)
    calls = {}
    if shutil.which("strace"):
        for name, wash in washes.items():
            with tempfile.TemporaryDirectory() as folder:
                calls[name] = calls_of(wash, pathlib.Path(folder))
    lines = ["| | beside | composed | wash, files | wash, memory |", "| --- | --- | --- | --- | --- |"]

    def row(name, cell):
        lines.append("| {} | {} |".format(name, " | ".join(cell(server) for server in washes)))

    row("CPU of a request that calls nothing, ms", lambda name: "{:.2f}".format(nothing[name].cpu))
    row("CPU of one that counts, ms", lambda name: "{:.2f}".format(counting[name].cpu))
    if calls:
        row("calls on files, each handed to another thread", lambda name: "{:.0f}".format(calls[name][0]))
        row("system calls in these", lambda name: "{:.0f}".format(calls[name][1]))
        row("CPU for each that is handed over, \u00b5s", lambda name: "{:.0f}".format(
            1000 * (counting[name].cpu - nothing[name].cpu) / calls[name][0]) if round(calls[name][0]) else "\u2013")
    return lines


def backtrace_table(folder, seconds):
    """The same with RUST_BACKTRACE, as some shells have it set."""
    environment = washdev.environment
    washdev.environment = lambda home: {**environment(home), "RUST_BACKTRACE": "1"}
    try:
        with all_servers(folder) as washes:
            found = rounds(washes, 1, 1, seconds)
    finally:
        washdev.environment = environment
    return ["| | beside | composed | wash, files | wash, memory |", "| --- | --- | --- | --- | --- |",
            "| CPU a request, ms | {} |".format(" | ".join("{:.1f}".format(found[name].cpu) for name in SERVERS))]


def cores():
    return len(os.sched_getaffinity(0))


def page(load_before, first, quiet, beside_busy, parts, backtrace):
    return "\n".join([
        "wash {} on {} cores. Absolute figures are those of one machine; compare within a table. What follows from them is "
        "told in [wash.md](../wash.md#what-a-request-costs).".format(washdev.NEWEST, cores()), "",
        "Each request counts one counter, in a fresh instance. *beside*: the store in `dev.components`; *composed*: plugged "
        "into the component; *wash, files* and *wash, memory*: wash's own stores.", "",
        "Nothing else that we started (the load of the machine was {:.0f}{}):".format(
            load_before, ", and all of this went before it" if first else ""), "", *rate_table(quiet), "",
        "With {} busy processes beside:".format(BUSY), "", *rate_table(beside_busy), "",
        "## Where the time goes", "",
        "One connection. wash hands each call on files from the thread that runs the component to one that may block, and back; "
        "its own store is given several at once.", "", *parts, "",
        "With `RUST_BACKTRACE=1` in wash's environment:", "", *backtrace, ""])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--print", action="store_true", help="and write no page")
    options = parser.parse_args()
    load_before = os.getloadavg()[0]
    first = prefer(os.getpid())
    with tempfile.TemporaryDirectory() as name, all_servers(pathlib.Path(name) / "plain") as washes:
        rounds(washes, 4, 1, 0.5)  # so that each has begun
        quiet = {count: rounds(washes, count, options.rounds, options.seconds) for count in CONNECTIONS}
        with busy(BUSY):
            beside_busy = {count: rounds(washes, count, max(2, options.rounds // 3), options.seconds) for count in (1, 16)}
        parts = parts_table(washes, options.seconds, options.rounds)
        backtrace = backtrace_table(pathlib.Path(name) / "backtrace", options.seconds)
    text = page(load_before, first, quiet, beside_busy, parts, backtrace)
    if options.print:
        print(text)
    else:
        measured.write("wash.md", "What a request costs in wash", "make measure-wash", text)


if __name__ == "__main__":
    main()
