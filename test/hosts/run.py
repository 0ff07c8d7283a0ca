"""The hosts' suite in every host that is there, for `make hosts`: run.py

Prints what it runs, and writes docs/measured/hosts.md and wasmtime-store.md.
The tests use its parts.

A host is a command that takes a component and its arguments, has the current
directory as its one preopened directory, and hands the variables that begin with
KEYVALUE_FILESYSTEM_ on.
"""
import collections
import ctypes
import functools
import importlib.metadata
import json
import os
import pathlib
import re
import resource
import shutil
import stat
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tools"))

import measured  # noqa: E402

TOOLCHAIN = ROOT / ".toolchain"
JCO = TOOLCHAIN / "jco" / "node_modules"
BUILD = ROOT / "build"
HOSTS = BUILD / "hosts"
DRAFTS = ("draft", "draft2")
COMPOSERS = ("wasm-tools compose", "wac plug")
SECONDS_MAX = 900  # a host that hangs; no measure of speed
OK = "ok"


# ---- The hosts ----

class Host:
    """`command` makes the words that run a component; None, with the reason in `version`, for a missing host."""

    def __init__(self, name, version, command=None):
        self.name = name
        self.version = version
        self.command = command


def output(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout.decode().strip()


def python_host():
    launcher = str(ROOT / "tools" / "run_component.py")
    return Host("wasmtime (Python)", importlib.metadata.version("wasmtime"),
                lambda path: [sys.executable, launcher, str(path)])


def wasmtime_host(name, command):
    if command is None or not pathlib.Path(command).exists():
        return Host(name, "not run: not installed")
    return Host(name, output(command, "--version").split()[1],
                lambda path: [str(command), "run", "--dir", ".", "-S", "inherit-env", str(path)])


def transpiled(path):
    """The component as jco makes it, for Node: done once, beside a link to the shim that it imports."""
    folder = HOSTS / "jco" / path.relative_to(BUILD).with_suffix("")
    modules = HOSTS / "jco" / "node_modules"
    modules.parent.mkdir(parents=True, exist_ok=True)
    if not modules.exists():
        modules.symlink_to(JCO)
    file = folder / "suite.js"
    if not file.exists() or file.stat().st_mtime < path.stat().st_mtime:
        subprocess.run([JCO / ".bin" / "jco", "transpile", path, "--quiet", "--out-dir", folder, "--name", "suite"],
                       check=True)
    return file


def jco_host():
    name = "jco on Node"
    if shutil.which("node") is None or not JCO.exists():
        return Host(name, "not run: there is no node, or no jco")
    packages = (("jco", "jco"), ("shim", "preview2-shim"))
    found = [json.loads((JCO / "@bytecodealliance" / folder / "package.json").read_text()) for _, folder in packages]
    version = "jco {}, preview2-shim {}, Node {}".format(
        *[package["version"] for package in found], output("node", "--version")[1:])
    runner = str(pathlib.Path(__file__).with_name("jco.mjs"))
    return Host(name, version, lambda path: ["node", runner, str(transpiled(path))])


def wasmtime_command():
    fetched = TOOLCHAIN / "bench" / "wasmtime_cli" / "wasmtime"
    return fetched if fetched.exists() else shutil.which("wasmtime")


def all_hosts():
    return [python_host(), wasmtime_host("wasmtime (command)", wasmtime_command()),
            wasmtime_host("wasmtime 36 (command)", TOOLCHAIN / "wasmtime-36" / "wasmtime_cli" / "wasmtime"), jco_host()]


# ---- The components ----

def composed(draft, composer):
    """The suite of this draft with the store plugged in; None without the composer."""
    name = "suite_{}.wasm".format(draft)
    if composer == COMPOSERS[0]:
        return BUILD / name
    if shutil.which("wac") is None:
        return None
    made = HOSTS / "wac" / name
    made.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["wac", "plug", plain(draft), "--plug", BUILD / "keyvalue_filesystem.wasm", "-o", made], check=True)
    return made


