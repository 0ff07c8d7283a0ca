"""`kv export` and `kv import`: a bucket as a stream of bytes, there and back.

The format is written and read here a second time, after docs/export.md. Most tests run build/kv.wasm in
this process, under the bound of memory that the page states; the others use real pipes.
HOST_TESTS=full changes every bit in turn, and carries 100,000 keys in place of 10,000."""
import filecmp
import json
import os
import re
import shutil
import subprocess
import time
import zlib

import hypothesis
import pytest
from hypothesis import strategies as st
from wasmtime import component as wasm

import fitting  # noqa: F401: for what it does to the package
import forms
from forms import BUILD, DONE, FAILED, HANG_SECONDS, PROJECT, Component, Ended, environment
from terminal import on_terminal
from tools import PATH, WASM_TOOLS

PAGE = (PROJECT / "docs" / "export.md").read_text(encoding="utf-8")

MEMORY = 4 << 20  # that a linear memory may grow to, as docs/export.md states it
FULL = os.environ.get("HOST_TESTS") == "full"


# ---- The format, a second time ----

def checked(stream):
    """The stream with the checksum of all of it, and the line's end."""
    return stream + b"%08X\n" % zlib.crc32(stream)


def record(stream, key, value):
    stream = checked(stream + b"key %d value %d crc " % (len(key), len(value)))
    return checked(stream + key + b"\n" + value + b"\ncrc ")


def stream_of(pairs, count=None):
    """What export writes for these keys and values, in this order."""
    stream = b"kv-export 1\n"
    for key, value in pairs:
        stream = record(stream, key, value)
    return checked(stream + b"end %d crc " % (len(pairs) if count is None else count))


def pairs_of(stream):
    """The keys and values of a stream that must be whole."""
    pairs, at = [], len(b"kv-export 1\n")
    while True:
        head = re.compile(rb"key (\d+) value (\d+) crc [0-9A-F]{8}\n").match(stream, at)
        if head is None:
            assert stream == stream_of(pairs)
            return pairs
        key_end = head.end() + int(head[1])
        value_end = key_end + 1 + int(head[2])
        pairs.append((stream[head.end():key_end], stream[key_end + 1:value_end]))
        at = value_end + len(b"\ncrc 00000000\n")


# ---- Running kv ----

