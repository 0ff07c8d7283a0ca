"""The `kv` tool's commands, each in both forms, as a user's shell sees them."""

import base64
import json
import os
import random
import re
import subprocess

import pytest

from forms import CONFLICT, DONE, FAILED, HANG_SECONDS, NOT_FOUND, PROJECT, environment

COMMANDS = ["get", "set", "delete", "exists", "increment", "swap", "cp", "mv", "edit", "stat", "get-many", "set-many",
            "delete-many", "list", "watch", "export", "import", "buckets", "create-bucket", "delete-bucket", "info",
            "doctor"]

BINARY = bytes(range(256)) * 3 + b"\0"
LARGE = random.Random(1).getrandbits(8 << 20).to_bytes(1 << 20, "little")


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
    """list prints every key of every page once, a key a line, sorted by its bytes, as text and as JSON."""
    keys = sorted({f"key:{number}" for number in range(2300)} | {"Zebra", "größe", "grösse", "a", "ab"},
                  key=lambda key: key.encode())
    for key in keys:
        kv.put("b", key, b"")
    assert kv("list", "b").lines() == keys
    assert kv("--json", "list", "b").json()["keys"] == keys


def test_list_options(kv):
    """--prefix and --limit choose, -0 gives keys as they are, --long adds size and time, wherever the options stand."""
    for key, value in {"user:1": b"one", "user:2": b"", "other": b"x" * 12345, "user\n3": b"3"}.items():
        kv("set", "b", key, "-", input=value).text()
    os.utime(kv.file("b", "other"), (1700000000, 1700000000))
    os.utime(kv.file("b", "user:1"), (951782400, 951782400))
    assert kv("list", "--prefix", "user:", "b").lines() == ["user:1", "user:2"]
    assert kv("list", "b", "--prefix=user", "--limit", "2").lines() == ["user\\n3", "user:1"]
    assert kv("list", "--limit=0", "b").text() == b""
    assert kv("list", "-0", "b").text() == b"other\0user\n3\0user:1\0user:2\0"
    assert kv("-0", "list", "b", "--prefix", "o").text() == b"other\0"
    lines = kv("list", "--long", "b").lines()
    assert lines[0] == "     12345  2023-11-14T22:13:20Z  other" and lines[2] == "         3  2000-02-29T00:00:00Z  user:1"
    shown = kv("--json", "list", "b", "--long", "--prefix", "other").json()
    assert shown == {"keys": [{"key": "other", "bytes": 12345, "modified": "2023-11-14T22:13:20Z"}]}
    assert "do not go together" in kv("list", "-0", "--long", "b").error()
    assert "the limit \"ten\" is not a whole number" in kv("list", "--limit", "ten", "b").error()
    assert "--prefix needs a value" in kv("list", "b", "--prefix").error()
    assert "get has no option --prefix" in kv("get", "--prefix", "u", "b", "k").error()


def test_list_keeps_keys_on_their_lines(kv):
    """In text, a key with line breaks, tabs, control characters or backslashes is still one line, escaped."""
    for key in ["plain", "two\nlines", "a\tb\r", "\x01\x7f", "back\\slash", "größe"]:
        kv("set", "b", key, "v").text()
    lines = kv("list", "b").text().decode().split("\n")
    assert sorted(lines) == sorted(["plain", "two\\nlines", "a\\tb\\r", "\\x01\\x7F", "back\\\\slash", "größe", ""])


def test_no_key_commands_a_terminal(kv):
    """Control characters beyond ASCII, which some terminals obey, are escaped in a list too, and read back."""
    kv("set", "b", "a\x9bb", "v\x85").text()
    assert kv("list", "b").text() == b"a\\xC2\\x9Bb\n"
    assert kv("get-many", "b", "a\x9bb").text() == b"a\\xC2\\x9Bb\tv\\xC2\\x85\n"
    assert kv("set-many", "b", "-", input=b"a\\xC2\\x9Bb\tw\n").text() == b""
    assert kv("get", "b", "a\x9bb").text() == b"w"


def test_names_by_the_mark(kv):
    """Where the setting is not there, the root's own mark says how names are read; one that differs is refused."""
    kv.data.mkdir()
    kv("set", "b", "User:1", "v", env={"KEYVALUE_FILESYSTEM_NAMES": "portable"}).text()
    assert kv("list", "b").lines() == ["User:1"]
    assert kv("set", "b", "Key", "w").text() == b"" and kv.content("b") == {"%55ser%3a1": b"v", "%4bey": b"w"}
    assert "portable names" in kv("list", "b", env={"KEYVALUE_FILESYSTEM_NAMES": "plain"}).error()


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


