"""`kv doctor`: it finds each of the faults that are planted here, and nothing on a sound root."""
import json
import os
import re
import shutil
import socket
import subprocess
import time

import pytest

from forms import DONE, FAILED, PROJECT

FOUND = 1  # doctor's exit code where there is something to do

# What a test's own disk may be: in memory, nearly full.
DISK = {"space", "inodes", "file-system", "folds-names"}


def findings(kv, *words, env=None, code=None):
    """What doctor found, as (code, path below the root) without what is said of the disk."""
    ended = kv("--json", "doctor", *words, env=env)
    assert ended.err == b"" and (code is None or ended.code == code), ended
    told = json.loads(ended.out)
    return {(each["code"], each["path"].removeprefix("data").removeprefix("/"))
            for each in told["findings"] if each["code"] not in DISK}


def sound(kv):
    """A root with keys of all kinds and nothing wrong."""
    for key, value in {"page-views": b"41\n", "name": b"John Doe", "empty": b"", "picture": bytes(range(256)),
                       "digits": b"1,234", "zeros": bytes(8), "seven": b"1234567", "number.json": b"17"}.items():
        kv("set", "b", key, "-", input=value).text()
    kv("increment", "b", "counter").text()
    kv("delete", "b", "number.json").text()
    kv("create-bucket", "c").text()


def bucket_of(kv):
    return kv.data / "b"


def old(path, minutes=60):
    """As if nothing had touched it for an hour, it and what is in it."""
    then = time.time() - minutes * 60
    for each in [*path.rglob("*"), path] if path.is_dir() else [path]:
        os.utime(each, (then, then), follow_symlinks=False)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as made:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path must be short
        try:
            made.bind(path.name)
        finally:
            os.chdir(here)


def stale_writer(kv):
    writer = bucket_of(kv) / ".kv" / "0123456789ABCDEF"
    writer.mkdir()
    (writer / "0123456789ABCDEFa").write_bytes(b"half")
    old(writer)


def stale_turn(kv):
    turn = bucket_of(kv) / ".kv" / "turn"
    shutil.rmtree(turn, ignore_errors=True)
    turn.mkdir()
    (turn / "0123456789ABCDEFa").write_bytes(b"half")
    old(turn / "0123456789ABCDEFa")


def foreign_turn(kv):
    turn = bucket_of(kv) / ".kv" / "turn"
    turn.mkdir(exist_ok=True)
    (turn / "notes.txt").write_bytes(b"")


def no_scratch_directory(kv):
    shutil.rmtree(bucket_of(kv) / ".kv")
    (bucket_of(kv) / ".kv").write_bytes(b"")


def huge(kv):
    (bucket_of(kv) / "huge").touch()
    os.truncate(bucket_of(kv) / "huge", (1 << 30) + 1)


def lost_mark(kv):
    shutil.rmtree(kv.data)
    env = {"KEYVALUE_FILESYSTEM_NAMES": "portable"}
    kv.data.mkdir()
    kv("set", "b", "user:1", "v", env=env).text()
    kv("set", "b", "plain", "v", env=env).text()
    (kv.data / ".kv-names").unlink()


def put(name, value):
    return lambda kv: (bucket_of(kv) / name).write_bytes(value)


