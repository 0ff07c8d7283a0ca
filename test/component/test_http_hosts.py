"""The HTTP example in real hosts: `make test-http` fetches them. Skipped where one is missing."""
import http.client
import os
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time

import pytest

from keyvalue import BUILD

TOOLCHAIN = BUILD.parent / ".toolchain"
COUNTER = str(BUILD / "http_counter.wasm")
JCO = TOOLCHAIN / "jco"
CONNECTIONS = 16
START_SECONDS_MAX = 120

pytestmark = pytest.mark.xdist_group("http-hosts")


def wasmtime(port, root):
    fetched = TOOLCHAIN / "bench" / "wasmtime_cli" / "wasmtime"
    command = str(fetched) if fetched.exists() else shutil.which("wasmtime")
    if command is None:
        pytest.skip("there is no wasmtime command; make test-http fetches it")
    return [command, "serve", "-S", "cli", "--addr", "127.0.0.1:{}".format(port), "--dir", "{}::/data".format(root),
            COUNTER]


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
    servers = []

    def start(host):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        log = tmp_path / "log"
        with open(log, "wb") as output:
            servers.append(subprocess.Popen(
                host(port, root), env=dict(os.environ, DATA=str(root)), stdout=output, stderr=output,
                stdin=subprocess.DEVNULL, start_new_session=True))
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            assert servers[0].poll() is None and time.monotonic() < deadline, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return port
            except OSError:
                time.sleep(0.1)

    yield start
    for server in servers:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


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
