"""The commands beyond those of wasi:keyvalue, in both forms where both have them."""
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

import pytest

from forms import CONFLICT, DONE, FAILED, HANG_SECONDS, NOT_FOUND, environment
from terminal import on_terminal

PLAIN = {"NO_COLOR": "1"}


# ---- get ----

@pytest.mark.parametrize("content, number", [
    (b"41", 41), (b"-7\n", -7), (b"1000000\r\n", 1000000), ((300).to_bytes(8, "little"), 300),
    ((-2).to_bytes(8, "little", signed=True), -2)], ids=range(5))
def test_get_counter(kv, content, number):
    """get --counter prints the number that increment would add to, whatever the counter's form is."""
    kv.put("b", "n", content)
    assert kv("get", "--counter", "b", "n").text() == b"%d\n" % number
    assert kv("--json", "get", "b", "--counter", "n").json() == {"value": number}
    assert kv.file("b", "n").read_bytes() == content
    assert kv("increment", "b", "n").text() == b"%d\n" % (number + 1)


@pytest.mark.parametrize("content", [b"", b"Jane", b"1.5", b"1" * 100, b"1234567\n", b"9" * 19])
def test_get_counter_refuses(kv, content):
    """What increment refuses, get --counter refuses too, and an absent key is exit code 1."""
    kv.put("b", "n", content)
    assert '"n"' in kv("get", "--counter", "b", "n").error()
    assert kv("get", "--counter", "b", "x").error(NOT_FOUND) == 'kv: there is no key "x" in the bucket "b"\n'
    assert kv("--json", "get", "--counter", "b", "x").json(NOT_FOUND) == {"value": None}


def test_get_on_a_terminal(native):
    """On a terminal text gets a line end and bytes are described; in a pipe both are as they are."""
    native.put("b", "text", "größe".encode())
    native.put("b", "line", b"one line\n")
    native.put("b", "bytes", b"\x2a\0\0\0\0\0\0\0")
    native.put("b", "escape", b"\x1b[31mred")
    def shown(key, **how):
        return on_terminal([str(native.program), "get", "b", key], native.directory, **how)
    assert shown("text", env=PLAIN) == (DONE, "größe\n")
    assert shown("line") == (DONE, "one line\n")
    assert shown("bytes", env=PLAIN) == (DONE, "8 bytes, not text: 2A 00 00 00 00 00 00 00 (as a counter: 42)\n")
    assert "\x1b[31m" not in shown("escape", env=PLAIN)[1]
    assert shown("bytes")[1].startswith("\x1b[2m8 bytes") and shown("bytes")[1].endswith("\x1b[0m\n")
    assert native("get", "b", "text").text() == "größe".encode()
    assert native("get", "b", "bytes").text() == b"\x2a\0\0\0\0\0\0\0"


def test_colour_only_on_a_terminal(native):
    """An error's name is red on a terminal, unless NO_COLOR says no; nowhere else is there an escape."""
    assert on_terminal([str(native.program), "lsit"], native.directory)[1].startswith("\x1b[31mkv: \x1b[0munknown")
    assert on_terminal([str(native.program), "lsit"], native.directory, env=PLAIN)[1].startswith("kv: unknown")
    assert native("lsit").error().startswith("kv: unknown")


# ---- stat ----

def test_stat(kv):
    """stat tells a value's file, size, time and kind, and its number if it is a counter."""
    kv.put("b", "page views", b"41\n")
    os.utime(kv.file("b", "page views"), (1700000000, 1700000000))
    expected = {"key": "page views", "bucket": "b", "file": "data/b/page views", "bytes": 3,
                "modified": "2023-11-14T22:13:20Z", "kind": "text", "counter": 41}
    assert kv("--json", "stat", "b", "page views").json() == expected
    assert kv("stat", "b", "page views").lines() == [f"{name}: {value}" for name, value in expected.items()]
    kv.put("b", "image", b"\x89PNG\0" * 100_000)
    kv.put("b", "text", "ö".encode() * 100_001)
    assert kv("--json", "stat", "b", "image").json()["kind"] == "bytes"
    told = kv("--json", "stat", "b", "text").json()
    assert told["kind"] == "text" and told["bytes"] == 200_002 and "counter" not in told
    kv("set", "b", "--", ".a/b", "v").text()
    assert kv("--json", "stat", "b", ".a/b").json()["file"] == "data/b/%2Ea%2Fb"