# What is planted, and what is found: (code, path below the root), and whether both forms can see it.
BOTH, NATIVE = True, False
FAULTS = {
    "directory": (lambda kv: (bucket_of(kv) / "sub").mkdir(), ("directory", "b/sub"), BOTH),
    "link": (lambda kv: (bucket_of(kv) / "link").symlink_to("name"), ("link", "b/link"), BOTH),
    "pipe": (lambda kv: os.mkfifo(bucket_of(kv) / "pipe"), ("pipe", "b/pipe"), BOTH),
    "socket": (lambda kv: make_socket(bucket_of(kv) / "socket"), ("special", "b/socket"), BOTH),
    "name": (put("back\\slash", b""), ("name", "b/back\\slash"), BOTH),
    "escape": (put("%25x", b""), ("name", "b/%25x"), BOTH),
    "not-utf8": (lambda kv: open(os.fsencode(bucket_of(kv)) + b"/\xff", "w").close(), ("not-utf8", "b"), BOTH),
    "hidden": (put(".name.swp", b""), ("hidden", "b/.name.swp"), BOTH),
    "backup": (put("name~", b""), ("leftover", "b/name~"), BOTH),
    "sync-conflict": (put("name.sync-conflict-20240101-120000-ABCDEF", b""),
                      ("leftover", "b/name.sync-conflict-20240101-120000-ABCDEF"), BOTH),
    "blank": (put("n", b" 41"), ("counter-form", "b/n"), BOTH),
    "two-line-ends": (put("n", b"41\n\n"), ("counter-form", "b/n"), BOTH),
    "byte-order-mark": (put("n", b"\xef\xbb\xbf41\n"), ("counter-form", "b/n"), BOTH),
    "utf-16": (put("n", "41\r\n".encode("utf-16")), ("counter-form", "b/n"), BOTH),
    "eight-bytes": (put("n", b"1234567\n"), ("counter-eight", "b/n"), BOTH),
    "beyond-64-bits": (put("n", b"9" * 30), ("counter-range", "b/n"), BOTH),
    "too-large": (huge, ("too-large", "b/huge"), BOTH),
    "case": (put("NAME", b""), ("folded", "b/name"), BOTH),
    "windows-name": (put("user:123", b""), ("not-portable", "b/user:123"), BOTH),
    "no-scratch": (no_scratch_directory, ("scratch-kind", "b/.kv"), BOTH),
    "foreign-scratch": (lambda kv: (bucket_of(kv) / ".kv" / "notes.txt").write_bytes(b""),
                        ("scratch-foreign", "b/.kv/notes.txt"), BOTH),
    "stale-writer": (stale_writer, ("scratch-stale", "b/.kv/0123456789ABCDEF"), BOTH),
    "stale-turn": (stale_turn, ("turn-stale", "b/.kv/turn/0123456789ABCDEFa"), BOTH),
    "foreign-turn": (foreign_turn, ("turn-foreign", "b/.kv/turn/notes.txt"), BOTH),
    "root-file": (lambda kv: (kv.data / "notes.txt").write_bytes(b""), ("root-file", "notes.txt"), BOTH),
    "root-link": (lambda kv: (kv.data / "gone").symlink_to("nowhere"), ("root-link", "gone"), BOTH),
    "bucket-name": (lambda kv: (kv.data / "%25x").mkdir(), ("bucket-name", "%25x"), BOTH),
    "interrupted-deletion": (lambda kv: (kv.data / ".kv-deleted-0123456789ABCDEF").mkdir(),
                             ("deleted-bucket", ".kv-deleted-0123456789ABCDEF"), BOTH),
    "lost-mark": (lost_mark, ("mark-lost", ""), BOTH),
    "odd-mark": (lambda kv: (kv.data / ".kv-names").mkdir(), ("mark-odd", ".kv-names"), BOTH),
    "owner-of-bucket": (lambda kv: os.chmod(kv.data / "b", 0o500), ("mode", "b"), NATIVE),
    "mode-of-value": (lambda kv: os.chmod(bucket_of(kv) / "name", 0o000), ("mode", "b/name"), NATIVE),
    "group-locked-out": (lambda kv: (os.chmod(kv.data / "b", 0o775), os.chmod(bucket_of(kv) / ".kv", 0o755)),
                         ("group", "b/.kv"), NATIVE),
    "sticky": (lambda kv: os.chmod(kv.data / "b", 0o1755), ("sticky", "b"), NATIVE),
    "open-to-all": (lambda kv: os.chmod(kv.data / "b", 0o777), ("open-to-all", "b"), NATIVE),
    "hard-link": (lambda kv: os.link(bucket_of(kv) / "name", kv.directory / "elsewhere"), ("hard-link", "b/name"), NATIVE),
}
assert len(FAULTS) >= 20


def test_sound(kv):
    """On a sound root there is nothing to find."""
    sound(kv)
    ended = kv("doctor")
    assert findings(kv, code=DONE) == set()
    assert "looked at 2 buckets, 8 keys\n" in ended.out.decode() and ended.err == b"" and ended.code == DONE


@pytest.mark.parametrize("fault", FAULTS)
def test_fault(kv, fault):
    """Each fault that is planted is found where it is, and nothing else; the look changes nothing."""
    plant, expected, both = FAULTS[fault]
    sound(kv)
    plant(kv)
    before = state(kv.data)
    found = findings(kv)
    assert state(kv.data) == before
    if fault == "pipe" and kv.name == "component":
        expected = ("special", "b/pipe")  # its host does not tell pipes from devices
    if both or kv.name == "native":
        assert expected in found, found
        # What stands beside a fault of its own accord: NAME is a name that only some disks tell from name,
        # a root that has lost its mark has other names too, and without a mark's text its names are portable.
        assert {code for code, _ in found} <= {expected[0], "not-portable", "group" if fault == "open-to-all" else expected[0]}, found
    else:
        assert found == set()


def state(root):
    """All there is in a root, with its content and times."""
    return {path.relative_to(root): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.lstat().st_ctime_ns, path.lstat().st_size)
            for path in [root, *root.rglob("*")]}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("path", ["b/.kv", "b", "b/name"])
def test_owner(native, path):
    """What belongs to another user, so that the directory's owner is locked out, is found."""
    sound(native)
    for each in [native.data, *native.data.rglob("*")]:
        os.chown(each, 1234, 1234)
        each.chmod(0o700 if each.is_dir() else 0o600)
    assert findings(native, code=DONE) == set()
    os.chown(native.data / path, 0, 0)
    assert ("owner", path) in findings(native, code=FOUND)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable(native):
    """A bucket that cannot be listed is found, and the others are looked at all the same."""
    sound(native)
    (native.data / "c").chmod(0)
    try:
        assert ("unreadable", "c") in findings(native, code=FOUND)
    finally:
        (native.data / "c").chmod(0o755)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
