"""Records a run of writers on one file system, cuts it at many points, and judges what is left after each.

    with machine.scratch() as folder:
        found, examples = cut(Recording(plan("xfs", "all"), folder), 30)

A cut leaves on the disk all that was written before the last flush. Of what was written after it, it leaves
everything, nothing, a random half or tenth of the writes, or a random half of their blocks: a disk may have
done any of it, in any order. The kernel mounts that and recovers, and the component has to find what the
writers were promised (judge.py).

Half of the cuts come right behind the acknowledgement of a change, the other half behind a write to the disk.
"""
import collections
import contextlib
import json
import os
import random
import subprocess
import sys
import threading

import history
import judge
import machine
import writer

HERE = os.path.dirname(os.path.abspath(__file__))
BLOCK_BYTES = 4096
KEPT = ("all", "none", "half", "blocks", "tenth")
KEYS_THAT_STOOD = writer.KEYS[:4]  # these have a value before the run begins
WRITER_SECONDS_MAX = 300
EXAMPLES_MAX = 6

# What to record: `seconds` between a writer's changes, `neighbour` between the syncs of another program's own
# file (0: there is none), `omit` a sync to leave out, `focus` the kinds of changes to cut behind,
# and behind nothing else.
Plan = collections.namedtuple("Plan", "system level writers count seed mix pause neighbour omit focus")


def plan(system, level, *, writers=2, count=60, seed=1, mix="all", pause=0, neighbour=0, omit=None, focus=None):
    return Plan(machine.SYSTEMS[system], level, writers, count, seed, mix, pause, neighbour, omit, focus)


# ---- Recording ----


def _prepare(disk):
    """Two buckets with a few values that are on the disk before anything else happens."""
    root = disk.at / "root"
    for bucket in writer.BUCKETS:
        (root / bucket).mkdir(parents=True)
        for key in KEYS_THAT_STOOD:
            (root / bucket / key).write_bytes(history.value("first", 1000))
    machine.run("sync", "-f", str(disk.at))
    for bucket in writer.BUCKETS:
        disk.mark('["begin", "first", "set", "%s", ["%s"]]\n' % (bucket, '", "'.join(KEYS_THAT_STOOD)))
        disk.mark('["end", "first", null]\n')
    return root


@contextlib.contextmanager
def _neighbour(at, seconds):
    """Another program that syncs files of its own now and then, as a database or a log does."""
    stop = threading.Event()

    def work():
        number = 0
        while not stop.wait(seconds):
            number += 1
            with open(str(at / ("neighbour-%d" % (number % 10))), "w") as file:
                file.write("%d\n" % number)
                file.flush()
                os.fsync(file.fileno())

    thread = threading.Thread(target=work)
    if seconds > 0:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        if seconds > 0:
            thread.join()


class Recording:
    """A run that was recorded: its plan, its log, and the part of that in which the writers were at work."""

    def __init__(self, this, folder):
        self.plan = this
        self.folder = folder
        with machine.Recorded(this.system, folder) as disk:
            root = _prepare(disk)
            with _neighbour(disk.at, this.neighbour):
                self._let_writers_work(root, disk.mark_path)
            self.log = machine.Log(disk.log)  # without what unmounting writes
        marks = self.log.marks()
        self.begin = 1 + max(index for index, text in marks if text.startswith('["end", "first"'))
        self.end = 1 + marks[-1][0]

    def _let_writers_work(self, root, mark):
        this = self.plan
        environment = dict(os.environ)
        if this.omit is not None:
            environment.update(LD_PRELOAD=str(machine.PARTS / "omit.so"), POWER_OMIT=this.omit, POWER_ROOT=str(root))
        options = [this.count, this.seed, this.level, this.mix, this.pause]
        running = []
        try:
            for number in range(this.writers):
                command = [sys.executable, os.path.join(HERE, "writer.py"), root, mark, "w%d" % number] + options
                running.append(subprocess.Popen([str(word) for word in command], env=environment))
            codes = [process.wait(WRITER_SECONDS_MAX) for process in running]
        finally:
            for process in running:
                if process.poll() is None:
                    process.kill()
        if any(codes):
            raise RuntimeError("writers ended with %s" % codes)

    def numbers(self):
        """What the run did."""
        changes = sum(text.startswith('["begin"') for _, text in self.log.marks()) - len(writer.BUCKETS)
        return {"changes": changes, "writes": self.log.count("W", self.begin, self.end),
                "flushes": self.log.count("F", self.begin, self.end)}


# ---- Cutting ----


