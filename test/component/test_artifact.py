"""What the shipped files import and export, and what they tell of themselves."""
import json
import re
import subprocess

import pytest

from keyvalue import BUILD, OPTIMISED, STORE
from wash import PLUGIN, Plugin

WASM_TOOLS = str(BUILD.parent / ".toolchain" / "bin" / "wasm-tools")
EXPORTS = [f"wasi:keyvalue/{name}@{version}" for version in ("0.2.0-draft", "0.2.0-draft2")
           for name in ("store", "atomics", "batch")]
IMPORTS = re.compile(r"wasi:(cli/environment|random/random|clocks/monotonic-clock|io/[a-z-]+"
                     r"|filesystem/[a-z-]+)@0\.2\.0")


def wasm_tools(*arguments, name=STORE):
    return subprocess.run([WASM_TOOLS, *arguments, str(BUILD / name)], check=True,
                          capture_output=True, text=True).stdout


def test_world():
    """The component exports the six interfaces and nothing else, and imports only the few of
    WASI 0.2.0 that every host of components has."""
    world = re.search(r"world root \{(.*?)\n\}", wasm_tools("component", "wit"), re.DOTALL)[1]
    lines = [line.strip().rstrip(";") for line in world.splitlines() if line.strip()]
    exports = [line.split(" ")[1] for line in lines if line.startswith("export ")]
    imports = [line.split(" ")[1] for line in lines if line.startswith("import ")]
    assert len(exports) + len(imports) == len(lines), lines
    assert sorted(exports) == sorted(EXPORTS)
    assert [name for name in imports if not IMPORTS.fullmatch(name)] == []
    assert "wasi:filesystem/types@0.2.0" in imports


def test_no_preview1():
    """No import of preview1 is left, not even inside, where names are still whole."""
    text = wasm_tools("print", name="wasm/keyvalue_filesystem.long.wasm")
    assert '"wasi:filesystem/types@0.2.0" "[method]descriptor.open-at"' in text
    assert "wasi_snapshot" not in text and "wasi_unstable" not in text


def instructions(text, number):
    """The instructions of one function of a printed module."""
    body = re.search(r"^  \(func \(;%s;\).*?\)$(.*?)^  [()]" % number, text, re.MULTILINE | re.DOTALL)[1]
    return [line.strip() for line in body.splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("name", ("keyvalue_filesystem", "keyvalue_filesystem_plugin"))
def test_no_constructors(name):
    """The C library finds no constructors to run when an instance starts: tools/optimise.py leaves
    that call out."""
    text = wasm_tools("print", name=f"wasm/{name}.wasm")
    start = int(re.search(r'\(export "_initialize" \(func (\d+)\)\)', text)[1])
    calls = [line for line in instructions(text, start) if line.startswith("call")]
    assert len(calls) <= 1 and not any(instructions(text, int(call.split()[1])) for call in calls), calls


@pytest.mark.parametrize("name", ("keyvalue_filesystem", "keyvalue_filesystem_plugin"))
def test_stack(name):
    """The stack, behind which static data lie, cannot grow into them: no function comes to call itself, and
    the frames of all functions together fit. Nothing lies where tools/optimise.py takes it that nothing does."""
    text = wasm_tools("print", name=f"wasm/{name}.small.wasm")
    frames, calls = [], {}
    for number in re.findall(r"^  \(func \(;(\d+);\)", text, re.MULTILINE):
        lines = instructions(text, number)
        calls[number] = {line.split()[1] for line in lines if line.startswith("call ")}
        for at in (at for at, line in enumerate(lines) if line == "global.get 0"):
            frame = re.fullmatch(r"i32\.const (\d+) i32\.sub|i32\.const -(\d+) i32\.add",
                                 " ".join(lines[at + 1:at + 3]))
            assert frame, lines[at:at + 4]
            frames.append(int(frame[1] or frame[2]))
    assert frames and sum(frames) <= 65536
    while any(not called & set(calls) for called in calls.values()):
        calls = {number: called for number, called in calls.items() if called & set(calls)}
    assert not calls, "these call each other in a circle"
    assert min(map(int, re.findall(r"\(data \(;\d+;\) \(i32\.const (\d+)\)", text))) >= 1024


@pytest.mark.skipif(not OPTIMISED, reason="there is no optimiser for this platform")
def test_size():
    """The component is at most 34 KiB, so that it is nothing to bring along."""
    assert (BUILD / STORE).stat().st_size <= 34 << 10


@pytest.mark.parametrize("name", [STORE, PLUGIN])
def test_metadata(name):
    """A shipped file carries its name, and the version, licence, source and description that the plugin tells wash."""
    metadata = json.loads(wasm_tools("metadata", "show", "--json", name=name))["component"]["metadata"]
    info = Plugin().info()
    assert metadata["name"] == name.replace(".wasm", "").replace("_", "-")
    assert metadata["version"] == info.version
    assert metadata["licenses"] == info.license
    assert metadata["source"] == info.url
    assert metadata["description"] == info.description
    assert all(vars(info)[field] for field in ("version", "license", "url", "description"))
