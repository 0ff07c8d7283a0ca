"""Volumes that several machines share, proved: writes docs/measured/shared.md.

    prove.py --check PROGRAM [--seconds N] [--rounds N] [--seed N] [--volumes sshfs,moosefs] [--ask]

For each volume, with the options that it needs and as it comes: what the doctor finds on two mounts, and the port's
contract over them. Where the doctor passes it: the rate of one writer and of four, and histories of writers over
three mounts, which are killed, and whose mounts are cut off for a while, checked as `make prove-processes` does.
"""
import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import volumes

PROJECT = Path(__file__).resolve().parents[2]
for folder in ("test/processes", "tools"):
    sys.path.insert(0, str(PROJECT / folder))

import contention  # noqa: E402
import machine  # noqa: E402
import measured  # noqa: E402
import run  # noqa: E402
import worker  # noqa: E402

PROPERTIES = ["A", "B", "C", "D", "E", "turn"]
CUT_OFF_SECONDS = 1.0
RATE_SECONDS = 5
KERNEL = PROJECT / ".toolchain" / "machine"
SLOWER = 10  # how many times as long everything takes in a machine
LONGER = 4  # and how many times as long a history is there
RESULT = "result of a volume: "  # before a line that tells it from a machine


def fit(found):
    """Whether histories are worth making: E is broken for a moment alone, which they may not meet."""
    return all(holds for name, holds in found.items() if name != "E")


def rate(mounts, count, compiled):
    """Increments each second of so many writers over the mounts."""
    place = run.Place("", None, mounts)
    with tempfile.TemporaryDirectory() as scratch:
        roots = place.roots(Path(scratch))
        start = time.monotonic() + contention.START_SECONDS
        results = [Path(scratch) / str(i) for i in range(count)]
        processes = [run.start(contention.work, roots[i % len(roots)], compiled, "counter", i, start, RATE_SECONDS,
                               results[i]) for i in range(count)]
        assert [run.wait(process) for process in processes] == [0] * count
        rows = [result.read_text().split() for result in results]
        assert [int(row[2]) for row in rows] == [0] * count, "a call failed"
        total = sum(int(row[0]) for row in rows)
        assert int.from_bytes((roots[-1] / worker.BUCKET / "counter").read_bytes(), "little") == total
        return total / RATE_SECONDS


def histories(volume, mounts, arguments):
    def disturb(mount):
        with volume.cut_off(mount):
            time.sleep(CUT_OFF_SECONDS)

    with tempfile.TemporaryDirectory() as records:
        return run.run_all(arguments, [run.Place(volume.name, Path(records), mounts, disturb)])


def options_of(options):
    return "`%s`" % options.replace(",", "`, `") if options else "as it comes"


def kept_cells(first):
    """The rate and the histories of the row that begins so on the page there is."""
    for line in measured.read("shared.md").splitlines():
        if line.startswith(first):
            return [cell.strip() for cell in line.split("|")[-3:-1]]
    return ["–", "–"]


def prove(volume, options, compiled, arguments):
    """A row of the table; what the doctor found; and what came of the histories, None where there were none."""
    mounts = volume.mount(3, options)
    _, said, found = volumes.ask_doctor(mounts)
    assert sorted(found) == sorted(PROPERTIES), said
    first = "| %s | %s |" % (volume.name, options_of(options))
    words = ["holds" if found[name] else "**broken**" for name in PROPERTIES]
    failed = volumes.contract_failures(mounts)
    words.append("kept" if not failed else ("kept but for: " if set(failed) <= set(volume.departures) else
                                            "not kept: ") + ", ".join(failed))
    total = None
    if arguments.ask:
        words += kept_cells(first)
    elif fit(found):
        words += ["%.0f / %.0f" % (rate(mounts[:2], 1, compiled), rate(mounts[:2], 4, compiled))]
        total = histories(volume, mounts, arguments)
        words += ["%d of %d; %d operations, %d kills, %d cuts" % (
            total.passed, total.passed + total.failed, total.operations, total.kills, total.disturbed)]
    else:
        words += ["–", "–"]
    print(volume.name, options, words, flush=True)
    return "%s %s |" % (first, " | ".join(words)), found, total


