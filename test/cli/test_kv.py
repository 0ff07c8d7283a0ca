"""The `kv` command and its launcher, as a user's shell sees them."""

import base64
import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
KV = PROJECT / "kv"
STORY = PROJECT / "examples" / "kv" / "story.sh"

DONE, NOT_FOUND, CONFLICT, FAILED = 0, 1, 2, 3

COMMANDS = ["get", "set", "delete", "exists", "list", "increment", "swap", "get-many", "set-many", "delete-many",
            "export", "import"]

BINARY = bytes(range(256)) * 3 + b"\0"
LARGE = random.Random(1).getrandbits(8 << 20).to_bytes(1 << 20, "little")


def environment(**settings):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KEYVALUE_FILESYSTEM_")}
    clean.update(settings)
    return clean


class Ended:
    """How a command ended; compares and prints as (exit code, output, error)."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __iter__(self):
        return iter((self.code, self.out, self.err))

    def __repr__(self):
        return f"exit code {self.code}, output {self.out[:300]!r}, error {self.err[:600]!r}"

    def json(self, code=DONE):
        """The one JSON line on standard output, nothing being on standard error."""
        assert self.code == code and self.err == b"", self
        assert self.out.endswith(b"\n") and self.out.count(b"\n") == 1, self
        return json.loads(self.out)

    def text(self, code=DONE):
        """What is on standard output, nothing being on standard error."""
        assert self.code == code and self.err == b"", self
        return self.out

    def error(self, code=FAILED):
        """The one line on standard error, nothing being on standard output."""
        assert self.code == code and self.out == b"", self
        assert self.err.startswith(b"kv: ") and self.err.endswith(b"\n") and self.err.count(b"\n") == 1, self
        return self.err.decode()


class Kv:
    """Calls the launcher as a shell in `directory` does, on the data in there."""

    def __init__(self, directory, launcher=KV):
        self.directory, self.launcher = directory, launcher
        self.data = directory / "data"

    def __call__(self, *words, input=b"", env=None, stdout=subprocess.PIPE):
        return Ended(subprocess.run([self.launcher, *words], cwd=self.directory, input=input, stdout=stdout,
                                    stderr=subprocess.PIPE, env=environment(**(env or {})), timeout=60))

    def file(self, bucket, key):
        return self.data / bucket / key

    def put(self, bucket, key, value):
        self.file(bucket, key).parent.mkdir(parents=True, exist_ok=True)
        self.file(bucket, key).write_bytes(value)


@pytest.fixture
def kv(tmp_path):
    return Kv(tmp_path)


@pytest.fixture
def home(tmp_path):
    """A copy of the project, as far as the launcher needs it, for tests that change it."""
    home = tmp_path / "home"
    for name in ("kv", "build/kv.wasm", "tools/run_component.py"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, home / name)
    (home / ".toolchain").symlink_to(PROJECT / ".toolchain")
    return home


# ---- The first steps ----

def test_newcomer(kv):
    """The first line anyone types makes the data directory and the bucket, and the value is a plain file."""
    assert kv("set", "my-bucket", "user:123", "John Doe").text() == b""
    assert kv.file("my-bucket", "user:123").read_bytes() == b"John Doe"
    assert kv("get", "my-bucket", "user:123").text() == b"John Doe"


def test_edit_by_hand(kv):
    """What an editor leaves in a file is what get prints, line break and all."""
    kv.put("b", "k", b"from vi\n")
    assert kv("get", "b", "k").text() == b"from vi\n"


# ---- get and set ----

@pytest.mark.parametrize("value", [b"", b"\n", b"\0", BINARY, LARGE], ids=["empty", "line", "nul", "binary", "1MiB"])
def test_bytes_pass_unchanged(kv, value):
    """Any bytes, on their way from standard input to the file and from the file to standard output, stay the same."""
    assert kv("set", "b", "k", "-", input=value).text() == b""
    assert kv.file("b", "k").read_bytes() == value
    assert kv("get", "b", "k").text() == value
    got = kv("--json", "get", "b", "k").json()["value"]
    assert (base64.b64decode(got["base64"]) if isinstance(got, dict) else got.encode()) == value


@pytest.mark.parametrize("value, shown", [
    (b"John Doe", "John Doe"),
    ("größe \U0001f600 \x7f".encode(), "größe \U0001f600 \x7f"),
    (b'"\\/\b\f\n\r\t\0\x1f', '"\\/\b\f\n\r\t\0\x1f'),
    (b"\xff", {"base64": "/w=="}),
    (b"\xc0\x80", {"base64": "wIA="}),          # overlong
    (b"\xed\xa0\x80", {"base64": "7aCA"}),      # a surrogate
    (b"\xf4\x90\x80\x80", {"base64": "9JCAgA=="}),  # beyond U+10FFFF
    (b"ok\xe2\x82", {"base64": "b2vigg=="}),    # cut off
], ids=range(8))
def test_json_value(kv, value, shown):
    """In JSON, a value that is valid UTF-8 is a string, and any other is its base64."""
    kv.put("b", "k", value)
    assert kv("get", "b", "k", "--json").json() == {"value": shown}


def test_get_absent(kv):
    """A key that is not there is exit code 1 and can be told from an empty value."""
    kv.put("b", "empty", b"")
    assert kv("get", "b", "empty").text() == b""
    assert kv("get", "b", "k").error(NOT_FOUND) == 'kv: there is no key "k" in the bucket "b"\n'
    assert kv("--json", "get", "b", "k").json(NOT_FOUND) == {"value": None}


def test_set_and_delete(kv):
    """set replaces, delete removes, a key that is not there is no error; in JSON each says ok."""
    kv.put("b", "k", b"old")
    assert kv("--json", "set", "b", "k", "new").json() == {"ok": True}
    assert kv.file("b", "k").read_bytes() == b"new"
    assert kv("delete", "b", "k").text() == b""
    assert not kv.file("b", "k").exists()
    assert kv("--json", "delete", "b", "k").json() == {"ok": True}


def test_exists(kv):
    """exists answers in words and by its exit code."""
    kv.put("b", "k", b"")
    assert kv("exists", "b", "k").text() == b"true\n"
    assert kv("exists", "b", "x").text(NOT_FOUND) == b"false\n"
    assert kv("--json", "exists", "b", "k").json() == {"exists": True}
    assert kv("--json", "exists", "b", "x").json(NOT_FOUND) == {"exists": False}


# ---- Names ----

ODD_KEYS = ["größe", "a\nb", "-", "-n", "--json", "--", "a/b", ".hidden", "..", "", "100%", "a b", "%2F", "\\", "\t", "'\"*"]


def test_odd_keys(kv):
    """Any text is a key, behind `--` even one that looks like an option."""
    for key in ODD_KEYS:
        assert kv("set", "b", "--", key, f"value of {key}").text() == b"", key
    for key in ODD_KEYS:
        assert kv("get", "b", "--", key).text().decode() == f"value of {key}"
    assert sorted(kv("--json", "list", "b").json()["keys"]) == sorted(ODD_KEYS)
    assert kv("delete", "b", "--", ODD_KEYS[0]).text() == b""
    assert kv("delete-many", "b", "--", *ODD_KEYS[1:]).text() == b""
    assert kv("list", "b").text() == b""


def test_list(kv):
    """list prints every key of every page once, a key a line, as text and as JSON."""
    keys = {f"key:{number}" for number in range(2300)}
    for key in keys:
        kv.put("b", key, b"")
    lines = kv("list", "b").text().decode().splitlines()
    assert len(lines) == len(keys) and set(lines) == keys
    listed = kv("--json", "list", "b").json()["keys"]
    assert len(listed) == len(keys) and set(listed) == keys


def test_list_keeps_keys_on_their_lines(kv):
    """In text, a key with line breaks, tabs, control characters or backslashes is still one line, escaped."""
    for key in ["plain", "two\nlines", "a\tb\r", "\x01\x7f", "back\\slash", "größe"]:
        kv("set", "b", key, "v").text()
    lines = kv("list", "b").text().decode().split("\n")
    assert sorted(lines) == sorted(["plain", "two\\nlines", "a\\tb\\r", "\\x01\\x7F", "back\\\\slash", "größe", ""])


def test_list_of_an_empty_bucket(kv):
    """An empty bucket lists as nothing, which in JSON is an empty array."""
    (kv.data / "b").mkdir(parents=True)
    assert kv("list", "b").text() == b""
    assert kv("--json", "list", "b").json() == {"keys": []}


# ---- increment and swap ----

def test_increment(kv):
    """increment adds 1 or DELTA to the counter and prints the sum, over the whole range of 64 bits."""
    assert kv("increment", "b", "n").text() == b"1\n"
    assert kv("increment", "b", "n", "41").text() == b"42\n"
    assert kv("--json", "increment", "b", "n", "-50").json() == {"value": -8}
    assert kv.file("b", "n").read_bytes() == (-8).to_bytes(8, "little", signed=True)
    assert kv("increment", "b", "low", "-9223372036854775808").text() == b"-9223372036854775808\n"
    assert kv("increment", "b", "high", "9223372036854775807").text() == b"9223372036854775807\n"
    assert "the sum is outside" in kv("increment", "b", "high").error()


def test_increment_of_text(kv):
    """A counter written by hand stays text, and what is no number is refused and left alone."""
    kv.put("b", "page_views", b"41\n")
    assert kv("increment", "b", "page_views").text() == b"42\n"
    assert kv.file("b", "page_views").read_bytes() == b"42\n"
    kv.put("b", "name", b"Jane")
    assert "not a counter" in kv("increment", "b", "name").error()
    assert kv.file("b", "name").read_bytes() == b"Jane"


@pytest.mark.parametrize("delta", ["", "-", "1x", "--5", "1.5", "9223372036854775808", "-9223372036854775809",
                                   "18446744073709551617"], ids=ascii)
def test_increment_refuses(kv, delta):
    """A delta that is not a whole number of 64 bits is a usage error and changes nothing."""
    assert "is not a whole number" in kv("increment", "b", "n", "--", delta).error()
    assert not kv.file("b", "n").exists()


def test_two_processes_count_at_once(kv):
    """However two shells interleave, no increment is lost."""
    loop = f"for n in 1 2 3 4 5 6 7 8 9 10 11 12; do '{KV}' increment b n $0 || exit; done"
    shells = [subprocess.Popen(["sh", "-c", loop, delta], cwd=kv.directory, env=environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for delta in ("1", "1000")]
    for shell in shells:
        assert (shell.communicate()[1], shell.returncode) == (b"", 0)
    assert int.from_bytes(kv.file("b", "n").read_bytes(), "little") == 12 * 1001


def test_swap(kv):
    """swap stores if the key has what is expected; if not it changes nothing, exit code 2, and says why."""
    kv.put("b", "k", b"idle")
    assert kv("swap", "b", "k", "idle", "busy").text() == b""
    assert kv.file("b", "k").read_bytes() == b"busy"
    assert kv("swap", "b", "k", "idle", "done").error(CONFLICT) == \
        'kv: not swapped: the key "k" in the bucket "b" has another value\n'
    assert kv("--json", "swap", "b", "k", "idle", "done").json(CONFLICT) == {"swapped": False, "current": "busy"}
    assert kv.file("b", "k").read_bytes() == b"busy"
    assert kv("--json", "swap", "b", "k", "busy", "done").json() == {"swapped": True}
    assert kv.file("b", "k").read_bytes() == b"done"


def test_swap_tells_absent_from_empty(kv):
    """An empty value is not an absent key: --absent expects the one, "" the other."""
    assert "is absent" in kv("swap", "b", "k", "", "v").error(CONFLICT)
    assert kv("--json", "swap", "b", "k", "", "v").json(CONFLICT) == {"swapped": False, "current": None}
    assert not kv.file("b", "k").exists()
    assert kv("swap", "--absent", "b", "k", "").text() == b""
    assert kv.file("b", "k").read_bytes() == b""
    assert "has another value" in kv("swap", "--absent", "b", "k", "v").error(CONFLICT)
    assert kv("swap", "b", "k", "", "v").text() == b""
    assert kv.file("b", "k").read_bytes() == b"v"


def test_swap_from_standard_input(kv):
    """Either value of a swap may come from standard input, not both."""
    kv.put("b", "k", BINARY)
    assert kv("swap", "b", "k", "-", "v", input=BINARY).text() == b""
    assert kv("swap", "b", "k", "v", "-", input=BINARY).text() == b""
    assert kv.file("b", "k").read_bytes() == BINARY
    assert "one value only" in kv("swap", "b", "k", "-", "-", input=BINARY).error()


# ---- Batches ----

def test_get_many(kv):
    """get-many prints a line for each key in the order asked, telling absent from empty; exit code 1 if one is absent."""
    kv.put("b", "text", b"a\tb\nc\\ \r")
    kv.put("b", "empty", b"")
    kv.put("b", "binary", b"\xff\0\x7f")
    assert kv("get-many", "b", "text", "nope", "empty", "binary", "text").text(NOT_FOUND).decode().split("\n") == [
        "text\ta\\tb\\nc\\\\ \\r", "nope", "empty\t", "binary\t\\xFF\\x00\\x7F", "text\ta\\tb\\nc\\\\ \\r", ""]
    assert kv("--json", "get-many", "b", "text", "nope", "empty", "binary").json(NOT_FOUND) == {"entries": [
        {"key": "text", "value": "a\tb\nc\\ \r"}, {"key": "nope", "value": None}, {"key": "empty", "value": ""},
        {"key": "binary", "value": {"base64": "/wB/"}}]}
    assert kv("get-many", "b", "empty").text() == b"empty\t\n"


def test_set_many_and_delete_many(kv):
    """The batches set each pair, one value from standard input, and remove each key, there or not."""
    assert kv("set-many", "b", "a", "1", "b", "-", "a", "3", input=BINARY).text() == b""
    assert kv.file("b", "a").read_bytes() == b"3" and kv.file("b", "b").read_bytes() == BINARY
    assert kv("--json", "set-many", "b", "c", "").json() == {"ok": True}
    assert kv("--json", "delete-many", "b", "a", "nope", "c").json() == {"ok": True}
    assert kv("--json", "list", "b").json() == {"keys": ["b"]}
    assert kv("delete-many", "b", "b").text() == b""
    assert "one value only" in kv("set-many", "b", "x", "-", "y", "-").error()
    assert kv("list", "b").text() == b""


def hexed(value):
    return "".join(f"\\x{byte:02X}" for byte in value)


def test_many_round_trip(kv):
    """What get-many prints, set-many reads, whatever the keys and values are."""
    values = {key: bytes([number, 0xFF, 10, 9, 92]) + BINARY for number, key in enumerate(ODD_KEYS)}
    lines = (hexed(key.encode()) + "\t" + hexed(value) for key, value in values.items())
    assert kv("set-many", "b", "-", input="\n".join(lines).encode()).text() == b""
    printed = kv("get-many", "b", "--", *values).text()
    assert printed.count(b"\n") == len(values)
    assert kv("set-many", "copies", "-", input=b"\n" + printed.rstrip(b"\n")).text() == b""
    shown = kv("--json", "get-many", "copies", "--", *values).json()["entries"]
    assert {entry["key"]: base64.b64decode(entry["value"]["base64"]) for entry in shown} == values


@pytest.mark.parametrize("line, reason", [
    (b"key", "line 2: there is no tab"), (b"key\t\\q", "line 2: a backslash"), (b"key\tv\\", "line 2: a backslash"),
    (b"\\x4\tv", "line 2: a backslash"), (b"\\xff\tv", "line 2: a backslash"),
    (b"\\xFF\tv", "line 2: the key is not valid UTF-8")], ids=range(6))
def test_set_many_refuses(kv, line, reason):
    """A line that is no pair is refused with its number, before anything is stored."""
    assert reason in kv("set-many", "b", "-", input=b"first\t1\n" + line + b"\nlast\t1").error()
    assert not kv.file("b", "first").exists()


# ---- Errors and help ----

USAGE_ERRORS = [
    [], ["frobnicate", "b"], ["get"], ["get", "b"], ["get", "b", "k", "x"], ["set", "b", "k"], ["list"],
    ["list", "b", "k"], ["swap", "b", "k", "v"], ["swap", "--absent", "b", "k", "v", "w"], ["get", "--absent", "b", "k"],
    ["get-many", "b"], ["set-many", "b"], ["set-many", "b", "k"], ["set-many", "b", "k", "v", "k"], ["delete-many", "b"],
    ["get", "--frobnicate", "b", "k"], ["get", "-x", "b", "k"], ["help", "frobnicate"]]


@pytest.mark.parametrize("words", USAGE_ERRORS, ids=" ".join)
def test_usage_error(kv, words):
    """A command line that makes no sense is exit code 3 and one line that leads to the help."""
    message = kv(*words).error()
    assert "help" in message or "usage" in message or "behind --" in message or "swap alone" in message
    assert not kv.file("b", "k").exists()


def test_errors_in_json(kv):
    """With --json, wherever it stands, an error is a JSON object on standard error, and its kind can be told."""
    def error_of(*words, **how):
        code, out, err = kv(*words, **how)
        assert (code, out) == (FAILED, b"")
        return json.loads(err)["error"]

    (kv.data / "b").mkdir(parents=True)
    assert error_of("frobnicate", "--oops", "--json")["kind"] == "usage"
    missing = error_of("--json", "list", 'no "such"')
    assert missing["kind"] == "no-such-store" and "mkdir" in missing["message"]
    assert error_of("set-many", "b", "-", "--json", input=b"k")["kind"] == "input"
    too_long = error_of("--json", "set", "b", "k" * 256, "v")
    assert too_long["kind"] == "other" and "too long" in too_long["message"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_access_denied(kv):
    """A bucket whose permissions forbid it is an error that says so."""
    (kv.data / "b").mkdir(parents=True)
    (kv.data / "b").chmod(0)
    try:
        assert "access denied" in kv("list", "b").error()
    finally:
        (kv.data / "b").chmod(0o700)


def test_help(kv):
    """--help lists every command, says what the exit codes are, and makes no data directory."""
    text = kv("--help").text().decode()
    assert set(COMMANDS) <= set(re.findall(r"^  (\S+) ", text, re.MULTILINE))
    assert "Exit codes: 0 done, 1 no such key, 2 swap found another value, 3 failed." in text
    assert kv("help").text().decode() == text and kv("-h").text().decode() == text
    assert kv().error() == "kv: usage: kv COMMAND ...; kv --help lists the commands\n"
    assert not kv.data.exists()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(kv, command):
    """Each command's help has its usage and examples, and every example works as it stands there."""
    text = kv(command, "--help").text().decode()
    assert kv("help", command).text().decode() == text
    assert f"usage: kv [--json] {command} BUCKET" in text
    examples = re.findall(r"^  (.*\bkv .*)$", text, re.MULTILINE)
    assert any(command in example for example in examples)
    (kv.directory / "cat.jpg").write_bytes(BINARY)
    (kv.directory / "kv").symlink_to(KV)
    kv("set-many", "my-bucket", "user:123", "John", "user:456", "Jane", "state", "idle").text()
    kv("set", "photos", "cat.jpg", "-", input=BINARY).text()
    for example in examples:
        example = example.replace("| jq -r '.keys[]'", "").replace("then ...", "then :; fi")
        done = subprocess.run(["sh", "-c", example], cwd=kv.directory, capture_output=True,
                              env=environment(PATH=f"{kv.directory}:{os.environ['PATH']}"))
        assert (done.returncode, done.stderr) == (0, b""), example