def test_stat_absent(kv):
    """What is no key is absent to stat, and a name that is too long an error."""
    kv.bucket().joinpath("directory").mkdir()
    for key in ("x", "directory"):
        assert kv("stat", "b", key).error(NOT_FOUND) == f'kv: there is no key "{key}" in the bucket "b"\n'
    ended = kv("--json", "stat", "b", "x")
    assert ended.code == NOT_FOUND and json.loads(ended.err)["error"]["kind"] == "no-such-key"
    assert "too long" in kv("stat", "b", "x" * 256).error()


# ---- cp and mv ----

VALUES = [b"", b"John\n", bytes(range(256)) * 1000]


@pytest.mark.parametrize("value", VALUES, ids=["empty", "text", "bytes"])
def test_copy_and_move(kv, value):
    """cp leaves the source, mv removes it; the target is replaced, and its bucket made."""
    kv.put("b", "k", value)
    kv.put("b", "l", b"old")
    assert kv("cp", "b", "k", "l").text() == b""
    assert kv("cp", "b", "k", "other", "m").text() == b""
    assert kv.content("b") == {"k": value, "l": value} and kv.content("other") == {"m": value}
    assert kv("mv", "b", "l", "n").text() == b""
    assert kv("--json", "mv", "b", "k", "other", "m").json() == {"ok": True}
    assert kv.content("b") == {"n": value} and kv.content("other") == {"m": value}


def test_copy_and_move_of_nothing(kv):
    """A source that is not there is exit code 1, and the target stays as it is."""
    kv.put("b", "l", b"kept")
    for verb in ("cp", "mv"):
        assert kv(verb, "b", "k", "l").error(NOT_FOUND) == 'kv: there is no key "k" in the bucket "b"\n'
    assert kv.content("b") == {"l": b"kept"}


def test_copy_absent(kv):
    """With --absent a target that is there stays, the source too, and the exit code is 2."""
    kv.put("b", "k", b"new")
    kv.put("b", "l", b"kept")
    for verb in ("cp", "mv"):
        assert "is there already" in kv(verb, "--absent", "b", "k", "l").error(CONFLICT)
    assert kv.content("b") == {"k": b"new", "l": b"kept"}
    assert kv("mv", "--absent", "b", "k", "m").text() == b""
    assert kv.content("b") == {"l": b"kept", "m": b"new"}


def test_copy_onto_itself(kv):
    """A key is not moved onto itself, which would delete it."""
    kv.put("b", "k", b"v")
    for words in (["k"], ["b", "k"]):
        assert "one and the same key" in kv("mv", "b", "k", *words).error()
    assert kv.content("b") == {"k": b"v"}


def test_move_where_it_cannot_go(kv):
    """Where the target cannot be set the source stays."""
    kv.put("b", "k", b"v")
    (kv.data / "b" / "directory").mkdir()
    (kv.data / "file").write_bytes(b"")
    assert "directory" in kv("mv", "b", "k", "directory").error()
    assert '"file"' in kv("mv", "b", "k", "file", "k").error()
    env = {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "0"}
    assert 'there is no bucket "c"' in kv("mv", "b", "k", "c", "k", env=env).error()
    assert kv.file("b", "k").read_bytes() == b"v"


def test_moves_lose_no_change(native):
    """While others increment a counter, moves of it to and fro lose no count: a source that changed stays."""
    total, moved = 200, 0
    writer = subprocess.Popen(["sh", "-c", f"for n in $(seq {total}); do '{native.program}' increment b n || exit; done"],
                              cwd=native.directory, stdout=subprocess.DEVNULL, env=environment())
    counts = 0
    while writer.poll() is None:
        ended = native("mv", "b", "n", "taken")
        if ended.code == DONE:
            moved += 1
            counts += int(native("get", "--counter", "b", "taken").text())
            native("delete", "b", "taken").text()
        else:
            assert ended.code in (NOT_FOUND, CONFLICT) or b"no bucket" in ended.err or b"data directory" in ended.err, ended
    left = native("get", "--counter", "b", "n")
    counts += int(left.out) if left.code == DONE else 0
    assert writer.returncode == 0 and counts == total and moved > 0


# ---- Buckets ----

