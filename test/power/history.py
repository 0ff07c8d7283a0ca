"""What the writers of a run did, by their marks, and what a store may hold after a cut at one point of it.

A mark is a line of JSON, in the disk's log before and after every change:

    ["begin", id, what, bucket, [key, ...]]     what: set, delete, increment, swap, or open, which has no keys
    ["end", id, result]                         acknowledged: the call has returned
    ["failed", id, text]

Every value names the change that wrote it, its size, and goes on with bytes that follow from these, so that a
value that is whole can be told from any that is not.
"""
import hashlib
import json

NEVER = float("inf")

# What a key may be found to hold.
OK = "ok"
LOST = "lost"  # an acknowledged change is gone
TORN = "torn"  # no value that anybody wrote
STRANGE = "strange"  # a value that this key never had


def value(change, size):
    """The value that a change writes; as large as its head, if that is more than `size`."""
    head = ("%s %d\n" % (change, size)).encode()
    return head + hashlib.shake_128(head).digest(max(0, size - len(head)))


def writer_of(data):
    """The change that wrote a value, or None if that is not whole."""
    try:
        change, size = data[:80].split(b"\n", 1)[0].decode().split(" ")
        return change if value(change, int(size)) == data else None
    except ValueError:  # UnicodeDecodeError is one
        return None


def tear(data):
    """What a value that is not whole looks like."""
    if not data:
        return "empty"
    if data.count(0) == len(data):
        return "zeros"
    return "mixed"


class Change:
    def __init__(self, name, what, bucket, key, begin):
        self.name = name
        self.what = what
        self.bucket = bucket
        self.key = key
        self.begin = begin
        self.end = NEVER
        self.result = None


class History:
    """The marks before a cut: (index, text), as Log.marks() gives them."""

    def __init__(self, marks, cut=NEVER):
        self.cut = cut
        self.failures = []
        self.opened = set()  # buckets whose opening was acknowledged
        self.calls = {}
        self.opening = {}  # the bucket that each call of open asked for
        self.changes = {}  # of each (bucket, key)
        for at, text in marks:
            if at >= cut:
                break
            for line in text.splitlines():
                self._add(at, *json.loads(line))

    def _add(self, at, kind, name, *rest):
        if kind == "begin":
            what, bucket, keys = rest
            if what == "open":
                self.opening[name] = bucket
            self.calls[name] = [Change(name, what, bucket, key, at) for key in keys]
            for change in self.calls[name]:
                self.changes.setdefault((bucket, change.key), []).append(change)
        elif kind == "end":
            for change in self.calls[name]:
                change.end, change.result = at, rest[0]
            if name in self.opening:
                self.opened.add(self.opening[name])
        else:
            self.failures.append(rest[0])

    def acknowledged(self):
        return len(self.opened) + sum(call[0].end < self.cut for call in self.calls.values() if call)

    def recent(self, most):
        """The buckets of the last changes and openings."""
        return {self.opening[name] if name in self.opening else self.calls[name][0].bucket
                for name in list(self.calls)[-most:]}

    def known_before(self, bucket, key, point):
        """Whether the key had a value that was acknowledged before `point`."""
        return any(change.end <= point for change in self.changes.get((bucket, key), []))

    def judge(self, bucket, key, data):
        """(finding, what it is) for the data of a key, None where that is absent."""
        changes = self.changes.get((bucket, key), [])
        if data is not None and changes and changes[0].what == "increment":
            return self._judge_counter(changes, data)
        if data is None:
            return self._judge_absent(changes)
        name = writer_of(data)
        if name is None:
            return TORN, tear(data)
        if changes and changes[0].what == "swap":
            return self._judge_swap(changes, name)
        wrote = [change for change in changes if change.name == name and change.what == "set"]
        if not wrote:
            return STRANGE, "holds the value of " + name
        return self._judge_order(changes, wrote[0])

    def _judge_order(self, changes, last):
        """Whether `last` (None: nothing was done) can be the last of the changes."""
        end = last.end if last is not None else -1
        for change in changes:
            if change is not last and change.end < self.cut and change.begin > end:
                return LOST, "%s was acknowledged, after %s" % (change.name, last.name if last else "nothing")
        return OK, ""

    def _judge_absent(self, changes):
        verdicts = [self._judge_order(changes, last)
                    for last in [None] + [change for change in changes if change.what == "delete"]]
        return (OK, "") if (OK, "") in verdicts else verdicts[-1]

    def _judge_counter(self, changes, data):
        least = max([change.result for change in changes if change.end < self.cut] or [0])
        number = int.from_bytes(data, "little")
        if len(data) != 8 or number == 0:  # it began at 1
            return TORN, tear(data)
        if number > len(changes):
            return STRANGE, "%d of at most %d" % (number, len(changes))
        return (OK, "") if number >= least else (LOST, "%d of at least %d" % (number, least))

    def _judge_swap(self, changes, name):
        """A chain: each swap writes the number after the one that it read, behind its own name."""
        name, _, number = name.partition("_")
        if not number or all(change.name != name for change in changes):
            return STRANGE, "holds the value of " + name
        least = max([change.result for change in changes if change.end < self.cut] or [0])
        return (OK, "") if int(number) >= least else (LOST, "%s of at least %d" % (number, least))
