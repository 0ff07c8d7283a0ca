"""Writes docs/measured/power.md from the results of run.py."""
import collections
import platform
import subprocess
import sys

import history
import judge
import machine

sys.path.insert(0, str(machine.PROJECT / "tools"))

import measured  # noqa: E402

PROMISES_BEGIN, PROMISES_END = "<!-- power -->\n", "<!-- end -->"

HEAD = """On Linux %(kernel)s, as root, with %(tools)s.

A real file system is made on a disk that records its writes and flushes in one order
([`test/power/disk.c`](../../test/power/disk.c)). Writers change the store through the component, and mark in the same
record when each change began and when its call returned. The record is then cut, half of the times right behind a
return, half of the times behind a write. All that was flushed before the cut is on the disk. Of what was not flushed,
one cut in five each keeps everything, nothing, a random half of the writes, a tenth of them, or a random half of their
blocks. The kernel mounts that and recovers, and the component reads every key, lists, and changes the store once more.

- *Lost*: an acknowledged change is not there, and nothing that came after it can explain that.
- *Torn*: a value is not one that anybody wrote.
- *Else*: a value that its key never had, a call that fails, a key that is listed twice or not, files left over, a file
  system that cannot be mounted.

"Changes" and "values" count what was checked, so a change counts in each cut that comes after it.
"""

PROMISED = """
## With the durable setting

%(table)s

`all` promises that nothing is lost and nothing is torn, `values` that nothing is torn. The cuts are of these series:
%(series)s.

Two modes of ext4 are here to show what the levels rest on; neither is promised there. With `data=writeback` it writes
new data over what a replaced file occupied before it has recorded that the file was replaced. A cut may then leave the
old name with some of another value. Without a journal it reuses the inode like that as well: the name may lead to
something else altogether, and `.kv/` to what only a person can remove. A store would have to keep each replaced file
until its directory is synced to prevent that; this one does not. The same is to be expected of ext2 and FAT.
"""

NONE = """
## Without it

Here time passes: two writers make a change every 0.12 seconds for about a minute, alone, or while another program syncs
a small file of its own four times a second, as a database does. The file system may promise nothing for either, and
what must hold is only that each key has a value of its own, maybe torn, and that the store goes on working.

%(table)s

*Torn that stood*: the key had a value on the disk before the run, and was set again. An empty or zeroed value is what
these file systems leave when a rename reaches the disk before the data of the file that it names. Of the modes here only
ext4 with `nodelalloc` orders the two by itself.
"""

CONTROLS = """
## Would it notice?

The same with one sync left out of the store, and said to have worked. Each must be noticed in at least half of the
cuts.

%(table)s

The root's sync alone is not missed: each of these file systems writes the name of a new directory when the directory
itself is synced. POSIX does not promise that, so the store syncs both, the bucket first; the second sync then finds
little to write ([costs](durable.md)).
"""


def _table(head, rows):
    lines = ["| %s |" % " | ".join(head), "| %s |" % " | ".join("---" if n < 2 else "---:" for n in range(len(head)))]
    return "\n".join(lines + ["| %s |" % " | ".join(str(cell) for cell in row) for row in rows])


def _number(number):
    return "{:,}".format(number)


def _of(found, name):
    """How many, and in how many cuts, where there are any."""
    return "%s, in %s cuts" % (_number(found[name]), _number(found["cuts that " + name])) if found[name] else "0"


def _else(found):
    names = [name for name in judge.FINDINGS if name not in (history.LOST, history.TORN)] + ["failed calls"]
    return ", ".join("%d %s" % (found[name], name) for name in names if found[name]) or "0"


def _sum(jobs, key):
    """The jobs' results, added up by `key`, in their order."""
    sums = {}
    for job in jobs:
        sums.setdefault(key(job), collections.Counter()).update(job.found())
    return sums


