"""wit/deps: whole packages under upstream's names, which a consumer and its toolchain can merge with their own."""
import hashlib
import shutil
import subprocess

import pytest

from keyvalue import BUILD

ROOT = BUILD.parent
WASM_TOOLS = str(ROOT / ".toolchain" / "bin" / "wasm-tools")

# What `wasm-tools component wit --no-docs` prints of upstream's own package: WASI at its tag v0.2.0, wasi-keyvalue at
# v0.2.0-draft and at 0.2.0-draft2 as it was until August 2026, wash at v1.0.0-beta.10. The SHA-256 of each.
UPSTREAM = {
    "cli.wit": "c5d09ad41aa9af8048e5d6803856cff87fa48504cc6d85d808cf572447b4545c",
    "clocks.wit": "b66803dc82cefb2ee97a04bca46984c05f10e1caa25ff7b641419d924c450f76",
    "filesystem.wit": "36448cbad2ebda7b8c9fb32314153238f54c231e5fac059f33fd9273df6b652b",
    "http.wit": "7272141400107b7111a38e2784ecc545724b5f2e729bebcd68d2c756b94cbb22",
    "io.wit": "86c938d8e6605d28ae06599c53d43280f1d96689f4e6314adeaa523e73bfa1f5",
    "keyvalue@0.2.0-draft.wit": "5594cb9bb334a0b932f5bc7ce60d7840250ac49cacae0e4edfc506abd94620c4",
    "keyvalue@0.2.0-draft2.wit": "6c508ed3b0e59ce55f03a57f64d8b1ef8dc1eff9302eb24e9b29b379f453b96c",
    "random.wit": "15be7caad05d4a81f422650c567a32509a37df72e9c132323c565e825fc89142",
    "sockets.wit": "e97b9f0aa40b0a5b5df689a1222b31e3e284a81d5e01c38862c82075ff6a2f10",
    "wash.wit": "e50eea6fa63d271f92cbea75cc9cf78696cd59e29002432ed29613255ae23ee2",
}
ALL = """include wasi:cli/command@0.2.0;
  include wasi:http/proxy@0.2.0;
  import wasi:cli/terminal-stdin@0.2.0;
  import wasi:random/insecure@0.2.0;
  import wasi:keyvalue/store@0.2.0-draft;
  import wasi:keyvalue/store@0.2.0-draft2;
  export wasmcloud:wash/plugin@0.0.2;"""


def folder(path, world, packages=("*",)):
    """A consumer's WIT: its world, and those folders of wit/deps."""
    for pattern in packages:
        for package in (ROOT / "wit" / "deps").glob(pattern):
            shutil.copytree(str(package), str(path / "deps" / package.name))
    (path / "app.wit").write_text("package example:app;\n\nworld app {\n  " + world + "\n}\n")
    return path


def wasm_tools(*arguments):
    return subprocess.run([WASM_TOOLS, *map(str, arguments)], check=True, stdout=subprocess.PIPE).stdout.decode()


def test_packages_are_upstreams(tmp_path):
    """Each package has every interface, type, function and world that it has upstream, and in no other shape: a
    toolchain that brings a package of the same name merges the two, and refuses a shortened one."""
    wasm_tools("component", "wit", folder(tmp_path / "wit", ALL), "--no-docs", "--out-dir", tmp_path / "printed")
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "printed/deps").iterdir()}
    assert found == UPSTREAM


@pytest.mark.parametrize("draft", ["draft", "draft2"])
@pytest.mark.parametrize("world", ["imports", "watch-service"])
def test_include(draft, world, tmp_path):
    """A consumer that includes a world of wasi:keyvalue needs the one folder of its draft, and becomes a component
    that imports the three interfaces and, as a watch-service, exports the watcher."""
    version = "@0.2.0-" + draft
    wit = folder(tmp_path / "wit", "include wasi:keyvalue/" + world + version + ";", ["keyvalue-" + draft])
    wasm_tools("component", "embed", "--dummy", wit, "-o", tmp_path / "core.wasm")
    wasm_tools("component", "new", tmp_path / "core.wasm", "-o", tmp_path / "app.wasm")
    text = wasm_tools("component", "wit", tmp_path / "app.wasm")
    interfaces = {line.strip() for line in text.splitlines() if line.strip().startswith(("import ", "export "))}
    expected = {"import wasi:keyvalue/{}{};".format(name, version) for name in ("store", "atomics", "batch")}
    if world == "watch-service":
        expected.add("export wasi:keyvalue/watcher{};".format(version))
    assert interfaces == expected
