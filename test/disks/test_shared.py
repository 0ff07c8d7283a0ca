"""Several machines on one volume: writers on different mounts of it. `make test-shared`, and in `make test`
where sshfs, an SSH server and root are there.

Two mounts are to the store what two machines are. Each volume is mounted four times: twice as it comes, twice with the
options that it needs. SHARED_VOLUMES="sshfs moosefs" names them; SHARED_MOUNTS="A B" are at least two mounts
of a volume of yours, which must hold what is asked for here.
"""
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time
import uuid

import pytest

import volumes
from keyvalue import BUILD, Store

INCREMENTS = 60
KILL_SECONDS = 6
KV = BUILD / "kv"


class Given(volumes.Volume):
    """A volume that is mounted already, rightly."""
    right = "given"

    def mount(self, count, options):
        return os.environ["SHARED_MOUNTS"].split()[:count] if options else []

    def start(self):
        pass

    stop = start


KINDS = {**volumes.VOLUMES, **({"given": Given} if "SHARED_MOUNTS" in os.environ else {})}


@pytest.fixture(scope="module", params=os.environ.get("SHARED_VOLUMES", "sshfs").split() + sorted(KINDS.keys() & {"given"}))
def volume(request, tmp_path_factory):
    """A volume with two mounts as it comes, and two with the options that it needs."""
    try:
        with KINDS[request.param](tmp_path_factory.mktemp(request.param)) as volume:
            volume.wrong = volume.mount(2, "")
            volume.good = volume.mount(2, volume.right)
            yield volume
    except volumes.Missing as reason:
        pytest.skip(str(reason))


@pytest.fixture
def mounts(volume):
    """Mounts over which several machines may write."""
    if volume.breaks == "always":
        pytest.skip("only one machine may write to %s" % volume.name)
    return volume.good


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
    code, text, _ = volumes.ask_doctor([tmp_path, tmp_path])
    assert code == 0 and "both machines may write" in text and "BROKEN" not in text, text
    assert list(tmp_path.iterdir()) == []


def test_doctor_without_a_peer_that_answers(tmp_path):
    """A peer that gives no answer is said to give none, and is no property that holds."""
    done = subprocess.run([str(KV), "doctor", str(tmp_path), "--peer", "true"], stdout=subprocess.PIPE,
                          universal_newlines=True, timeout=60)
    assert done.returncode == 1 and "gave no answer" in done.stdout and "holds" not in done.stdout


def broken(paths):
    """What the doctor says is broken, and all that it says; its last line and its exit code say as much."""
    code, text, holds = volumes.ask_doctor(paths)
    found = {name for name in holds if not holds[name]}
    assert code == int(bool(found)) and ("both machines may write" in text) == (not found), text
    return found, text


def test_doctor_tells_right_from_wrong(volume):
    """The doctor passes mounts with the options that the volume needs. Where something is broken without, or with any
    options, it names it."""
    found, _ = broken(roots(volume.good))
    assert bool(found - {"E"}) == (volume.breaks == "always")
    assert ("E" in found) == (not volume.in_place)
    if volume.wrong:
        found, text = broken(roots(volume.wrong))
        assert bool(found - {"E"}) == (volume.breaks != "never")
        assert volume.breaks != "as it comes" or volume.right.split(",")[1] in text, text


def test_contract_over_two_mounts(volume, mounts):
    """The port keeps its contract where each call goes through another mount than the one before, but for the
    departures that are written down."""
    assert volumes.contract_failures(mounts) == list(volume.departures)


def test_increments_over_mounts(mounts):
    """Four writers over the mounts of a volume count every increment once, and no call fails."""
    paths = roots(mounts)
    workers = [Worker(paths[i % len(paths)], "count", INCREMENTS) for i in range(4)]
    told = [number for worker in workers for number in worker.answers()]
    assert sorted(told) == list(range(1, 4 * INCREMENTS + 1))
    assert counter(paths[0]) == 4 * INCREMENTS


def test_swaps_over_mounts(mounts):
    """What four writers over the mounts append by compare-and-swap is there once, all of it."""
    paths = roots(mounts)
    workers = [Worker(paths[i % len(paths)], "append", INCREMENTS // 4) for i in range(4)]
    told = [entry for worker in workers for entry in worker.answers()]
    assert sorted((paths[0] / "b" / "log").read_text().split()) == sorted(told)
    assert len(told) == 4 * (INCREMENTS // 4)


def test_killed_writers_over_mounts(mounts):
    """Of writers that are killed at random and started again, no acknowledged increment is lost or made twice."""
    chance = random.Random(1)
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
    assert len(told) == len(set(told)) > 0
    # A change whose writer was killed may have been made without an answer.
    assert max(told) <= counter(paths[0]) and counter(paths[0]) - len(told) <= kills + len(workers)


def test_a_machine_that_is_cut_off(volume, mounts):
    """While one machine gets no answers the others go on, and when it is back nothing is lost or made twice."""
    paths = roots(mounts)
    workers = [Worker(path, "count", 10**9) for path in paths]
    for worker in workers:
        worker.wait_for_answer()
    with volume.cut_off(mounts[0]):
        before = counter(paths[1])
        end = time.monotonic() + 30
        while counter(paths[1]) < before + 10:
            assert time.monotonic() < end, "the other machine does not get on"
            time.sleep(0.01)
    time.sleep(0.5)
    told = [number for worker in workers for number in worker.kill()]
    assert len(told) == len(set(told)) > 0
    assert counter(paths[1]) - len(told) <= len(workers)


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
