"""Every call that an operation makes to its host, gone wrong in every way there is.

An operation is run once to learn its calls; then again for each of them, in a bucket made anew, with the
instance ended there, with an error code, with another instance's whole operation in between, or with short
reads and writes. HOST_TESTS=full adds the rest of the error codes, the other draft, another's idle series, and
pairs of rivals; without it, it is a cut of that.
"""

import os
import pathlib
import re
import shutil
import tempfile

import pytest
import wasmtime
from host import ERROR_CODES, Host, Trap, determine
from keyvalue import AccessDenied, CasFailed, Failure, NoSuchStore

FULL = os.environ.get("HOST_TESTS") == "full"


def counter(number):
    """All values here are counters, so that every operation can follow every other."""
    return number.to_bytes(8, "little")


OLD, SET, SWAPPED, DELTA = counter(7), counter(100), counter(300), 1
KEYS = ("k", "l")  # with the value OLD; `k` is the one that single operations and rivals are about


# ---- Operations, and what they mean ----
#
# An operation is one step or several: what a step answers and leaves, given the key's value, None if absent.


def _read(value):
    return value, value


def _exists(value):
    return value is not None, value


def _delete(value):
    return None, None


def _set(to):
    return lambda value: (None, to)


def _increment(by):
    def step(value):
        total = by + (int.from_bytes(value, "little") if value is not None else 0)
        return total, counter(total)

    return step


def _swap(expected, to):
    return lambda value: (None, to) if value == expected else (("cas-failed", value), value)


class Operation:
    def __init__(self, run, steps, collect=lambda results: results[0], prepare=None, reads=False):
        self.run = run  # of a bucket and of what `prepare` gave
        self.steps = steps  # (key, step)
        self.collect = collect  # the operation's result out of the steps'
        self.prepare = prepare or (lambda bucket: None)
        self.reads = reads

    def apply(self, state, hidden=(), steps=None):
        """The result and the state afterwards. A hidden key is there, but the host denies it."""
        state = dict(state)
        results = []
        for key, step in self.steps if steps is None else steps:
            result, after = step(None if key in hidden else state.get(key))
            results.append(result)
            if after is not None:
                state[key] = after
            elif key not in hidden:
                state.pop(key, None)
        return self.collect(results) if len(results) == len(self.steps) else None, state

    def prefixes(self, state, hidden=()):
        """The states after each number of steps."""
        return [self.apply(state, hidden, self.steps[:i])[1] for i in range(len(self.steps) + 1)]


def swap(cas, value):
    try:
        cas.swap(value)
    except CasFailed as failed:
        current = failed.cas.current()
        failed.cas.drop()
        return "cas-failed", current


def new_cas(bucket, _):
    cas = bucket.cas("k")
    current = cas.current()
    cas.drop()
    return current


def get_many(bucket, _):
    return [slot and slot[1] for slot in bucket.get_many(list(KEYS))]


EVERY_KEY = [(key, _exists) for key in KEYS]

OPERATIONS = {
    "open": Operation(lambda bucket, _: bucket.store.open("b").drop(), [], lambda results: None),
    "get": Operation(lambda bucket, _: bucket.get("k"), [("k", _read)], reads=True),
    "exists": Operation(lambda bucket, _: bucket.exists("k"), [("k", _exists)], reads=True),
    "list-keys": Operation(
        lambda bucket, _: sorted(bucket.keys()),
        EVERY_KEY,
        lambda found: [key for key, there in zip(KEYS, found) if there],
        reads=True,
    ),
    "cas.new": Operation(new_cas, [("k", _read)], reads=True),
    "get-many": Operation(get_many, [(key, _read) for key in KEYS], list, reads=True),
    "set": Operation(lambda bucket, _: bucket.set("k", SET), [("k", _set(SET))]),
    "delete": Operation(lambda bucket, _: bucket.delete("k"), [("k", _delete)]),
    "increment": Operation(lambda bucket, _: bucket.increment("k", DELTA), [("k", _increment(DELTA))]),
    "swap": Operation(
        lambda bucket, cas: swap(cas, SWAPPED),
        [("k", _swap(OLD, SWAPPED))],
        prepare=lambda bucket: bucket.cas("k"),
    ),
    "set-many": Operation(
        lambda bucket, _: bucket.set_many([(key, SET) for key in KEYS]),
        [(key, _set(SET)) for key in KEYS],
        lambda results: None,
    ),
    "delete-many": Operation(
        lambda bucket, _: bucket.delete_many(list(KEYS)),
        [(key, _delete) for key in KEYS],
        lambda results: None,
    ),
}
OPERATIONS["list-keys, just changed"] = OPERATIONS["list-keys"]
READS = [name for name, operation in OPERATIONS.items() if operation.reads or name == "open"]
CHANGES = [name for name in OPERATIONS if name not in READS]


