"""A real file system on a recorded disk, and on the image that a power cut leaves.

    with Recorded(SYSTEMS["xfs"], folder) as disk:
        ...                                      # work below disk.at, write lines to disk.mark
    records = Log(disk.log)                      # what the disk saw, in order

    with Mounted(SYSTEMS["xfs"], image, folder) as at:
        ...                                      # what the kernel made of it

It takes root, /dev/fuse, loop devices and the file systems' own tools. lack() says what is missing.
"""
import contextlib
import ctypes
import fcntl
import functools
import mmap
import os
import pathlib
import shutil
import stat
import struct
import subprocess
import tempfile
import time

PROJECT = pathlib.Path(__file__).resolve().parents[2]
PARTS = PROJECT / "build" / "power"
MEMORY = pathlib.Path("/dev/shm")

SECONDS_MAX = 60  # to wait for what is in use

MKFS_EXT4 = "mkfs.ext4 -q -F -b 4096 -E lazy_itable_init=0,lazy_journal_init=0,nodiscard".split()


class System:
    """A file system in one of its modes: how it is made and mounted."""

    def __init__(self, name, text, size, mkfs, options=(), ordered=True):
        self.ordered = ordered  # whether it recovers to a state that it was in, data included
        self.name = name
        self.text = text
        self.bytes = size << 20
        self.mkfs = mkfs
        self.options = list(options)
        self.kind, _, self.mode = name.partition("-")  # no mode: as it comes

    def recover(self, device):
        """What a boot does before it mounts: a file system without a journal has to be mended."""
        if self.name == "ext4-nojournal":
            done = subprocess.run(["e2fsck", "-fy", device], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if done.returncode > 2:  # 1 and 2: mended
                raise OSError("e2fsck ended with %d" % done.returncode)

    def mount_options(self):
        # A copy has the name of the file system that it is a copy of, which XFS refuses.
        return ",".join(self.options + (["nouuid"] if self.kind == "xfs" else []))


SYSTEMS = {system.name: system for system in (
    System("ext4", "ext4 as it comes", 128, MKFS_EXT4 + ["-J", "size=4"]),
    System("ext4-writeback", "ext4, `data=writeback`", 128, MKFS_EXT4 + ["-J", "size=4"], ["data=writeback"],
           ordered=False),
    System("ext4-nodelalloc", "ext4, `nodelalloc`", 128, MKFS_EXT4 + ["-J", "size=4"], ["nodelalloc"]),
    System("ext4-nojournal", "ext4 without a journal", 128, MKFS_EXT4 + ["-O", "^has_journal"], ordered=False),
    System("xfs", "XFS as it comes", 320, ["mkfs.xfs", "-q", "-f", "-K"]),
    System("btrfs", "Btrfs as it comes", 256, ["mkfs.btrfs", "-q", "-f", "-K"]),
)}


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    if done.returncode != 0:
        raise OSError("%s: %s" % (command[0], (done.stdout.strip() or "failed").splitlines()[-1]))
    return done.stdout.strip()


def patiently(function, *arguments):
    """For what others may hold for a moment: they look at new block devices too."""
    until = time.monotonic() + SECONDS_MAX
    while True:
        try:
            return function(*arguments)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.005)


# ---- Loop devices and mounts, by the kernel's own calls: hundreds of cuts start no hundreds of programs ----

LOOP_SET_FD, LOOP_CLR_FD, LOOP_CTL_GET_FREE, BLKFLSBUF = 0x4C00, 0x4C01, 0x4C82, 0x1261  # linux/loop.h, linux/fs.h
LIBC = ctypes.CDLL(None, use_errno=True)


def _checked(result, what):
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, "%s: %s" % (what, os.strerror(number)))


