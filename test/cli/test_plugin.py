"""The wash plugin, driven as wash drives it."""
import json
import os
import re
import struct
import subprocess

import pytest

from keyvalue import BUILD, STORE, NoSuchStore, Store
from wash import NAME, PLUGIN, TYPES, Plugin, Wash, bare_linker, command

WASM_TOOLS = str(BUILD.parent / ".toolchain" / "bin" / "wasm-tools")
COMMANDS = ["get", "set", "delete", "list", "increment", "buckets", "create-bucket", "info"]
PLACE = "{} {} keeps its data in the guest's {}: "
VERSION = re.search(r"^package .*@(.*);", (BUILD.parent / "wit" / "worlds.wit").read_text(), re.MULTILINE)[1]


@pytest.fixture
def folder(tmp_path):
    """The plugin's own directory, with the bucket b."""
    (tmp_path / "fs" / "b").mkdir(parents=True)
    return tmp_path / "fs"


@pytest.fixture
def wash(folder):
    return Wash(folder)


def world(name):
    text = subprocess.run([WASM_TOOLS, "component", "wit", str(BUILD / name)], check=True, capture_output=True,
                          text=True).stdout
    lines = re.search(r"world root \{(.*?)\n\}", text, re.DOTALL)[1].replace(";", "").split("\n")
    return {tuple(line.split()) for line in lines if line.strip()}


# ---- The file ----


def test_world():
    """The plugin exports what the component does and wasmcloud:wash/plugin, and imports what the component
    does and wasmcloud:wash/types."""
    assert world(PLUGIN) == world(STORE) | {("import", TYPES), ("export", "wasmcloud:wash/plugin@0.0.2")}
    assert len([1 for kind, _ in world(PLUGIN) if kind == "export"]) == 7


# ---- info ----


def test_info_is_all_there():
    """`info` tells who the plugin is, its hook and its commands, with the project's version."""
    info = Plugin().info()
    assert info.id == "dev.wasmcloud.keyvalue-filesystem" and info.name == NAME
    assert info.license == "Apache-2.0" and info.version == VERSION
    assert info.hooks == ["dev-register"]
    assert info.description and info.contact and info.url.startswith("https://")
    assert sorted(c.name for c in getattr(info, "sub-commands")) == sorted(COMMANDS)


def test_info_does_no_io():
    """`info` calls nothing of the host: it answers where every import traps, and the same each time."""
    with_imports = vars(Plugin().info())
    plugin = Plugin(linker=bare_linker())
    for _ in range(3):
        assert described(plugin.info()) == described(Plugin().info())
    assert with_imports["version"] == VERSION
    with pytest.raises(Exception):  # the host does trap: another call finds out
        plugin.open("b")


def described(record):
    """A record with all in it, to compare and to look at."""
    if hasattr(record, "__dict__"):
        return {name: described(value) for name, value in vars(record).items()}
    return [described(part) for part in record] if isinstance(record, (list, tuple)) else record


def test_commands_are_declared_as_wash_wants_them():
    """Each command has an id, a summary and usage lines; its arguments stand in the usage in the same order, in
    brackets where they have a default; and a flag's argument has the flag's name, by which wash finds it."""
    info = Plugin().info()
    for declared in getattr(info, "sub-commands") + [info.command]:
        assert declared.id == declared.name and declared.description
        assert all(line.startswith("wash {} ".format(NAME)) for line in declared.usage) and declared.usage
        for flag, argument in declared.flags:
            assert flag == argument.name and argument.description and argument.default is not None
            assert all("[--{} ".format(flag) in line for line in declared.usage)
        assert all(argument.description for argument in declared.arguments)
    for declared in getattr(info, "sub-commands"):
        (line,) = declared.usage
        words = ["[{}]".format(a.name.upper()) if a.default is not None else a.name.upper()
                 for a in declared.arguments]
        assert line == " ".join(["wash", NAME, declared.name] + words + ["[--format text|json]"])