def plain(draft):
    """The suite alone, its imports open."""
    return BUILD / "wasm" / "suite_{}.component.wasm".format(draft)


def composer_versions():
    yield "wasm-tools " + output(str(TOOLCHAIN / "bin" / "wasm-tools"), "--version").split()[1]
    yield "wac " + output("wac", "--version").split()[1] if shutil.which("wac") else "no wac, which was not there"


# ---- Running ----

CAPABILITIES = (1, 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: what lets root pass a file's permissions
PR_CAPBSET_DROP = 24


def drop_privileges():
    """So that permissions count for root too; others have no such rights to lose."""
    if os.geteuid() == 0:
        library = ctypes.CDLL(None)
        for capability in CAPABILITIES:
            library.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def told(text):
    """The checks that were told: their results by name, and the one that ended the run, if one did."""
    results = collections.OrderedDict()
    for line in text.split("\n"):
        match = re.match(r"(.+?): (ok|differs: .*)$", line)
        if match:
            results[match[1]] = match[2] if match[2] == OK else match[2][len("differs: "):]
        elif line:
            return results, line
    return results, None


def last_words(text):
    """Of a host's error, the line that says most."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"error|trap|caused|0: ", line, re.IGNORECASE)]
    return (telling or lines or ["no error told"])[-1].rstrip(" {")[:300]


def run_group(words, group, folder, environment=(), prefix=(), prepare=None):
    """Runs a group of checks to its end, each at most once: behind one that ends the run it goes on anew."""
    results = collections.OrderedDict()
    variables = {k: v for k, v in os.environ.items() if not k.startswith("KEYVALUE_FILESYSTEM_")}
    while True:
        done = subprocess.run(
            [*prefix, *words, group, str(len(results))], cwd=folder, env={**variables, **dict(environment)},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=prepare,
            timeout=SECONDS_MAX)
        more, ended = told(done.stdout.decode("utf-8", "replace"))
        results.update(more)
        if ended is None:
            if done.returncode != 0 or not results:
                results["the run"] = last_words(done.stderr.decode("utf-8", "replace"))
            return results
        results[ended] = "ends the component: " + last_words(done.stderr.decode("utf-8", "replace"))


def ask_group(ask):
    """The same of a suite that is served: ask(passed) gives what is told of the next check, or nothing after the last.
    One at a time, since a host may cut off what takes long."""
    results = collections.OrderedDict()
    while True:
        more, ended = told(ask(len(results)))
        results.update(more)
        if ended is not None:
            results[ended] = "ends the component"
        elif not more:
            return results


# ---- The surroundings: what lies in the bucket before, and what must lie there after ----

NAMES = {
    "user:123": b"user:123", "100%": b"100%", "a b\tc\nd": b"a b\tc\nd", "%zz": b"%zz", "~": b"~", "CON": b"CON",
    "a.": b"a.", "*?<>|\"": b"*?<>|\"",
    "%": b"", "%2E": b".", "%2E.": b"..", "%2Ehidden": b".hidden", "a%2Fb": b"a/b", "%2F": b"/", "a%5Cb": b"a\\b",
    "%252F": b"%2F", "%25": b"%", "%2E.%2Fx": b"../x", "nul%00nul": b"nul\0nul",
    "letter": b"letter", "Letter": b"Letter", "LETTER": b"LETTER", "n" * 255: b"n" * 255,
    **{name: name.encode() for name in ("gr\u00f6\u00dfe", "gro\u0308\u00dfe", "\u952e", "\U0001f511")},
}

PORTABLE_NAMES = {
    "letter": b"letter", "%4cetter": b"Letter", "%43%4f%4e": b"CON", "a%3ab": b"a:b", "a%2e": b"a.",
    "gr%c3%b6%c3%9fe": "gr\u00f6\u00dfe".encode(), "gro%cc%88%c3%9fe": "gro\u0308\u00dfe".encode(),
}


def contents(folder):
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name != ".kv"}


def difference(got, wanted):
    """In words, or OK."""
    keys = sorted(set(got) | set(wanted))
    wrong = ["{!r} is {!r}".format(key, got.get(key)) for key in keys if got.get(key) != wanted.get(key)]
    return "; ".join(wrong)[:300] or OK


def contract(run, folder):
    (folder / "default").mkdir()
    results = run("contract")
    results["names: the files on the disk"] = difference(contents(folder / "default"), NAMES)
    return results


def files(run, folder):
    bucket = folder / "default"
    bucket.mkdir()
    (bucket / "file").write_bytes(b"from outside")
    (bucket / "page_views").write_bytes(b"41\n")
    (bucket / "eight").write_bytes(b"12345678")
    (bucket / ".hidden").write_bytes(b"hidden")
    (bucket / "directory").mkdir()
    (bucket / "link").symlink_to("file")
    os.mkfifo(bucket / "pipe")
    if sys.platform == "linux":  # others refuse such a name
        with open(os.fsencode(bucket) + b"/not-\xff-utf8", "wb"):
            pass
    results = run("files")
    kinds = {
        "file": (bucket / "file").read_bytes(), "page_views": (bucket / "page_views").read_bytes(),
        "eight": (bucket / "eight").read_bytes(), "directory": (bucket / "directory").is_dir(),
        "link": os.readlink(bucket / "link"), "pipe": stat.S_ISFIFO(os.lstat(bucket / "pipe").st_mode)}
    results["files: on the disk afterwards"] = difference(kinds, {
        "file": b"from inside", "page_views": b"42\n", "eight": b"12345678", "directory": True, "link": "file",
        "pipe": True})
    return results


def file_as_bucket(run, folder):
    (folder / "file").write_bytes(b"no directory")
    return run("file-as-bucket")


def settings(run, folder):
    (folder / "below" / "it").mkdir(parents=True)
    results = run("settings", {"KEYVALUE_FILESYSTEM_ROOT": "below/it", "KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1",
                               "KEYVALUE_FILESYSTEM_DURABLE": "1"})
    made = folder / "below" / "it" / "made"
    results["settings: the files on the disk"] = difference(contents(made) if made.exists() else {}, {"k": b"v"})
    return results


def portable_names(run, folder):
    results = run("portable", {"KEYVALUE_FILESYSTEM_NAMES": "portable", "KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"})
    made = folder / "made"
    results["names: the portable files on the disk"] = difference(contents(made) if made.exists() else {}, PORTABLE_NAMES)
    return results


def bad_setting(run, folder):
    (folder / "default").mkdir()
    return run("bad-setting", {"KEYVALUE_FILESYSTEM_DURABLE": "perhaps"})


def no_permission(run, folder):
    (folder / "default").mkdir()
    (folder / "default" / "file").write_bytes(b"from outside")
    (folder / "default").chmod(0o555)
    try:
        return run("no-permission", prepare=drop_privileges)
    finally:
        (folder / "default").chmod(0o755)


SMALL_DISK = ("unshare", "--map-root-user", "--mount", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs default && "$@"',
              "sh")


def no_room(run, folder):
    """On a disk of 1 MiB; where none can be made, with a limit on a file's size."""
    (folder / "default").mkdir()
    if shutil.which("unshare") is not None and subprocess.run(
            [*SMALL_DISK, "true"], cwd=folder, stderr=subprocess.DEVNULL).returncode == 0:
        return run("no-room", prefix=SMALL_DISK)
    return run("no-room", prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))