# ---- Scenes ----


@pytest.fixture(scope="module")
def root():
    """In memory where it can be: every case makes its bucket anew."""
    memory = "/dev/shm"
    within = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=within) as path:
        (pathlib.Path(path) / "b").mkdir()
        yield pathlib.Path(path)


NAP = 30 * 10**6  # a pause, so that patience ends soon
YEAR_2001 = 10**9
STALE = "FEDCBA9876543210"  # a writer that is long gone
LITTER = "0123456789ABCDEF"  # another, which never had the turn

# What the operation finds. held: its instance has changed the bucket, and begins a series with this change. kept: it
# has one, and the directory open. first: no instance was ever here. stale: a writer died in its turn, and another
# before it. idle: another instance keeps a series.
TURNS = ["held", "kept", "first", "stale"] + (["idle"] if FULL else [])

SCENES = [(name, "first", False, 2) for name in READS]
SCENES += [(name, turn, False, 1 if name != "swap" and turn == "first" else 2)
           for name in CHANGES for turn in TURNS]
SCENES += [(name, turn, True, 2) for name in CHANGES for turn in (TURNS if FULL else ["held"])]
if FULL:
    SCENES += [(name, turn, durable, 3 - draft) for name, turn, durable, draft in SCENES
               if name not in ("swap", "cas.new") and not durable]
all_scenes = pytest.mark.parametrize(
    "scene", SCENES, ids=lambda scene: "%s-%s%s-draft%d" % (scene[0], scene[1], "-durable" * scene[2], scene[3])
)


class Scene:
    """A bucket, made anew for each case, and an instance that is about to run an operation in it."""

    def __init__(self, root, scene, rivals=()):
        name, turn, durable, draft = scene
        determine(1, NAP)
        self.root = root
        # A durable value is prepared before the turn, and the directory opened for its sync alone.
        prepares = durable and name in ("set", "swap", "set-many")
        self.durable = durable
        self.keeps = not prepares and (turn in ("held", "kept") or "many" in name)
        self.bucket_path = root / "b"
        self.operation = OPERATIONS[name]
        self.before = {key: OLD for key in KEYS}
        shutil.rmtree(self.bucket_path)
        self.bucket_path.mkdir()
        for key, value in self.before.items():
            (self.bucket_path / key).write_bytes(value)
        if turn in ("stale", "idle"):
            (self.bucket_path / ".kv" / "turn" / STALE).mkdir(parents=True)
            (self.bucket_path / ".kv" / "spare").mkdir()
        if turn == "stale":
            (self.bucket_path / ".kv" / "turn" / STALE / "1a").write_bytes(b"half a value")
            litter = self.bucket_path / ".kv" / LITTER
            litter.mkdir()
            (litter / (LITTER + "a")).write_bytes(b"half a value")
            os.utime(str(litter), (YEAR_2001, YEAR_2001))
        # A bucket that changed a moment ago is listed in the turn.
        os.utime(str(self.bucket_path), None if "just changed" in name else (YEAR_2001, YEAR_2001))
        environment = {"KEYVALUE_FILESYSTEM_DURABLE": "all"} if durable else {}
        self.host = Host(root, draft=draft, **environment)
        if name == "open":
            self.bucket = _Unopened(self.host)
        else:
            self.bucket = self.host.open("b")
        for _ in range({"held": 1, "kept": 2}.get(turn, 0)):
            self.bucket.set("k", OLD)
        self.prepared = self.operation.prepare(self.bucket)
        self.host.calls.clear()

    def run(self, plan=None):
        """Runs the operation; its result, and the error that it returned if it did."""
        self.host.plan = plan
        try:
            return self.operation.run(self.bucket, self.prepared), None
        except Failure as failure:
            return None, failure
        finally:
            self.host.plan = None

    def state(self):
        """What lies on the disk for anyone to read."""
        return {key: (self.bucket_path / key).read_bytes()
                for key in KEYS if (self.bucket_path / key).exists()}

    def close(self):
        self.host.close()

    def assert_works(self, host):
        """An instance works, and reads what is on the disk."""
        bucket = host.open("b")
        assert {key: bucket.get(key) for key in KEYS if bucket.exists(key)} == self.state()
        bucket.set("after", SET)
        assert bucket.get("after") == SET
        bucket.delete("after")
        bucket.drop()
        host.assert_released()

    def assert_clean(self, dead=0):
        """After one more change, by an instance of its own, the bucket holds its keys, the turn with at most an idle
        series, and nothing else but what instances left that are dead."""
        with Host(self.root) as host:
            self.assert_works(host)
        assert sorted(os.listdir(self.bucket_path)) == sorted([".kv"] + list(self.state()))
        scratch = self.bucket_path / ".kv"
        turn = os.listdir(scratch / "turn")
        assert len(turn) <= 1
        assert all(os.listdir(scratch / "turn" / entry) == [] for entry in turn)
        assert os.listdir(scratch / "spare") == [] if (scratch / "spare").exists() else True
        left = set(os.listdir(scratch)) - {"turn", "spare"}
        assert len(left) <= dead, "left in .kv: %s" % left


