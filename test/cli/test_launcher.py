"""./kv: which of the two forms it runs, and with what; the demo."""
import os
import re
import shutil
import subprocess

import pytest

from forms import BUILD, DONE, FAILED, HANG_SECONDS, NOT_FOUND, PROJECT, Ended, Form, environment

KV = PROJECT / "kv"
DEMO = PROJECT / "examples" / "kv" / "demo.sh"


class Launcher(Form):
    """Calls the launcher as a shell in `directory` does; with `component`, for the component."""

    def __init__(self, directory, launcher=KV, component=True):
        super().__init__(directory)
        self.launcher, self.component = launcher, component

    def __call__(self, *words, input=b"", env=None):
        settings = {"KV_COMPONENT": "1"} if self.component else {}
        done = subprocess.run([self.launcher, *words], cwd=self.directory, input=input, capture_output=True,
                              env=environment(**settings, **(env or {})), timeout=HANG_SECONDS)
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(params=[False, True], ids=["native", "component"])
def kv(request, tmp_path):
    return Launcher(tmp_path, component=request.param)


@pytest.fixture
def home(tmp_path):
    """A copy of the project, as far as the launcher needs it, for tests that change it."""
    home = tmp_path / "home"
    for name in ("kv", "build/kv", "build/kv.wasm", "tools/run_component.py"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, home / name)
    (home / ".toolchain").symlink_to(PROJECT / ".toolchain")
    return home


def test_newcomer(kv):
    """The first line anyone types makes the data directory and the bucket, and the value is a plain file."""
    assert kv("set", "my-bucket", "user:123", "John Doe").text() == b""
    assert kv.file("my-bucket", "user:123").read_bytes() == b"John Doe"
    assert kv("get", "my-bucket", "user:123").text() == b"John Doe"


def test_from_any_directory(kv, tmp_path):
    """The launcher finds its project through symbolic links, relative ones and the PATH, and uses the caller's ./data."""
    kv.put("b", "k", b"v")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "absolute").symlink_to(KV)
    (tmp_path / "links" / "kv").symlink_to("absolute")
    for launcher in ("links/kv", str(tmp_path / "links" / "kv")):
        assert Launcher(tmp_path, launcher, kv.component)("get", "b", "k").text() == b"v"
    done = subprocess.run(["kv", "get", "b", "k"], cwd=tmp_path, capture_output=True,
                          env=environment(PATH=f"{tmp_path}/links:{os.environ['PATH']}"))
    assert (done.returncode, done.stdout) == (0, b"v")


@pytest.mark.parametrize("name", ["-odd dir'", "a::b", "deep/er"])
def test_data_directory(kv, name):
    """--data names the data directory, whatever it is called and wherever it stands, and a command that stores makes it."""
    assert "there is no data directory" in kv("--data", name, "get", "b", "k").error()
    assert kv("--data", name, "set", "b", "--", "--data", "v").text() == b""
    assert (kv.directory / name / "b" / "--data").read_bytes() == b"v"
    assert kv("--json", "get", "b", f"--data={name}", "--", "--data").json() == {"value": "v"}
    assert kv("exists", "--data", str(kv.directory / name), "b", "x").text(NOT_FOUND) == b"false\n"
    assert not kv.data.exists()


@pytest.mark.parametrize("words", [["--data"], ["--data="], ["--data", ""], ["get", "b", "k", "--data"]], ids=" ".join)
def test_data_directory_missing(kv, words):
    """--data without a directory is an error."""
    assert kv(*words).error() == "kv: --data needs a directory\n"


@pytest.mark.parametrize("words", [["get", "b", "k"], ["buckets"], ["--json", "info"], ["doctor"], ["doctor", "elsewhere"]],
                         ids=" ".join)
def test_reading_makes_nothing(kv, words):
    """A command that reads makes no directory."""
    ended = kv(*words)
    assert ended.code == FAILED and b"there is no data directory" in ended.err, ended
    assert os.listdir(kv.directory) == []


