"""Runs the commands that a file lists, as many at once as there are cores, and adds their figures up.

    run.py FILE

Each command prints a line of figures and, as its last line, "N passed, N failed".
A command that ends otherwise counts as one failure.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys


def run(command):
    done = subprocess.run(command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    last = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1]) if lines else None
    if last is None or (done.returncode != 0 and last[2] == "0"):
        return command, lines + ["ended with status %d" % done.returncode], 0, 1
    return command, lines[:-1], int(last[1]), int(last[2])


def main():
    commands = pathlib.Path(sys.argv[1]).read_text().splitlines()
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for command, lines, good, bad in pool.map(run, commands):
            print(command, flush=True)
            for line in lines:
                print(("" if line.startswith("FAILED") else "  ") + line, flush=True)
            passed += good
            failed += bad
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