class _Unopened:
    """In place of a bucket, where opening one is the operation."""

    def __init__(self, store):
        self.store = store


class case:
    """Names the case in what an assertion in it says, and counts it."""

    ran = 0

    def __init__(self, *what):
        self.what = what

    def __enter__(self):
        case.ran += 1
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, (AssertionError, Failure, wasmtime.WasmtimeError)):
            raise AssertionError("%s: %r" % (", ".join(map(str, self.what)), error)) from error


@pytest.fixture(autouse=True)
def count_cases(request, record_property):
    """For the summary behind the tests (conftest.py): how many cases each went through."""
    before = case.ran
    yield
    for_good = getattr(request.node, "callspec", None) and request.node.callspec.params.get("for_good")
    name = request.node.originalname + (" for good" if for_good else "")
    record_property("cases", (name, max(1, case.ran - before)))


def faultless(root, scene):
    """Runs the operation as it should go. Its calls."""
    stage = Scene(root, scene)
    result, error = stage.run()
    assert error is None
    assert (result, stage.state()) == stage.operation.apply(stage.before)
    stage.host.assert_released()
    calls = list(stage.host.calls)
    stage.close()
    return calls


# ---- The host is killed ----


@all_scenes
def test_killed(root, scene):
    """Whatever call an instance ends at, the next one finds every value old or new and whole, works, and
    cleans up."""
    for call in faultless(root, scene):
        with case("killed before call", call):
            stage = Scene(root, scene)

            def kill(now):
                if now.number == call.number:
                    raise Trap()

            with pytest.raises(Trap):
                stage.run(kill)
            stage.close()
            assert stage.state() in stage.operation.prefixes(stage.before)
            # Its own directory, and the litter of one that was dead before.
            stage.assert_clean(dead=2)


# ---- The host returns an error ----

# One code for each status that the component tells apart, and the codes that mean the same.
ALIKE = {
    "access": ["not-permitted", "read-only"],
    "busy": ["text-file-busy"],
    "insufficient-space": ["quota"],
    "file-too-large": ["overflow"],
    "invalid": ["illegal-byte-sequence", "name-too-long"],
    "exist": [],
    "is-directory": [],
    "loop": [],
    "no-entry": [],
    "insufficient-memory": [],
    "not-directory": [],
    "not-empty": [],
    "unsupported": [],
    "cross-device": [],
}
ALIKE["io"] = [code for code in ERROR_CODES
               if code != "io" and code not in ALIKE and all(code not in same for same in ALIKE.values())]
MEANING = {code: first for first, same in ALIKE.items() for code in [first] + same}
ONCE = list(ALIKE)
FOR_GOOD = list(ALIKE) if FULL else ["access", "exist", "no-entry", "not-empty"]

NO_RESULT = ("get-environment", "get-directories", "get-random-u64", "subscribe-duration", "block", "now",
             "drop", "drop-stream", "drop-pollable")

