"""The contract of src/core/port.h over every port and, where they can be mounted, every file system.

The native program runs all of its tests by itself; the component is asked for one after the other, each in a
new instance and a root made anew, by wasmtime and, where `make test-http` has fetched it, by jco.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys

import pytest

import mounts

PROJECT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "test" / "component"))
from keyvalue import BUILD, Instance  # noqa: E402

NATIVE = PROJECT / "build" / "native" / "contract"
COMPONENT = "port_contract.wasm"
JCO = PROJECT / ".toolchain" / "jco" / "node_modules"
RUNNER = PROJECT / "test" / "port" / "jco.mjs"
LINKS, PIPES, SOCKETS, RAW_NAMES, TIMES, INODES = (1 << bit for bit in range(6))
NAME_BYTES = 255

# Where jco departs from the contract, and why the core can do with it.
JCO_DEPARTURES = {
    "read a directory": "it throws, and the instance is gone: the core stats before it opens",
}


def can(action):
    try:
        action()
    except OSError:
        return False
    return True


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def make_fixture(root):
    """Makes what contract.h describes in a new directory. The bits of what the file system can hold of it."""
    root.mkdir()
    (root / "file").write_text("12345")
    for name in ("directory", "odd"):
        (root / name).mkdir()
    (root / "directory" / "inside").write_text("inside")
    (root / "odd" / "a").touch()
    has = TIMES | INODES
    if can(lambda: (root / "link").symlink_to("file")):
        has |= LINKS
        for name, target in (("directory-link", "directory"), ("dangling", "nowhere"), ("loop", "loop")):
            (root / name).symlink_to(target)
    has |= PIPES * can(lambda: os.mkfifo(str(root / "pipe")))
    short = os.path.relpath(str(root / "socket"))  # its address has a hundred characters
    has |= SOCKETS * can(lambda: make_socket(short))
    has |= RAW_NAMES * can(lambda: open(os.path.join(os.fsencode(str(root)), b"odd", b"\xff"), "w").close())
    return has


def run_native(directory):
    done = subprocess.run([str(NATIVE), str(directory)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          universal_newlines=True)
    assert done.returncode == 0, "\n".join(line for line in done.stdout.splitlines() if not line.startswith("ok "))


def names():
    instance = Instance(name=COMPONENT)
    found = []
    while True:
        name = instance.call(None, "name", len(found))
        if not name:
            return found
        found.append(name)


def run_component(directory, run, departures=()):
    """Every test, by `run`, which gives what failed; only the departures do."""
    failures = []
    for number, name in enumerate(names()):
        root = directory / "root"
        has = make_fixture(root)
        failure = run(root, number, has)
        if failure:
            failures.append("%s: %s" % (name, failure))
        shutil.rmtree(str(root))
    assert [failure for failure in failures if failure.split(":")[0] not in departures] == []
    assert len(failures) == len(departures), "one is mended: " + ", ".join(departures)


def run_wasmtime(directory):
    run_component(directory, lambda root, number, has: Instance(root, name=COMPONENT).call(
        None, "run", number, has, NAME_BYTES))


def transpiled(folder):
    """The component as jco makes it for Node, beside a link to the shim that it imports."""
    if shutil.which("node") is None or not JCO.exists():
        pytest.skip("there is no node, or no jco; make test-http fetches it where npm is")
    (folder / "node_modules").symlink_to(JCO)
    subprocess.run([str(JCO / ".bin" / "jco"), "transpile", str(BUILD / COMPONENT), "--quiet", "--out-dir",
                    str(folder / "contract"), "--name", "contract"], check=True)
    return folder / "contract" / "contract.js"


def run_jco(directory):
    file = transpiled(directory)

    def run(root, number, has):
        done = subprocess.run(["node", str(RUNNER), str(file), str(number), str(has & ~INODES),
                               str(NAME_BYTES)],
                              cwd=str(root), stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
        return done.stdout if done.returncode == 0 else done.stderr

    run_component(directory, run, JCO_DEPARTURES)


@pytest.fixture(params=list(mounts.KINDS))
def file_system(request, tmp_path):
    """A directory on a new file system of its own."""
    try:
        with mounts.mounted(request.param, tmp_path) as directory:
            yield directory
    except mounts.Missing as reason:
        pytest.skip("%s: %s" % (request.param, reason))


RUNNERS = {"native": run_native, "wasmtime": run_wasmtime}


@pytest.mark.parametrize("run", [*RUNNERS.values(), run_jco], ids=[*RUNNERS, "jco"])
def test_here(tmp_path, run):
    """The port keeps its contract on the disk that temporary files are on."""
    run(tmp_path)


@pytest.mark.parametrize("run", RUNNERS.values(), ids=RUNNERS)
def test_mounted(file_system, run):
    """The port keeps its contract on every file system that can be mounted."""
    run(file_system)