def test_both_forms_count_at_once(native):
    """However a native program and a component interleave on one counter, no increment is lost."""
    loop = f"for n in 1 2 3 4 5 6 7 8 9 10; do '{PROJECT / 'kv'}' increment b n $0 || exit; done"
    shells = [subprocess.Popen(["sh", "-c", loop, delta], cwd=native.directory, env=environment(**settings),
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
              for delta, settings in (("1", {}), ("100", {"KV_COMPONENT": "1"}), ("10000", {}))]
    for shell in shells:
        assert (shell.communicate()[1], shell.returncode) == (b"", 0)
    assert native("get", "--counter", "b", "n").text() == b"101010\n"


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
    ["frobnicate", "b"], ["get"], ["get", "b"], ["get", "b", "k", "x"], ["set", "b", "k"], ["list"],
    ["list", "b", "k"], ["swap", "b", "k", "v"], ["swap", "--absent", "b", "k", "v", "w"], ["get", "--absent", "b", "k"],
    ["get-many", "b"], ["set-many", "b"], ["set-many", "b", "k"], ["set-many", "b", "k", "v", "k"], ["delete-many", "b"],
    ["cp", "b", "k"], ["mv", "b", "k", "c", "d", "e"], ["buckets", "b"], ["create-bucket"], ["delete-bucket"], ["stat", "b"],
    ["export"], ["export", "--all", "b"], ["import"], ["watch"], ["edit", "b"], ["info", "b"], ["doctor", "a", "b"],
    ["get", "--frobnicate", "b", "k"], ["get", "-x", "b", "k"], ["help", "frobnicate"]]


@pytest.mark.parametrize("words", USAGE_ERRORS, ids=" ".join)
def test_usage_error(kv, words):
    """A command line that makes no sense is exit code 3 and one line that leads to the help."""
    message = kv(*words).error()
    assert "help" in message or "usage" in message or "after --" in message or "has no option" in message
    assert not kv.file("b", "k").exists()


@pytest.mark.parametrize("typed, meant", [("lsit", "list"), ("delet", "delete"), ("incremnt", "increment"), ("cret-bucket", "create-bucket"),
                                          ("doc", "doctor"), ("stta", "stat")])
def test_did_you_mean(kv, typed, meant):
    """A command that is nearly right is answered with the one that was meant."""
    assert kv(typed, "b").error() == f'kv: unknown command "{typed}"; did you mean {meant}?\n'
    assert kv("help", typed).error() == f'kv: unknown command "{typed}"; did you mean {meant}?\n'


def test_did_you_mean_an_option(kv):
    """So is an option; one that is nothing like any is told where keys that begin with - go."""
    assert kv("list", "--limt", "3", "b").error() == 'kv: unknown option "--limt"; did you mean --limit?\n'
    assert kv("get", "b", "-k").error() == 'kv: unknown option "-k"; a key or value that begins with - goes after --\n'


def test_did_you_mean_a_bucket(kv):
    """So is the name of a bucket that is not there."""
    kv.bucket("my-bucket")
    kv.bucket("other")
    assert kv("get", "my-bukcet", "k").error() == 'kv: there is no bucket "my-bukcet"; did you mean "my-bucket"?\n'
    assert "make it with" in kv("get", "something-else", "k").error()


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
    """--help lists every command and the exit codes; without any word the help is the error; --version is one line."""
    text = kv("--help").text().decode()
    listed = text[text.index("Keys:"):text.index("Try:")]
    assert sorted(re.findall(r"^  (\S+) ", listed, re.MULTILINE)) == sorted(COMMANDS)
    assert "Exit codes: 0 done, 1 no such key, 2 another value was found, 3 failed." in text
    assert kv("help").text().decode() == text and kv("-h").text().decode() == text
    assert tuple(kv()) == (FAILED, b"", text.encode())
    version = re.search(r"^package .*@(.*);", (PROJECT / "wit" / "worlds.wit").read_text(), re.MULTILINE)[1]
    assert kv("--version").text() == kv("get", "--version").text() == f"kv {version}\n".encode()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(native, component, command):
    """Each command's help has its usage and examples, the same in both forms, and every example works as it stands."""
    text = native(command, "--help").text().decode()
    assert native("help", command).text() == component("help", command).text() == text.encode()
    assert text.startswith(f"kv {command}: ") and f"usage: kv [--data DIR] [--json] {command}" in text
    examples = re.findall(r"^  (.*\bkv .*)$", text, re.MULTILINE)
    assert any(command in example for example in examples)
    (native.directory / "cat.jpg").write_bytes(BINARY)
    (native.directory / "kv").symlink_to(native.program)
    native("set-many", "my-bucket", "user:123", "John", "user:321", "J", "user:456", "Jane", "state", "idle").text()
    native("increment", "my-bucket", "page_views").text()
    native("set", "photos", "cat.jpg", "-", input=BINARY).text()
    for example in examples:
        if command == "watch":
            example = f"{{ sleep 1; kv set my-bucket state busy; }} & timeout -k 5 2 {example}"
        example = re.sub(r"\| jq .*", "", example).replace("then ...", "then :; fi").replace("ssh other ", "")
        example = example.replace("/srv/data", "data").replace("/mnt/data", "data")
        done = subprocess.run(["sh", "-c", example], cwd=native.directory, capture_output=True,
                              env=environment(PATH=f"{native.directory}:{os.environ['PATH']}"), timeout=HANG_SECONDS)
        told = done.returncode == 124 and command == "watch"
        assert (done.returncode == 0 or told) and done.stderr == b"", (example, done)


