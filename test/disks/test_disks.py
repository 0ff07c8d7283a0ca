"""The built component on real disks, those that fold names first. `make test-disks`, not part of `make test`.

Disks are the project's own, tmpfs, the directory FOLDING_DIR if it is given, and every one of exFAT, FAT
and case-folding ext4 that can be made here in a file: that takes root, the file system's tools and its driver.
What cannot be made is skipped, and why is said. WRITE_DISKS writes docs/measured/disks.md.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import pytest

import measured
from keyvalue import BUILD, Failure, Store

KEYS = [
    "key", "Key", "KEY", "é", "e\u0301", "É", "k", "\u212a", "ß", "ss", "a", "a.", "a ", "A.", "user:123", "user?123",
    "user name long", "userna~1", "USERNA~1", "con", "CON", "nul.txt", "lpt1 .x", "%", "%3a", "%3A", "", ".", "..",
    ".kv", "..kv", "a/b", "a\\b", "<>|\"*", "\x01", "$mft", "日本語", "\U0001f4be", "ab", "a\u200db", "page_views",
]
INCREMENTS = 300
HEAD = ["disk", "names", "keys taken", "keys with their own value", "listing", "increments from two processes"]


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode != 0:
        raise OSError("%s: %s" % (command[0], (done.stdout.strip() or "failed").splitlines()[-1]))
    return done.stdout


# How to make a disk in the file `image` or the block device `device`, and mount it at `at`.
MADE = {
    "exFAT (FUSE)": [["mkfs.exfat", "{device}"], ["mount.exfat-fuse", "{device}", "{at}"]],
    "FAT": [["mkfs.vfat", "-F", "32", "{device}"], ["mount", "-t", "vfat", "-o", "utf8", "{device}", "{at}"]],
    "ext4, folding case": [["mkfs.ext4", "-q", "-O", "casefold", "{device}"],
                           ["mount", "-t", "ext4", "{device}", "{at}"], ["chattr", "+F", "{at}/root"]],
}


def make(name, folder):
    """Mounts a new disk. Returns its directory and what undoes that; OSError where it cannot be made."""
    missing = [command[0] for command in MADE[name] if shutil.which(command[0]) is None]
    if missing:
        raise OSError("there is no %s" % missing[0])
    image, at = folder / "image", folder / "disk"
    at.mkdir()
    with open(str(image), "wb") as file:
        file.truncate(96 << 20)
    undo = []
    try:
        device = image
        if any("{device}" in command for command in MADE[name]):
            device = run("losetup", "--find", "--show", str(image)).strip()
            undo.append(["losetup", "--detach", device])
        for command in MADE[name]:
            if command[0] == "chattr":
                (at / "root").mkdir()
            try:
                run(*[word.format(device=device, image=image, at=at) for word in command])
            except OSError as error:
                # What mount says of it has paths, and names half a dozen reasons.
                raise OSError("it cannot be mounted here") if command[0] == "mount" else error
            if command[-1] == "{at}":
                undo.append(["umount", str(at)])
    except OSError:
        release(undo)
        raise
    return at, undo


def release(undo):
    for command in reversed(undo):
        run(*command)


@pytest.fixture(params=["this directory's disk", "tmpfs", "FOLDING_DIR"] + list(MADE))
def disk(request, tmp_path):
    """A directory on the disk, and what to call it."""
    if request.param in MADE:
        try:
            at, undo = make(request.param, tmp_path)
        except OSError as error:
            LEFT_OUT[request.param] = str(error)
            pytest.skip("%s cannot be made here: %s" % (request.param, error))
        yield request.param, at
        release(undo)
        return
    parent = {"this directory's disk": str(BUILD), "tmpfs": "/dev/shm"}.get(
        request.param, os.environ.get("FOLDING_DIR", ""))
    if not os.path.isdir(parent):
        pytest.skip("there is no %s" % (parent or request.param))
    with tempfile.TemporaryDirectory(dir=parent) as at:
        kind = run("stat", "-f", "-c", "%T", at).strip() if sys.platform == "linux" else "its own kind"
        yield "%s (%s)" % (request.param, kind), pathlib.Path(at)


RESULTS = []
LEFT_OUT = {}


def increments(root, env):
    """What a counter holds after two processes have incremented it at once."""
    script = ("import sys; sys.path.insert(0, %r); from keyvalue import Store; b = Store(%r, %r).open('b')\n"
              "for _ in range(%d): b.increment('n')" % (os.path.dirname(__file__), str(root), env, INCREMENTS))
    workers = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(2)]
    assert [worker.wait() for worker in workers] == [0, 0]
    return Store(root, env).open("b").increment("n", 0)


def measure(root, names):
    """Sets every key to a value of its own, and counts."""
    env = {"KEYVALUE_FILESYSTEM_NAMES": names, "KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}
    bucket = Store(root, env).open("b")
    taken = []
    for key in KEYS:
        try:
            bucket.set(key, key.encode())
            taken.append(key)
        except Failure:
            pass
    right = [key for key in taken if bucket.get(key) == key.encode()]
    listed = bucket.keys()
    total = increments(root, env)
    return (len(taken), len(right), sorted(listed) == sorted(KEYS), total)


def test_a_disk(disk):
    """With portable names a disk takes every key, keeps each apart, lists exactly them, and no increment of two
    processes is lost. A disk that folds names fails that with plain ones."""
    name, at = disk
    found = {}
    for names in ("plain", "portable"):
        root = at / "root" / names
        root.mkdir(parents=True)
        found[names] = measure(root, names)
        taken, right, listed, total = found[names]
        RESULTS.append([name, names, "%d of %d" % (taken, len(KEYS)), "%d" % right,
                        "exactly the keys" if listed else "**not the keys**",
                        "all" if total == 2 * INCREMENTS else "**%d of %d**" % (total, 2 * INCREMENTS)])
    assert found["portable"] == (len(KEYS), len(KEYS), True, 2 * INCREMENTS)
    assert not name.startswith(tuple(MADE)) or found["plain"] != found["portable"], "it does not fold"


def test_write_the_table():
    """The table has what was run, what was modelled, and what could not be made."""
    if "WRITE_DISKS" not in os.environ:
        pytest.skip("it is written by make disks")
    simulated = run(str(BUILD / "sim" / "names"), "0", "20000")
    count, wrong = re.search(r"(\d+) programs.*plain ones (\d+) go wrong", simulated).groups()
    lines = [
        "What the two kinds of names ([format.md](../format.md)) come to on real disks, and on a modelled one. The command",
        "mounts what it can; `FOLDING_DIR=/mnt/disk make test-disks` tries a disk of yours.", "",
        "## Run", "",
        "%d keys that some disk takes for one another, refuses or calls otherwise: capitals, accents in one piece and in"
        % len(KEYS), "two, device names, dots and spaces at an end, short names. Each is set to a value of its own, read and "
        "listed;", "then two processes increment one counter %d times each." % INCREMENTS, "",
        "| %s |" % " | ".join(HEAD), "|%s" % (" --- |" * len(HEAD))]
    lines += ["| %s |" % " | ".join(row) for row in RESULTS]
    lines += ["", "Left out, as they could not be made where this was written:", ""]
    lines += ["- %s: %s" % item for item in LEFT_OUT.items()]
    lines += ["- NTFS: its driver for FUSE that ignores case (lowntfs-3g 2022.10.3) leaves entries out of a listing that is "
              "read", "  in parts of 1 KiB, whoever reads it"]
    lines += [
        "", "## Modelled", "",
        "The worst of Windows and macOS in one simulated disk (`test/sim/fold.h`): case folded and accents composed or not, "
        "over", "all of Unicode as Python knows it; Windows' forbidden characters and devices; dots and spaces dropped at the "
        "end;", "8.3 short names; and file names given back in small letters. Random programs of two writers with hostile keys, "
        "checked", "against a map by `build/sim/names`, a part of `make test-sim`:", "",
        "| names | programs | right |", "| --- | --- | --- |",
        "| plain | %s | %d |" % (count, int(count) - int(wrong)), "| portable | %s | %s |" % (count, count), "",
        "Not run: Windows' and macOS' own kernels, and accents in another order than Unicode's canonical one. Portable file",
        "names have nothing but lower-case ASCII, so that no rule about the rest of Unicode can touch them.", ""]
    measured.write("disks.md", "Disks", "make disks", "\n".join(lines))