def test_help_needs_no_data(kv):
    """Help and the version need no data and make none."""
    for words in (["--help"], ["help"], ["help", "get"], ["get", "--help"], ["--version"]):
        assert kv(*words).text()
    assert os.listdir(kv.directory) == []


def test_doctor_elsewhere(kv):
    """doctor's operand is the data directory."""
    kv.put("b", "k", b"v")
    kv.data.rename(kv.directory / "elsewhere")
    assert "looked at 1 bucket, 1 key\n" in kv("doctor", "elsewhere").text().decode()


def test_settings(kv):
    """The settings of the environment reach the store."""
    (kv.data / "tenant" / "b").mkdir(parents=True)
    env = {"KEYVALUE_FILESYSTEM_ROOT": "tenant", "KEYVALUE_FILESYSTEM_DURABLE": "1"}
    assert kv("set", "b", "k", "größe", env=env).text() == b""
    assert (kv.data / "tenant" / "b" / "k").read_text() == "größe"
    assert "is not understood" in kv("get", "b", "k", env={"KEYVALUE_FILESYSTEM_DURABLE": "maybe"}).error()
    assert "not valid UTF-8" in kv("set", "b", b"\xff", "v").error()
    assert kv("set", "b", "größe", "v", env={"LC_ALL": "C"}).text() == b""


def test_which_form(home, tmp_path):
    """The native program runs if it is there, else the component, and where neither is, what to type is said."""
    kv = Launcher(tmp_path, home / "kv", component=False)
    kv.bucket()
    assert "file-system: " in kv("info").text().decode()
    (home / "build" / "kv").unlink()
    assert "file-system: " not in kv("info").text().decode()
    (home / "build" / "kv.wasm").unlink()
    assert kv("info").error() == f"kv: it is not built yet; type: make -C '{home}'\n"


def test_no_runtime(home, tmp_path):
    """Without anything to run the component with, what to type is said."""
    (home / ".toolchain").unlink()
    bare = {"PATH": "/usr/bin:/bin"}
    if shutil.which("wasmtime", path=bare["PATH"]) is not None:
        pytest.skip("there is a wasmtime on the path")
    kv = Launcher(tmp_path, home / "kv")
    kv.bucket()
    assert f"type: make -C '{home}'" in kv("get", "b", "k", env=bare).error()


def test_compiled_code_is_kept_and_checked(home, tmp_path):
    """What the component was compiled to is used again, but not if it is damaged or another component's."""
    kv = Launcher(tmp_path, home / "kv")
    kept = home / "build" / "kv.wasm.compiled"
    kv("set", "b", "k", "v").text()
    first = kept.stat()
    assert kv("get", "b", "k").text() == b"v"
    assert kept.stat().st_ino == first.st_ino, "it was compiled again"

    whole = kept.read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 4:len(whole) // 2] = bytes(len(whole) // 2 - len(whole) // 4)
    for bytes_now in (bytes(damaged), whole[:1000], b""):
        kept.write_bytes(bytes_now)
        assert kv("get", "b", "k").text() == b"v"
        assert len(kept.read_bytes()) == len(whole)

    component = home / "build" / "kv.wasm"
    changed = component.read_bytes().replace(b"there is no key ", b"there is NO key ")
    assert changed != component.read_bytes()
    component.write_bytes(changed)
    assert "there is NO key" in kv("get", "b", "x").error(NOT_FOUND)
    assert sorted(os.listdir(home / "build")) == ["kv", "kv.wasm", "kv.wasm.compiled"]


def test_wasmtime_on_the_path(home, tmp_path):
    """Without the toolchain, a wasmtime on the PATH gets the component, the directory, the settings and the words."""
    (home / ".toolchain").unlink()
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "wasmtime").write_text('#!/bin/sh\npwd -P\nprintf "%s\\n" "$@"\nexit 2\n')
    (tools / "wasmtime").chmod(0o755)
    ended = Launcher(tmp_path, home / "kv")("--json", "set", "b", "k e y", "--data", "data", "-", env={
        "PATH": f"{tools}:/usr/bin:/bin", "KEYVALUE_FILESYSTEM_DURABLE": "1"})
    assert ended.code == 2, ended
    directory, *words = ended.out.decode().splitlines()
    assert directory == str((tmp_path / "data").resolve())
    assert words == ["run", "-S", "cli-exit-with-code=y", "--dir", ".", "--env", "KEYVALUE_FILESYSTEM_DURABLE",
                     str(home / "build" / "kv.wasm"), "--json", "set", "b", "k e y", "-"]


