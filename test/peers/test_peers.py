"""What other projects' own programs expect of a store, in Rust for wasm32-wasip2. `make test-peers` builds them, and
`make languages` writes the table of docs/measured/peers.md.

Skipped where they are not built.
"""
import http.client
import json
import os
import subprocess
import sys

import pytest

import measured
import serving
from keyvalue import BUILD, PAIRS, STORE
from tools import ROOT, WASM_TOOLS

RUN = [sys.executable, str(ROOT / "tools" / "run_component.py")]

# Program: whose it is, what it imports of wasi:keyvalue, and what it does.
PROGRAMS = {
    "examples_draft": ("keyvalue-filesystem as it first was, its examples", "0.2.0-draft: store, atomics, batch",
                       "one key, several, counters"),
    "examples_draft2": ("the same", "0.2.0-draft2: store, atomics, batch", "one key, several, counters"),
    "wasmtime_main": ("wasmtime, `keyvalue_main`", "0.2.0-draft: store, atomics, batch",
                      "a counter given as text, one key, several"),
    "wasmtime_serve": ("wasmtime, `p2_cli_serve_keyvalue`", "0.2.0-draft: store", "answers HTTP with a value"),
    "wash_counter": ("wash, `keyvalue-counter`", "0.2.0-draft: store, atomics", "answers HTTP with a counter"),
    "wash_handler": ("wash, `http-kv-handler`", "0.2.0-draft: store", "sets and gets over HTTP"),
    "wrpc_client": ("wRPC, `wasi-keyvalue-component-client`", "0.2.0-draft2: store", "one key, a listing"),
    "spin": ("Spin, `wasi-key-value`", "0.2.0-draft2 with the newer get-many: store, atomics, batch",
             "one key, several, counters, compare and swap; without Spin's own two rules"),
}
FILES = {"spin": PAIRS}  # the others take the component itself
results = {}


HEAD = """\
| whose | imports | does | store | result |
| --- | --- | --- | --- | --- |
"""
FOOT = """
Each is written anew after what the program expects ([test/peers](../../test/peers)), in Rust for `wasm32-wasip2`, and
linked with `wit/` as it is.
"""


@pytest.fixture(scope="module", autouse=True)
def table():
    """Writes docs/measured/peers.md anew where `make languages` asks for it, also when a test fails."""
    yield
    if os.environ.get("WRITE_LANGUAGES"):
        rows = ("| {} | {} | {} | `{}` | {} |\n".format(*about, FILES.get(name, STORE), results[name])
                for name, about in PROGRAMS.items())
        measured.write("peers.md", "What other projects' programs expect of a store", "make languages",
                       HEAD + "".join(rows) + FOOT)


EXAMPLES = """my-key: Some("my-value")
User: John Doe
User exists: true
Key: user:123
User exists: false
Keys: 0
user:1: Alice
user:2: Bob
not there
Left: ["user:3"]
Page views: 1
Page views: 2
Total requests: 100
"""