def test_top_command_takes_every_sub_command(wash):
    """wash shows `wash NAME` for a top-level command alone, so there is one: it takes a command's words, its help
    lists all commands, and what is left out is told from what is empty."""
    top = wash.metadata.command
    assert top.name == NAME and [a.name for a in top.arguments] == ["command", "bucket", "key", "value"]
    assert [a.default is None for a in top.arguments] == [True, False, False, False]
    assert top.arguments[0].description.split(", ") == COMMANDS
    assert [line.split()[2] for line in top.usage] == COMMANDS
    assert wash.run_top("set", "b", "k", "") == (True, "done")
    assert wash.run_top("get", "b", "k") == (True, "")
    assert wash.run_top("set", "b", "k") == (False, "usage: wash {} set BUCKET KEY VALUE".format(NAME))
    assert wash.run_top("set", "b", "k", "v", format="json") == (True, '{"ok": true}')
    assert wash.run_top("get", "b", "k") == (True, "v")
    assert wash.run_top("increment", "b", "n", "-3") == (True, "-3")
    assert wash.run_top("increment", "b", "n") == (True, "-2")
    assert wash.run_top("buckets") == (True, "b")


# ---- Commands ----


def both_ways(wash, *words, **flags):
    """Runs a command that changes nothing as a sub-command and as the top-level one's words."""
    answer = wash.run(*words, **flags)
    assert wash.run_top(*words, **flags) == answer
    return answer


def test_set_and_get(wash, folder):
    """What `set` stores is the file and what `get` prints, and as JSON it is a string."""
    assert wash.run("set", "b", "user:123", "John Doe") == (True, "done")
    assert (folder / "b" / "user:123").read_bytes() == b"John Doe"
    assert both_ways(wash, "get", "b", "user:123") == (True, "John Doe")
    assert both_ways(wash, "get", "b", "user:123", format="json") == (True, '{"value": "John Doe"}')


@pytest.mark.parametrize("value", ["", "-", "--", "--json", "-5", "42\n", "a\tb\nc\n", "größe", "\N{SNOWMAN}\n\n"])
def test_text_is_shown_as_it_is(wash, folder, value):
    """A value that is text is stored as it is typed and shown as it is stored, whatever it begins with."""
    assert wash.run("set", "b", value, value) == (True, "done")
    assert both_ways(wash, "get", "b", value) == (True, value)
    assert Store(folder).open("b").get(value) == value.encode()


@pytest.mark.parametrize("value,shown", [
    (b"\0", "1 byte, not text: 00"),
    (b"\xff\xfe", "2 bytes, not text: FF FE"),
    (b"a\x1b[2J", "5 bytes, not text: 61 1B 5B 32 4A"),
    (b"\x7f", "1 byte, not text: 7F"),
    ("\x9b2J".encode(), "4 bytes, not text: C2 9B 32 4A"),
    (b"\xed\xa0\x80", "3 bytes, not text: ED A0 80"),
    (bytes(32), "32 bytes, not text:" + 32 * " 00"),
    (bytes(range(256)) * 300, "76800 bytes, not text:" + "".join(" %02X" % i for i in range(32)) + " ..."),
    (struct.pack("<q", 42), "8 bytes, not text: 2A 00 00 00 00 00 00 00 (as a counter: 42)"),
    (struct.pack("<q", -2), "8 bytes, not text: FE FF FF FF FF FF FF FF (as a counter: -2)"),
    (struct.pack("<q", -2**63), "8 bytes, not text: 00 00 00 00 00 00 00 80 (as a counter: -9223372036854775808)"),
])
def test_other_values_are_shown_by_size_and_hex(wash, folder, value, shown):
    """A value that is not text, or that a terminal would obey, is shown by its size and first bytes in hex, 8 bytes
    as a counter too."""
    (folder / "b" / "k").write_bytes(value)
    assert both_ways(wash, "get", "b", "k") == (True, shown)


def test_binary_as_json(wash, folder):
    """As JSON no byte is lost: what is not UTF-8 is base64."""
    (folder / "b" / "k").write_bytes(b"\xff\x00")
    assert both_ways(wash, "get", "b", "k", format="json") == (True, '{"value": {"base64": "/wA="}}')


def test_delete(wash, folder):
    """`delete` removes the file, and a key that is not there is no error."""
    (folder / "b" / "k").write_bytes(b"v")
    assert wash.run("delete", "b", "k") == (True, "done")
    assert not (folder / "b" / "k").exists()
    assert wash.run_top("delete", "b", "k") == (True, "done")


