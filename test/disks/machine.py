"""A virtual machine with Debian's kernel, for file systems that this one's kernel does not have.

    for line in machine.run(KERNEL, ["python3", "x.py"]):       # what the command says

It has the files of this machine. What it writes is in its memory and gone when it ends. QEMU emulates it, so it
needs no root and no other help, and takes five to ten times as long for everything. KERNEL is the folder of an
unpacked linux-image package (tools/tools.mk).
"""
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile

# To find the root; everything else is loaded from KERNEL by whoever needs it.
MODULES = ["virtio_pci", "9pnet_virtio", "9p", "overlay"]
MEMORY_MB = 6000
EXITED = "the machine's command ended with "


class Failed(Exception):
    """The command, or the machine."""


INIT = """#!/busybox sh
b=/busybox
$b mkdir -p /proc /sys /dev /here /memory
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for module in $($b cat /modules/list); do $b insmod /modules/$module; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 here /here
$b mount -t tmpfs memory /memory
$b mkdir /memory/written /memory/work /memory/root
$b mount -t overlay -o lowerdir=/here,upperdir=/memory/written,workdir=/memory/work root /memory/root
cd /memory/root
for name in proc sys dev; do $b mount --move /$name $name; done
for name in tmp run var/tmp dev/shm; do $b mkdir -p $name; done
$b mount -t tmpfs shm dev/shm
$b mkdir -p lib/modules && $b mount --bind /here{kernel}/lib/modules lib/modules
$b ip link set lo up
$b stty -F dev/ttyS1 raw
$b chroot . /bin/sh -c {command} > dev/ttyS1 2>&1 < dev/null
echo "{exited}$?" > dev/ttyS1
$b sync; $b poweroff -f
"""


def modules(kernel):
    """The files of MODULES and of what they need, in the order in which they are loaded."""
    (version,) = os.listdir(str(kernel / "lib" / "modules"))
    paths = []
    for name in MODULES:
        said = subprocess.run(["/sbin/modprobe", "-d", str(kernel), "-S", version, "--show-depends", name], check=True,
                              stdout=subprocess.PIPE, universal_newlines=True).stdout
        paths += [line.split()[1] for line in said.splitlines() if line.startswith("insmod ")]
    return list(dict.fromkeys(paths))


def first_files(kernel, folder, command):
    """What the machine starts with: busybox, the modules, and the script that runs the command."""
    (folder / "modules").mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), str(folder / "busybox"))
    paths = modules(kernel)
    for path in paths:
        shutil.copy(path, str(folder / "modules"))
    (folder / "modules" / "list").write_text("\n".join(os.path.basename(path) for path in paths))
    (folder / "init").write_text(INIT.format(kernel=kernel, command=shlex.quote(command), exited=EXITED))
    (folder / "init").chmod(0o755)
    names = "\n".join(str(path.relative_to(folder)) for path in sorted(folder.rglob("*")))
    return subprocess.run(["cpio", "--quiet", "-o", "-H", "newc"], cwd=str(folder), input=names.encode(), check=True,
                          stdout=subprocess.PIPE).stdout


def run(kernel, command, log=os.devnull):
    """Runs a command in a machine of its own, in this directory and with this PATH, and yields what it says, line by
    line. `log` gets what the machine's kernel says."""
    kernel = pathlib.Path(kernel).resolve()
    inside = "cd %s; export HOME=/root LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PATH=%s; exec %s" % (
        shlex.quote(os.getcwd()), shlex.quote(os.environ["PATH"] + ":/usr/sbin:/sbin"),
        " ".join(map(shlex.quote, command)))
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "first").write_bytes(first_files(kernel, folder / "files", inside))
        (image,) = (kernel / "boot").glob("vmlinuz-*")
        machine = subprocess.Popen([
            "qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", "max", "-m", str(MEMORY_MB), "-smp",
            str(os.cpu_count()), "-display", "none", "-no-reboot", "-nic", "none", "-kernel", str(image), "-initrd",
            str(folder / "first"), "-append", "console=ttyS0 panic=-1 mitigations=off quiet",
            "-virtfs", "local,path=/,mount_tag=here,security_model=none,readonly=on,multidevs=remap",
            "-serial", "file:%s" % log, "-serial", "stdio"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            universal_newlines=True, errors="replace")
        code = None
        try:
            for line in machine.stdout:
                if line.startswith(EXITED):
                    code = int(line[len(EXITED):])
                else:
                    yield line.rstrip("\n")
        finally:
            machine.kill()
            machine.wait()
        if code is None:
            raise Failed("the machine ended before its command; its kernel's words are in %s" % log)
        if code != 0:
            raise Failed("%s ended with %d in the machine" % (command[0], code))
