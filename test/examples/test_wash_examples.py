"""The example projects for wash, and what the documents say of them: done as wash does it, without wash."""
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from keyvalue import STORE, Store
from wash import Plugin

ROOT = pathlib.Path(__file__).resolve().parents[2]
WASM_TOOLS = ROOT / ".toolchain" / "bin" / "wasm-tools"


@pytest.fixture
def clone(tmp_path):
    """A built clone, whose examples may be written to."""
    for path in ROOT.iterdir():
        if path.name not in ("examples", ".git"):
            (tmp_path / path.name).symlink_to(path)
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("build", "data"))
    # A link is as old as itself: what is built shall not look older than its sources.
    for path in (ROOT / "examples").rglob("*"):
        if path.is_file() and (tmp_path / path.relative_to(ROOT)).exists():
            shutil.copystat(path, tmp_path / path.relative_to(ROOT))
    return tmp_path


def world(path, kind):
    text = subprocess.run([WASM_TOOLS, "component", "wit", str(path)], check=True, capture_output=True, text=True).stdout
    root = re.search(r"world root \{(.*?)\n\}", text, re.DOTALL)[1]
    return set(re.findall(r"^  {} (\S+);".format(kind), root, re.MULTILINE))


def build(command, folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
    assert done.returncode == 0, done.stdout.decode()


def test_wash_1(clone):
    """wash 1.0.0-beta takes the project for one with a package.json, runs the command of its configuration, and
    takes the only .wasm in build/: the counter, which the plugin's exports serve."""
    project = clone / "examples" / "wash-1"
    json.loads((project / "package.json").read_text())
    command = json.loads((project / ".wash" / "config.json").read_text())["build"]["typescript"]["custom_command"]
    build(command, project)
    (component,) = (project / "build").glob("*.wasm")
    wanted = {name for name in world(component, "import") if name.startswith("wasi:keyvalue/")}
    assert wanted and wanted <= world(clone / "build" / "keyvalue_filesystem_plugin.wasm", "export")
    assert world(component, "export") == {"wasi:http/incoming-handler@0.2.0"}


def test_wash_2(clone):
    """wash 2 runs the build command, finds the component and the store where the configuration says, serves every
    wasi:keyvalue import of the one from the other, and the settings and the volume make a store of ./data."""
    project = clone / "examples" / "wash-2"
    text = (project / ".wash" / "config.yaml").read_text()

    def value(name):
        (found,) = re.findall(r"^\s*(?:- )?{}: (.+)$".format(name), text, re.MULTILINE)
        return found.strip('"')

    build(["sh", "-c", value("command")], project)
    component, store = project / value("component_path"), project / value("file")
    wanted = {name for name in world(component, "import") if name.startswith("wasi:keyvalue/")}
    assert wanted and wanted <= world(store, "export")
    assert store.resolve() == (ROOT / "build" / STORE).resolve()
    data = project / value("host_path")
    data.mkdir()
    environment = {name: value(name) for name in re.findall(r"KEYVALUE_FILESYSTEM_\w+", text)}
    assert environment == {"KEYVALUE_FILESYSTEM_ROOT": "/data", "KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}
    volume = (data, value("guest_path"))
    Store(None, environment, preopens=[volume, volume]).open("my-bucket", 1).increment("page_views")
    assert (data / "my-bucket" / "page_views").exists()


def test_commands_in_the_documentation():
    """docs/wash.md names the plugin's commands, all of them."""
    text = (ROOT / "docs" / "wash.md").read_text(encoding="utf-8")
    named = re.findall(r"wash keyvalue-filesystem ([a-z-]+)", text)
    assert set(named) == {command.name for command in getattr(Plugin().info(), "sub-commands")}