@pytest.mark.parametrize("options, code", [("size=100k", "space"), ("nr_inodes=200", "inodes"), ("ro", "read-only")])
def test_disk(native, options, code):
    """A disk without room, without inodes, or read-only is found, and what it is is told."""
    native.data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options.replace("ro", "rw"), "none", native.data],
                      capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        native("set", "b", "k", "v").text()
        if code == "space":
            subprocess.run(["sh", "-c", "cat /dev/zero > large"], cwd=native.data / "b", capture_output=True)
        if code == "inodes":
            native("set-many", "b", *[word for n in range(200) for word in (f"k{n}", "")])
        if code == "read-only":
            subprocess.run(["mount", "-o", "remount,ro", native.data], check=True)
        ended = native("--json", "doctor")
        assert code in {each["code"] for each in json.loads(ended.out)["findings"]} and ended.code == FOUND
        assert json.loads(ended.out)["file-system"] == "tmpfs, in memory: gone when the machine stops"
    finally:
        subprocess.run(["umount", native.data], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount")
def test_value_that_is_a_mount(native):
    """A value that is a mount of its own can be neither replaced nor deleted, and is found."""
    sound(native)
    (native.directory / "elsewhere").mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "none", native.directory / "elsewhere"], capture_output=True).returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        (native.directory / "elsewhere" / "file").write_bytes(b"v")
        subprocess.run(["mount", "--bind", native.directory / "elsewhere" / "file", native.data / "b" / "name"], check=True)
        try:
            assert ("other-mount", "b/name") in findings(native, code=FOUND)
        finally:
            subprocess.run(["umount", native.data / "b" / "name"], check=True)
    finally:
        subprocess.run(["umount", native.directory / "elsewhere"], check=True)


def test_portable_root(kv):
    """A root with portable names is looked at by them, whatever the setting is; a setting that differs is a problem."""
    env = {"KEYVALUE_FILESYSTEM_NAMES": "portable"}
    kv.data.mkdir()
    kv("set", "b", "user:1", "v", env=env).text()
    kv("set", "b", "User", "v", env=env).text()
    assert findings(kv, code=DONE) == findings(kv, env=env, code=DONE) == set()
    kv.put("b", "Key", b"")
    assert findings(kv, code=FOUND) == {("name", "b/Key")}
    kv.file("b", "Key").unlink()
    if kv.name == "native":
        assert ("names-setting", "") in findings(kv, env={"KEYVALUE_FILESYSTEM_NAMES": "plain"}, code=FOUND)


def test_each_finding_says_what_to_do(native):
    """In text each finding is a line with level, path and words, and one with what to do; many alike are summed up."""
    sound(native)
    for number in range(25):
        (native.data / "b" / f"sub{number:02}").mkdir()
    ended = native("doctor")
    assert ended.code == FOUND and ended.err == b""
    lines = ended.out.decode().splitlines()
    told = [line for line in lines if line.startswith("warning: data/b/sub")]
    assert len(told) == 20
    assert all(lines[lines.index(line) + 1] == "    move it out of the bucket" for line in told)
    assert "    and 5 more like it in data/b: directory" in lines
    assert lines[-1] == "found 0 problems, 25 warnings, 0 notes"


def test_other_directory(native):
    """doctor takes the data directory as its operand too; one that is not there is an error."""
    sound(native)
    native.data.rename(native.directory / "elsewhere")
    ended = native("doctor", "elsewhere")
    assert ended.code == DONE and "data: elsewhere" in ended.out.decode()
    assert "there is no data directory nowhere" in native("doctor", "nowhere").error()


def test_every_finding_is_documented():
    """docs/kv.md has every code that doctor knows."""
    source = (PROJECT / "src" / "kv" / "doctor" / "findings.c").read_text()
    codes = set(re.findall(r'FINDING_\w+\] = \{\s*FINDING_\w+,\s*"([a-z0-9-]+)"', source))
    assert len(codes) > 30
    page = (PROJECT / "docs" / "kv.md").read_text()
    assert {code for code in codes if f"`{code}`" not in page} == set()


@pytest.mark.parametrize("count", [100_000 if os.environ.get("HOST_TESTS") == "full" else 5_000])
def test_large_sound_root(native, count):
    """On a sound root with many keys, in several buckets, there is nothing to find either."""
    for number in range(count):
        if number % (count // 4) == 0:
            bucket = native.data / f"bucket-{4 * number // count}"
            bucket.mkdir(parents=True)
        with open(bucket / f"key-{number:06}", "wb") as file:
            file.write(b"%d\n" % number if number % 3 else number.to_bytes(8, "little"))
    native("increment", "bucket-0", "key-000000").text()
    ended = native("doctor")
    assert f"looked at 4 buckets, {count} keys\n" in ended.out.decode() and findings(native, code=DONE) == set(), ended