# Every failure of a call is an error of the operation, but for these.
#   absent: it is the file system's way to say that there is no such key
#   again:  it is how a turn that was lost shows; the whole change is done again, some times
#   more:   someone else is at it; it is waited for, for minutes
#   fine:   what was to be done is done already, or can as well be left to others
EVERY = dict.fromkeys(ALIKE, "fine")
TURN_LISTED = {"no-entry": "more", "io": "more"}  # a stale handle, on some shared file systems
EXPECTED = {
    "stat-at mark": {"no-entry": "fine", "not-directory": "fine"},
    # On shared file systems io is a stale handle: the file was replaced.
    "stat-at key": {"no-entry": "absent", "io": "again"},
    "open-at key": {"no-entry": "again", "io": "again"},  # it was stat'ed just before
    "read key": dict.fromkeys(["io", "loop", "no-entry"], "again"),
    "stat-at bucket": {"io": "again"},
    "rename-at key": {"no-entry": "again"},  # a commit; of a deletion's, the key is there
    "open-at kept": EVERY,  # without it, all goes by path
    "read-directory-entry bucket": {"no-entry": "fine", "invalid": "fine"},
    "create-directory-at .kv/own, the first": {"exist": "again", "no-entry": "again", "not-directory": "again"},
    "create-directory-at .kv": {"exist": "fine"},
    "create-directory-at .kv/spare": EVERY,
    "create-directory-at .kv/own/own": {"no-entry": "again"},
    "open-at .kv/own/it": {"no-entry": "again"},
    "open-at .kv/own/own/it": {"no-entry": "again"},
    "open-at .kv/turn/own/it": {"no-entry": "again"},
    "write .kv/own/it": {"no-entry": "again"},
    "write .kv/own/own/it": {"no-entry": "again"},
    "write .kv/turn/own/it": {"no-entry": "again"},
    "sync .kv/own/it": {"no-entry": "again"},
    "sync .kv/own/own/it": {"no-entry": "again"},
    "sync .kv/turn/own/it": {"no-entry": "again"},
    "rename-at .kv/turn/own": {"no-entry": "again"},
    "rename-at .kv/turn/own/it": {"no-entry": "again"},
    "create-directory-at .kv/own": {"exist": "again", "no-entry": "again", "not-directory": "again"},
    "rename-at .kv/own": {**dict.fromkeys(ALIKE, "again"), "exist": "more", "not-empty": "more", "io": "more",
                         "not-directory": "error"},
    "open-at .kv/turn": TURN_LISTED,
    "read-directory .kv/turn": TURN_LISTED,
    "read-directory-entry .kv/turn": {**TURN_LISTED, "invalid": "more"},
    "open-at .kv/turn/other": TURN_LISTED,
    "read-directory .kv/turn/other": TURN_LISTED,
    "read-directory-entry .kv/turn/other": {**TURN_LISTED, "invalid": "more"},
    "remove-directory-at .kv/turn/other": {**dict.fromkeys(ALIKE, "more"), "not-directory": "again", "no-entry": "fine"},
    "unlink-file-at .kv/turn/other/it": {"no-entry": "fine", "io": "more"},
    "remove-directory-at .kv/turn/other, idle": {**dict.fromkeys(ALIKE, "again"), "no-entry": "fine",
                                                 "exist": "more", "not-empty": "more", "io": "more"},
    # Looking for litter.
    "stat-at .kv/own": EVERY,
    "open-at .kv": EVERY,
    "read-directory .kv": EVERY,
    "read-directory-entry .kv": EVERY,
    # After the commit, or after the operation has failed.
    "unlink-file-at .kv/own/it": EVERY,
    "unlink-file-at .kv/own/own/it": EVERY,
    "unlink-file-at .kv/turn/own": EVERY,
    "unlink-file-at .kv/turn/own/it": EVERY,
    "remove-directory-at .kv/own": EVERY,
    "remove-directory-at .kv/own/own": EVERY,
    "remove-directory-at .kv/turn/own": EVERY,
    # What a deletion moved: any that is no regular file goes back.
    "stat-at .kv/turn/own/it": {**EVERY, "is-directory": "error", "loop": "error"},
}
EXPECTED_OF_DELETIONS = {
    "create-directory-at .kv/own/own": {"insufficient-space": "again", "no-entry": "again"},
    "create-directory-at .kv/own": {**EXPECTED["create-directory-at .kv/own"], "insufficient-space": "again"},
}
# To a read, what is no file is not there.
EXPECTED_OF_READS = {
    "rename-at of a scan": EVERY,  # it is tried again, or the scan without it
    "scan in turn": {**EVERY, "insufficient-memory": "error"},  # without the turn, it is scanned some more times
    "create-directory-at .kv": {**EVERY, "insufficient-memory": "error", "no-entry": "error", "not-directory": "error"},
    "stat-at key": {"io": "again", **dict.fromkeys(["no-entry", "is-directory", "loop"], "absent")},
    "open-at key": {"io": "again", "no-entry": "again", **dict.fromkeys(["is-directory", "loop"], "absent")},
    "read key": {"is-directory": "absent", **dict.fromkeys(["io", "loop", "no-entry"], "again")},
}
# The sync of a durable change comes after its commit: these fail, and the change is there.
AFTER_COMMIT = ("open-at bucket", "sync bucket", "open-at root", "sync root")


