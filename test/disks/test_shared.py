"""Several machines on one volume: writers on different mounts of it. `make test-shared`, and in `make test`
where sshfs, an SSH server and root are there.

A server on this machine exports a directory, and sshfs mounts it four times: twice as it comes, twice with
its caches off. Two mounts are to the store what two machines are. SHARED_MOUNTS="NAME A B ..." adds volumes
that are mounted already, of which at least two mounts are given; they must hold what is asked for here.
"""
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import uuid

import pytest

from keyvalue import BUILD, Store

INCREMENTS = int(os.environ.get("SHARED_INCREMENTS", "60"))
KILL_SECONDS = float(os.environ.get("SHARED_KILL_SECONDS", "6"))
RIGHT = "dir_cache=no,attr_timeout=0,entry_timeout=0,negative_timeout=0"
KV = BUILD / "kv"


def start_server(folder):
    """An SSH server for this test alone; its port."""
    for name in ("key", "host"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "authorized").write_text((folder / "key.pub").read_text())
    (folder / "authorized").chmod(0o600)
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    port = random.Random().randrange(20000, 60000)
    (folder / "config").write_text("\n".join([
        "Port %d" % port, "ListenAddress 127.0.0.1", "HostKey %s" % (folder / "host"),
        "AuthorizedKeysFile %s" % (folder / "authorized"), "PermitRootLogin prohibit-password", "StrictModes no",
        "UsePAM no", "PidFile %s" % (folder / "pid"), "Subsystem sftp internal-sftp", ""]))
    subprocess.run(["/usr/sbin/sshd", "-f", str(folder / "config")], check=True)
    return port


def mount(folder, port, name, options):
    (folder / name).mkdir()
    common = "IdentityFile=%s,port=%d,StrictHostKeyChecking=no,UserKnownHostsFile=/dev/null,LogLevel=ERROR" % (
        folder / "key", port)
    for _ in range(50):
        done = subprocess.run(["sshfs", "root@127.0.0.1:%s" % (folder / "export"), str(folder / name), "-o",
                               common + options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True)
        if done.returncode == 0:
            return str(folder / name)
        time.sleep(0.1)
    raise OSError(done.stdout)


@pytest.fixture(scope="module")
def sshfs(tmp_path_factory):
    """Mounts of one volume: two as sshfs comes, two with its caches off."""
    for program in ("sshfs", "ssh-keygen", "fusermount3", "/usr/sbin/sshd"):
        if shutil.which(program) is None:
            pytest.skip("%s is not there (Debian: sshfs, openssh-server)" % program)
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        pytest.skip("mounting needs root and /dev/fuse")
    folder = tmp_path_factory.mktemp("sshfs")
    (folder / "export").mkdir()
    mounts = []
    try:
        port = start_server(folder)
        for name, options in [("m1", ""), ("m2", ""), ("z1", "," + RIGHT), ("z2", "," + RIGHT)]:
            mounts.append(mount(folder, port, name, options))
        yield {"as it comes": mounts[:2], "caches off": mounts[2:]}
    finally:
        for at in mounts:
            subprocess.run(["fusermount3", "-u", "-z", at])
        if (folder / "pid").exists():
            os.kill(int((folder / "pid").read_text()), signal.SIGTERM)


def volumes(sshfs):
    yield "sshfs, caches off", sshfs["caches off"]
    given = os.environ.get("SHARED_MOUNTS", "").split()
    if given:
        yield given[0], given[1:]


def roots(mounts):
    """A root of its own on each of the mounts, with the bucket b, as soon as all of them show it."""
    name = "root-" + uuid.uuid4().hex[:8]
    paths = [pathlib.Path(at) / name for at in mounts]
    (paths[0] / "b").mkdir(parents=True)
    end = time.monotonic() + 20
    while not all((path / "b").is_dir() for path in paths):
        assert time.monotonic() < end, "a mount does not show what another one made"
        time.sleep(0.05)
    return paths


def doctor(paths):
    done = subprocess.run([str(KV), "doctor", str(paths[0]), "--peer", "%s doctor %s --serve" % (KV, paths[1])],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True, timeout=120)
    return done.returncode, done.stdout


class Worker:
    """A writer in a process of its own, which says what it was told in a file."""

    def __init__(self, root, what, count):
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(p for p in sys.path if p))
        self.said = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([sys.executable, __file__, str(root), what, str(count)], stdout=self.said,
                                        env=environment)

    def wait_for_answer(self):
        while os.fstat(self.said.fileno()).st_size == 0:
            assert self.process.poll() is None, "a writer ended"
            time.sleep(0.01)

    def answers(self):
        """What it was told until it ended; a last line that a kill cut off does not count."""
        self.process.wait(timeout=300)
        self.said.seek(0)
        return [json.loads(line) for line in self.said.read().split("\n")[:-1]]

    def kill(self):
        self.process.kill()
        return self.answers()