@pytest.mark.parametrize("name, others", [("kv", "filesystem|random|clocks"), ("kv_transfer", "keyvalue")])
def test_imports(name, others):
    """The components import nothing but interfaces of WASI 0.2.0, none of preview 1, and export wasi:cli/run."""
    wit = subprocess.run([PROJECT / ".toolchain" / "bin" / "wasm-tools", "component", "wit", BUILD / f"{name}.wasm"],
                         capture_output=True, text=True, check=True).stdout
    world = wit[wit.index("world root"):wit.index("\n}")]
    assert re.findall(r"export (\S+);", world) == ["wasi:cli/run@0.2.0"]
    imports = re.findall(r"import (\S+);", world)
    assert "wasi:cli/exit@0.2.0" in imports
    assert all(re.fullmatch(rf"wasi:(cli|io|{others})/[a-z-]+@0\.2\.0(-draft)?", name) for name in imports), imports


# ---- The demo ----

def demo(directory, launcher):
    """Runs the demo in `directory` with ./kv being `launcher`, a path or a script's text."""
    if isinstance(launcher, str):
        (directory / "kv").write_text(launcher)
        (directory / "kv").chmod(0o755)
    else:
        (directory / "kv").symlink_to(launcher)

    def run():
        done = subprocess.run(["sh", DEMO], cwd=directory, capture_output=True, env=environment(), timeout=HANG_SECONDS)
        return Ended(done.returncode, done.stdout, done.stderr)
    return run


def test_demo(tmp_path):
    """The demo ends well on empty data and again on what it left, and touches no key that is not its own."""
    data = Form(tmp_path)
    data.put("other", "page_views", b"7")
    data.put("kv-demo", "mine", b"keep me")
    run = demo(tmp_path, KV)
    first = run().text().decode()
    assert "$ ./kv set kv-demo user:123 \"John Doe\"\n" in first and "That is all." in first
    assert "\n$ cat data/kv-demo/page_views\n110\n" in first
    assert run().code == DONE
    assert data.file("other", "page_views").read_bytes() == b"7"
    assert data.file("kv-demo", "mine").read_bytes() == b"keep me"


@pytest.mark.parametrize("wrong, step", [
    ("case $1 in get) real \"$@\" | tr J j; exit;; esac", "./kv get kv-demo user:123"),
    ("case $1 in get) real \"$@\"; exit 0;; esac", "./kv get kv-demo user:456"),
    ("case $1 in set-many) exit 0;; esac", "./kv get-many"),
    ("case $1 in increment) mkdir lost 2> /dev/null && exit 0;; esac", "cat data/kv-demo/page_views"),
    ("case $1-$5 in swap-busy) printf busy > data/kv-demo/state; exit 0;; esac", "./kv swap kv-demo state idle busy"),
    ("case $1 in delete) exit 0;; esac", "./kv exists kv-demo size"),
    ("case $1 in list) real \"$@\" | grep -v page_views; exit;; esac", "./kv list kv-demo"),
    ("set -- --data elsewhere \"$@\"", "cat data/kv-demo/user:123"),
], ids=["value", "exit-code", "batch", "lost-count", "swap", "delete", "list", "elsewhere"])
def test_demo_notices(tmp_path, wrong, step):
    """The demo ends with exit code 1 at the step where a kv that is wrong in one way gives another result than expected."""
    ended = demo(tmp_path, f"#!/bin/sh\nreal() {{ '{KV}' \"$@\"; }}\n{wrong}\nreal \"$@\"\n")()
    assert ended.code == 1 and b"This should have been" in ended.err, ended
    assert step in ended.out.decode().split("\n$ ")[-1], ended
