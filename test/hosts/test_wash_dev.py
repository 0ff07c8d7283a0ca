"""The store beside a component in the real `wash dev`, as docs/wash.md has it. `make test-wash` fetches wash."""
import contextlib
import json
import shutil
import struct
import subprocess

import load
import pytest
import run
import tools
import washdev
from pages import documents
from washdev import BUILD, ROOT

COUNTER = BUILD / "wasm" / "http_counter.component.wasm"
CONNECTIONS = 16
REQUESTS = 500


@pytest.fixture(params=washdev.VERSIONS)
def version(request):
    if washdev.command(request.param) is None:
        pytest.skip("wash {} is not there; make wash fetches it".format(request.param))
    return request.param


@pytest.fixture
def project(tmp_path, version):
    """Serves a project: project(component, dev, rest) gives the running wash; it runs to the end, or to the next one."""
    with contextlib.ExitStack() as stack:
        def serve(component=COUNTER, dev=washdev.beside(), rest=""):
            stack.close()
            port = washdev.free_port()
            washdev.configure(tmp_path, component, port, dev, rest)
            return stack.enter_context(washdev.serving(version, tmp_path, port))

        (tmp_path / "data" / "my-bucket").mkdir(parents=True)
        yield serve


def views(folder):
    return (folder / "data" / "my-bucket" / "page_views").read_bytes()