# ---- What cannot be written ----

def test_full_output(native):
    """Output that cannot be written is an error, not silence."""
    native.put("b", "k", b"v")
    with open("/dev/full", "wb") as full:
        ended = native("get", "b", "k", stdout=full)
    assert (ended.code, ended.err) == (FAILED, b"kv: standard output cannot be written\n")


def test_closed_pipe(native):
    """A reader that has enough ends the command at once and without noise."""
    native.put("b", "k", LARGE * 4)
    done = subprocess.run(f"'{native.program}' get b k | head -c 3 | wc -c", shell=True, cwd=native.directory, capture_output=True,
                          env=environment(), timeout=HANG_SECONDS)
    assert (done.stdout.strip(), done.stderr) == (b"3", b"")


# ---- What reading and storing make ----

@pytest.mark.parametrize("words", [["get", "b", "k"], ["exists", "b", "k"], ["list", "b"], ["delete", "b", "k"], ["stat", "b", "k"],
                                   ["get-many", "b", "k"], ["delete-many", "b", "k"], ["export", "b"], ["cp", "b", "k", "l"],
                                   ["mv", "b", "k", "c", "k"], ["delete-bucket", "--yes", "b"], ["watch", "b"]], ids=" ".join)
def test_reading_makes_no_bucket(kv, words):
    """A command that stores nothing makes no bucket, whatever the setting is: a misspelt name is an error."""
    kv.data.mkdir()
    for env in ({}, {"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}):
        assert "there is no bucket" in kv(*words, env=env).error()
        assert list(kv.data.iterdir()) == []


@pytest.mark.parametrize("words", [["get", "b", "k"], ["list", "b"], ["buckets"], ["info"], ["doctor"], ["export", "--all"]], ids=" ".join)
def test_reading_makes_no_directory(native, words):
    """Nor does it make the data directory."""
    assert "there is no data directory data" in native(*words).error()
    assert list(native.directory.iterdir()) == []


@pytest.mark.parametrize("words", [["set", "b", "k", "v"], ["set-many", "b", "k", "v"], ["increment", "b", "k"],
                                   ["swap", "--absent", "b", "k", "v"]], ids=" ".join)
def test_storing_makes_the_bucket(kv, words):
    """A command that stores something makes its bucket, unless the setting is there and says no."""
    assert 'there is no bucket "b"' in kv(*words, env={"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "0"}).error()
    assert kv("--json", *words).code == DONE
    assert kv.file("b", "k").exists()


def test_settings(kv):
    """The settings of the environment are the store's, and one it does not know is an error."""
    (kv.data / "tenant" / "b").mkdir(parents=True)
    env = {"KEYVALUE_FILESYSTEM_ROOT": "tenant" if kv.name == "native" else "data/tenant", "KEYVALUE_FILESYSTEM_DURABLE": "1"}
    assert kv("set", "b", "k", "größe", env=env).text() == b""
    assert (kv.data / "tenant" / "b" / "k").read_text() == "größe"
    told = kv("--json", "info", env=env).json()
    assert told["data"] == "data/tenant" and told["durable"] == "all" and told["create-buckets"] == "1"
    assert "is not understood" in kv("get", "b", "k", env={"KEYVALUE_FILESYSTEM_DURABLE": "maybe"}).error()
    for root in ("../elsewhere", "tenant/../../x", "/tenant"):
        assert "KEYVALUE_FILESYSTEM_ROOT" in kv("buckets", env={"KEYVALUE_FILESYSTEM_ROOT": root}).error()


def test_not_utf8(native):
    """An argument that is not UTF-8 is an error in words; one that is passes in the plainest locale."""
    assert "not valid UTF-8" in native("set", "b", b"\xff", "v").error()
    assert native("set", "b", "größe", "v", env={"LC_ALL": "C"}).text() == b""
    assert set(os.listdir(native.data / "b")) == {".kv", "größe"}


@pytest.mark.parametrize("name", ["-odd dir'", "a::b", "deep/er"])
def test_data_directory(native, name):
    """--data names the data directory, whatever it is called and wherever the option stands, and it is made."""
    assert native("--data", name, "set", "b", "k", "v").text() == b""
    assert (native.directory / name / "b" / "k").read_bytes() == b"v"
    assert native("--json", f"--data={name}", "get", "b", "k").json() == {"value": "v"}
    assert native("get", "b", "k", "--data", str(native.directory / name)).text() == b"v"
    assert not native.data.exists()


@pytest.mark.parametrize("words", [["--data"], ["--data="], ["--data", ""], ["get", "b", "k", "--data"]], ids=" ".join)
def test_data_directory_missing(native, words):
    """--data without a directory is an error."""
    assert native(*words).error() == "kv: --data needs a directory\n"