def test_full_output(kv):
    """Output that cannot be written is an error, not silence."""
    kv.put("b", "k", b"v")
    with open("/dev/full", "wb") as full:
        ended = kv("get", "b", "k", stdout=full)
    assert (ended.code, ended.err) == (FAILED, b"kv: standard output cannot be written\n")


def test_closed_pipe(kv):
    """A reader that has enough ends the command at once and without noise."""
    kv.put("b", "k", LARGE * 4)
    done = subprocess.run(f"'{KV}' get b k | head -c 3 | wc -c", shell=True, cwd=kv.directory, capture_output=True,
                          env=environment(), timeout=60)
    assert (done.stdout.strip(), done.stderr) == (b"3", b"")


# ---- The launcher ----

def test_from_any_directory(kv, tmp_path):
    """The launcher finds its project through symbolic links, relative ones and the PATH, and uses the caller's ./data."""
    kv.put("b", "k", b"v")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "absolute").symlink_to(KV)
    (tmp_path / "links" / "kv").symlink_to("absolute")
    for launcher in ("links/kv", str(tmp_path / "links" / "kv")):
        assert Kv(tmp_path, launcher)("get", "b", "k").text() == b"v"
    done = subprocess.run(["kv", "get", "b", "k"], cwd=tmp_path, capture_output=True,
                          env=environment(PATH=f"{tmp_path}/links:{os.environ['PATH']}"))
    assert (done.returncode, done.stdout) == (0, b"v")