class Cutter:
    """The images that cuts of one run leave. Points have to come in order."""

    def __init__(self, recording):
        self.records = recording.log.records
        self.size = recording.plan.system.bytes
        self.folder = recording.folder
        self.base = os.open(str(self.folder / "base"), os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        os.ftruncate(self.base, self.size)
        self.at = 0
        self.waiting = []  # written, and not flushed yet

    def close(self):
        os.close(self.base)

    def advance(self, point):
        """What a flush has covered is on the disk for good."""
        for kind, offset, content in self.records[self.at:point]:
            if kind == "W":
                self.waiting.append((offset, content))
            elif kind == "F":
                for where, data in self.waiting:
                    self._write(self.base, where, data)
                self.waiting = []
        self.at = point

    def image(self, number, kept, draw):
        """A file of its own for every cut: a loop device remembers blocks of the last file of a name."""
        path = self.folder / ("image-%d" % number)
        self._copy(path)
        target = os.open(str(path), os.O_RDWR)
        for offset, data in self._left(kept, draw):
            self._write(target, offset, data)
        os.close(target)
        return path

    def _left(self, kept, draw):
        chance = {"all": 1, "none": 0, "half": 0.5, "tenth": 0.1, "blocks": 0.5}[kept]
        for offset, data in self.waiting:
            step = BLOCK_BYTES if kept == "blocks" else max(1, len(data))
            for start in range(0, len(data), step):
                if draw.random() < chance:
                    yield offset + start, data[start:start + step]

    @staticmethod
    def _write(file, offset, data):
        # Zeros where there are zeros stay a hole.
        zeros = bytes(len(data))
        if data != zeros or os.pread(file, len(data), offset) != zeros:
            os.pwrite(file, data, offset)

    def _copy(self, path):
        target = os.open(str(path), os.O_RDWR | os.O_CREAT | os.O_EXCL)
        os.ftruncate(target, self.size)
        end = 0
        while True:
            try:
                start = os.lseek(self.base, end, os.SEEK_DATA)
            except OSError:  # nothing but a hole
                break
            end = os.lseek(self.base, start, os.SEEK_HOLE)
            os.lseek(target, start, os.SEEK_SET)
            while start < end:
                start += os.sendfile(target, self.base, start, end - start)
        os.close(target)


def _points(recording, cuts, draw):
    """Where to cut, in order."""
    focus = recording.plan.focus
    kinds, acknowledged, written = {}, [], []
    for index in range(recording.begin, recording.end):
        kind, _, content = recording.log.records[index]
        if kind == "M":
            word, name, *rest = json.loads(content)
            if word == "begin":
                kinds[name] = rest[0]
            elif word == "end" and (focus is None or kinds[name] in focus):
                acknowledged.append(index + 1)
        elif kind == "W" and focus is None:
            written.append(index + 1)
    if not acknowledged:
        raise RuntimeError("no call returned")
    return sorted(draw.choice(written if written and draw.random() < 0.5 else acknowledged) for _ in range(cuts))


def cut(recording, cuts):
    """Cuts a run. Returns a Counter of what was found in all the cuts, and examples in words."""
    this = recording.plan
    marks = recording.log.marks()
    draw = random.Random("%s %s %s" % (this.seed, this.system.name, this.level))
    cutter = Cutter(recording)
    failures = history.History(marks).failures
    total = collections.Counter(recording.numbers())
    total["failed calls"] = len(failures)
    wrong, allowed = failures[:EXAMPLES_MAX // 2], []
    for number, point in enumerate(_points(recording, cuts, draw)):
        kept = draw.choice(KEPT)
        past = history.History(marks, point)
        cutter.advance(point)
        again = draw.getstate()
        found, words = _look(this, cutter.image(number, kept, draw), past, recording)
        what = "cut %d at record %d, %s of %d writes kept: " % (number, point, kept, len(cutter.waiting))
        forbidden = [name for name in judge.forbidden(this.system, this.level) if found[name]]
        if forbidden and this.omit is None:
            # Byte for byte the same image: what is not found again is not of these bytes.
            draw.setstate(again)
            image = cutter.image(number, kept, draw)
            what += "image in %s, " % _keep(image, this)
            second, _ = _look(this, image, past, recording)
            what += "found again; " if second == found else "at a second look %s; " % dict(second)
            words.sort(key=lambda text: text.split(":")[0] not in forbidden)
        if words:
            (wrong if forbidden else allowed).append(what + "; ".join(words[:3]))
        total.update(found)
        total.update({"cuts": 1, "acknowledged": past.acknowledged(), "writes not flushed": len(cutter.waiting)})
        total.update("cuts that %s" % name for name in judge.FINDINGS if found[name])
        total["cuts noticed"] += any(found[name] for name in judge.FINDINGS)
    cutter.close()
    return total, (wrong + allowed)[:EXAMPLES_MAX]


def _keep(image, this):
    """A copy of an image in build/power/, for whoever wants to see what is wrong with it."""
    kept = machine.PARTS / ("found-%s-%s.img" % (this.system.name, this.level))
    machine.run("cp", "--sparse=always", str(image), str(kept))
    return kept.relative_to(machine.PROJECT)


def _look(this, image, past, recording):
    """Has the kernel recover one image, and judges it."""
    at = recording.folder / "at"
    try:
        with machine.attached(image) as device:
            this.system.recover(device)
            with machine.mounted(this.system, device, at):
                return judge.judge(at / "root", past, this, recording.begin)
    except OSError as error:
        return collections.Counter({judge.UNMOUNTABLE: 1}), [str(error)]
    finally:
        os.unlink(str(image))