def test_list(wash, folder):
    """`list` prints every key once, one on a line whatever is in it, over more than one page; as JSON they are as
    they are."""
    keys = ["key-%d" % i for i in range(1234)] + ["two\nlines", "back\\slash", "", "größe"]
    bucket = Store(folder).open("b")
    bucket.set_many([(key, b"") for key in keys])
    ok, text = both_ways(wash, "list", "b")
    assert ok and sorted(text.split("\n")) == sorted(
        key.replace("\\", "\\\\").replace("\n", "\\n") for key in keys)
    ok, text = both_ways(wash, "list", "b", format="json")
    assert ok and sorted(json.loads(text)["keys"]) == sorted(keys)


def test_increment(wash, folder):
    """`increment` adds 1 or what it is told to, also to text, also a negative number, and prints the sum."""
    assert wash.run("increment", "b", "n") == (True, "1")
    assert wash.run("increment", "b", "n", "41") == (True, "42")
    assert (folder / "b" / "n").read_bytes() == struct.pack("<q", 42)
    (folder / "b" / "text").write_bytes(b"41\n")
    assert wash.run("increment", "b", "text") == (True, "42")
    assert wash.run("increment", "b", "text", "-2", format="json") == (True, '{"value": 40}')
    assert (folder / "b" / "text").read_bytes() == b"40\n"


def test_buckets(wash, folder):
    """`buckets` prints what `open` takes: directories and links to them, by their buckets' names, and nothing else."""
    for name in ["default", "a%2Fb", "größe", ".git", "%41"]:
        (folder / name).mkdir()
    (folder / "file").write_bytes(b"")
    (folder / "link").symlink_to("default")
    os.mkfifo(folder / "pipe")
    os.mkdir(os.fsencode(folder) + b"/\xff")
    (folder / "dangling").symlink_to("nowhere")
    expected = ["b", "default", "a/b", "größe", "%41", "link"]
    ok, text = both_ways(wash, "buckets")
    assert ok and sorted(text.split("\n")) == sorted(expected)
    ok, text = both_ways(wash, "buckets", format="json")
    assert ok and sorted(json.loads(text)["buckets"]) == sorted(expected)
    for name in expected:
        assert Store(folder).open(name).keys() == []


def test_no_buckets(wash, folder):
    """Where there is no bucket, `buckets` prints nothing, and that is no error."""
    (folder / "b").rmdir()
    assert both_ways(wash, "buckets") == (True, "")
    assert both_ways(wash, "buckets", format="json") == (True, '{"buckets": []}')


def test_many_buckets(wash, folder):
    """`buckets` goes over pages as `list` does."""
    names = {"bucket-%d" % i for i in range(2100)} | {"b"}
    for name in names - {"b"}:
        (folder / name).mkdir()
    ok, text = wash.run("buckets")
    assert ok and sorted(text.split("\n")) == sorted(names)


def test_create_bucket(wash, folder):
    """`create-bucket` makes a directory by the bucket's file name; a bucket that is there stays as it is."""
    assert wash.run("create-bucket", "a/b") == (True, "done")
    assert (folder / "a%2Fb").is_dir()
    (folder / "b" / "k").write_bytes(b"v")
    assert wash.run_top("create-bucket", "b") == (True, "done")
    assert wash.run("create-bucket", "", format="json") == (True, '{"ok": true}')
    assert (folder / "default").is_dir() and (folder / "b" / "k").read_bytes() == b"v"


def test_info_command(wash, folder):
    """The command `info` tells the version, where the data are, and the settings."""
    assert both_ways(wash, "info") == (
        True, "version: {}\ndata: /tmp\ncreate-buckets: 0\ndurable: none\nnames: plain\ncounters: binary".format(VERSION))
    ok, text = both_ways(Wash(folder, {"KEYVALUE_FILESYSTEM_ROOT": "/tmp/b",
                                       "KEYVALUE_FILESYSTEM_DURABLE": "1"}), "info", format="json")
    assert ok and json.loads(text) == {"version": VERSION, "data": "/tmp/b", "create-buckets": "0", "durable": "all",
                                        "names": "plain", "counters": "binary"}