def together(run, folder, other):
    """Beside the same checks in `other`."""
    (folder / "default").mkdir()
    beside = subprocess.Popen([*other, "together", "0"], cwd=folder, stdout=subprocess.DEVNULL)
    results = run("together")
    ended = beside.wait(SECONDS_MAX)
    counter = (folder / "default" / "n").read_bytes()
    results["increment: beside another process, the sum"] = (
        OK if ended == 0 and counter == struct.pack("<Q", 400) else "the counter is {!r}".format(counter))
    return results


def run_suite(host, path):
    """All checks in this host: their results by name."""
    words = host.command(path)
    beside = python_host().command(composed("draft", COMPOSERS[0]))
    surroundings = [contract, files, file_as_bucket, settings, portable_names, bad_setting, no_permission, no_room,
                    functools.partial(together, other=beside)]
    results = collections.OrderedDict()
    for surrounding in surroundings:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)

            def run(group, environment=(), **options):
                return run_group(words, group, folder, environment, **options)

            results.update(surrounding(run, folder))
    return results


# ---- The tables ----

def results_of(host):
    """By draft and composer; those whose composer is missing are left out."""
    found = {}
    for composer in COMPOSERS:
        for draft in DRAFTS:
            path = composed(draft, composer)
            print("{}: {}, {}".format(host.name, draft, composer if path else composer + " is not there"), flush=True)
            if path:
                found[draft, composer] = run_suite(host, path)
    return found