def counter(root):
    return struct.unpack("<Q", (root / "b" / "n").read_bytes())[0]


def test_doctor_on_a_local_disk(tmp_path):
    """On a local disk the doctor finds that two writers may work side by side."""
    code, text = doctor([tmp_path, tmp_path])
    assert code == 0 and "both machines may write" in text and "BROKEN" not in text, text
    assert list(tmp_path.iterdir()) == []


def test_doctor_without_a_peer_that_answers(tmp_path):
    """A peer that gives no answer is said to give none, and is no property that holds."""
    done = subprocess.run([str(KV), "doctor", str(tmp_path), "--peer", "true"], stdout=subprocess.PIPE,
                          universal_newlines=True, timeout=60)
    assert done.returncode == 1 and "gave no answer" in done.stdout and "holds" not in done.stdout


def test_doctor_tells_right_from_wrong(sshfs):
    """The doctor passes mounts with caches off, and names the broken property and the options of those with caches."""
    code, text = doctor(roots(sshfs["caches off"]))
    assert code == 0 and "BROKEN" not in text, text
    code, text = doctor(roots(sshfs["as it comes"]))
    assert code == 1 and "BROKEN" in text and "entry_timeout=0" in text, text


def test_increments_over_mounts(sshfs):
    """Four writers over the mounts of a volume count every increment once, and no call fails."""
    for name, mounts in volumes(sshfs):
        paths = roots(mounts)
        workers = [Worker(paths[i % len(paths)], "count", INCREMENTS) for i in range(4)]
        told = [number for worker in workers for number in worker.answers()]
        assert sorted(told) == list(range(1, 4 * INCREMENTS + 1)), name
        assert counter(paths[0]) == 4 * INCREMENTS, name


def test_swaps_over_mounts(sshfs):
    """What four writers over the mounts append by compare-and-swap is there once, all of it."""
    for name, mounts in volumes(sshfs):
        paths = roots(mounts)
        workers = [Worker(paths[i % len(paths)], "append", INCREMENTS // 4) for i in range(4)]
        told = [entry for worker in workers for entry in worker.answers()]
        assert sorted((paths[0] / "b" / "log").read_text().split()) == sorted(told), name
        assert len(told) == 4 * (INCREMENTS // 4), name


def test_killed_writers_over_mounts(sshfs):
    """Of writers that are killed at random and started again, no acknowledged increment is lost or made twice."""
    chance = random.Random(1)
    for name, mounts in volumes(sshfs):
        paths = roots(mounts)
        workers = [Worker(paths[i % len(paths)], "count", 10**9) for i in range(4)]
        told, kills, end = [], 0, time.monotonic() + KILL_SECONDS
        while time.monotonic() < end:
            at = chance.randrange(4)
            workers[at].wait_for_answer()
            time.sleep(chance.random() * 0.3)
            told += workers[at].kill()
            kills += 1
            workers[at] = Worker(paths[at % len(paths)], "count", 10**9)
        for worker in workers:
            told += worker.kill()
        assert len(told) == len(set(told)) > 0, name
        # A change whose writer was killed may have been made without an answer.
        assert max(told) <= counter(paths[0]) and counter(paths[0]) - len(told) <= kills + len(workers), name
        print("%s: %d acknowledged, %d kills" % (name, len(told), kills))


def work(root, what, count):
    bucket = Store(root, draft=2).open("b")
    for i in range(count):
        if what == "count":
            answer = bucket.increment("n")
        else:
            answer = "%d.%d" % (os.getpid(), i)
            cas = bucket.cas("log")
            while True:
                try:
                    cas.swap((cas.current() or b"") + answer.encode() + b"\n")
                    break
                except Exception as failed:
                    cas = getattr(failed, "cas", None)
                    if cas is None:
                        raise
        os.write(1, (json.dumps(answer) + "\n").encode())


if __name__ == "__main__":
    work(pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