def _promised(jobs):
    jobs = [job for job in jobs if job.control is None and job.level != "none"]
    sums = _sum(jobs, lambda job: (machine.SYSTEMS[job.system].text, job.level))
    rows = [[text, "`%s`" % level, _number(found["cuts"]), _number(found["acknowledged"]), _number(found["values"]),
             _of(found, history.LOST), _of(found, history.TORN), _else(found)]
            for (text, level), found in sorted(sums.items(), key=lambda item: item[0][1] != "all")]
    head = ["file system", "level", "cuts", "changes", "values", "lost", "torn", "else"]
    shares = collections.OrderedDict((job.series, None) for job in jobs)
    return PROMISED % {"table": _table(head, rows), "series": ", ".join(shares)}


def _none(jobs):
    rows = []
    for job in jobs:
        if job.control is None and job.level == "none":
            found = job.found()
            rows.append([machine.SYSTEMS[job.system].text, job.series, _number(found["cuts"]),
                         _number(found["cuts that " + history.LOST]), _number(found["cuts that " + history.TORN]),
                         " / ".join(_number(found["torn: " + kind]) for kind in ("empty", "zeros", "mixed")),
                         _number(found["torn: a name that stood"]), _number(found["values"]), _else(found)])
    head = ["file system", "", "cuts", "with a change lost", "with a value torn", "torn: empty / zeros / mixed",
            "torn that stood", "values", "else"]
    return NONE % {"table": _table(head, rows)}


def _controls(jobs):
    sums = collections.OrderedDict()
    for job in jobs:
        if job.control is not None:
            row = sums.setdefault("%s, at `%s`" % (job.series, job.level), {})
            row[job.system] = "%d of %d" % (job.found()["cuts noticed"], job.found()["cuts"])
    systems = list(collections.OrderedDict((job.system, None) for job in jobs if job.control is not None))
    rows = [[name] + [cells.get(system, "") for system in systems] for name, cells in sums.items()]
    return CONTROLS % {"table": _table([""] + [machine.SYSTEMS[system].text for system in systems], rows)}


def _promises(jobs):
    """The rows of docs/promises.md: what was found of each promise."""
    sums = _sum([job for job in jobs if job.control is None],
                lambda job: (machine.SYSTEMS[job.system].text, job.level))
    ordered = {system.text: system.ordered for system in machine.SYSTEMS.values()}
    rows = []
    for name in collections.OrderedDict((text, None) for text, _ in sums):
        for level in [level for level in ("all", "values", "none") if (name, level) in sums]:
            found = sums[name, level]
            kinds = [(kind, found["torn: " + kind]) for kind in ("empty", "zeros", "mixed")]
            how = ["%s %s" % (_number(number), kind) for kind, number in kinds if number]
            if found["torn: a name that stood"]:
                how += ["%s of these of a key that had a value before" % _number(found["torn: a name that stood"])]
            if _else(found) != "0":
                how += [_else(found)]
            rows.append([name if ordered[name] else name + " (not promised)", "`%s`" % level, _number(found["cuts"]),
                         _number(found["cuts that " + history.LOST]), _number(found["cuts that " + history.TORN]),
                         ", ".join(how)])
    return _table(["file system", "level", "cuts", "with an acknowledged change gone", "with a value torn", "how"], rows)


def write_promises(jobs):
    """Puts the rows between the marks of docs/promises.md."""
    path = machine.PROJECT / "docs" / "promises.md"
    before, rest = path.read_text().split(PROMISES_BEGIN)
    after = rest.split(PROMISES_END, 1)[1]
    path.write_text(before + PROMISES_BEGIN + "\n" + _promises(jobs) + "\n\n" + PROMISES_END + after)


def _version(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
    except OSError:
        return None
    return done.stdout.strip().splitlines()[0]


def write(jobs, lacking):
    tools = [_version("mkfs.ext4", "-V"), _version("mkfs.xfs", "-V"), _version("mkfs.btrfs", "-V")]
    parts = [HEAD % {"kernel": platform.release().split("-")[0],
                     "tools": ", ".join(tool for tool in tools if tool is not None)},
             _promised(jobs), _none(jobs), _controls(jobs)]
    for name, reason in lacking.items():
        parts.append("\n%s was left out: %s.\n" % (machine.SYSTEMS[name].text, reason))
    measured.write("power.md", "What a power cut leaves", "make prove-power", "".join(parts))