@pytest.mark.parametrize("name", ["-odd dir'", "a::b", "deep/er"])
def test_data_directory(kv, name):
    """--data names the data directory, whatever it is called, and it is made."""
    assert kv("--data", name, "set", "b", "k", "v").text() == b""
    assert (kv.directory / name / "b" / "k").read_bytes() == b"v"
    assert kv("--json", f"--data={name}", "get", "b", "k").json() == {"value": "v"}
    assert kv("--data", str(kv.directory / name), "get", "b", "k").text() == b"v"
    assert not kv.data.exists()


@pytest.mark.parametrize("words", [["--data"], ["--data="], ["--data", ""]], ids=" ".join)
def test_data_directory_missing(kv, words):
    """--data without a directory is an error."""
    assert kv(*words).error() == "kv: --data needs a directory\n"


@pytest.mark.parametrize("words", [["get", "b", "k"], ["exists", "b", "k"], ["list", "b"], ["delete", "b", "k"],
                                   ["get-many", "b", "k"], ["delete-many", "b", "k"], ["export", "b"]],
                         ids=" ".join)
def test_reading_makes_no_bucket(kv, words):
    """A command that stores nothing makes no bucket: a misspelt name is an error."""
    assert 'there is no bucket "b"' in kv(*words).error()
    assert list(kv.data.iterdir()) == []


