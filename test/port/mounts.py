"""File systems to test on: made in an image, mounted, and taken down again.

    with mounted("xfs", folder) as directory: ...

It takes root, the file system's tools and its driver; Missing says what there is not.
"""
import contextlib
import os
import shutil
import subprocess


class Missing(Exception):
    """Why the file system cannot be mounted here."""


MEBIBYTE = 1 << 20

# The size of the image, and what makes a file system of it; None: nothing has to.
KINDS = {
    "tmpfs": (None, None),
    "ext4": (64, ["mkfs.ext4", "-q", "-F"]),
    "xfs": (320, ["mkfs.xfs", "-q", "-f"]),
    "btrfs": (128, ["mkfs.btrfs", "-q", "-f"]),
    "vfat": (64, ["mkfs.vfat", "-F", "32"]),
    "exfat": (64, ["mkfs.exfat"]),
    "overlay": (None, None),
}


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode != 0:
        raise Missing("%s: %s" % (command[0], (done.stdout.strip() or "failed").splitlines()[-1]))


def options(kind, folder):
    """The words of the mount command that say what is mounted."""
    size, maker = KINDS[kind]
    if kind == "overlay":
        parts = {name: folder / name for name in ("lowerdir", "upperdir", "workdir")}
        for part in parts.values():
            part.mkdir()
        return ["overlay", "-o", ",".join("%s=%s" % part for part in parts.items())]
    if maker is None:
        return [kind]
    if shutil.which(maker[0]) is None:
        raise Missing("there is no %s" % maker[0])
    image = folder / "image"
    with open(str(image), "wb") as file:
        file.truncate(size * MEBIBYTE)
    run(*maker, str(image))
    return ["-o", "loop" + (",utf8" if kind == "vfat" else ""), str(image)]


@contextlib.contextmanager
def mounted(kind, folder):
    """The directory that a new file system of this kind is mounted on."""
    if os.geteuid() != 0:
        raise Missing("to mount takes root")
    at = folder / "mounted"
    at.mkdir()
    if kind == "overlay":  # an upper directory has to be on a disk that can be one, tmpfs at the least
        run("mount", "-t", "tmpfs", "tmpfs", str(folder))
        at.mkdir()
    try:
        run("mount", "-t", kind, *options(kind, folder), str(at))
        try:
            yield at
        finally:
            subprocess.run(["umount", str(at)], check=True)
    finally:
        if kind == "overlay":
            subprocess.run(["umount", str(folder)], check=True)
