"""What the documents show a reader works as it is shown there.

A block under `<!-- tested -->` is run as it stands, and `<!-- tested: wac -->` names the programs that it needs beside
what `make` fetches. Of what is shown under a command, `...` stands for any text. A block under `<!-- file: NAME -->` is
what the reader writes into that file.
"""
import contextlib
import os
import re
import shutil
import subprocess

import pytest

import serving
from keyvalue import OPTIMISED
from tools import PATH, ROOT, TOOLCHAIN, WASM_TOOLS

RELEASE_PAGE = "tools/dist/README.md"
PAGES = ["README.md", RELEASE_PAGE, *sorted(path.relative_to(ROOT).as_posix() for folder in ("docs", "docs/measured")
                                            for path in (ROOT / folder).glob("*.md"))]
BLOCK = re.compile(r"(?:<!-- (?:tested|file)(?:: ([^>]+))? -->\n)?^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
RUST = TOOLCHAIN / "rust"  # for wasm32-wasip2
SECONDS_MAX = 600
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "KEYVALUE_"))}


def blocks(page, language):
    """The page's blocks in a language: what each needs, or None where it is not tested, and its text."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        tested = found[0].startswith("<!--")
        if found[2] == language:
            yield (found[1] or "").split() if tested else None, found[3]


def sessions(page):
    """The page's console blocks as blocks() gives them; for a file that the reader writes in between, its name in place
    of what is needed."""
    text = (ROOT / page).read_text(encoding="utf-8")
    for found in BLOCK.finditer(text):
        if found[0].startswith("<!-- file"):
            yield found[1], found[3]
        elif found[2] == "console":
            yield (found[1] or "").split() if found[0].startswith("<!--") else None, found[3]


def has(program):
    return (RUST / ".installed").exists() if program == "wasm32-wasip2" else shutil.which(program, path=PATH) is not None


def steps(block):
    """The commands of a console block, each with the output that it shows."""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append([line[2:], ""])
        elif line.startswith("> "):
            found[-1][0] += line[2:]
        else:
            found[-1][1] += line
    return found


def is_as_shown(output, shown):
    # A prompt after a value without a newline stands on the same line.
    pattern = re.escape(shown.rstrip("\n")).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, output.rstrip("\n"), re.DOTALL) is not None


class Reader:
    """Types what a page shows, in a folder that looks like a clone with everything built."""

    def __init__(self, folder, servers):
        self.folder = folder
        self.servers = servers
        self.environment = {**ENVIRONMENT, "PATH": PATH, "HOME": str(folder), "RUSTUP_HOME": str(RUST),
                            "CARGO_HOME": os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo")),
                            "CARGO_BUILD_BUILD_DIR": str(ROOT / "build/rust")}  # what is compiled need not be again
        self.places = {}
        for path in ROOT.iterdir():
            if path.name not in ("build", "data", "dist", ".git"):
                (folder / path.name).symlink_to(path)
        # Of its own, since pages run make side by side.
        for variant in ("wasm", "plugin", "pairs", "fast", "wit-pairs"):
            shutil.copytree(ROOT / "build" / variant, folder / "build" / variant)
        for path in [ROOT / "build/kv", *ROOT.glob("build/*.wasm*")]:
            shutil.copy2(path, folder / "build")
        self.bring_component()

    def bring_component(self):
        shutil.copy(ROOT / "build/wasm/notes.component.wasm", self.folder / "my-component.wasm")

    def enter_release(self):
        code, output = self.type("make dist")
        assert code == 0, output
        (self.folder,) = self.folder.glob("dist/*")
        self.bring_component()

    def serve(self, port, *command):
        """Starts what does not end; what it has printed when it listens."""
        log = self.folder / "log"
        self.servers.enter_context(serving.listening(command, port, log, cwd=self.folder, env=self.environment))
        return log.read_text()

    def type(self, command):
        # The reader's own component would know what to do; the one in its place is the notebook, which is told, and
        # has buckets of its own.
        command = re.sub(r"(wasmtime run .*app\.wasm)$", r"mkdir -p data/notes data/views && \1 list", command.strip())
        if command == "make serve":
            port = serving.free_port()
            self.environment["SERVE_ADDRESS"] = self.places["localhost:8080"] = "127.0.0.1:{}".format(port)
            return 0, self.serve(port, "bash", "-c", command)
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
        return done.returncode, done.stdout.decode()

    def write(self, name, text):
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def play(self, block):
        for place, here in self.places.items():
            block = block.replace(place, here)
        for command, shown in steps(block):
            code, output = self.type(command)
            assert code == 0, "{}\n{}".format(command, output)
            assert is_as_shown(output, shown), "{}\n{}\nis not as shown:\n{}".format(command, output, shown)


@pytest.fixture
def reader(tmp_path):
    with contextlib.ExitStack() as servers:
        yield Reader(tmp_path, servers)


def start_registry(reader):
    """A registry of this machine in the place of the pages' `ghcr.io/you`."""
    port = serving.free_port()
    address = "127.0.0.1:{}".format(port)
    configuration = reader.folder / "registry.yml"
    configuration.write_text("version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: {}}}\n".format(
        reader.folder / "registry", address))
    reader.places["ghcr.io"] = address
    reader.environment["WKG_OCI_INSECURE"] = address
    reader.serve(port, "docker-registry", "serve", str(configuration))


