"""What the shipped files import and export, and what they tell of themselves."""
import gzip
import json
import re
import subprocess

import pytest
import wasmtime

from keyvalue import BUILD, OPTIMISED, PAIRS, STORE, Store
from wash import PLUGIN, Plugin

PROJECT = BUILD.parent
WASM_TOOLS = str(PROJECT / ".toolchain" / "bin" / "wasm-tools")
EXPORTS = [f"wasi:keyvalue/{name}@{version}" for version in ("0.2.0-draft", "0.2.0-draft2")
           for name in ("store", "atomics", "batch")]
IMPORTS = re.compile(r"wasi:(cli/environment|random/random|clocks/(?:monotonic|wall)-clock|io/[a-z-]+"
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
    """No import of preview1 is left, not even inside."""
    text = wasm_tools("print")
    assert '"wasi:filesystem/types@0.2.0" "[method]descriptor.open-at"' in text
    assert "wasi_snapshot" not in text and "wasi_unstable" not in text


def instructions(text, number):
    """The instructions of one function of a printed module."""
    body = re.search(r"^  \(func \(;%s;\).*?\)$(.*?)^  [()]" % number, text, re.MULTILINE | re.DOTALL)[1]
    return [line.strip() for line in body.splitlines() if line.startswith("    ")]


@pytest.mark.parametrize("name", ("keyvalue_filesystem", "keyvalue_filesystem_pairs", "keyvalue_filesystem_plugin"))
def test_no_constructors(name):
    """The C library finds no constructors to run when an instance starts: tools/optimise.py leaves
    that call out."""
    text = wasm_tools("print", name=f"wasm/{name}.wasm")
    start = int(re.search(r'\(export "_initialize" \(func (\d+)\)\)', text)[1])
    calls = [line for line in instructions(text, start) if line.startswith("call")]
    assert len(calls) <= 1 and not any(instructions(text, int(call.split()[1])) for call in calls), calls


STACK = re.compile(r"\(global \(;0;\) \(mut i32\) i32\.const (\d+)\)")


def frame_of(lines):
    """What a function takes of the stack."""
    frames = [0]
    for at in (at for at, line in enumerate(lines) if line == "global.get 0"):
        frame = re.fullmatch(r"i32\.const (\d+) i32\.sub|i32\.const -(\d+) i32\.add", " ".join(lines[at + 1:at + 3]))
        assert frame, lines[at:at + 4]
        frames.append(int(frame[1] or frame[2]))
    return sum(frames)


def stack_of(text, through_table):
    """What the deepest calls of a printed module take of the stack, and the functions that may come to call
    themselves. A call through the table may go to all functions there that have its type."""
    kinds = dict(re.findall(r"^  \(func \(;(\d+);\) \(type (\d+)\)", text, re.MULTILINE))
    table = set(" ".join(re.findall(r"\(elem .*? func ([\d ]+)\)", text)).split())
    frames, calls = {}, {}
    for number in kinds:
        lines = instructions(text, number)
        frames[number] = frame_of(lines)
        calls[number] = {line.split()[1] for line in lines if line.startswith("call ")} & set(kinds)
        for kind in through_table * re.findall(r"call_indirect \(type (\d+)\)", "\n".join(lines)):
            calls[number] |= {target for target in table if kinds.get(target) == kind}
    depths = {}
    while True:
        ready = [number for number in kinds if number not in depths and calls[number] <= depths.keys()]
        if not ready:
            return max(depths.values()), sorted(set(kinds) - depths.keys())
        for number in ready:
            depths[number] = frames[number] + max([depths[called] for called in calls[number]], default=0)


# The plugin's commands have the type of what decides a change, which they come to call: there the table tells nothing.
@pytest.mark.parametrize("name,through_table", [("keyvalue_filesystem", True), ("keyvalue_filesystem_pairs", True),
                                                ("keyvalue_filesystem_plugin", False)])
def test_stack(name, through_table):
    """The stack is enough: no function comes to call itself, and the deepest calls fit. All data lie behind it, so
    that a stack that overflows leaves the memory."""
    text = wasm_tools("print", name=f"wasm/{name}.small.wasm")
    deepest, around = stack_of(text, through_table)
    assert not around, "these call each other in a circle"
    top = int(STACK.search(text)[1])
    assert 4096 < deepest <= top == 65536
    assert min(map(int, re.findall(r"\(data \(;\d+;\) \(i32\.const (\d+)\)", text))) >= top


def test_stack_overflow(root, tmp_path):
    """A stack that overflows traps, and has changed no data: with the stack cut to 64 bytes, so does a set."""
    text, count = STACK.subn("(global (;0;) (mut i32) i32.const 64)",
                             wasm_tools("print", name="wasm/keyvalue_filesystem.small.wasm"))
    assert count == 1
    (tmp_path / "cut.wat").write_text(text)
    for command in (["component", "embed", str(PROJECT / "wit"), "--world", "keyvalue-filesystem",
                     str(tmp_path / "cut.wat"), "-o", str(tmp_path / "embedded.wasm")],
                    ["component", "new", str(tmp_path / "embedded.wasm"), "-o", str(tmp_path / "cut.wasm")]):
        subprocess.run([WASM_TOOLS, *command], check=True)
    with pytest.raises(wasmtime.WasmtimeError, match="out of bounds memory access"):
        Store(root, name=tmp_path / "cut.wasm").open("b").set("k", b"v")
    assert sorted(path.name for path in (root / "b").iterdir()) == []


GZIPPED_BYTES_MAX = {STORE: 23 << 10, PAIRS: 23 << 10, PLUGIN: 31 << 10}


@pytest.mark.skipif(not OPTIMISED, reason="there is no optimiser for this platform")
@pytest.mark.parametrize("name", GZIPPED_BYTES_MAX)
def test_size(name):
    """The files are nothing to bring along: as they are downloaded, 23 KiB the component and 31 KiB the plugin."""
    data = (BUILD / name).read_bytes()
    assert len(gzip.compress(data, 9, mtime=0)) <= GZIPPED_BYTES_MAX[name], f"{len(data)} bytes as they are"


@pytest.mark.parametrize("name", [STORE, PAIRS, PLUGIN])
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