def run(data, *words, input=b"", create=True, other=None, component=BUILD / "kv.wasm"):
    """Runs the component on `data`, or kv_transfer on what an `other` store has; no linear memory may grow beyond
    MEMORY."""
    env = {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1" if create else "0"}
    if other:
        return Component(data.parent)(*words, input=input, env=env, memory=MEMORY, file=BUILD / "kv_transfer.wasm",
                                      with_linker=other.linker())
    return Component(data.parent)(*words, input=input, env=env, memory=MEMORY, file=component)


# The launcher's runner, with the bound of memory.
LIMITED = """
import runpy, sys, wasmtime
class Limited(wasmtime.Store):
    def __init__(self, engine):
        super().__init__(engine)
        self.set_limits(memory_size=%d)
wasmtime.Store = Limited
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
""" % MEMORY


def start(directory, *words, **streams):
    """Starts the component in a process of its own, under the bound of memory."""
    return subprocess.Popen(
        [PROJECT / ".toolchain/bin/python", "-c", LIMITED, PROJECT / "tools/run_component.py", BUILD / "kv.wasm", *words],
        cwd=directory, env=environment(), stderr=subprocess.PIPE, bufsize=0, **streams)


@pytest.fixture
def data(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def fill(bucket, values):
    bucket.mkdir()
    for name, value in values.items():
        (bucket / name).write_bytes(value)


def content(bucket):
    """The bucket's files; None if there is none."""
    if not bucket.exists():
        return None
    return {file.name: file.read_bytes() for file in bucket.iterdir() if file.name != ".kv"}


PAIRS = [(b"user:123", b"John Doe"), (b"a\nb", b""), ("größe".encode(), b"\0\xff\n" * 9)]


def names(pairs):
    return {key.decode(): value for key, value in pairs}


def amount(keys):
    return "1 key" if keys == 1 else f"{keys} keys"


def left(keys):
    """How an import's error ends that came after so many keys."""
    if keys == 0:
        return "; nothing was imported\n"
    return f"; imported {amount(keys)} before it; the rest of the stream was not imported\n"


# ---- There and back ----

def test_page(data):
    """The stream that the format's page shows is what export writes for the keys that it names."""
    shown = re.search(r"```\n(kv-export .*?)```", PAGE, re.DOTALL)[1].encode()
    pairs = pairs_of(shown)
    assert dict(pairs) == {b"user:123": b"John Doe", b"page_views": b"42\n"}
    fill(data / "b", names(pairs))
    assert run(data, "export", "b").text() == shown


@hypothesis.given(st.dictionaries(st.text(max_size=40), st.binary(max_size=5000), max_size=12))
def test_round_trip(tmp_path_factory, values):
    """Whatever the keys and values are, import stores them, export writes them in the format, and both again
    give the same files."""
    data = tmp_path_factory.mktemp("transfer") / "data"
    data.mkdir()
    pairs = [(key.encode(), value) for key, value in values.items()]
    assert run(data, "import", "a", input=stream_of(pairs)).text() == f"imported {amount(len(pairs))}\n".encode()
    stream = run(data, "export", "a").text()
    assert sorted(pairs_of(stream)) == sorted(pairs)
    run(data, "import", "b", input=stream).text(DONE)
    assert content(data / "a") == content(data / "b")
    assert len(content(data / "a")) == len(pairs)


def test_json(data):
    """With --json the stream is the same, and what import did is an object."""
    fill(data / "b", {"k": b"v"})
    stream = run(data, "--json", "export", "b").text()
    assert stream == stream_of([(b"k", b"v")])
    assert run(data, "--json", "import", "c", input=stream).json() == {"imported": 1}
    ended = run(data, "--json", "import", "c", input=stream[:-1])
    assert (ended.code, ended.out) == (FAILED, b"")
    error = json.loads(ended.err)["error"]
    assert error["kind"] == "input" and error["message"].endswith(left(1).strip())


def test_overwrites(data):
    """Import replaces what a key had, leaves other keys alone, and of a key that comes twice the later value stays."""
    fill(data / "b", {"k": b"old", "other": b"mine"})
    ended = run(data, "import", "b", input=stream_of([(b"k", b"first"), (b"k", b"second")]))
    assert ended.text() == b"imported 2 keys\n"
    assert content(data / "b") == {"k": b"second", "other": b"mine"}


def test_bucket_is_made(data):
    """Import makes its bucket, for an empty export too, but not where making is off."""
    assert run(data, "import", "b", input=stream_of([])).text() == b"imported 0 keys\n"
    assert content(data / "b") == {}
    assert 'there is no bucket "c"' in run(data, "import", "c", input=stream_of(PAIRS), create=False).error()
    assert content(data / "c") is None


# ---- Streams that are not whole ----

def refused(data, stream, keys, what=""):
    """Import refuses the stream, says what it imported before, and has done just that."""
    shutil.rmtree(data / "b", ignore_errors=True)
    ended = run(data, "import", "b", input=stream)
    error = ended.error()
    assert error.startswith("kv: standard input is refused at byte "), ended
    assert what in error and error.endswith(left(keys)), (error, keys)
    # The first line makes the bucket.
    assert content(data / "b") == (names(PAIRS[:keys]) if stream.startswith(b"kv-export 1\n") else None)


# Where the records of PAIRS end.
ENDS = [len(stream_of(PAIRS[:count])) - len(b"end 0 crc 00000000\n") for count in range(len(PAIRS) + 1)]


def whole_before(at):
    """How many keys are whole in the first `at` bytes of PAIRS' stream."""
    return sum(end <= at for end in ENDS[1:])


@pytest.mark.parametrize("turn", range(8 if FULL else 1))
def test_damage(data, turn):
    """A bit that is changed, wherever it is, is found; the keys before it are imported and no other."""
    stream = stream_of(PAIRS)
    for at in range(len(stream)):
        changed = bytes([stream[at] ^ 1 << (at + turn) % 8])
        refused(data, stream[:at] + changed + stream[at + 1:], whole_before(at))


def test_cut(data):
    """A cut, wherever it is, is found, and the keys before it are imported."""
    stream = stream_of(PAIRS)
    for at in range(len(stream)):
        refused(data, stream[:at], whole_before(at), "it is empty" if at == 0 else "it was cut")


@pytest.mark.parametrize("times", [0, 2])
def test_shift(data, times):
    """A byte that is missing or doubled, wherever it is, is found."""
    stream = stream_of(PAIRS)
    for at in range(len(stream)):
        changed = stream[:at] + stream[at:at + 1] * times + stream[at + 1:]
        # Of equal bytes in a row it makes no difference which is missing or doubled.
        differs = (i for i in range(len(stream)) if changed[i:i + 1] != stream[i:i + 1])
        refused(data, changed, whole_before(next(differs, len(stream))))


FIRST = record(b"kv-export 1\n", *PAIRS[0])

REFUSED = {
    "empty": (b"", 0, "it is empty"),
    "no export": (b"hello\n", 0, "it is no export: its first line is not kv-export 1"),
    "no line": (b"hello", 0, "it is no export"),
    "binary": (bytes(1000), 0, "it is no export"),
    "other version": (stream_of(PAIRS).replace(b"kv-export 1", b"kv-export 3"), 0, "another version"),
    "changed line ends": (stream_of(PAIRS[:1]).replace(b"\n", b"\r\n"), 0, "another version"),
    "two exports": (stream_of(PAIRS) + stream_of(PAIRS), 3, "it goes on after its end"),
    "something after": (stream_of(PAIRS) + b"\n", 3, "it goes on after its end"),
    "record missing": (FIRST + stream_of(PAIRS[1:])[len(b"kv-export 1\n"):], 1, "it is damaged"),
    "record doubled": (FIRST + stream_of(PAIRS)[len(b"kv-export 1\n"):], 1, "it is damaged"),
    "wrong count": (stream_of(PAIRS, 4), 3, "another number of keys"),
    "endless line": (FIRST + b"key " + b"1" * 100000, 1, "it is damaged"),
    "leading zero": (checked(FIRST + b"key 01 value 1 crc ") + b"k\nv\n", 1, "it is damaged"),
    "no number": (checked(FIRST + b"key  value 1 crc ") + b"\nv\n", 1, "it is damaged"),
    "no line break": (checked(checked(FIRST + b"key 1 value 1 crc ") + b"k:v\ncrc "), 1, "it is damaged"),
    "small digits": (FIRST + checked(FIRST + b"end 1 crc ")[len(FIRST):].lower(), 1, "it is damaged"),
    "not UTF-8": (stream_of(PAIRS[:2] + [(b"\xff", b"v")]), 2, "a key in it is not valid UTF-8"),
    "over 2 GiB": (checked(FIRST + b"key 1 value 2147483647 crc ") + b"k", 1, "are over 2 GiB"),
    "over 2 GiB of key": (checked(FIRST + b"key 2147483647 value 2147483647 crc "), 1, "are over 2 GiB"),
    "over 64 bits": (checked(FIRST + b"key 1 value 18446744073709551616 crc ") + b"k", 1, "it is damaged"),
    # None of these sizes is allocated: the memory is bounded.
    "large key": (checked(FIRST + b"key 2000000000 value 1 crc ") + bytes(1 << 20), 1, "it was cut"),
    "large value": (checked(FIRST + b"key 1 value 2000000000 crc ") + bytes(1 << 20), 1, "it was cut"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(data, case):
    """A stream that export does not write is refused with the reason, and no size that it tells is believed."""
    refused(data, *REFUSED[case])


def test_value_beyond_memory(data):
    """A value that does not fit into memory ends the import with an error that says so, like any other."""
    large = os.urandom(MEMORY)
    error = run(data, "import", "b", input=stream_of(PAIRS + [(b"large", large)])).error()
    assert "out of memory" in error and error.endswith(left(3))
    assert content(data / "b") == names(PAIRS)


# ---- What the store refuses ----

def test_name_too_long(data):
    """A key that the store refuses ends the import with its name; those before it are there, those after it are not."""
    long = b"k" * 256
    ended = run(data, "import", "b", input=stream_of(PAIRS + [(long, b"v"), (b"last", b"v")]))
    error = ended.error()
    assert f'the key "{"k" * 80}..." cannot be set: ' in error and "too long" in error and error.endswith(left(3))
    assert content(data / "b") == names(PAIRS)


def test_wrong_kind_of_file(data):
    """A directory under a key's name is not replaced, and its key is named."""
    fill(data / "b", {})
    (data / "b" / "dir").mkdir()
    error = run(data, "import", "b", input=stream_of(PAIRS[:1] + [(b"dir", b"v")])).error()
    assert 'the key "dir" cannot be set: ' in error and error.endswith(left(1))
    assert sorted(os.listdir(data / "b")) == [".kv", "dir", "user:123"]


def test_unreadable_value(data):
    """A value that cannot be read ends the export with its name and a stream that import refuses."""
    fill(data / "b", {"huge": b""})
    os.truncate(data / "b" / "huge", 3 << 30)
    ended = run(data, "export", "b")
    assert ended.code == FAILED and b'the key "huge" cannot be read: ' in ended.err, ended
    assert b"the export is not whole, and import will refuse it" in ended.err
    assert "it was cut" in run(data, "import", "c", input=ended.out).error()


# ---- Others at work meanwhile ----

def wait_for(condition):
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it does not come")


def test_keys_come_as_they_are_read(tmp_path, data):
    """A key is there as soon as its record is whole; a bucket that is removed then ends the import."""
    process = start(data, "import", "b", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stream = stream_of(PAIRS)
    process.stdin.write(stream[:ENDS[1] - 1])
    process.stdin.flush()
    wait_for((data / "b").exists)
    assert content(data / "b") == {}
    process.stdin.write(stream[ENDS[1] - 1:ENDS[2] - 1])
    process.stdin.flush()
    wait_for((data / "b" / "user:123").exists)
    (data / "b").rename(tmp_path / "gone")
    out, err = process.communicate(stream[ENDS[2] - 1:])
    assert (process.returncode, out) == (FAILED, b"")
    assert err.decode() == 'kv: the key "a\\x0Ab" cannot be set: the bucket is not there any more' + left(1)
    assert content(tmp_path / "gone") == names(PAIRS[:1]) and content(data / "b") is None


def test_changes_during_export(data):
    """Of keys that change during an export each has one of its values, those that vanish are skipped and counted,
    and the others are all there."""
    large = os.urandom(300_000)  # more than a pipe holds: the export waits in the middle of the first key
    fill(data / "b", {f"k{number}": large for number in range(6)})
    process = start(data, "export", "b", stdout=subprocess.PIPE)
    begun = process.stdout.read(len(b"kv-export 1\nkey 2 value 300000 crc 00000000\nk0\n"))
    first = begun.split(b"\n")[2].decode()
    removed, changed, *kept = [name for name in sorted(content(data / "b")) if name != first]
    (data / "b" / removed).unlink()
    (data / "b" / changed).write_bytes(b"new")
    (data / "b" / "late").write_bytes(b"late")
    out, err = process.communicate()
    assert (process.returncode, err) == (DONE, b"kv: exported 5 keys; skipped 1 that vanished meanwhile\n")
    exported = names(pairs_of(begun + out))
    assert exported == {first: large, changed: b"new", **dict.fromkeys(kept, large)}


# ---- Other implementations of wasi:keyvalue ----

class Memory:
    """A store in memory that knows open, list-keys, get and set of the older draft; any other call is a trap. It lists
    its keys in the `pages` that it is given. `errors` are what a call answers, by its name and key."""

    def __init__(self, pages=(), errors=()):
        self.pages = pages
        self.errors = dict(errors)
        self.values = {key: b"value of " + key.encode() for page in pages for key in page}

    def linker(self):
        linker = wasm.Linker(forms.engine())
        linker.add_wasip2()
        with linker.root() as root, root.add_instance("wasi:keyvalue/store@0.2.0-draft") as store:
            store.add_resource("bucket", wasm.ResourceType.host(1), lambda *_: None)
            store.add_func("open", lambda *_: wasm.ResourceHost.own(1, 1))
            store.add_func("[method]bucket.list-keys", self.list_keys)
            store.add_func("[method]bucket.get", self.get)
            store.add_func("[method]bucket.set", self.set)
            for name in ("[method]bucket.exists", "[method]bucket.delete"):
                store.add_func(name, self.trap)
        return linker

    def trap(self, *_):
        raise AssertionError("a call that transfer does not need")

    def list_keys(self, store, bucket, cursor):
        bucket.to_host(store)
        at = int(cursor or 0)
        page = wasm.Record()
        page.keys = self.pages[at] if self.pages else []
        page.cursor = at + 1 if at + 1 < len(self.pages) else None
        return self.errors.get(("list", at), page)

    def get(self, store, bucket, key):
        bucket.to_host(store)
        return self.errors.get(("get", key), self.values.get(key))

    def set(self, store, bucket, key, value):
        bucket.to_host(store)
        if ("set", key) in self.errors:
            return self.errors["set", key]
        self.values[key] = value


PAGES = [["a", "b"], [], [f"k{number}" for number in range(3000)], ["ö" * 300]]


def test_other_store(data):
    """A bucket goes to another implementation and back, by nothing but list-keys, get and set,
    whatever its pages are and however long its keys."""
    there = Memory(PAGES)
    stream = run(data, "export", "b", other=there).text()
    assert names(pairs_of(stream)) == there.values
    back = Memory()
    assert run(data, "import", "b", input=stream, other=back).text() == b"imported 3003 keys\n"
    assert back.values == there.values
    assert "too long" in run(data, "import", "b", input=stream).error()


def error(tag, text=None):
    return wasm.Variant(tag, text)


NOT_WHOLE = "; the export is not whole, and import will refuse it\n"


@pytest.mark.parametrize("call, answer, said", [
    (("list", 0), error("access-denied"), "the keys cannot be listed: access denied; check the permissions"),
    (("list", 2), error("other", "no route"), "the keys cannot be listed: no route"),
    (("get", "b"), error("no-such-store"), 'the key "b" cannot be read: the bucket is not there any more'),
    (("get", "b"), error("other", "ö" * 5000), 'the key "b" cannot be read: ' + "ö" * 1024),
], ids=range(4))
def test_export_fails(data, call, answer, said):
    """Where the store fails, export says at which key and why, and what it wrote is refused."""
    store = Memory(PAGES, {call: answer})
    ended = run(data, "export", "b", other=store)
    assert (ended.code, ended.err.decode()) == (FAILED, f"kv_transfer: {said}{NOT_WHOLE}")
    assert "it was cut" in run(data, "import", "c", input=ended.out).error()


@pytest.mark.parametrize("answer, kind, said", [
    (error("access-denied"), "access-denied", "access denied; check the permissions"),
    (error("no-such-store"), "no-such-store", "the bucket is not there any more"),
    (error("other", "no space"), "other", "no space"),
    (error("other", "x" * 5000), "other", "x" * 2048),
], ids=range(4))
def test_import_fails(data, answer, kind, said):
    """Where the store fails, import says at which key and why, its kind in JSON too, and how many keys are there."""
    store = Memory(errors={("set", "größe"): answer})
    ended = run(data, "--json", "import", "b", input=stream_of(PAIRS), other=store)
    assert (ended.code, ended.out) == (FAILED, b"")
    told = json.loads(ended.err)["error"]
    assert told == {"kind": kind, "message": f'the key "größe" cannot be set: {said}{left(2)[:-1]}'}
    assert store.values == names(PAIRS[:2])


@pytest.fixture
def plugged(tmp_path):
    """kv_transfer with this store plugged in."""
    made = tmp_path / "plugged.wasm"
    subprocess.run([WASM_TOOLS, "compose", BUILD / "kv_transfer.wasm", "-d", BUILD / "wasm/store.wasm",
                    "-o", made], check=True, capture_output=True)
    return made


def test_both_drafts(data, plugged):
    """kv_transfer writes the very stream that kv writes, over several pages, and sets the same files from it."""
    fill(data / "a", {**{f"k{number}": b"%d" % number for number in range(2500)}, "größe": bytes(range(256)), "none": b""})
    stream = run(data, "export", "a").text()
    assert len(pairs_of(stream)) == 2502
    assert run(data, "export", "a", component=plugged).text() == stream
    assert run(data, "import", "b", input=stream, component=plugged).text() == b"imported 2502 keys\n"
    assert content(data / "b") == content(data / "a")


def test_transfer_words(data, plugged):
    """kv_transfer says under its own name what it cannot do, and tells its two commands."""
    told = run(data, "--help", component=plugged).text().decode()
    assert re.findall(r"kv_transfer \[--json\] (\w+) BUCKET", told) == ["export", "import"]
    for words, why in {("get", "b", "k"): 'unknown command "get"', ("export",): "usage: kv_transfer export BUCKET",
                       ("export", "b"): 'there is no bucket "b"; make it in this host\'s store first'}.items():
        ended = run(data, *words, create=False, component=plugged)
        assert (ended.code, ended.out) == (FAILED, b"") and ended.err.decode().startswith(f"kv_transfer: {why}"), ended


@pytest.mark.skipif(shutil.which("wasmtime", path=PATH) is None, reason="there is no wasmtime command; make hosts fetches it")
def test_wasmtime_store(native):
    """What is in wasmtime's own store comes out of it into files, and goes back."""
    values = {"user:123": b"John Doe", "größe": b"= 42", "none": b""}
    wasmtime_run = ["wasmtime", "run", "-S", "keyvalue"]
    for name, value in values.items():
        wasmtime_run += ["-S", f"keyvalue-in-memory-data={name}={value.decode()}"]

    def transfer(*words, **streams):
        done = subprocess.run([*wasmtime_run, PROJECT / "build/kv_transfer.wasm", *words], timeout=HANG_SECONDS, stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, env=environment(PATH=PATH), **streams)
        return Ended(done.returncode, done.stdout, done.stderr)

    assert native("import", "b", input=transfer("export", "").text()).text() == b"imported 3 keys\n"
    assert content(native.data / "b") == values
    assert transfer("import", "", input=native("export", "b").text()).text() == b"imported 3 keys\n"


# ---- Terminals and pipes ----

def shown(native, command):
    """How a shell's command with kv in it ends, and what it writes to standard error, that being a terminal."""
    return on_terminal(command.replace("kv ", f"'{native.program}' "), native.directory, streams=(2,), env={"NO_COLOR": "1"})


def test_progress(native):
    """On a terminal one line tells how far it is, and is gone at the end; elsewhere and in JSON there is none."""
    for number in range(1200):
        native.put("b", f"k{number}", b"v" * 1000)
    code, told = shown(native, "kv export b > export")
    lines = told.split("\r")
    assert code == DONE and lines[0] == "" and lines[1] == "exported 1 key, 0 MiB", told
    assert 3 <= sum(line.startswith("exported ") for line in lines) <= 10
    assert lines[-1].startswith("\x1b[K") and "kv: exported 1200 keys" in told
    code, told = shown(native, "kv import c < export")
    assert code == DONE and "\rimported 501 keys, 0 MiB" in told and told.endswith("\r\x1b[K")
    code, told = shown(native, "head -c 600000 export | kv import c")
    assert code == FAILED and "\r\x1b[Kkv: standard input is refused" in told
    assert shown(native, "kv --json import c < export") == (DONE, "")
    assert native("import", "c", input=(native.directory / "export").read_bytes()).text() == b"imported 1200 keys\n"


def test_output_ends_early(native):
    """A reader that has enough ends the export without noise; output that cannot be written is an error."""
    for number in range(20):
        native.put("b", f"k{number}", bytes(100_000))
    done = subprocess.run(f"'{native.program}' export b | head -c 9", shell=True, cwd=native.directory, capture_output=True,
                          env=environment(), timeout=HANG_SECONDS)
    assert (done.stdout, done.stderr) == (b"kv-export", b"")
    with open("/dev/full", "wb") as full:
        ended = native("export", "b", stdout=full)
    assert (ended.code, ended.err) == (FAILED, b"kv: standard output cannot be written\n")


# ---- All buckets ----

def all_of(buckets):
    """What export --all writes for {bucket: {key: value}}, in this order."""
    stream, count = b"kv-export 2\n", 0
    for bucket, values in buckets.items():
        stream = checked(checked(stream + b"bucket %d crc " % len(bucket)) + bucket + b"\ncrc ")
        for pair in values.items():
            stream, count = record(stream, *pair), count + 1
    return checked(stream + b"end %d crc " % count)


ALL = {b"a": {b"k": b"v", b"empty": b""}, "größe/x".encode(): {b"k": b"\0" * 100}, b"none": {}}


def test_all_buckets(kv):
    """export --all writes every bucket, sorted, with its name, and import --all makes them again, empty ones too."""
    for bucket, values in ALL.items():
        kv("create-bucket", bucket.decode()).text()
        for key, value in values.items():
            kv("set", bucket.decode(), key.decode(), "-", input=value).text()
    stream = kv("export", "--all").text()
    assert stream in (all_of(ALL), all_of({**ALL, b"a": dict(reversed(ALL[b"a"].items()))}))
    kv.data.rename(kv.directory / "before")
    assert kv("import", "--all", input=stream).text() == b"imported 3 keys\n"
    assert {bucket: content(kv.data / bucket) for bucket in os.listdir(kv.data)} == \
        {bucket: content(kv.directory / "before" / bucket) for bucket in os.listdir(kv.directory / "before")}
    assert kv("export", "--all").text() == stream


def test_one_is_not_all(kv):
    """An export of all buckets is not taken for one's, nor the other way round, nor is a key that is in no bucket."""
    kv.bucket()
    assert "import it with kv import --all" in kv("import", "b", input=all_of(ALL)).error()
    assert "an export of one bucket" in kv("import", "--all", input=stream_of(PAIRS)).error()
    stray = checked(record(b"kv-export 2\n", b"k", b"v") + b"end 1 crc ")
    assert "a key in it is in no bucket" in kv("import", "--all", input=stray).error()
    assert os.listdir(kv.data) == ["b"] and kv.content("b") == {}


def test_damage_to_all(data):
    """In a stream of all buckets too, a changed or missing byte is found, wherever it is, names of buckets included."""
    stream = all_of({b"a": {b"k": b"v"}, b"b": {}})
    for at in range(len(stream)):
        for changed in (stream[:at] + bytes([stream[at] ^ 4]) + stream[at + 1:], stream[:at]):
            ended = run(data, "import", "--all", input=changed)
            assert ended.code == FAILED and b"standard input is refused at byte" in ended.err, (at, ended)
    assert set(os.listdir(data)) <= {"a", "b"}


def test_left_out(kv):
    """What is in a bucket's directory and is no key is left out, and how many there are is told."""
    kv.put("b", "k", b"v")
    (kv.data / "b" / "link").symlink_to("k")
    (kv.data / "b" / "directory").mkdir()
    (kv.data / "b" / ".hidden").write_bytes(b"")
    ended = kv("export", "b")
    assert (ended.code, ended.out) == (DONE, stream_of([(b"k", b"v")]))
    assert ended.err == b"kv: exported 1 key; left out 2 files that are no keys: see kv doctor\n"
    ended = kv("--json", "export", "--all")
    assert json.loads(ended.err) == {"exported": 1, "skipped": 0, "left-out": 2}


# ---- Large buckets, in bounded memory ----

def carry(data):
    """kv export a | kv import b, each under the bound of memory; the number of keys that import tells."""
    writer = start(data, "export", "a", stdout=subprocess.PIPE)
    reader = start(data, "import", "b", stdin=writer.stdout, stdout=subprocess.PIPE)
    writer.stdout.close()
    out, err = reader.communicate()
    assert (reader.returncode, err) == (DONE, b"")
    assert (writer.wait(), writer.stderr.read()) == (DONE, b"")
    return int(re.fullmatch(rb"imported (\d+) keys\n", out)[1])


def assert_same(a, b, count):
    keys = sorted(name for name in os.listdir(a) if name != ".kv")
    assert len(keys) == count and keys == sorted(name for name in os.listdir(b) if name != ".kv")
    assert filecmp.cmpfiles(a, b, keys, shallow=False)[1:] == ([], [])


@pytest.mark.parametrize("count", [100_000 if FULL else 10_000])
def test_many_keys(data, count):
    """Any number of keys passes through a pipe in bounded memory, and every file comes out the same."""
    fill(data / "a", {f"key:{number}": b"%d" % number for number in range(count)})
    assert carry(data) == count
    assert_same(data / "a", data / "b", count)


def test_many_bytes(data):
    """200 MiB in values of 1 MiB pass through a pipe in bounded memory, and every file comes out the same."""
    block = os.urandom(1 << 20)
    fill(data / "a", {f"file {number}": block[number:] + block[:number] for number in range(200)})
    assert carry(data) == 200
    assert_same(data / "a", data / "b", 200)
    shutil.rmtree(data)