def cell(found, row, notes):
    """What a host says of an operation, all runs together; a difference becomes a note, told once."""
    told = collections.OrderedDict()
    for run, results in found.items():
        if results.get(row, OK) != OK:
            told.setdefault(results[row], []).append(run)
    numbers = []
    for text, runs in told.items():
        where = "" if len(runs) == sum(row in results for results in found.values()) else " ({})".format(
            "; ".join(", ".join(run) for run in runs))
        note = "{}{}: `{}`".format(row, where, text.replace("`", "'").replace("|", "/"))
        if note not in notes:
            notes.append(note)
        numbers.append(str(notes.index(note) + 1))
    return "differs ({})".format(", ".join(numbers)) if numbers else OK


def table(hosts, found):
    """Markdown: the hosts, each operation in each of them, and the notes."""
    lines = ["Composed by {}.".format(" and ".join(composer_versions())), "", "| host | version |", "| --- | --- |"]
    lines += ["| {} | {} |".format(host.name, host.version) for host in hosts]
    lines += ["", "| operation | " + " | ".join(host.name for host in hosts) + " |", "| --- |" + " --- |" * len(hosts)]
    notes = []
    rows = collections.OrderedDict()
    for of_host in found.values():
        for results in of_host.values():
            rows.update(dict.fromkeys(results))
    kinds = [row.split(":")[0] for row in rows]
    for row in sorted(rows, key=lambda row: kinds.index(row.split(":")[0])):
        cells = [cell(found[host.name], row, notes) if host.name in found else "\u2013" for host in hosts]
        lines.append("| {} | {} |".format(row, " | ".join(cells)))
    lines += [""] + ["{}. {}".format(number, note) for number, note in enumerate(notes, 1)]
    return "\n".join(lines).strip() + "\n"


# ---- Another implementation: wasmtime's own, in memory, for the older draft ----

def elsewhere():
    """The contract on wasmtime's own store and on ours, by the same component and the same command."""
    command = str(wasmtime_command())
    theirs = run_group([command, "run", "-S", "keyvalue", str(plain("draft"))], "contract", BUILD)
    with tempfile.TemporaryDirectory() as folder:
        ours = contract(functools.partial(run_group, wasmtime_host("", command).command(composed("draft", COMPOSERS[0])),
                                          folder=folder), pathlib.Path(folder))
    return ours, theirs


def elsewhere_table(ours, theirs):
    lines = ["| operation | keyvalue-filesystem | wasmtime's own, in memory |", "| --- | --- | --- |"]
    lines += ["| {} | {} | {} |".format(row, ours[row], OK if theirs[row] == OK else "differs: " + theirs[row])
              for row in theirs]
    return "\n".join(lines) + "\n"


def main():
    hosts = all_hosts()
    found = collections.OrderedDict((host.name, results_of(host)) for host in hosts if host.command)
    told = "What the suite is and what a difference means is told in [hosts.md](../hosts.md).\n\n"
    measured.write("hosts.md", "Hosts, operation by operation", "make hosts", told + table(hosts, found))
    if wasmtime_command():
        told = "What it means is told in [elsewhere.md](../elsewhere.md).\n\n"
        measured.write("wasmtime-store.md", "wasmtime's own store", "make hosts", told + elsewhere_table(*elsewhere()))


if __name__ == "__main__":
    main()
