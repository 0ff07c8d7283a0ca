"""Breaks the product on purpose, one break at a time, and sees who notices.

    run.py [--table] [--sample N] [--killer NAME] [MUTANT...]   runs all mutants, N of them, or those named
    run.py --check                                              sees that every mutant still fits the source

A proof that cannot fail proves nothing. A mutant is a file test/mutants/NAME.patch. Its first line
says what is broken, in the words of the table; then comes a patch as `git diff` writes it:

    An increment does not read again under its next turn
    --- a/src/core/change.c
    +++ b/src/core/change.c
    @@ -120,3 +120,2 @@
         context
    -    what is there
    +    what is put in its place
         context

To write one: break the source, `git diff > test/mutants/NAME.patch`, put the line in front, and undo
the break. Keep the context short, one or two lines that are likely to stay: a patch is applied
wherever they are found (`git apply -C1 --recount`), whatever its line numbers say, so it survives
what changes around it. One that no longer fits fails here, and has to be written anew.

test/mutants/killers.txt lists who may notice, in the order of trying: a name, the folders or
files of the source that it is tried on, what has to be built for it, and its command. A mutant's killer is the
first that fails or does not end in time; a mutant without one fails this program.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import queue
import random
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

import measured  # noqa: E402

HERE = ROOT / "test" / "mutants"
WORK = ROOT / "build" / "mutants"
SECONDS_MAX = 1500  # far more than the whole of a killer takes, beside others
BUILT = ("native", "sim", "checked", "wasm", "plugin", "wit", "fuzz")

Killer = collections.namedtuple("Killer", "name folders targets command")


class Mutant:
    def __init__(self, path):
        self.name = path.stem
        self.patch = path.read_text(encoding="utf-8")
        self.what = self.patch.splitlines()[0]
        self.files = re.findall(r"^\+\+\+ b/(\S+)", self.patch, re.MULTILINE)

    def killers(self, killers):
        return [killer for killer in killers if any((file + "/").startswith(folder + "/") for file in self.files
                                                    for folder in killer.folders)]


def read_mutants():
    return [Mutant(path) for path in sorted(HERE.glob("*.patch"))]


def read_killers():
    lines = [line for line in (HERE / "killers.txt").read_text().splitlines() if line and line[0] != "#"]
    fields = ([field.strip() for field in line.split("|", 3)] for line in lines)
    return [Killer(name, folders.split(), targets.split(), command) for name, folders, targets, command in fields]


def run(folder, command, seconds=SECONDS_MAX):
    """Whether a command ends well, and what it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    process = subprocess.Popen(["sh", "-c", "ulimit -c 0; " + command], cwd=str(folder), stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, env=environment, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return False, "it did not end"
    return process.returncode == 0, output.decode("utf-8", "replace")


def apply(mutant, folder, *options):
    """Whether the mutant's patch could be applied; else what git says."""
    done = subprocess.run(["git", "apply", "-C1", "--recount", "--whitespace=nowarn", *options, "-"],
                          input=mutant.patch.encode(), cwd=str(folder), stderr=subprocess.PIPE,
                          env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent)})
    good = done.returncode == 0 and mutant.files
    return bool(good), done.stderr.decode() or "it is no patch"