def test_buckets(kv):
    """buckets prints the buckets, sorted, and nothing else that is in the root; its options are those of list."""
    for name in ("zebra", "a b", "my-bucket", "my-other"):
        assert kv("create-bucket", name).text() == b""
    assert kv("create-bucket", "zebra").text() == b""
    kv("create-bucket", "a/b").text()
    (kv.data / "file").write_bytes(b"")
    (kv.data / ".git").mkdir()
    (kv.data / "link").symlink_to("zebra")  # which a bucket may be
    (kv.data / "dangling").symlink_to("nowhere")
    names = ["a b", "a/b", "link", "my-bucket", "my-other", "zebra"]
    assert kv("buckets").lines() == names
    assert kv("--json", "buckets").json() == {"buckets": names}
    assert kv("buckets", "--prefix", "my-", "--limit", "1").lines() == ["my-bucket"]
    assert kv("buckets", "-0").text().decode() == "".join(name + "\0" for name in names)


def test_create_bucket_refuses(kv):
    """A file is in the way of a bucket of its name."""
    kv.data.mkdir()
    (kv.data / "file").write_bytes(b"")
    assert '"file"' in kv("create-bucket", "file").error()


def test_delete_bucket(kv):
    """delete-bucket removes a bucket with its keys and scratch space, and no other."""
    for key in [f"k{number}" for number in range(50)] + [".hidden", "a/b"]:
        kv("set", "b", "--", key, "v").text()
    kv.put("c", "k", b"v")
    writer = kv.data / "b" / ".kv" / "0123456789ABCDEF"
    (writer / "0123456789ABCDEF").mkdir(parents=True)
    (writer / "0123456789ABCDEF" / "1a").write_bytes(b"half")
    assert kv("delete-bucket", "--yes", "b").text() == b""
    assert os.listdir(kv.data) == ["c"] and kv.content("c") == {"k": b"v"}
    assert 'there is no bucket "b"' in kv("delete-bucket", "--yes", "b").error()
    assert kv("--json", "delete-bucket", "c", "--yes").json() == {"ok": True}


@pytest.mark.parametrize("plant", [
    lambda bucket: (bucket / "sub").mkdir(), lambda bucket: (bucket / "link").symlink_to("k"),
    lambda bucket: (bucket / ".git").mkdir(), lambda bucket: (bucket / "a\\b").write_bytes(b""),
    lambda bucket: os.mkfifo(bucket / "pipe")], ids=["directory", "link", "hidden", "name", "pipe"])
def test_delete_bucket_refuses_what_is_no_bucket(kv, plant):
    """Where there is anything that is no key, nothing is deleted and it is named."""
    kv.put("b", "k", b"v")
    plant(kv.data / "b")
    before = sorted(os.listdir(kv.data / "b"))
    assert "which is no key" in kv("delete-bucket", "--yes", "b").error()
    assert sorted(os.listdir(kv.data / "b")) == before


def test_delete_bucket_of_a_file_or_link(kv):
    """A file or a link in the root is no bucket, and stays."""
    kv.put("b", "k", b"v")
    (kv.data / "file").write_bytes(b"")
    (kv.data / "link").symlink_to("b")
    for name in ("file", "link"):
        kv("delete-bucket", "--yes", name).error()
    assert sorted(os.listdir(kv.data)) == ["b", "file", "link"]


def test_delete_bucket_asks(native):
    """On a terminal it asks, and only y deletes; where nobody can be asked it wants --yes."""
    native.put("b", "k", b"v")
    assert "say --yes" in native("delete-bucket", "b", input=b"y\n").error()
    words = [str(native.program), "delete-bucket", "b"]
    for answer in (b"n\n", b"\n"):
        code, shown = on_terminal(words, native.directory, typed=answer, env=PLAIN)
        assert code == FAILED and 'delete the bucket "b" and its 1 key? [y/N] ' in shown and "nothing was deleted" in shown
        assert native.content("b") == {"k": b"v"}
    code, shown = on_terminal(words, native.directory, typed=b"y\n", env=PLAIN)
    assert code == DONE and native.content("b") is None


def test_delete_bucket_beside_writers(native):
    """A writer beside it is refused or makes a new bucket; what it is told is stored afterwards is there."""
    native("set", "b", "k", "v").text()
    stop, answers = threading.Event(), []

    def write():
        number = 0
        while not stop.is_set():
            number += 1
            answers.append((number, native("set", "b", "n", str(number))))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(20):
            ended = native("delete-bucket", "--yes", "b")
            assert ended.code == DONE or b"there is no bucket" in ended.err, ended
    finally:
        stop.set()
        writer.join()
    assert all(ended.code == DONE or b"there is no bucket" in ended.err for _, ended in answers), answers
    assert native("set", "b", "n", "last").text() == b"" and native("get", "b", "n").text() == b"last"
    assert os.listdir(native.data) == ["b"]


