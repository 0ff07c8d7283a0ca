"""Runs a part of the work and says so in lines that a person reads.

    part.py [--show] HEADING -- COMMAND...   runs tests: prints the heading, what failed or was
                                             skipped, and last "N passed, N failed"
    part.py --step HEADING -- COMMAND...     does one step of a build: prints the heading, and
                                             what the command said only if it fails
    part.py --all MAKE TARGET...             runs one target after another, whatever becomes of
                                             them, and prints the total last

While nothing else is printed, a line every few seconds tells that the command still runs. What
it said is in build/log/. With --show, or with V=1 in the environment, it is printed as it comes.
A command that prints no count of its own counts as one test. One that takes longer than
PART_SECONDS (in the environment) is ended, and has failed; so is what a command leaves running.
"""
import codecs
import contextlib
import os
import pathlib
import queue
import re
import signal
import subprocess
import sys
import threading
import time

LOGS = pathlib.Path("build/log")
QUIET_SECONDS_MAX = 8
TAIL_LINES = 60
TOLD = re.compile(r"FAILED|ERROR|SKIPPED|replay: |wrote ")
# Where the parts of `--all` write down what they counted.
COUNTS = "PART_COUNTS"


def say(line):
    print(line, flush=True)


def count(line):
    """The numbers of passed and failed tests if the line tells them: our own last line, or pytest's."""
    ours = re.fullmatch(r"(\d+) passed, (\d+) failed", line)
    if ours:
        return int(ours[1]), int(ours[2])
    if re.search(r"\b(passed|failed|skipped|errors?|no tests ran)\b.* in [\d.]+s", line):
        numbers = {what: int(number) for number, what in re.findall(r"(\d+) (passed|failed|errors?)", line)}
        return numbers.pop("passed", 0), sum(numbers.values())
    return None


def pieces_of(process):
    """What the process says as it comes, and "" for each stretch of silence."""
    pieces = queue.Queue()

    def read():
        while True:
            piece = os.read(process.stdout.fileno(), 1 << 16)
            pieces.put(piece)
            if not piece:
                return

    threading.Thread(target=read, daemon=True).start()
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    while True:
        try:
            piece = pieces.get(timeout=1)
        except queue.Empty:
            if process.poll() is not None:
                return  # others, which it started, keep its output open
            yield ""
            continue
        if not piece:
            return
        yield decode(piece)


def lines_of(process):
    """Each line as it comes, whole; and one that is not at its end yet, or nothing for a while, as (line, False)."""
    rest = ""
    for piece in pieces_of(process):
        *lines, rest = (rest + piece).split("\n")
        for line in lines:
            yield line, True
        yield rest, False
    if rest:
        yield rest, True


@contextlib.contextmanager
def started(command):
    """A process of its own session, which ends with all that it started."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, close_fds=False,
                               start_new_session=True)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(heading, command, show):
    """Runs a command; returns its status, its lines, and what it counted."""
    start = told = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / (re.sub(r"\W+", "-", heading.lower()).strip("-") + ".txt")
    seconds_max = float(os.environ.get("PART_SECONDS", "inf"))
    said, counted, latest = [], None, heading
    with started(command) as process, log.open("w", encoding="utf-8") as file:
        for line, whole in lines_of(process):
            if whole:
                said.append(line)
                file.write(line + "\n")
                counted = count(line) or counted
                if show or TOLD.match(line):
                    say("  " + line)
                    told = time.monotonic()
            latest = line.strip() or latest
            if time.monotonic() - told >= QUIET_SECONDS_MAX:
                say("  %d s: %s" % (time.monotonic() - start, latest[-100:]))
                told = time.monotonic()
            if time.monotonic() - start > seconds_max:
                say("FAILED: it takes longer than %g s; the last it said: %s" % (seconds_max, latest))
                break
        else:
            process.wait()
    return process.returncode, said, counted, log, time.monotonic() - start


def tail(said, log):
    for line in [line for line in said if not TOLD.match(line)][-TAIL_LINES:]:
        say("    " + line)
    say("  the whole of it is in %s" % log)


def step(heading, command, show):
    say(heading)
    status, said, _, log, _ = run(heading, command, show)
    if status != 0 and not show:
        tail(said, log)
    return status


def part(heading, command, show):
    say(heading)
    status, said, counted, log, seconds = run(heading, command, show)
    passed, failed = counted or (int(status == 0), 0)
    if status != 0 and failed == 0:
        failed = 1
    if failed and not show:
        tail(said, log)
    say("  %d passed%s in %.1f s" % (passed, ", %d failed" % failed if failed else "", seconds))
    if COUNTS in os.environ:
        with open(os.environ[COUNTS], "a") as file:
            file.write("%d %d\n" % (passed, failed))
    else:
        say("%d passed, %d failed" % (passed, failed))
    return int(failed > 0)


def read_counts(path):
    pairs = [tuple(map(int, line.split())) for line in path.read_text().splitlines()] if path.exists() else []
    return sum(good for good, _ in pairs), sum(bad for _, bad in pairs)


def every(make, targets):
    LOGS.mkdir(parents=True, exist_ok=True)
    counts = LOGS / ("counts-%d" % os.getpid())
    passed = failed = 0
    for target in targets:
        counts.unlink(missing_ok=True)
        done = subprocess.run([make, "--no-print-directory", target], env={**os.environ, COUNTS: str(counts.absolute())},
                              close_fds=False)
        good, bad = read_counts(counts)
        if done.returncode != 0 and bad == 0:
            say("FAILED %s" % target)
            bad = 1
        passed, failed = passed + good, failed + bad
    counts.unlink(missing_ok=True)
    say("%d passed, %d failed" % (passed, failed))
    return int(failed > 0)


def main():
    arguments = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    show = bool(os.environ.get("V"))
    if arguments[:1] == ["--all"]:
        return every(arguments[1], arguments[2:])
    kind = part
    while arguments[0] in ("--show", "--step"):
        if arguments.pop(0) == "--show":
            show = True
        else:
            kind = step
    heading, separator, *command = arguments
    assert separator == "--" and command, __doc__
    return kind(heading, command, show)


if __name__ == "__main__":
    sys.exit(main())