@pytest.fixture
def program(tmp_path):
    """Plugs a store into one of the programs; gives the composed file."""
    def compose(name, store=None):
        built = BUILD / "rust" / "wasm32-wasip2" / "release" / (name + ".wasm")
        source = ROOT / "test" / "peers" / "src" / "bin" / (name + ".rs")
        if not built.exists() or built.stat().st_mtime < source.stat().st_mtime:
            results[name] = "not run: there is no Rust for wasm32-wasip2"
            pytest.skip("{} is not built; make test-peers builds it where rustup is".format(built.name))
        results[name] = "**fails**"
        plug = tmp_path / "store.wasm"
        plug.write_bytes((BUILD / (store or FILES.get(name, STORE))).read_bytes())
        composed = tmp_path / (name + ".wasm")
        subprocess.run([WASM_TOOLS, "compose", str(built), "-d", str(plug), "-o", str(composed)], check=True,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return composed
    return compose


@pytest.fixture
def data(tmp_path):
    """A directory with the buckets that are named."""
    def make(*buckets):
        for bucket in buckets:
            (tmp_path / "data" / bucket).mkdir(parents=True)
        return tmp_path / "data"
    return make


def run(composed, folder):
    """Runs a command in the directory; it must succeed. What it prints."""
    done = subprocess.run([*RUN, str(composed)], cwd=str(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=os.environ, timeout=600)
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return done.stdout.decode()


@pytest.fixture
def ask(tmp_path):
    """Asks a composed program one thing over HTTP, in a server of its own: the status and the text."""
    def answers(composed, folder, *requests):
        def host(port, root):
            return serving.wasmtime(composed, port, root)
        with serving.served(host, folder, tmp_path / "log") as port:
            for method, path, body in requests:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=serving.START_SECONDS_MAX)
                connection.request(method, path, body)
                response = connection.getresponse()
                yield response.status, response.read().decode()
                connection.close()
    return answers


@pytest.mark.parametrize("draft", ["draft", "draft2"])
def test_examples(draft, program, data):
    """The examples that the first keyvalue-filesystem came with run, print what they must, and leave the files."""
    folder = data("my-bucket", "counters")
    assert run(program("examples_" + draft), folder) == EXAMPLES
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("*/[!.]*")}
    assert files == {"my-bucket/user:3": b"Charlie", "counters/page_views": (2).to_bytes(8, "little"),
                     "counters/total_requests": (100).to_bytes(8, "little")}
    results["examples_" + draft] = "passes"


def test_wasmtime_main(program, data):
    """wasmtime's keyvalue_main: a counter given as text counts on as text, and each call returns what wasmtime's own
    store in memory returns."""
    folder = data("default")
    (folder / "default" / "atomics_key").write_text("5")
    assert run(program("wasmtime_main"), folder) == ""
    assert (folder / "default" / "atomics_key").read_text() == "6"
    results["wasmtime_main"] = "passes"


def test_wrpc_client(program, data):
    """wRPC's client, which has the store at 0.2.0-draft2 alone, finds the key it has set."""
    assert run(program("wrpc_client"), data("example")) == "key: foo\n"
    assert run(program("wrpc_client", PAIRS), data()) == "key: foo\n"
    results["wrpc_client"] = "passes"


def test_spin(program, data):
    """Spin's wasi-key-value passes with the file that has its get-many, but for Spin's own two rules."""
    assert run(program("spin"), data("default")) == ""
    results["spin"] = "passes"


def test_wasmtime_serve(program, data, ask):
    """wasmtime's p2_cli_serve_keyvalue: the answer to a request is the value of a file."""
    folder = data("default")
    (folder / "default" / "hello").write_text("world")
    assert list(ask(program("wasmtime_serve"), folder, ("GET", "/", None))) == [(200, "world")]
    results["wasmtime_serve"] = "passes"


def test_wash_counter(program, data, ask):
    """wash's keyvalue-counter: each request is answered by the next number, also after somebody has edited the file."""
    folder = data("counter")
    answers = ask(program("wash_counter"), folder, *[("GET", "/", None)] * 4)
    assert [next(answers), next(answers)] == [(200, "1"), (200, "2")]
    (folder / "counter" / "n").write_text("41\n")
    assert list(answers) == [(200, "42"), (200, "43")]
    assert (folder / "counter" / "n").read_text() == "43\n"
    results["wash_counter"] = "passes"


def test_wash_handler(program, data, ask):
    """wash's http-kv-handler: what is posted is in a file, and GET returns what the file has by then."""
    folder = data("in_memory")
    value = json.dumps({"key": "mykey", "value": "größe\n42"})
    answers = ask(program("wash_handler"), folder, ("POST", "/", value.encode()), ("GET", "/?key=mykey", None),
                  ("GET", "/?key=mykey", None), ("GET", "/?key=other", None), ("GET", "/", None), ("PUT", "/", b""))
    assert next(answers) == (200, "[in_memory] Stored key 'mykey'\n")
    assert (folder / "in_memory" / "mykey").read_text(encoding="utf-8") == "größe\n42"
    assert next(answers) == (200, "[in_memory] größe\n42\n")
    (folder / "in_memory" / "mykey").write_text("edited")
    assert next(answers) == (200, "[in_memory] edited\n")
    assert [status for status, _ in answers] == [404, 400, 405]
    results["wash_handler"] = "passes"
