"""The HTTP example in real hosts: `make test-http` fetches them. Skipped where one is missing."""
import contextlib
import http.client
import shutil
import struct
import threading

import pytest

import serving
from keyvalue import BUILD
from serving import START_SECONDS_MAX, TOOLCHAIN

COUNTER = str(BUILD / "http_counter.wasm")
JCO = TOOLCHAIN / "jco"
CONNECTIONS = 16

pytestmark = pytest.mark.xdist_group("http-hosts")


def wasmtime(port, root):
    return serving.wasmtime("http_counter.wasm", port, root)


def jco(port, root, *options):
    command = JCO / "node_modules" / ".bin" / "jco"
    if not command.exists() or shutil.which("node") is None:
        pytest.skip("there is no node or no jco; make test-http fetches jco where node is")
    return [str(command), "serve", *options, "--host", "127.0.0.1", "--port", str(port), "--jco-import",
            str(JCO / "preopen.mjs"), COUNTER]


def jco_instances(port, root):
    """With a new instance for every request, as wash has it."""
    return jco(port, root, "--isolate-requests", "instance")


@pytest.fixture
def root(tmp_path):
    (tmp_path / "data" / "my-bucket").mkdir(parents=True)
    return tmp_path / "data"


@pytest.fixture
def serve(root, tmp_path):
    """Serves the example; gives the port."""
    with contextlib.ExitStack() as servers:
        yield lambda host: servers.enter_context(serving.served(host, root, tmp_path / "log"))


def views(port, count):
    """The answers to so many requests, from CONNECTIONS connections at once."""
    answers = []

    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS_MAX)
        for _ in range(count // CONNECTIONS):
            connection.request("GET", "/")
            response = connection.getresponse()
            answers.append((response.status, response.read()))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.parametrize("host,count", [(wasmtime, 2000), (jco, 2000), (jco_instances, 400)])
def test_every_view_counts_once(serve, root, host, count):
    """Requests from sixteen connections at once get every number once, and the counter is their count."""
    answers = views(serve(host), count)
    assert sorted(answers, key=lambda answer: (answer[0], len(answer[1]), answer[1])) == [
        (200, b"%d\n" % number) for number in range(1, count + 1)]
    assert (root / "my-bucket" / "page_views").read_bytes() == struct.pack("<Q", count)


@pytest.mark.parametrize("host", [wasmtime, jco])
def test_edited_while_served(serve, root, host):
    """A counter that a person writes as text is counted on, and errors come through."""
    port = serve(host)

    def get():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS_MAX)
        connection.request("GET", "/")
        response = connection.getresponse()
        return response.status, response.read().decode()

    (root / "my-bucket" / "page_views").write_text("41\n")
    assert get() == (200, "42\n")
    (root / "my-bucket" / "page_views").write_text("many\n")
    status, text = get()
    assert status == 500 and text.startswith('increment: bucket "my-bucket", key "page_views": the value is not')
    shutil.rmtree(root / "my-bucket")
    assert get() == (500, "there is no bucket my-bucket; make its directory\n")
    (root / "my-bucket").mkdir()
    assert get() == (200, "1\n")