@pytest.mark.parametrize("page", [page for page in PAGES if any(blocks(page, "console"))])
def test_page(page, reader):
    """Each command of the page's sessions does and prints what the page shows; a component that a page makes of the
    store and another imports no wasi:keyvalue."""
    if page == RELEASE_PAGE:
        if not OPTIMISED or os.environ.get("WASI_SDK_PATH"):
            pytest.skip("there is no release without the optimiser and the pinned compiler")
        reader.enter_release()
    missing = set()
    for needs, block in sessions(page):
        if isinstance(needs, str):
            reader.write(needs, block)
            continue
        lacking = {program for program in needs or () if not has(program)}
        missing |= lacking
        if lacking:
            continue
        if "docker-registry" in needs and "ghcr.io" not in reader.places:
            start_registry(reader)
        reader.play(block)
        if (reader.folder / "app.wasm").exists():
            show = [WASM_TOOLS, "component", "wit", reader.folder / "app.wasm"]
            wit = subprocess.run(show, check=True, stdout=subprocess.PIPE).stdout.decode()
            assert "import wasi:filesystem/types" in wit and "import wasi:keyvalue" not in wit
    if missing:
        pytest.skip("the rest of {} works, but what needs {} was left out".format(page, ", ".join(sorted(missing))))


@pytest.mark.parametrize("page", PAGES)
def test_every_session_is_tested(page):
    """No page shows a session that is not run here."""
    assert [block for needs, block in blocks(page, "console") if needs is None] == []


@pytest.mark.parametrize("page", PAGES)
def test_links(page):
    """Each link of a page leads to a file, and to a heading of it where it names one."""
    for target in re.findall(r"\]\(((?!https?:)[^)\s]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        path, _, heading = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if heading:
            lines = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}
            assert heading in anchors, target


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md"])
def test_targets(page):
    """Each target of make that a page names is one."""
    makefiles = "\n".join(path.read_text() for path in [ROOT / "Makefile", *ROOT.glob("*/*.mk"), *ROOT.glob("*/*/*.mk")])
    targets = {name for line in re.findall(r"^([^\t#=]+?):(?!=)", makefiles, re.MULTILINE) for name in line.split()}
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"(?:^    |^\$ |`)make ([a-z][\w./-]*)", text, re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/measured/")])
def test_measured(page):
    """A measured page is headed by the command that makes it, and a written one leads to it."""
    assert re.fullmatch(r"Made by `make [a-z-]+`.*", (ROOT / page).read_text(encoding="utf-8").splitlines()[2])
    link = page.replace("docs/", "", 1)
    assert any("({})".format(link) in path.read_text(encoding="utf-8") for path in ROOT.glob("docs/*.md"))


def wits():
    return [pytest.param(text, id="{}-{}".format(page, number)) for page in PAGES
            for number, (_, text) in enumerate(blocks(page, "wit"))]


@pytest.mark.parametrize("text", wits())
def test_wit(text, tmp_path):
    """The WIT that a page has a consumer write is valid, with this repository's wit/deps."""
    shutil.copytree(ROOT / "wit/deps", tmp_path / "deps")
    (tmp_path / "app.wit").write_text(text)
    done = subprocess.run(
        [WASM_TOOLS, "component", "wit", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout.decode()
    assert "import wasi:keyvalue/" in done.stdout.decode()