def _attach(image):
    """A free loop device, opened and set to a file."""
    with open("/dev/loop-control") as control:
        number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
    path = "/dev/loop%d" % number
    if not os.path.exists(path):
        os.mknod(path, 0o600 | stat.S_IFBLK, os.makedev(7, number))
    device = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    file = os.open(str(image), os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.ioctl(device, LOOP_SET_FD, file)  # fails where another program was faster
    except OSError:
        os.close(device)
        raise
    finally:
        os.close(file)
    return device, path


@contextlib.contextmanager
def attached(image):
    """A loop device over a file, with nothing cached of the file that it had before."""
    device, path = patiently(_attach, image)
    try:
        fcntl.ioctl(device, BLKFLSBUF)
        yield path
    finally:
        patiently(fcntl.ioctl, device, LOOP_CLR_FD)
        os.close(device)
        # It lets go of the file when nobody has it open any more.
        patiently(_released, path, str(image))


def _released(path, image):
    """OSError for as long as the device has this file."""
    try:
        with open("/sys/block/%s/loop/backing_file" % os.path.basename(path)) as file:
            held = file.read().strip()
    except OSError:  # it has none
        return
    if held == image:
        raise OSError("%s is still in use" % path)


@contextlib.contextmanager
def mounted(system, device, at):
    done = LIBC.mount(device.encode(), str(at).encode(), system.kind.encode(), 0, system.mount_options().encode())
    _checked(done, "mount")
    try:
        yield at
    finally:
        patiently(unmount, at)


def unmount(at):
    _checked(LIBC.umount2(str(at).encode(), 0), "umount")


class Recorded:
    """A new file system on a recorded disk: its directory is `at`, what it recorded is in `log`."""

    def __init__(self, system, folder):
        self.system = system
        self.disk = folder / "disk"
        self.at = folder / "at"
        self.log = folder / "log"

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.disk.mkdir()
            self.at.mkdir()
            server = subprocess.Popen([str(PARTS / "disk"), str(self.log), str(self.system.bytes), str(self.disk)])
            stack.callback(self._end, server)
            while not (self.disk / "disk").exists():
                if server.poll() is not None:
                    raise OSError("the recorded disk cannot be mounted")
                time.sleep(0.01)
            device = stack.enter_context(attached(self.disk / "disk"))
            run(*(self.system.mkfs + [device]))
            stack.enter_context(mounted(self.system, device, self.at))
            self._mark = os.open(str(self.disk / "mark"), os.O_WRONLY)
            stack.callback(os.close, self._mark)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()

    def _end(self, server):
        if server.poll() is None:
            patiently(unmount, self.disk)
        server.wait(10)

    @property
    def mark_path(self):
        return self.disk / "mark"

    def mark(self, text):
        os.write(self._mark, text.encode())


class Log:
    """What a recorded disk saw: `records` of (kind, offset, bytes or text), in order."""

    HEAD = struct.Struct("<IIQ")

    def __init__(self, path):
        with open(str(path), "rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self.records = []
        at = 0
        while at < len(data):
            kind, size, offset = self.HEAD.unpack_from(data, at)
            at += self.HEAD.size
            content = data[at:at + size]
            self.records.append((chr(kind), offset, bytes(content).decode() if kind == ord("M") else content))
            at += size

    def marks(self):
        """(index, text) of every mark."""
        return [(index, content) for index, (kind, _, content) in enumerate(self.records) if kind == "M"]

    def count(self, kind, begin, end):
        return sum(record[0] == kind for record in self.records[begin:end])


@contextlib.contextmanager
def scratch():
    """A folder in memory: what is recorded here waits for no disk."""
    with tempfile.TemporaryDirectory(prefix="power-", dir=str(MEMORY) if MEMORY.is_dir() else None) as folder:
        yield pathlib.Path(folder)


@functools.lru_cache(maxsize=None)
def lack(name):
    """Why the file system of this name cannot be had here, or None."""
    if os.geteuid() != 0:
        return "it takes root"
    for path in ("/dev/fuse", "/dev/loop-control", str(PARTS / "disk"), str(PARTS / "omit.so")):
        if not os.path.exists(path):
            return "there is no %s" % os.path.relpath(path, str(PROJECT)) if "power" in path else "there is no " + path
    system = SYSTEMS[name]
    for tool in (system.mkfs[0], "e2fsck"):
        if shutil.which(tool) is None:
            return "there is no " + tool
    try:
        with scratch() as folder, Recorded(system, folder):
            return None
    except OSError as error:
        return str(error)
