"""Judges a store after a power cut: what its files hold, and whether it still works.

The store is asked through the component, so that what a user would be told is what counts.
"""
import collections
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import keyvalue  # noqa: E402
import history  # noqa: E402

UNUSABLE = "unusable"  # a call that must work failed, or its answer is wrong
LITTER = "litter"  # something is left that a next writer does not clean up
UNMOUNTABLE = "unmountable"  # the file system itself did not come back
FINDINGS = (history.LOST, history.TORN, history.STRANGE, UNUSABLE, LITTER, UNMOUNTABLE)

READ_BYTES = 10000  # of a large value
RECENT = 12  # the buckets of so many last changes are looked at for what they left
AGE_SECONDS = 3600  # the store takes what is older than ten minutes for litter
DEAD = "0123456789ABCDEFa"  # the entry of a writer in .kv/turn that asks for the least patience

_FORBIDDEN = {
    "none": (history.STRANGE, UNUSABLE, LITTER, UNMOUNTABLE),
    "values": (history.TORN, history.STRANGE, UNUSABLE, LITTER, UNMOUNTABLE),
    "all": FINDINGS,
}


def forbidden(system, level):
    """What must not be found, at a level of the durable setting."""
    return _FORBIDDEN[level] if system.ordered else (UNMOUNTABLE,)


class Judge:
    def __init__(self, root, past, plan, begin):
        self.root = root
        self.past = past
        self.plan = plan
        self.begin = begin
        self.environment = {"KEYVALUE_FILESYSTEM_DURABLE": plan.level}
        self.store = keyvalue.Store(root, self.environment)
        self.found = collections.Counter()
        self.words = []

    def say(self, finding, text):
        self.found[finding] += 1
        self.words.append("%s: %s" % (finding, text))

    def values(self, name, bucket):
        """Every key that there is or should be has a value that it may have."""
        listed = bucket.keys() if bucket is not None else []
        if len(set(listed)) != len(listed):
            self.say(UNUSABLE, "%s: a key is listed twice" % name)
        known = {key for where, key in self.past.changes if where == name}
        keys = sorted(known | set(listed))
        for key, data in zip(keys, self.read(name, bucket, keys)):
            self.found["values"] += data is not None
            if (data is not None) != (key in listed):
                self.say(UNUSABLE, "%s/%s: get and the listing differ" % (name, key))
            finding, detail = self.past.judge(name, key, data)
            if finding == history.OK:
                continue
            size = "absent" if data is None else "%d bytes" % len(data)
            self.say(finding, "%s/%s, %s: %s" % (name, key, size, detail))
            if finding == history.TORN:
                stood = self.past.known_before(name, key, self.begin)
                self.found.update(["torn: " + detail, "torn: a name that stood" if stood else "torn: a newer name"])

    def read(self, name, bucket, keys):
        """What the component says that the keys have. What is large, Python gets slowly from there: that is read from
        its file, if the component says that there is one."""
        if bucket is None:
            return [None] * len(keys)
        paths = {key: self.root / name / key for key in keys}
        large = [key for key, path in paths.items() if path.is_file() and path.stat().st_size > READ_BYTES]
        values = {key: paths[key].read_bytes() if bucket.exists(key) else None for key in large}
        small = [key for key in keys if key not in values]
        values.update((key, got and got[1]) for key, got in zip(small, bucket.get_many(small)))
        return [values[key] for key in keys]

    def still_works(self, name, bucket):
        """Each kind of change works, and leaves nothing behind but keys."""
        wanted = history.value("later", 900)
        bucket.set("later", wanted)
        if bucket.get("later") != wanted or bucket.increment("later-count", 1) != 1:
            self.say(UNUSABLE, "%s: what was changed later is not there" % name)
        bucket.delete_many(["later", "later-count"])
        files = set(os.listdir(str(self.root / name))) - {".kv"}
        if files != set(bucket.keys()):
            self.say(LITTER, "%s: files that are no keys, or keys that are no files: %s" % (
                name, sorted(files ^ set(bucket.keys()))))
        self.scratch(name)

    def scratch(self, name):
        """What writers left in .kv/ that the cut ended is removed once it is old, by whoever finds one of them dead."""
        top = self.root / name / ".kv"
        left = [path for path in top.iterdir() if path.name not in ("turn", "spare")]
        self.found["left in .kv"] += len(left)
        if not left:
            return
        for path in left:
            os.utime(str(path), (time.time() - AGE_SECONDS,) * 2)
        for entry in (top / "turn").iterdir():  # the idle series of our own instance
            entry.rmdir()
        (top / "turn" / DEAD).touch()
        store = keyvalue.Store(self.root, self.environment)
        store.open(name).increment("later-count", 1)
        store.open(name).delete("later-count")
        store.store.close()
        still = sorted(path.name for path in left if path.exists())
        if still:
            self.say(LITTER, "%s: .kv/ still has %s" % (name, still))

    def run(self):
        there = {path.name for path in self.root.iterdir()
                 if path.is_dir() and not path.name.startswith(".")} if self.root.is_dir() else set()
        recent = self.past.recent(RECENT)
        for name in sorted(self.past.opened - there):
            self.say(history.LOST, "%s: the bucket itself" % name)
        for name in sorted(there | {bucket for bucket, _ in self.past.changes}):
            try:
                bucket = self.store.open(name) if name in there else None
                self.values(name, bucket)
                if name in recent and bucket is not None:
                    self.still_works(name, bucket)
            except (keyvalue.Failure, OSError) as error:
                self.say(UNUSABLE, "%s: %s %s" % (name, type(error).__name__, error))
        return self.found, self.words


def judge(root, past, plan, begin):
    """(a Counter of findings, the same in words). `begin`: where in the log the run began."""
    this = Judge(root, past, plan, begin)
    try:
        return this.run()
    finally:
        this.store.store.close()  # it has the directory open