def role(call, stage):
    """What a call is for, as EXPECTED names it."""
    parts = call.path.split("/")
    if call.name + " " + call.path == "create-directory-at b/.kv/spare":
        return "create-directory-at .kv/spare"
    if stage.operation.reads and call.name == "rename-at":
        return "rename-at of a scan"
    if stage.operation.reads and any("/.kv" in made.path for made in stage.host.calls):
        return call.name + " .kv" if parts[1:] == [".kv"] and call.name == "create-directory-at" else "scan in turn"
    if parts[0] != "b":
        what = "mark" if parts[0] == ".kv-names" else "root"
    elif len(parts) == 1:
        # After a second change the directory is opened, and kept; if that failed, it is opened for its sync.
        opened = [made for made in stage.host.calls[: call.number] if (made.name, made.path) == ("open-at", "b")]
        keeps = call.name == "open-at" and stage.keeps and not (opened and stage.durable)
        what = "kept" if keeps and not stage.operation.reads else "bucket"
    elif parts[1] != ".kv":
        what = "key"
    else:
        what = "/".join(part if part in (".kv", "turn", "spare") else "other" if part == STALE
                        else "own" if re.fullmatch("[0-9A-F]{16}", part) else "it" for part in parts[1:])
        if LITTER in parts:
            return "litter"
        if len(parts) == 4 and what == ".kv/turn/it":
            what = ".kv/turn/own"  # a single change
        if what == ".kv/turn/other" and call.name == "remove-directory-at" and not os.listdir(stage.root / call.path):
            what += ", idle"
        if what == ".kv/own" and not (stage.bucket_path / ".kv").exists():
            what = ".kv/own, the first"
    return call.name + " " + what


def expected(operation, role, code):
    tables = [EXPECTED]
    if operation.reads:
        tables.insert(0, EXPECTED_OF_READS)
    if operation in (OPERATIONS["delete"], OPERATIONS["delete-many"]):
        tables.insert(0, EXPECTED_OF_DELETIONS)
    table = next((table for table in tables if role in table), {})
    return "fine" if role == "litter" else table.get(role, {}).get(MEANING[code], "error")


class Faults:
    """A plan: the call with this number fails with this code, and for good all later ones of its name.

    What would be waited for for minutes, as it has to be, is let succeed after some pauses, or so many failures."""

    WAITS = 12  # fewer than the core makes until an io, or what cannot be removed, is an error
    HITS = 2000  # more than a change that is lost each time makes

    def __init__(self, stage, number, code, for_good):
        self.stage = stage
        self.number = number
        self.code = code
        self.for_good = for_good
        self.name = None
        self.hits = []  # (role, key)
        self.waits = 0

    def __call__(self, call):
        self.waits += call.name == "block"
        if call.number == self.number:
            self.name = call.name
        elif not self.for_good or call.name != self.name or self.waits >= self.WAITS or len(self.hits) >= self.HITS:
            return None
        self.hits.append((role(call, self.stage), call.path.split("/")[-1]))
        return self.code


