"""A built component served over HTTP by a real host, on a port of its own. For the tests of the examples."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time

import pytest

from keyvalue import BUILD

TOOLCHAIN = BUILD.parent / ".toolchain"
START_SECONDS_MAX = 120


def wasmtime(component, port, root, *options):
    """The command line of `wasmtime serve`, with `root` preopened as /data."""
    fetched = TOOLCHAIN / "bench" / "wasmtime_cli" / "wasmtime"
    command = str(fetched) if fetched.exists() else shutil.which("wasmtime")
    if command is None:
        pytest.skip("there is no wasmtime command; make test-http fetches it")
    return [command, "serve", "-S", "cli", "--addr", "127.0.0.1:{}".format(port), "--dir", "{}::/data".format(root),
            *options, str(BUILD / component)]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def listening(command, port, log, **options):
    """Runs a command that serves a port until the end; begins once it answers. What it prints is in the file `log`."""
    with open(log, "wb") as output:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  start_new_session=True, **options)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        yield
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@contextlib.contextmanager
def served(host, root, log):
    """Runs the command that host(port, root) gives until the end; gives the port once it answers."""
    port = free_port()
    with listening(host(port, root), port, log, env=dict(os.environ, DATA=str(root))):
        yield port
