"""Other implementations of wasi:keyvalue, each behind the same components in the same wash: `make neighbours`.

Writes docs/measured/neighbours.md: what the suite of docs/hosts.md finds in each, how counters behave that 16
connections count at once, and what becomes of a bucket that is taken there and back. The tests use its parts.
"""
import collections
import contextlib
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

import load
import run
import washdev
from washdev import BUILD, ROOT, TOOLCHAIN

sys.path.insert(0, str(ROOT / "tools"))
import measured  # noqa: E402

NATS = TOOLCHAIN / "nats" / "nats-server"
CONNECTIONS = 16
REQUESTS = 320


# ---- The implementations ----

@contextlib.contextmanager
def redis(folder):
    port = washdev.free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with washdev.listening(command, port, folder / "redis.log"):
        yield "  wasi_keyvalue_redis_url: redis://127.0.0.1:{}\n".format(port)


@contextlib.contextmanager
def nats(folder):
    port = washdev.free_port()
    command = [str(NATS), "-js", "-a", "127.0.0.1", "-p", str(port), "-sd", str(folder / "jetstream")]
    with washdev.listening(command, port, folder / "nats.log"):
        yield "  wasi_keyvalue_nats_url: nats://127.0.0.1:{}\n".format(port)


@contextlib.contextmanager
def beside(folder):
    (folder / "data" / "my-bucket").mkdir(parents=True, exist_ok=True)
    yield washdev.beside()


@contextlib.contextmanager
def in_files(folder):
    yield "  wasi_keyvalue_path: ./values\n"


@contextlib.contextmanager
def in_memory(folder):
    yield ""


