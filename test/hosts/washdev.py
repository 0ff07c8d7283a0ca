"""The real `wash dev`, in a folder, until the end.

    with washdev.serving("2.10.3", folder) as wash:      # a project with .wash/config.yaml
        wash.get()                                       # (200, "1\n")

`make .toolchain/wash-VERSION/.installed` fetches one. It needs no network: nothing is fetched by wash, its home is a
folder of its own, and it listens on the loopback alone.
"""
import contextlib
import http.client
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLCHAIN = ROOT / ".toolchain"
BUILD = ROOT / "build"
VERSIONS = ("2.10.3", "2.7.0")
NEWEST = VERSIONS[0]
READY = "listening for HTTP requests"
START_SECONDS_MAX = 240  # with the build of a fresh clone; a wash that hangs, no measure of speed


def command(version=NEWEST):
    """The binary of that version, or None."""
    path = TOOLCHAIN / "wash-{}".format(version) / "wash_cli" / "wash"
    return path if path.exists() else None


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def environment(home):
    """Without what make and a developer's shell have set. With RUST_BACKTRACE wash makes a trace of its stack for every
    error inside it, one for each file that is not there: ten times the work for a request."""
    found = {name: value for name, value in os.environ.items()
             if not name.startswith(("MAKE", "KEYVALUE_", "RUST_", "XDG_", "OTEL_"))}
    return {**found, "HOME": str(home)}


class Wash:
    def __init__(self, folder, port, process, log):
        self.folder = folder
        self.port = port
        self.process = process
        self.log = log

    def get(self, path="/", body=None):
        """The status and the text of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS_MAX)
        connection.request("GET" if body is None else "POST", path, body=body)
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer[0], answer[1].decode()

    def cpu_seconds(self):
        """What all its threads have used so far."""
        fields = pathlib.Path("/proc/{}/stat".format(self.process.pid)).read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def configure(folder, component, port, dev="", rest=""):
    """Writes the configuration of a project that is built already. `dev` and `rest` are YAML, the first one indented."""
    (folder / ".wash").mkdir(parents=True, exist_ok=True)
    (folder / ".wash" / "config.yaml").write_text(
        "build:\n  command: 'true'\n  component_path: {}\ndev:\n  address: 127.0.0.1:{}\n{}{}".format(
            component, port, dev, rest))


def beside(settings=(), volumes=(("./data", "/data"),), store=BUILD / "keyvalue_filesystem.wasm"):
    """The part `dev` of a configuration with the store beside the component."""
    lines = ["  components:", "    - name: keyvalue-filesystem", "      file: {}".format(store)]
    if settings:
        lines += ["      environment:", "        config:"]
        lines += ['          {}: "{}"'.format(name, value) for name, value in dict(settings).items()]
    if volumes:
        lines.append("  volumes:")
        lines += ["    - {{host_path: {}, guest_path: {}}}".format(*volume) for volume in volumes]
    return "\n".join(lines) + "\n"


@contextlib.contextmanager
def serving(version, folder, port, home=None):
    """Runs `wash dev` in the folder; begins once it serves. What it says is in the file `wash.log` of its home."""
    home = home or folder / ".home"
    home.mkdir(exist_ok=True)
    log = home / "wash.log"
    with open(log, "wb") as output:
        process = subprocess.Popen([str(command(version)), "--non-interactive", "dev"], cwd=folder,
                                   stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(home),
                                   start_new_session=True)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while READY not in log.read_text(errors="replace"):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.02)
        yield Wash(folder, port, process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # as Ctrl+C, which also ends it well
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def listening(command, port, log):
    """Runs another server until the end; begins once the port answers."""
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                   start_new_session=True)
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            assert process.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.02)
        yield
    finally:
        process.kill()
        process.wait()


def clone(folder):
    """What a fresh clone of the project has, as the files are now; the tools are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, stdout=subprocess.PIPE)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and not path.is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, folder / name)
        elif name and path.is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(os.readlink(path))
    (folder / ".toolchain").symlink_to(TOOLCHAIN)