def test_info(kv):
    """info tells the version, where the data are, and the settings; the native kv the file system too."""
    kv.bucket()
    told = kv("--json", "info").json()
    system = {"file-system": told.get("file-system")} if kv.name == "native" else {}
    assert told == {"version": kv("--version").text().decode().split()[1], "data": "data", "create-buckets": "1",
                    "durable": "none", "names": "plain", "counters": "binary", **system}
    assert kv.name == "component" or told["file-system"]
    assert kv("info").lines() == [f"{name}: {value}" for name, value in told.items()]


# ---- edit ----

def edited(native, script, *words, env=None):
    """kv edit, with an editor that is a shell's script on the file $1."""
    editor = native.directory / "editor"
    editor.write_text("#!/bin/sh\n" + script)
    editor.chmod(0o755)
    (native.directory / "tmp").mkdir(exist_ok=True)
    return native("edit", *(words or ("b", "k")), env={"EDITOR": str(editor), "VISUAL": "", "TMPDIR": str(native.directory / "tmp"),
                                                      **(env or {})})


def left(native):
    """What edits left in the directory for temporary files."""
    return [path for path in (native.directory / "tmp").rglob("*") if path.is_file()]


def test_edit(native):
    """What the editor saves becomes the value, no line end is added to one that had none, and no file is left."""
    native.put("b", "k", b"John Doe")
    assert edited(native, 'sed -i s/John/Jane/ "$1"; echo >> "$1"').text() == b""
    assert native.content("b") == {"k": b"Jane Doe"} and left(native) == []
    native.put("b", "k", b"one\n")
    assert edited(native, 'echo two >> "$1"').text() == b""
    assert native.content("b") == {"k": b"one\ntwo\n"}
    assert edited(native, 'printf new > "$1"', "b", "fresh.json").text() == b""
    assert native.content("b")["fresh.json"] == b"new"
    assert edited(native, 'case $1 in */fresh.json) printf seen > "$1";; esac', "b", "fresh.json").text() == b""
    assert native.content("b")["fresh.json"] == b"seen" and left(native) == []


def test_edit_changes_nothing(native):
    """An edit that saves what there was, or that leaves a new key empty, changes nothing, not even the file's time."""
    native.put("b", "k", b"same")
    before = native.file("b", "k").stat()
    assert edited(native, "exit 0").text() == b"" and edited(native, "exit 0", "b", "fresh").text() == b""
    assert native.file("b", "k").stat() == before and native.content("b") == {"k": b"same"}


def test_edit_conflict(native):
    """If the key changed meanwhile, nothing is stored, the edit is kept in a file, and both are told."""
    native.put("b", "k", b"first")
    ended = edited(native, f"printf edited > \"$1\"; '{native.program}' set b k 'by another'")
    assert ended.code == CONFLICT and ended.out == b"", ended
    (kept,) = left(native)
    assert kept.read_bytes() == b"edited" and str(kept) in ended.err.decode()
    assert "was changed meanwhile" in ended.err.decode() and "by another" in ended.err.decode()
    assert native.content("b") == {"k": b"by another"}
    kept.unlink()
    ended = edited(native, f"printf edited > \"$1\"; '{native.program}' delete b k")
    assert ended.code == CONFLICT and "was deleted meanwhile" in ended.err.decode() and native.content("b") == {}


def test_edit_fails(native):
    """An editor that fails, or is not there, changes nothing."""
    native.put("b", "k", b"v")
    ended = edited(native, 'printf lost > "$1"; exit 1')
    assert ended.code == FAILED and b"the editor failed; nothing was changed" in ended.err
    assert "your edit is kept in" in ended.err.decode()
    ended = edited(native, "", env={"EDITOR": "/nowhere/editor"})
    assert ended.code == FAILED and native.content("b") == {"k": b"v"}
    assert 'there is no bucket "c"' in edited(native, "", "c", "k").error()


def test_edit_is_private(native):
    """Nobody else can read the file while it is edited."""
    native.put("b", "k", b"secret")
    edited(native, 'stat -c "%a" "$1" "$(dirname "$1")" > modes').text()
    assert (native.directory / "modes").read_text().split() == ["600", "700"]