# ---- Errors ----


def test_unknown_command(wash):
    """A command that is not there is an error that names those that are."""
    for text in (wash.run_top("frobnicate")[1], wash.plugin().ask("run", command("frobnicate"))[1]):
        assert text == 'unknown command "frobnicate"; there is ' + ", ".join(COMMANDS)
    ok, text = wash.plugin().ask("run", command("swap", "b", "k", "a", "b"))  # kv has it
    assert not ok and text.startswith('unknown command "swap"; there is get, ')


@pytest.mark.parametrize("words,usage", [
    (["get", "b"], "get BUCKET KEY"), (["get", "b", "k", "v"], "get BUCKET KEY"), (["list"], "list BUCKET"),
    (["set", "b", "k"], "set BUCKET KEY VALUE"), (["buckets", "b"], "buckets"), (["info", "b"], "info"),
    (["increment", "b"], "increment BUCKET KEY [DELTA]"), (["create-bucket"], "create-bucket BUCKET"),
])
def test_usage(wash, words, usage):
    """Too few or too many words are an error that shows the usage, whoever calls."""
    expected = (False, "usage: wash {} {}".format(NAME, usage))
    assert wash.run_top(*words) == expected
    assert wash.plugin().ask("run", command(*words)) == expected


def test_odd_calls(wash):
    """What wash never sends is an error all the same: no arguments, no value, an unknown flag or format."""
    def ask(*arguments, **options):
        return wash.plugin().ask("run", command(*arguments, **options))

    assert ask(NAME)[1].startswith("usage: wash {} COMMAND".format(NAME))
    assert ask("")[1].startswith('unknown command ""; there is ')
    assert ask("get", "b", None) == (False, "usage: wash {} get BUCKET KEY".format(NAME))
    assert ask("get", "b", "k", *["x"] * 5000) == (False, "usage: wash {} get BUCKET KEY".format(NAME))
    assert ask("info", flags=[("format", "xml")]) == (False, 'unknown format "xml"; there is text and json')
    assert ask("info", flags=[("verbose", "1")]) == (False, 'unknown flag "verbose"; there is --format')
    assert ask("increment", "b", "k", "1.5") == (False, 'the delta "1.5" is not a whole number of 64 bits')


@pytest.mark.parametrize("words", [["get", "no", "k"], ["set", "no", "k", "v"], ["delete", "no", "k"],
                                   ["list", "no"], ["increment", "no", "k"]])
def test_no_bucket(wash, folder, words):
    """A bucket that is not there is an error that tells how to make it, and it is not made."""
    assert both_ways(wash, *words) == (
        False, 'there is no bucket "no"; make it with create-bucket, or with mkdir where the data are')
    ok, text = both_ways(wash, *words, format="json")
    assert not ok and json.loads(text)["error"]["kind"] == "no-such-store"
    assert not (folder / "no").exists()


def test_no_key(wash):
    """A key that is not there is an error; for JSON, which has null, it is an answer."""
    assert both_ways(wash, "get", "b", "k") == (False, 'there is no key "k" in the bucket "b"')
    assert both_ways(wash, "get", "b", "k", format="json") == (True, '{"value": null}')


def test_other_errors(wash, folder):
    """What the store refuses is an error in its words, on one line, and changes nothing."""
    (folder / "b" / "dir").mkdir()
    (folder / "file").write_bytes(b"")
    (folder / "b" / "text").write_bytes(b"forty")
    for words, expected in (
        (["set", "b", "dir", "v"], 'set: bucket "b", key "dir": a directory has that name'),
        (["increment", "b", "text"], 'increment: bucket "b", key "text": the value is not a counter'),
        (["set", "b", "k" * 256, "v"], "of which at most 255 fit"),
        (["list", "file"], 'open: bucket "file": what has the bucket\'s name is not a directory'),
        (["create-bucket", "file"], 'create-bucket: bucket "file": what has the bucket\'s name is not a directory'),
        (["create-bucket", "x" * 256], "of which at most 255 fit"),
    ):
        ok, text = wash.run(*words)
        assert not ok and expected in text and "\n" not in text, text
    assert sorted(os.listdir(folder / "b")) == [".kv", "dir", "text"]
    assert (folder / "b" / "text").read_bytes() == b"forty"


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not hold root")
def test_denied(wash, folder):
    """What the host denies is told as such."""
    (folder / "b").chmod(0o500)
    assert wash.run("set", "b", "k", "v") == (
        False, 'access denied to the bucket "b"; check the permissions of its directory and files')