def check_fault(root, scene, call, code, for_good):
    stage = Scene(root, scene)
    operation = stage.operation
    plan = Faults(stage, call.number, code, for_good)
    result, error = stage.run(plan)
    stage.host.assert_released()
    outcomes = [expected(operation, role, code) for role, _ in plan.hits]
    hidden = {key for (_, key), outcome in zip(plan.hits, outcomes) if outcome == "absent"}
    fails = "error" in outcomes or (for_good and "again" in outcomes)
    state = stage.state()
    if not fails:
        assert error is None, error
        assert (result, state) == operation.apply(stage.before, hidden)
    else:
        assert error is not None, "no error, though %s failed" % plan.hits[0][0]
        if MEANING[code] == "access":
            assert isinstance(error, AccessDenied)
        elif isinstance(error, NoSuchStore):
            assert code in ("no-entry", "not-directory")
        else:
            assert not isinstance(error, AccessDenied)
        allowed = operation.prefixes(stage.before, hidden)
        if plan.hits[outcomes.index("error") if "error" in outcomes else 0][0] in AFTER_COMMIT:
            allowed = allowed[1:]
        else:
            allowed = allowed[: max(1, len(operation.steps))] if not operation.reads else allowed
        assert state in allowed, "the failed operation left %r" % state
    stage.assert_works(stage.host)
    stage.close()
    # What could not be removed, and the litter that was not looked for.
    stage.assert_clean(dead=for_good + (scene[1] == "stale"))


@all_scenes
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for-good"])
def test_error(root, scene, for_good):
    """A call's failure is an error of the operation unless it is an answer, nothing is between old and
    new, nothing is left open, and the same instance works afterwards."""
    for call in faultless(root, scene):
        if call.name in NO_RESULT:
            continue
        every = ERROR_CODES if FULL and scene[1] == "held" else ONCE
        for code in FOR_GOOD if for_good else every:
            endless = call.name == "read-directory-entry" and MEANING[code] in ("no-entry", "invalid")
            if for_good and endless:
                continue  # see test_listing_that_never_ends
            if "just changed" in scene[0]:
                continue  # its scans, in the turn and out of it, make the same calls; that of list-keys stands for them
            if for_good and scene[0] == "delete-many" and call.name in ("unlink-file-at", "remove-directory-at"):
                continue  # what the first deletion leaves may be in the second one's way
            with case(call, code):
                check_fault(root, scene, call, code, for_good)


@pytest.mark.skipif(not FULL, reason="a million entries take minutes; the core alone has this test in listing_test.c")
@pytest.mark.parametrize("name, code", [("list-keys", "no-entry"), ("list-keys", "illegal-byte-sequence")])
def test_listing_that_never_ends(root, name, code):
    """A host that has nothing but unreadable entries for ever does not hang a listing."""
    stage = Scene(root, (name, "first", False, 2))
    result, error = stage.run(lambda call: code if call.name == "read-directory-entry" else None)
    assert error is not None
    assert stage.state() == stage.before
    stage.host.assert_released()
    stage.assert_works(stage.host)
    stage.close()


@pytest.mark.parametrize("name", ["open-at", "rename-at"])
def test_turn_lost_for_ever(root, name):
    """A change whose file or turn is said to be gone every time gives up with an error, in the end, and has changed
    nothing."""
    stage = Scene(root, ("set", "held", False, 2))
    result, error = stage.run(lambda call: "no-entry" if call.name == name else None)
    assert error is not None
    assert stage.state() == stage.before
    stage.host.assert_released()
    stage.assert_works(stage.host)
    stage.close()
    stage.assert_clean(dead=1)


# ---- Someone else is quicker ----

def swap_current(bucket, value):
    """Replaces whatever is there."""
    return swap(bucket.cas("k"), value)


RIVALS = {
    "set": Operation(lambda bucket, _: bucket.set("k", counter(200)), [("k", _set(counter(200)))]),
    "delete": OPERATIONS["delete"],
    "increment": Operation(lambda bucket, _: bucket.increment("k", 5), [("k", _increment(5))]),
    "swap": Operation(lambda bucket, _: swap_current(bucket, counter(400)), [("k", _set(counter(400)))]),
}


class Rival:
    """Another instance, to run its whole operation at once. A warm one has changed the bucket before."""

    def __init__(self, root, name):
        self.operation = RIVALS[name]
        self.host = Host(root)
        self.bucket = self.host.open("b")
        self.runs = 0

    def act(self):
        """Nothing comes between its reading and its operation, so its result can be told at once."""
        before = self.bucket.get("k")
        state = {} if before is None else {"k": before}
        result, state = self.operation.apply(state)
        assert self.operation.run(self.bucket, None) == result
        assert self.bucket.get("k") == state.get("k")
        self.runs += 1