def test_edit_in_a_component(component):
    """A component cannot start an editor, and says which kv can."""
    component.put("b", "k", b"v")
    assert "the native kv can" in component("edit", "b", "k").error()


# ---- watch ----

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kv looks again and again, as a component does")

def watching(kv, *words):
    """Starts the native kv's watch; the process once the kernel tells it of changes."""
    process = subprocess.Popen([str(kv.program), "watch", *words], cwd=kv.directory, env=environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for _ in range(3000):
        try:
            if any("inotify wd" in file.read_text() for file in pathlib.Path(f"/proc/{process.pid}/fdinfo").iterdir()):
                return process
        except OSError:
            pass  # a file was closed meanwhile
        time.sleep(0.01)
    raise AssertionError("it does not begin")


@on_linux
def test_watch(native):
    """watch prints each change as it happens, the store's and a person's, and none of what is no key."""
    native.put("b", "k", b"old")
    process = watching(native, "b", "--limit", "7")
    native("set", "b", "k", "new").text()
    native("increment", "b", "n").text()
    native("set", "b", "a\nb", "v").text()
    native("delete", "b", "k").text()
    native.put("b", "by hand", b"v")
    (native.data / "b" / "directory").mkdir()
    (native.data / "b" / ".hidden").write_bytes(b"")
    (native.data / "b" / "link").symlink_to("n")
    native.file("b", "by hand").rename(native.file("b", "moved"))
    out, err = process.communicate(timeout=HANG_SECONDS)
    assert (process.returncode, err) == (DONE, b"")
    assert out.decode().splitlines() == ["set k", "set n", "set a\\nb", "delete k", "set by hand", "delete by hand", "set moved"]


@on_linux
def test_watch_one_key(native):
    """With a key, changes to that key alone are told; in JSON each is an object."""
    native.bucket()
    process = watching(native, "--json", "b", "k", "--limit", "2")
    native("set", "b", "other", "v").text()
    native("set", "b", "k", "v").text()
    native("delete", "b", "k").text()
    out, err = process.communicate(timeout=HANG_SECONDS)
    assert [json.loads(line) for line in out.splitlines()] == [{"event": "set", "key": "k"}, {"event": "delete", "key": "k"}]


@on_linux
def test_watch_ends_with_the_bucket(native):
    """A bucket that is deleted ends the watch with an error."""
    native("set", "b", "k", "v").text()
    process = watching(native, "b")
    native("delete-bucket", "--yes", "b").text()
    out, err = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == FAILED and b"there is no bucket" in err


def test_watch_in_a_component(component):
    """A component looks again and again, and tells the same changes."""
    component.put("b", "k", b"")
    stop = threading.Event()

    def change():
        number = 0
        while not stop.wait(0.7):
            number += 1
            component.put("b", "k", b"x" * number)
            if number % 2:
                component.put("b", "on and off", b"")
            else:
                component.file("b", "on and off").unlink()

    changer = threading.Thread(target=change)
    changer.start()
    try:
        lines = component("watch", "b", "--limit", "6").lines()
    finally:
        stop.set()
        changer.join()
    assert set(lines) == {"set k", "set on and off", "delete on and off"}
    assert component("watch", "--limit", "0", "b").text() == b""


# ---- Large input ----

def test_input_over_the_limit(native):
    """A value over 1 GiB from standard input is an error that says so, and changes nothing."""
    native.put("b", "k", b"v")
    done = subprocess.run(f"head -c 1073741825 /dev/zero | '{native.program}' set b k -", shell=True, cwd=native.directory,
                          env=environment(), capture_output=True, timeout=HANG_SECONDS)
    assert (done.returncode, done.stdout) == (FAILED, b"")
    assert done.stderr == b"kv: standard input is too large: a value can have 1 GiB at most\n"
    assert native.content("b") == {"k": b"v"}


def test_input_beyond_memory(component):
    """In a component, memory that does not suffice for the input is an error too."""
    component.put("b", "k", b"v")
    for words in (["set", "b", "k", "-"], ["set", "new", "k", "-"], ["set-many", "new", "-"], ["set-many", "new", "a", "b", "c", "-"],
                  ["swap", "new", "k", "-", "v"]):
        assert "out of memory" in component(*words, input=bytes(6 << 20), memory=4 << 20).error()
    assert component.content("b") == {"k": b"v"} and os.listdir(component.data) == ["b"]