def set_up(folder):
    """A copy of the project, with what is built so far."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    listed = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=str(ROOT), check=True,
                            stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in filter(None, listed):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(str(ROOT / name), str(folder / name), follow_symlinks=False)
    (folder / ".toolchain").symlink_to(ROOT / ".toolchain")
    for part in BUILT:
        if (ROOT / "build" / part).exists():
            shutil.copytree(str(ROOT / "build" / part), str(folder / "build" / part), symlinks=True)
    for path in ROOT.glob("build/*.wasm"):
        shutil.copy2(str(path), str(folder / "build"))


def build(folder, killers):
    targets = sorted({target for killer in killers for target in killer.targets})
    # A copy's lists of tools are as new as the copy; the tools are those of the project.
    return run(folder, "make -j2 -o .toolchain/.installed -o .toolchain/optimiser/.installed " + " ".join(targets))


def hunt(mutant, folder, killers):
    """The name of the first who notices; or None and why there is nobody."""
    tried = mutant.killers(killers)
    good, said = apply(mutant, folder)
    if not good:
        return None, "its patch does not fit: " + said
    try:
        for killer in tried:
            good, said = build(folder, [killer])
            if not good:
                return None, "it does not build:\n" + said[-1000:]
            good, said = run(folder, killer.command)
            if not good:
                return killer.name, ""
        return None, "nobody notices"
    finally:
        for file in mutant.files:
            shutil.copy(str(ROOT / file), str(folder / file))


def hunt_all(mutants, killers):
    """Each mutant with its killer, in as many folders as there are processors."""
    folders = queue.Queue()
    for number in range(min(os.cpu_count(), len(mutants))):
        folder = WORK / str(number)
        set_up(folder)
        folders.put(folder)
    needed = [killer for killer in killers if any(killer in mutant.killers(killers) for mutant in mutants)]
    first = folders.get()
    good, said = build(first, needed)
    for killer in needed:
        good, said = run(first, killer.command) if good else (False, said)
        if not good:
            sys.exit("%s fails without any break\n%s" % (killer.name, said[-3000:]))
    folders.put(first)

    def one(mutant):
        folder = folders.get()
        try:
            killer, why = hunt(mutant, folder, killers)
        finally:
            folders.put(folder)
        print("%s: %s" % (mutant.what, "noticed by " + killer if killer else "FAILED\nFAILED %s: %s" % (mutant.name, why)),
              flush=True)
        return mutant, killer

    with concurrent.futures.ThreadPoolExecutor(folders.qsize()) as pool:
        return list(pool.map(one, mutants))


def write_table(results):
    names = ", ".join(dict.fromkeys("`%s`" % killer.name for killer in read_killers()))
    lines = ["Each line is the product with one deliberate break (`test/mutants/*.patch`), and who noticed it first, of",
             names + " (`test/mutants/killers.txt` has their commands).", "",
             "| break | in | noticed by |", "| --- | --- | --- |"]
    rows = ["| %s | `%s` | %s |" % (mutant.what, ", ".join(mutant.files), killer or "**nobody**")
            for mutant, killer in results]
    there = {mutant.what for mutant in read_mutants()}
    lines += sorted(row for row in measured.merge("mutants.md", rows, 1) if row.split(" | ")[0][2:] in there)
    measured.write("mutants.md", "Mutants", "make prove-mutants", "\n".join(lines))


def check(mutants):
    """Only whether each patch fits, and somebody is there to notice it."""
    failed = 0
    killers = read_killers()
    for mutant in mutants:
        good, said = apply(mutant, ROOT, "--check")
        if not good or not mutant.killers(killers):
            failed += 1
            print("FAILED %s: %s" % (mutant.name, "nobody is tried on it" if good else said.strip()))
    return len(mutants) - failed, failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--killer", help="only this one; a table then tells of what it notices")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    mutants = read_mutants()
    killers = [killer for killer in read_killers() if arguments.killer in (None, killer.name)]
    if arguments.check:
        passed, failed = check(mutants)
    else:
        if arguments.names:
            mutants = [mutant for mutant in mutants if mutant.name in arguments.names]
        if arguments.sample:
            mutants = random.sample(mutants, min(arguments.sample, len(mutants)))
        if not mutants:
            sys.exit("there is no such mutant")
        results = hunt_all(mutants, killers)
        if arguments.table:
            write_table([result for result in results if result[1] or not arguments.killer])
        failed = sum(1 for _, killer in results if not killer)
        passed = len(results) - failed
    print("%d passed, %d failed" % (passed, failed))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