def test_read_only_mount(folder):
    """On a directory that the host gives for reading alone, reading works and changes are denied."""
    (folder / "b" / "k").write_bytes(b"v")
    wash = Wash(folder, mutable=False)
    assert wash.run("get", "b", "k") == (True, "v")
    assert wash.run("set", "b", "k", "w") == (
        False, 'access denied to the bucket "b"; check the permissions of its directory and files')
    assert wash.run("create-bucket", "c")[0] is False and not (folder / "c").exists()


@pytest.mark.parametrize("env,preopens,expected", [
    ({}, False, "have the host give one"),
    ({"KEYVALUE_FILESYSTEM_DURABLE": "yes"}, True, "give it none, values or all"),
])
def test_without_a_place(folder, env, preopens, expected):
    """Where there is no directory, or a setting is not understood, `initialize` and the hook answer all the same
    and say so, and commands are errors that say so."""
    wash = Wash(folder if preopens else None, env)
    ok, text = wash.plugin().ask("initialize")
    assert ok and text.startswith("{} {} has no place for data: ".format(NAME, VERSION)) and expected in text
    assert wash.hook("dev-register") == (ok, text)
    for words in (["get", "b", "k"], ["buckets"], ["create-bucket", "c"], ["info"]):
        ok, text = wash.run(*words)
        assert not ok and text.startswith(words[0] + ": ") and expected in text


# ---- The other calls, and the store ----


def test_initialize_and_hook(wash, folder):
    """`initialize` and dev-register answer with one line that tells where the data are."""
    for ok, text in (wash.plugin().ask("initialize"), wash.hook("dev-register")):
        assert ok and text.startswith(PLACE.format(NAME, VERSION, "/tmp")) and "\n" not in text
    ok, text = Wash(folder, {"KEYVALUE_FILESYSTEM_ROOT": "/tmp/b"}).hook("dev-register")
    assert ok and text.startswith(PLACE.format(NAME, VERSION, "/tmp/b"))


@pytest.mark.parametrize("hook", ["unknown", "before-doctor", "after-doctor", "before-build", "after-build",
                                  "before-push", "after-push", "before-dev", "after-dev"])
def test_other_hooks(wash, hook):
    """Another hook than dev-register is an error that names it."""
    assert wash.hook(hook) == (False, "this plugin has no such hook; there is dev-register")


@pytest.mark.parametrize("draft", [1, 2])
def test_store_and_commands_in_one_instance(wash, folder, draft):
    """One instance serves wash's calls and the store's, and either sees at once what the other did."""
    plugin = wash.plugin()
    plugin.info()
    bucket = plugin.open("b", draft)
    bucket.set("k", b"v")
    assert plugin.ask("run", command("get", "b", "k")) == (True, "v")
    assert plugin.ask("run", command("set", "b", "k", "w")) == (True, "done")
    assert bucket.get("k") == b"w"
    bucket.increment("n", 5)
    assert plugin.ask("run", command("increment", "b", "n", "2")) == (True, "7")
    assert sorted(bucket.keys()) == ["k", "n"]
    assert plugin.ask("run", command("create-bucket", "c")) == (True, "done")
    assert plugin.open("c", draft).keys() == []
    with pytest.raises(NoSuchStore):
        plugin.open("d", draft)


def test_listing_between_pages(wash, folder):
    """`buckets` and `list` disturb no listing that an application is in the middle of."""
    bucket_keys = {"key-%d" % i for i in range(2500)}
    plugin = wash.plugin()
    bucket = plugin.open("b")
    bucket.set_many([(key, b"") for key in bucket_keys])
    seen, cursor = bucket.list_keys()
    while cursor is not None:
        assert plugin.ask("run", command("buckets")) == (True, "b")
        page, cursor = bucket.list_keys(cursor)
        seen += page
    assert sorted(seen) == sorted(bucket_keys)