HEAD = """Each volume is served on this machine and mounted three times. *A* to *turn* are what `kv doctor --peer` finds on
two of the mounts ([shared.md](../shared.md) tells what they are); the *contract* is that of every port, each call through
another mount than the one before (sshfs says some errors in other words, which the store knows). Rates are increments
of one counter each second, by one writer and by four on two mounts. A history is %d s of four writers over three mounts,
killed at random; now and then a mount is cut off for a second. It counts where it is linearizable in porcupine's eyes and
no call failed. Where E is broken they may never meet the moment in which a name is gone. NFS and CephFS run in an emulated
machine, whose rates say nothing about a real one; a history takes %d times as long there.

| volume | options | A | B | C | D | E | turn | contract | rate of 1 / of 4 | histories |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


def prove_both(name, compiled, arguments):
    """What came of a volume with the right options, if it needs any, and as it comes: the row, and how many passed and
    failed."""
    for right in (True, False) if volumes.VOLUMES[name].right else (False,):
        with tempfile.TemporaryDirectory() as folder, volumes.VOLUMES[name](folder) as volume:
            row, found, total = prove(volume, volume.right if right else "", compiled, arguments)
        holds = volume.breaks == "never" or (right and volume.breaks != "always")
        # The doctor tells right from wrong.
        good = fit(found) == holds and found["E"] == volume.in_place
        yield {"row": row, "passed": (total.passed if total is not None else 0) + good,
               "failed": (total.failed if total is not None else 0) + (not good)}


def prove_in_machine(name, arguments):
    """The same in a machine with a kernel that has what the volume needs."""
    if not KERNEL.is_dir():
        raise volumes.Missing("there is no kernel for a machine; make machine-tools")
    command = [sys.executable, "-u", __file__, "--inside", "--volumes", name, "--seconds", str(arguments.seconds),
               "--rounds", str(arguments.rounds), "--seed", str(arguments.seed), "--check", str(arguments.check),
               *["--ask"] * arguments.ask]
    for line in machine.run(KERNEL, command, log=str(run.BUILD / "machine.log")):
        if line.startswith(RESULT):
            yield json.loads(line[len(RESULT):])
        else:
            print(line, flush=True)


def results(arguments, compiled):
    """What came of each volume that can be had here."""
    for name in arguments.volumes.split(","):
        try:
            try:
                yield from prove_both(name, compiled, arguments)
            except volumes.OtherKernel:
                if arguments.inside:
                    raise
                yield from prove_in_machine(name, arguments)
        except volumes.Missing as reason:
            print("skipped: %s: %s" % (name, reason))


def parse():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=30, help="a history's length; in a machine, %d times that" % LONGER)
    parser.add_argument("--rounds", type=int, default=2, help="histories of each kind")
    parser.add_argument("--volumes", default=",".join(volumes.VOLUMES))
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--check", type=Path, required=True, help="the linearizability checker, built")
    parser.add_argument("--ask", action="store_true", help="the doctor and the contract alone; the rest of the page stays")
    parser.add_argument("--inside", action="store_true", help="for the machine: say what came of it, and write nothing")
    return parser.parse_args(namespace=argparse.Namespace(processes=4, profiles="plain,mixed"))


def main():
    global RATE_SECONDS
    arguments = parse()
    if arguments.inside:
        run.take_longer(SLOWER)
        contention.START_SECONDS *= SLOWER
        RATE_SECONDS *= SLOWER
        arguments.seconds *= LONGER
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        compiled = Path(scratch) / "compiled"
        assert run.wait(run.start(worker.compile_to, compiled)) == 0
        for result in results(arguments, compiled):
            rows.append(result)
            if arguments.inside:
                print(RESULT + json.dumps(result), flush=True)
    passed, failed = (sum(result[word] for result in rows) for word in ("passed", "failed"))
    if not arguments.inside:
        if passed:
            lines = [HEAD % (arguments.seconds, LONGER)] + measured.merge("shared.md", [result["row"] for result in rows], 2)
            measured.write("shared.md", "Several machines on one volume", "make prove-shared", "\n".join(lines))
        print("%d passed, %d failed" % (passed, failed))
        return 1 if failed or not passed else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
