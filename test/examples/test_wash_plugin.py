"""The smallest plugin of wash, as docs/extending-wash.md builds it."""
import os
import shutil
import subprocess

import pytest

from test_documents import blocks, steps
from tools import PATH, ROOT
from wash import Wash

TALLY = "example:tally/tally@0.1.0"


@pytest.fixture(scope="module")
def wash(tmp_path_factory):
    """wash with the plugin that the page's session builds."""
    if shutil.which("wit-bindgen", path=PATH) is None:
        pytest.skip("there is no wit-bindgen; make .toolchain/cargo/bin/wit-bindgen builds it")
    folder = tmp_path_factory.mktemp("reader")
    (folder / "build").mkdir()
    for name in ("examples", "wit", ".toolchain"):
        (folder / name).symlink_to(ROOT / name)
    (session,) = [block for needs, block in blocks("docs/extending-wash.md", "console") if needs == ["wit-bindgen"]]
    for command, _ in steps(session):
        subprocess.run(["bash", "-c", command], cwd=folder, check=True, env={**os.environ, "PATH": PATH})
    return Wash(None, name=str(folder / "build/tally_plugin.wasm"))


def test_metadata(wash):
    """It says what wash asks of a plugin: a name, one command, and the hook by which its exports are registered."""
    assert wash.metadata.name == "tally" and list(wash.metadata.hooks) == ["dev-register"]
    assert wash.metadata.command.usage == ["wash tally WORD"]
    assert wash.hook("dev-register") == (True, "")


def test_command(wash):
    """Its command prints a word in capitals."""
    assert wash.run_top("Zebra crossing") == (True, "ZEBRA CROSSING")


def test_interface(wash):
    """Components get counters from it, each with a number of its own."""
    plugin = wash.plugin()
    first, second = (plugin.call(TALLY, "[constructor]counter", start) for start in (1, 10))
    assert [plugin.call(TALLY, "[method]counter.add", first, 2) for _ in range(2)] == [3, 5]
    assert plugin.call(TALLY, "[method]counter.add", second, 2) == 12
    plugin.drop(first)
    plugin.drop(second)
