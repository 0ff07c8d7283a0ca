"""What docs/elsewhere.md shows of wash's own stores. Skipped where wash, redis-server or nats-server is missing."""
import contextlib
import os
import re
import shutil
import subprocess

import neighbours
import pytest
import washdev
from pages import documents
from washdev import BUILD, ROOT

PAGE = "docs/elsewhere.md"
# The address that the page names for each, and the server for it.
SERVERS = {"./values": None, "redis://127.0.0.1:6379": neighbours.redis, "nats://127.0.0.1:4222": neighbours.nats}
SETTINGS = [text for needs, text in documents.blocks(PAGE, "yaml") if needs == ["neighbours"]]
SESSIONS = [text for needs, text in documents.blocks(PAGE, "console") if needs == ["neighbours"]]


def address_of(setting):
    return re.fullmatch(r"dev:\n  \w+: (\S+)\n", setting)[1]


@contextlib.contextmanager
def server_for(setting, folder):
    """The setting with the address of a server of its own in the place of the page's."""
    server = SERVERS[address_of(setting)]
    if server is None:
        yield setting
        return
    with server(folder) as dev:
        assert setting.split(": ")[0].split()[-1] == dev.split(": ")[0].strip()
        yield "dev:\n" + dev


def test_page_shows_all():
    """The page has a setting for each of wash's stores, and one session for all of them."""
    assert sorted(map(address_of, SETTINGS)) == sorted(SERVERS) and len(SESSIONS) == 1


@pytest.mark.parametrize("setting", SETTINGS, ids=["files", "Redis", "NATS"])
def test_bucket_there_and_back(setting, tmp_path):
    """With the page's setting, its session takes a bucket into that store and back, and prints what the page shows."""
    if washdev.command() is None:
        pytest.skip("wash {} is not there; make wash fetches it".format(washdev.NEWEST))
    if "redis" in setting and shutil.which("redis-server") is None:
        pytest.skip("there is no redis-server (Debian's package redis-server)")
    if "nats" in setting and not neighbours.NATS.exists():
        pytest.skip("there is no nats-server; make neighbours builds it")
    project, reader = tmp_path / "project", tmp_path / "reader"
    project.mkdir()
    reader.mkdir()
    for name in ("kv", "build", "tools", ".toolchain"):
        (reader / name).symlink_to(ROOT / name)
    port = washdev.free_port()
    with server_for(setting, tmp_path) as dev:
        washdev.configure(project, BUILD / "kv_transfer_http.wasm", port, dev[len("dev:\n"):])
        with washdev.serving(washdev.NEWEST, project, port) as wash:
            for command, shown in documents.steps(SESSIONS[0]):
                command = command.replace("127.0.0.1:8000", "127.0.0.1:{}".format(port))
                done = subprocess.run(["bash", "-c", command], cwd=reader, text=True, stdout=subprocess.PIPE,
                                      stderr=subprocess.STDOUT, env=washdev.environment(os.environ["HOME"]))
                assert documents.is_as_shown(done.stdout, shown), "{}\n{}\n{}".format(
                    command, done.stdout, wash.log.read_text())


def test_text_counter_in_one_directory(tmp_path):
    """A counter that the store makes as text, by its setting, is counted on by wash's own file store in the same
    directory, and by the store again; one of 8 bytes starts again at 1 there, as the page warns."""
    if washdev.command() is None:
        pytest.skip("wash {} is not there; make wash fetches it".format(washdev.NEWEST))
    (tmp_path / "data" / "my-bucket").mkdir(parents=True)
    ours = washdev.beside({"KEYVALUE_FILESYSTEM_COUNTERS": "text"})
    theirs = "  wasi_keyvalue_path: ./data\n"

    def count(dev):
        with neighbours.served(neighbours.COUNTER, tmp_path, dev) as wash:
            return wash.get()[1]

    assert [count(ours), count(theirs), count(ours)] == ["1\n", "2\n", "3\n"]
    assert (tmp_path / "data/my-bucket/page_views").read_bytes() == b"3"
    (tmp_path / "data/my-bucket/page_views").unlink()
    assert [count(washdev.beside()), count(washdev.beside()), count(theirs)] == ["1\n", "2\n", "1\n"]


def test_made_page_is_of_these_rows():
    """docs/measured/neighbours.md has been made with the suite as it is, in the wash that is tested."""
    text = neighbours.measured.read("neighbours.md")
    assert "wash " + washdev.NEWEST in text
    checks = re.findall(r'^    \{"([^"]+)", check_\w+\},$', (ROOT / "test/hosts/checks.c").read_text(), re.MULTILINE)
    contract = checks[:checks.index("errors: the text") + 1]
    assert [name for name in contract if "| {} | ok |".format(name) not in text] == ["values: 5 MiB"]