def orders(operation, rivals, state, results=(), step=0):
    """Every (result, final state) that some order of the operation's steps and the rivals, these in their
    own order, explains."""
    if step == len(operation.steps) and not rivals:
        yield operation.collect(list(results)), state
    if step < len(operation.steps):
        key, act = operation.steps[step]
        result, after = act(state.get(key))
        left = {k: v for k, v in {**state, key: after}.items() if v is not None}
        yield from orders(operation, rivals, left, results + (result,), step + 1)
    if rivals:
        yield from orders(operation, rivals[1:], rivals[0].apply(state)[1], results, step)


def check_rivals(root, scene, name, warm, numbers):
    stage = Scene(root, scene)
    rival = Rival(root, name)
    if warm:
        rival.bucket.set("k", OLD)
        if scene[1] == "held":
            stage.bucket.set("k", OLD)
        stage.host.calls.clear()

    def plan(call):
        if call.number in numbers:
            rival.act()

    result, error = stage.run(plan)
    assert error is None, error
    # What a rival did can save later calls: a warm one has made `.kv/`, the first of two may end a swap.
    assert rival.runs == sum(number < len(stage.host.calls) for number in numbers)
    assert rival.runs > 0 or warm
    ways = list(orders(stage.operation, [rival.operation] * rival.runs, stage.before))
    assert (result, stage.state()) in ways, "%r and %r, which no order gives" % (result, stage.state())
    stage.host.assert_released()
    rival.host.assert_released()
    stage.assert_works(rival.host)
    stage.assert_works(stage.host)
    rival.host.close()
    stage.close()
    stage.assert_clean()


@all_scenes
@pytest.mark.parametrize("name", RIVALS)
def test_rival(root, scene, name):
    """Whatever call another instance's operation comes before, some order of the two explains the results
    of both and what is there in the end."""
    calls = len(faultless(root, scene))
    for warm in (False, True) if FULL or scene[1] == "held" else (False,):
        for number in range(calls):
            pairs = FULL and not warm and scene[1] in ("held", "first") and not scene[2]
            later = range(number + 1, calls) if pairs else ()
            for numbers in [(number,)] + [(number, second) for second in later]:
                with case("a warm" if warm else "a fresh", name, "before calls", numbers):
                    check_rivals(root, scene, name, warm, numbers)


def test_one_random_number(root):
    """Two instances whose host gives both the same random number and the same monotonic time have names of their own
    all the same: the time of day tells them apart."""
    names = []
    for nanoseconds in range(2):
        with Host(root) as host:
            host.random = 7
            host.wall = 10**18 + nanoseconds
            host.open("b").set("k", OLD)
            names.append({call.path for call in host.calls if call.name == "create-directory-at"} - {"b/.kv"})
    assert names[0] and names[1] and not names[0] & names[1], names


# ---- Short reads and writes ----


@all_scenes
@pytest.mark.parametrize("limit", [1, 3])
def test_short(root, scene, limit):
    """A host that reads and writes a byte or three at a time changes no result."""
    stage = Scene(root, scene)

    def plan(call):
        call.limit = limit

    result, error = stage.run(plan)
    assert error is None
    assert (result, stage.state()) == stage.operation.apply(stage.before)
    stage.host.assert_released()
    stage.close()
    stage.assert_clean()


@pytest.mark.parametrize("limit", [1, 2, 3, None])
def test_short_reads_of_a_replaced_value(root, limit):
    """A value that is replaced by a longer or a shorter one while it is read is read as one or the other,
    on a host that gives less than it could too."""
    values = b"short", b"one that is much longer"
    for before, after in (values, values[::-1]):
        for number in range(4):
            shutil.rmtree(root / "b")
            (root / "b").mkdir()
            with case("set before call", number, "of", before, after), Host(root) as host, Host(root) as rival:
                rival_bucket = rival.open("b")
                rival_bucket.set("k", before)
                bucket = host.open("b")
                host.calls.clear()

                def plan(call):
                    call.limit = limit
                    if call.number == number:
                        rival_bucket.set("k", after)

                host.plan = plan
                assert bucket.get("k") in (before, after)
