"""tools/shorten.py: the layer around a component's modules, with less in it.

What the shortened component does, every other test here shows: they call it.
"""
import os
import subprocess
import sys

import pytest

from keyvalue import BUILD, STORE
from wash import PLUGIN

TOOLS = BUILD.parent / "tools"
WASM_TOOLS = str(BUILD.parent / ".toolchain" / "bin" / "wasm-tools")
sys.path.insert(0, str(TOOLS))
import shorten  # noqa: E402

# Both artifacts as `component new` made them, and two components that only import.
INPUTS = ["keyvalue_filesystem.long.wasm", "keyvalue_filesystem_plugin.long.wasm",
          "kv.component.wasm", "consumer.component.wasm"]


def interfaces(file):
    return subprocess.run([WASM_TOOLS, "component", "wit", str(file)], check=True,
                          capture_output=True, text=True).stdout


def run(source, target, seed="0"):
    return subprocess.run([sys.executable, str(TOOLS / "shorten.py"), WASM_TOOLS, str(source), str(target)],
                          env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True)


@pytest.mark.parametrize("name", (STORE, PLUGIN))
def test_the_shipped_file_has_the_interfaces_it_was_built_with(name):
    """The shipped file imports and exports, to the letter, what `component new` made."""
    long = BUILD / "wasm" / name.replace(".wasm", ".long.wasm")
    assert interfaces(BUILD / name) == interfaces(long)


@pytest.mark.parametrize("name", INPUTS)
def test_shorter_and_the_same_again(name, tmp_path):
    """A component comes out smaller and valid, and to the byte the same in another run."""
    source = BUILD / "wasm" / name
    for target, seed in (("a.wasm", "1"), ("b.wasm", "2")):
        done = run(source, tmp_path / target, seed)
        assert done.returncode == 0, done.stderr
    subprocess.run([WASM_TOOLS, "strip", "--all", str(source), "-o", str(tmp_path / "stripped.wasm")], check=True)
    assert (tmp_path / "a.wasm").read_bytes() == (tmp_path / "b.wasm").read_bytes()
    assert (tmp_path / "a.wasm").stat().st_size < (tmp_path / "stripped.wasm").stat().st_size
    subprocess.run([WASM_TOOLS, "validate", str(tmp_path / "a.wasm")], check=True)


def test_another_interface_is_an_error(tmp_path, monkeypatch):
    """The build fails where the written component has not the interfaces of the read one."""
    whole = shorten.shorten

    def without_the_last_export(component):
        return whole(component)[:-1]

    monkeypatch.setattr(shorten, "shorten", without_the_last_export)
    source = BUILD / "wasm" / "keyvalue_filesystem.long.wasm"
    monkeypatch.setattr(sys, "argv", ["shorten.py", WASM_TOOLS, str(source), str(tmp_path / "out.wasm")])
    with pytest.raises(SystemExit, match="other interfaces"):
        shorten.main()