@pytest.mark.parametrize("words", [["set", "b", "k", "v"], ["set-many", "b", "k", "v"], ["increment", "b", "k"],
                                   ["swap", "--absent", "b", "k", "v"]], ids=" ".join)
def test_storing_makes_the_bucket(kv, words):
    """A command that stores something makes its bucket, unless the setting is there and says no."""
    assert 'there is no bucket "b"' in kv(*words, env={"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "0"}).error()
    assert kv("--json", *words).code == DONE
    assert kv.file("b", "k").exists()


def test_settings_reach_the_store(kv):
    """The settings of the environment reach the store, and one it does not know is an error."""
    (kv.data / "tenant" / "b").mkdir(parents=True)
    env = {"KEYVALUE_FILESYSTEM_ROOT": "tenant", "KEYVALUE_FILESYSTEM_DURABLE": "1"}
    assert kv("set", "b", "k", "größe", env=env).text() == b""
    assert (kv.data / "tenant" / "b" / "k").read_text() == "größe"
    assert "is not understood" in kv("get", "b", "k", env={"KEYVALUE_FILESYSTEM_DURABLE": "maybe"}).error()


def test_not_utf8(kv):
    """An argument that is not UTF-8 is an error in words; one that is passes in the plainest locale."""
    assert "not valid UTF-8" in kv("set", "b", b"\xff", "v").error()
    assert kv("set", "b", "größe", "v", env={"LC_ALL": "C"}).text() == b""
    assert set(os.listdir(kv.data / "b")) == {".kv", "größe"}


def test_not_built(home, tmp_path):
    """Where something is missing, the launcher says what to type."""
    kv = Kv(tmp_path, home / "kv")
    (home / ".toolchain").unlink()
    bare = {"PATH": "/usr/bin:/bin"}
    if shutil.which("wasmtime", path=bare["PATH"]) is None:
        assert f"type: make -C '{home}'" in kv("get", "b", "k", env=bare).error()
    (home / "build" / "kv.wasm").unlink()
    assert kv("get", "b", "k").error() == f"kv: it is not built yet; type: make -C '{home}'\n"


def test_compiled_code_is_kept_and_checked(home, tmp_path):
    """What the component was compiled to is used again, but not if it is damaged or another component's."""
    kv = Kv(tmp_path, home / "kv")
    kept = home / "build" / "kv.wasm.compiled"
    kv("set", "b", "k", "v").text()
    first = kept.stat()
    assert kv("get", "b", "k").text() == b"v"
    assert kept.stat().st_ino == first.st_ino, "it was compiled again"

    whole = kept.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 4:len(whole) // 2] = bytes(len(whole) // 2 - len(whole) // 4)
    for bytes_now in (bytes(damaged), whole[:1000], b""):
        kept.write_bytes(bytes_now)
        assert kv("get", "b", "k").text() == b"v"
        assert len(kept.read_bytes()) == len(whole)

    component = home / "build" / "kv.wasm"
    changed = component.read_bytes().replace(b"there is no key ", b"there is NO key ")
    assert changed != component.read_bytes()
    component.write_bytes(changed)
    assert "there is NO key" in kv("get", "b", "x").error(NOT_FOUND)
    assert sorted(os.listdir(home / "build")) == ["kv.wasm", "kv.wasm.compiled"]


def test_wasmtime_on_the_path(home, tmp_path):
    """Without the toolchain, a wasmtime on the PATH gets the component, the directory, the settings and the words."""
    (home / ".toolchain").unlink()
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "wasmtime").write_text('#!/bin/sh\npwd -P\nprintf "%s\\n" "$@"\nexit 2\n')
    (tools / "wasmtime").chmod(0o755)
    ended = Kv(tmp_path, home / "kv")("--json", "set", "b", "k e y", "-", env={
        "PATH": f"{tools}:/usr/bin:/bin", "KEYVALUE_FILESYSTEM_DURABLE": "1"})
    assert ended.code == 2, ended
    directory, *words = ended.out.decode().splitlines()
    assert directory == str((tmp_path / "data").resolve())
    assert words[:5] == ["run", "-S", "cli-exit-with-code=y", "--dir", "."]
    split = words.index(str(home / "build" / "kv.wasm"))
    assert sorted(words[5:split]) == ["--env", "--env", "KEYVALUE_FILESYSTEM_CREATE_BUCKETS", "KEYVALUE_FILESYSTEM_DURABLE"]
    assert words[split + 1:] == ["--json", "set", "b", "k e y", "-"]


def test_imports():
    """The command imports nothing but interfaces of WASI 0.2.0, none of preview 1, and exports wasi:cli/run."""
    wit = subprocess.run([PROJECT / ".toolchain" / "bin" / "wasm-tools", "component", "wit", PROJECT / "build" / "kv.wasm"],
                         capture_output=True, text=True, check=True).stdout
    world = wit[wit.index("world root"):wit.index("\n}")]
    assert re.findall(r"export (\S+);", world) == ["wasi:cli/run@0.2.0"]
    imports = re.findall(r"import (\S+);", world)
    assert "wasi:cli/exit@0.2.0" in imports
    assert all(re.fullmatch(r"wasi:(cli|io|clocks|filesystem|random)/[a-z-]+@0\.2\.0", name) for name in imports), imports


# ---- The story ----

def story(directory, launcher):
    """Plays the story in `directory` with ./kv being `launcher`, a path or a script's text."""
    if isinstance(launcher, Path):
        (directory / "kv").symlink_to(launcher)
    else:
        (directory / "kv").write_text(launcher)
        (directory / "kv").chmod(0o755)
    return lambda: Ended(subprocess.run(["sh", STORY], cwd=directory, capture_output=True, env=environment(), timeout=60))


def test_story(kv, tmp_path):
    """The story ends well on empty data and again on what it left, and touches no key that is not its own."""
    kv.put("other", "page_views", b"7")
    kv.put("kv-story", "mine", b"keep me")
    play = story(tmp_path, KV)
    first = play().text().decode()
    assert "$ ./kv set kv-story user:123 \"John Doe\"\n" in first and "That is the story." in first
    assert "\n$ cat data/kv-story/page_views\n110\n" in first
    assert play().code == DONE
    assert kv.file("other", "page_views").read_bytes() == b"7"
    assert kv.file("kv-story", "mine").read_bytes() == b"keep me"


@pytest.mark.parametrize("wrong, step", [
    ("case $1 in get) real \"$@\" | tr J j; exit;; esac", "./kv get kv-story user:123"),
    ("case $1 in get) real \"$@\"; exit 0;; esac", "./kv get kv-story user:456"),
    ("case $1 in set-many) exit 0;; esac", "./kv get-many"),
    ("case $1 in increment) mkdir lost 2> /dev/null && exit 0;; esac", "cat data/kv-story/page_views"),
    ("case $1-$5 in swap-busy) printf busy > data/kv-story/state; exit 0;; esac", "./kv swap kv-story state idle busy"),
    ("case $1 in delete) exit 0;; esac", "./kv exists kv-story size"),
    ("case $1 in list) real \"$@\" | grep -v page_views; exit;; esac", "./kv list kv-story"),
    ("set -- --data elsewhere \"$@\"", "cat data/kv-story/user:123"),
], ids=["value", "exit-code", "batch", "lost-count", "swap", "delete", "list", "elsewhere"])
def test_story_notices(tmp_path, wrong, step):
    """The story ends with exit code 1 at the step where a kv that is wrong in one way gives another result than told."""
    ended = story(tmp_path, f"#!/bin/sh\nreal() {{ '{KV}' \"$@\"; }}\n{wrong}\nreal \"$@\"\n")()
    assert ended.code == 1 and b"This should have been" in ended.err, ended
    assert step in ended.out.decode().split("\n$ ")[-1], ended