def first_line(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[0]


Neighbour = collections.namedtuple("Neighbour", "name store kept")  # kept: after wash has ended


def all_neighbours():
    """Those that are there, the store of this project first; and, for the page, why others are not."""
    found = [Neighbour("keyvalue-filesystem", beside, True), Neighbour("wash, files", in_files, True),
             Neighbour("wash, memory", in_memory, False)]
    missing = []
    if shutil.which("redis-server"):
        found.append(Neighbour("wash, Redis", redis, True))
    else:
        missing.append("Redis: there is no redis-server")
    if NATS.exists():
        found.append(Neighbour("wash, NATS", nats, True))
    else:
        missing.append("NATS: there is no nats-server; it is built with go")
    return found, missing


@contextlib.contextmanager
def served(component, folder, dev):
    """Serves a component in wash with that store; one at a time, so that the store outlives it and passes to the next."""
    port = washdev.free_port()
    washdev.configure(folder, component, port, dev)
    with washdev.serving(washdev.NEWEST, folder, port) as wash:
        yield wash


@contextlib.contextmanager
def fresh(neighbour):
    """An empty store of that kind: gives serve(component), which serves one component after the other on it."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = pathlib.Path(name)
        dev = stack.enter_context(neighbour.store(folder))
        yield lambda component: served(component, folder, dev)


# ---- A bucket in and out ----

def transfer(wash, request, stream=None):
    """What the transfer component answers; bytes."""
    words = ["curl", "-sS", "http://127.0.0.1:{}/?{}".format(wash.port, request)]
    if stream is not None:
        words[2:2] = ["--data-binary", "@-"]
    done = subprocess.run(words, input=stream, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout if done.returncode == 0 else done.stderr


def kv(folder, *words, stream=None):
    """The kv command on the store in that directory: whether it succeeded, and what it printed."""
    command = [sys.executable, str(ROOT / "tools" / "run_component.py"), str(BUILD / "kv.wasm"), *words]
    done = subprocess.run(command, cwd=folder, input=stream, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr


@contextlib.contextmanager
def bucket_here(values=()):
    """A store of ours with the bucket `b` and these values; gives the directories of the root and the bucket."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "b").mkdir()
        for key, value in dict(values).items():
            (root / "b" / key).write_bytes(value)
        yield root, root / "b"


def stream_of(values):
    with bucket_here(values) as (root, _):
        done, stream = kv(root, "export", "b")
        assert done, stream
        return stream


def values_of(stream):
    """What a stream brings into a bucket of ours; None if it is refused."""
    with bucket_here() as (root, bucket):
        done, _ = kv(root, "import", "b", stream=stream)
        return {path.name: path.read_bytes() for path in bucket.iterdir() if path.is_file()} if done else None


# ---- What is asked of each ----

VALUES = {"user:123": b"John Doe", "user-456": b"Jane\nRoe\n", "empty": b"", "binary": bytes(range(256)),
          "megabyte": b"\0\xff" * (1 << 19)}
PORTABLE = {key: value for key, value in VALUES.items() if ":" not in key}


def there_and_back(serve, values):
    """A bucket, exported here, imported there, exported there, and imported here."""
    with serve(BUILD / "kv_transfer_http.wasm") as wash:
        answer = transfer(wash, "import+my-bucket", stream_of(values)).decode(errors="replace").strip()
        if answer != "imported {} keys".format(len(values)):
            reason = [line for line in wash.log.read_text(errors="replace").splitlines() if "kv_transfer: " in line]
            return "no: " + (reason[-1].partition("kv_transfer: ")[2] if reason else answer or "an empty answer")
        return "same" if values_of(transfer(wash, "export+my-bucket")) == values else "not the same"


def counted_there(neighbour, value):
    """A counter of ours with the value 41, taken there and counted once; then taken back and counted once here."""
    with fresh(neighbour) as serve:
        with serve(BUILD / "kv_transfer_http.wasm") as wash:
            assert transfer(wash, "import+my-bucket", stream_of({"page_views": value})) == b"imported 1 key\n"
        with serve(COUNTER) as wash:
            there = told(*wash.get())
        with serve(BUILD / "kv_transfer_http.wasm") as wash:
            stream = transfer(wash, "export+my-bucket")
    with bucket_here() as (root, _):
        kv(root, "import", "b", stream=stream)
        done, text = kv(root, "increment", "b", "page_views")
        return there, text.decode().strip() if done else "refused"


def counter_from_there(neighbour):
    """A counter that was made there and counted to 2: its bytes, and what it is counted to here."""
    with fresh(neighbour) as serve:
        with serve(COUNTER) as wash:
            wash.get()
            wash.get()
        with serve(BUILD / "kv_transfer_http.wasm") as wash:
            values = values_of(transfer(wash, "export+my-bucket"))
    with bucket_here(values) as (root, bucket):
        made = (bucket / "page_views").read_bytes()
        done, text = kv(root, "increment", "b", "page_views")
        return bytes_told(made), text.decode().strip() if done else "refused"


def bytes_told(value):
    if value == struct.pack("<Q", 2):
        return "8 bytes, little-endian"
    if value == struct.pack(">Q", 2):
        return "8 bytes, big-endian"
    return "text" if value == b"2" else repr(value)


def told(status, text):
    return text.strip() if status == 200 else "{}: {}".format(status, text.strip())


COUNTER = BUILD / "wasm" / "http_counter.component.wasm"


def counted_at_once(serve):
    """Requests over 16 connections: whether each number came once."""
    with serve(COUNTER) as wash:
        answers, _ = load.ask(wash.port, CONNECTIONS, REQUESTS)
    numbers = [int(answer.body) for answer in answers if answer.status == 200]
    if sorted(numbers) == list(range(1, REQUESTS + 1)):
        return "each number once"
    refused = REQUESTS - len(numbers)
    return "{} refused, {} numbers twice".format(refused, len(numbers) - len(set(numbers)))


def contract(serve):
    with serve(BUILD / "wasm" / "suite_http_draft.component.wasm") as wash:
        return run.ask_group(lambda passed: wash.get("/?contract+{}+my-bucket+1".format(passed))[1])


def results_of(neighbour):
    """The rows of the two tables."""
    rows = collections.OrderedDict()
    with fresh(neighbour) as serve:
        rows["320 increments over 16 connections"] = counted_at_once(serve)
    with fresh(neighbour) as serve:
        rows["a bucket there and back"] = there_and_back(serve, VALUES)
    with fresh(neighbour) as serve:
        rows["the same, no `:` in its keys"] = there_and_back(serve, PORTABLE)
    if neighbour.kept:
        rows["a new counter is"], rows["it was 2; counted here"] = counter_from_there(neighbour)
        for kind, value in ("text", b"41"), ("8 bytes", struct.pack("<Q", 41)):
            there, here = counted_there(neighbour, value)
            rows["a counter of ours, {}, 41; counted there".format(kind)] = there
            rows["{}, taken back and counted here".format(kind)] = here
    with fresh(neighbour) as serve:
        return rows, contract(serve)


# ---- The page ----

def table(head, found):
    lines = ["| " + " | ".join([head, *found]) + " |", "| --- |" + " --- |" * len(found)]
    names = list(dict.fromkeys(name for rows in found.values() for name in rows))
    for name in names:
        cells = [rows.get(name, "\u2013").replace("|", "/").replace("\n", " ") for rows in found.values()]
        lines.append("| {} | {} |".format(name, " | ".join(cells)))
    return "\n".join(lines)


def short(result):
    return result if result == run.OK or result.startswith("ends") else "differs: " + result


def page(found, missing):
    versions = ["wash " + washdev.NEWEST]
    if shutil.which("redis-server"):
        versions.append("Redis " + first_line("redis-server", "--version").split("v=")[1].split()[0])
    if NATS.exists():
        versions.append("nats-server " + first_line(str(NATS), "--version").split("v")[-1])
    text = ["What it means is told in [elsewhere.md](../elsewhere.md).", "",
            "The same components, unchanged, in {}; the store of this project beside them, and then wash's own in its "
            "place.".format(", ".join(versions)), ""]
    text += [line for reason in missing for line in ("Not run: {}.".format(reason), "")]
    text += [table("buckets and counters", {name: rows for name, (rows, _) in found.items()}), "",
             "The suite of [hosts.md](../hosts.md), at `0.2.0-draft`:", "",
             table("operation", {name: collections.OrderedDict((row, short(result)) for row, result in results.items())
                                 for name, (_, results) in found.items()}), ""]
    return "\n".join(text)


def main():
    found = collections.OrderedDict()
    neighbours, missing = all_neighbours()
    for neighbour in neighbours:
        print(neighbour.name, flush=True)
        found[neighbour.name] = results_of(neighbour)
    measured.write("neighbours.md", "Neighbours", "make neighbours", page(found, missing))


if __name__ == "__main__":
    main()