class Reader:
    """Types what docs/wash.md shows, in a fresh clone: `wash dev` runs on beside what is typed after it."""

    def __init__(self, version, clone, home, stack):
        self.version, self.clone, self.home, self.stack = version, clone, home, stack
        self.port = washdev.free_port()

    def play(self, block):
        folder = self.clone
        for command, shown in documents.steps(block):
            if command.startswith("cd "):
                folder = folder / command.split()[1]
                continue
            if command.strip() == "wash dev":
                output = self.start(folder)
            else:
                output = subprocess.run(["bash", "-c", self.here(command)], cwd=folder, check=True, text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout
            assert documents.is_as_shown(output, self.here(shown)), "{}\n{}".format(command, output)

    def here(self, text):
        return text.replace("127.0.0.1:8000", "127.0.0.1:{}".format(self.port))

    def start(self, folder):
        configuration = folder / ".wash" / "config.yaml"
        text = configuration.read_text()
        assert "address: 127.0.0.1:8000\n" in text
        configuration.write_text(self.here(text))
        return self.stack.enter_context(washdev.serving(self.version, folder, self.port, self.home)).log.read_text()


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A fresh clone, which the first wash builds and the others find built."""
    folder = tmp_path_factory.mktemp("clone")
    washdev.clone(folder)
    return folder


@pytest.mark.xdist_group("clone")
def test_example_of_the_older_wash(clone):
    """wash 1.0.0-beta can only be had from source; what it would run builds its example in a fresh clone: one component,
    which imports what the plugin exports."""
    example = clone / "examples" / "wash-1"
    command = json.loads((example / ".wash" / "config.json").read_text())["build"]["typescript"]["custom_command"]
    subprocess.run(command, cwd=example, check=True, env=washdev.environment(clone))
    (component,) = (example / "build").glob("*.wasm")
    wit = subprocess.run([tools.WASM_TOOLS, "component", "wit", component], check=True, stdout=subprocess.PIPE, text=True)
    assert "import wasi:keyvalue/atomics@0.2.0-draft;" in wit.stdout
    assert "export wasi:http/incoming-handler@0.2.0;" in wit.stdout


@pytest.mark.xdist_group("clone")
def test_example(clone, tmp_path, version):
    """The sessions of docs/wash.md do, in a fresh clone, what the page shows, on this machine alone."""
    blocks = [block for needs, block in documents.blocks("docs/wash.md", "console") if needs == ["test-wash"]]
    assert len(blocks) == 2
    example = clone / "examples" / "wash-2"
    shutil.rmtree(example / "data", ignore_errors=True)
    shutil.copy(ROOT / "examples" / "wash-2" / ".wash" / "config.yaml", example / ".wash")
    with contextlib.ExitStack() as stack:
        reader = Reader(version, clone, tmp_path, stack)
        for block in blocks:
            reader.play(block)


def test_every_view_counts_once(project, tmp_path):
    """Requests over sixteen connections at once get every number once, none is refused, and the next wash counts on."""
    wash = project()
    answers, _ = load.ask(wash.port, CONNECTIONS, REQUESTS)
    assert {answer.status for answer in answers} == {200}
    assert sorted(int(answer.body) for answer in answers) == list(range(1, REQUESTS + 1))
    assert views(tmp_path) == struct.pack("<Q", REQUESTS)
    assert project().get() == (200, "{}\n".format(REQUESTS + 1))


def test_edited_by_hand(project, tmp_path):
    """What a person writes, removes and makes between two requests, the next request sees."""
    wash = project()
    bucket = tmp_path / "data" / "my-bucket"
    (bucket / "page_views").write_text("41\n")
    assert wash.get() == (200, "42\n")
    assert views(tmp_path) == b"42\n"
    (bucket / "page_views").write_text("many\n")
    status, text = wash.get()
    assert status == 500 and text.startswith('increment: bucket "my-bucket", key "page_views": the value is not')
    (bucket / "page_views").unlink()
    assert wash.get() == (200, "1\n")
    bucket.rename(tmp_path / "data" / "other")
    assert wash.get() == (500, "there is no bucket my-bucket; make its directory\n")
    bucket.mkdir()
    assert wash.get() == (200, "1\n")


@pytest.mark.parametrize("settings,place", [
    ({}, "second/my-bucket"),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/first"}, "first/my-bucket"),
    ({"KEYVALUE_FILESYSTEM_ROOT": "/second/below"}, "second/below/my-bucket"),
], ids=["last", "named", "below"])
def test_two_volumes(project, tmp_path, settings, place):
    """Of two volumes the last one is the root, unless KEYVALUE_FILESYSTEM_ROOT names another, or a directory in one."""
    for name in ("first", "second/below"):
        (tmp_path / name).mkdir(parents=True)
    settings = {**settings, "KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}
    wash = project(dev=washdev.beside(settings, [("./first", "/first"), ("./second", "/second")]))
    assert wash.get() == (200, "1\n")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("page_views")] == [place + "/page_views"]


def test_settings(project, tmp_path):
    """Settings are strings, of the component or of all; one that is not understood is an error of each request."""
    for settings, rest in ({"KEYVALUE_FILESYSTEM_DURABLE": "1"}, ""), (
            {}, 'workload:\n  environment:\n    config:\n      KEYVALUE_FILESYSTEM_DURABLE: "1"\n'):
        assert project(dev=washdev.beside(settings), rest=rest).get()[0] == 200
    status, text = project(dev=washdev.beside({"KEYVALUE_FILESYSTEM_DURABLE": "perhaps"})).get()
    assert status == 500 and "KEYVALUE_FILESYSTEM_DURABLE" in text


def test_composed(project, tmp_path):
    """Composed with the store, the component needs nothing beside it but the volume, and keeps what it counts."""
    wash = project(BUILD / "http_counter.wasm", "  volumes:\n    - {host_path: ./data, guest_path: /data}\n")
    assert wash.get() == (200, "1\n")
    assert views(tmp_path) == struct.pack("<Q", 1)


# A value of 4 MiB or more does not pass between two components in wash: the host gives a call 128 MiB for its
# arguments, and 32 bytes for each byte of a list.
TOO_LARGE = "values: 5 MiB"


@pytest.mark.parametrize("draft", run.DRAFTS)
def test_contract(project, draft):
    """The suite of docs/hosts.md, in either draft, finds in wash what it finds elsewhere, but for one value too large."""
    wash = project(BUILD / "wasm" / "suite_http_{}.component.wasm".format(draft))
    results = run.ask_group(lambda passed: wash.get("/?contract+{}+my-bucket+1".format(passed))[1])
    assert results.pop(TOO_LARGE).startswith("ends the component")
    assert len(results) > 20 and set(results.values()) == {run.OK}


def test_transfer(project, tmp_path):
    """A bucket goes out of one wash and into another, by the component for hosts that run no commands."""
    bucket = tmp_path / "data" / "my-bucket"
    for number in range(300):
        (bucket / "key {}".format(number)).write_bytes(b"value %d\n\0" % number)
    (tmp_path / "data" / "other").mkdir()
    wash = project(BUILD / "kv_transfer_http.wasm")

    def curl(*words):
        url = "http://127.0.0.1:{}/?{}".format(wash.port, words[-1])
        return subprocess.run(["curl", "-sS", *words[:-1], url], cwd=tmp_path, check=True, stdout=subprocess.PIPE).stdout

    (tmp_path / "stream").write_bytes(curl("export+my-bucket"))
    assert curl("--data-binary", "@stream", "import+other") == b"imported 300 keys\n"
    kept = [{path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
            for folder in (bucket, tmp_path / "data" / "other")]
    assert kept[0] == kept[1] and len(kept[0]) == 300


def test_transfer_of_a_missing_bucket(project):
    """A transfer that fails gives no response that could be taken for a whole one."""
    wash = project(BUILD / "kv_transfer_http.wasm")
    done = subprocess.run(["curl", "-sS", "http://127.0.0.1:{}/?export+missing".format(wash.port)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode != 0 and done.stdout == b""
    assert 'there is no bucket "missing"' in wash.log.read_text()


def test_pages_name_these_versions():
    """docs/wash.md says which versions are run here."""
    page = (ROOT / "docs" / "wash.md").read_text(encoding="utf-8")
    assert all(version in page for version in washdev.VERSIONS)
