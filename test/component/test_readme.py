"""What the README shows a reader works as it is shown there."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WASM_TOOLS = ROOT / ".toolchain/bin/wasm-tools"
BLOCK = re.compile(r"<!-- tested(?:: (\w+))? -->\n```(\w+)\n(.*?)```", re.DOTALL)


def blocks(kind, language):
    """The README's blocks marked `<!-- tested: kind -->`, in order."""
    return [text for k, l, text in BLOCK.findall(README) if k == kind and l == language]


def steps(block):
    """The commands of a console block, each with the output that it shows."""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append((line[2:].rstrip("\n"), []))
        else:
            found[-1][1].append(line)
    return [(command, "".join(output)) for command, output in found]


@pytest.fixture
def clone(tmp_path):
    """A folder that looks like a built clone, with data of its own."""
    for name in ("kv", "build", ".toolchain", "tools", "wit"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "build/wasm/kv.component.wasm", tmp_path / "my-component.wasm")
    return tmp_path


def run(command, folder):
    # The tools that the README names by their plain names: the project's own first.
    path = "{}:{}".format(ROOT / ".toolchain/bin", os.environ["PATH"])
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=120,
    )


def play(block, folder):
    for command, expected in steps(block):
        done = run(command, folder)
        output = done.stdout.decode()
        assert done.returncode == 0, "{}\n{}".format(command, output)
        # A prompt after a value without a newline stands on the same line.
        assert output.rstrip("\n") == expected.rstrip("\n"), command


def test_commands(clone):
    """Each command of the README's sessions prints what the README shows under it."""
    sessions = blocks("", "console")
    assert len(sessions) >= 2
    for session in sessions:
        play(session, clone)


def composed(kind, folder):
    """The WIT of the component that the README's commands of this kind make."""
    (block,) = blocks(kind, "console")
    for command, _ in steps(block):
        done = run(command, folder)
        assert done.returncode == 0, done.stdout.decode()
    show = [WASM_TOOLS, "component", "wit", folder / "app.wasm"]
    return subprocess.run(show, check=True, stdout=subprocess.PIPE).stdout.decode()


def test_compose(clone):
    """The README's wasm-tools commands make a component that imports no wasi:keyvalue."""
    wit = composed("compose", clone)
    assert "import wasi:filesystem/types" in wit
    assert "import wasi:keyvalue" not in wit


@pytest.mark.skipif(shutil.which("wac") is None, reason="wac is not installed")
def test_wac(clone):
    """The README's wac command makes a component that imports no wasi:keyvalue."""
    wit = composed("wac", clone)
    assert "import wasi:filesystem/types" in wit
    assert "import wasi:keyvalue" not in wit


@pytest.mark.skipif(shutil.which("wasmtime") is None, reason="the wasmtime command is not installed")
def test_wasmtime(clone):
    """The README's wasmtime command finds the bucket that it has just shown how to make."""
    (block,) = blocks("wasmtime", "console")
    composed("compose", clone)
    (make, _), (command, _) = steps(block)
    assert run(make, clone).returncode == 0
    (clone / "data/my-bucket/key").write_text("value")
    done = run(command + " get my-bucket key", clone)
    assert done.stdout == b"value", done.stdout.decode()


@pytest.mark.parametrize("number", [0, 1])
def test_wit(number, tmp_path):
    """The WIT that the README has a consumer write is valid, with this repository's wit/deps."""
    text = blocks("wit", "wit")[number]
    shutil.copytree(ROOT / "wit/deps", tmp_path / "deps")
    (tmp_path / "app.wit").write_text(text)
    done = subprocess.run(
        [WASM_TOOLS, "component", "wit", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout.decode()
    assert done.stdout.decode().count("import wasi:keyvalue/") == 3
