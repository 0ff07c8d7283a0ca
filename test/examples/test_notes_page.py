"""The notes page of examples/notes in a real browser, served by wasmtime: `make test-page` fetches what it needs.

Skipped where there is no Chromium. SCREENSHOT=file keeps a picture of the page.
"""
import os
import shutil

import pytest

import browsing
import serving
from browsing import send
from keyvalue import BUILD

COMPONENT = "notes_page.wasm"
SOURCE = BUILD.parent / "examples" / "notes" / "page.js"
ODD = "<script>document.title = 'gone'</script> & \"größe\" 'ß' ☕"

pytestmark = pytest.mark.xdist_group("page")


@pytest.fixture(scope="module")
def browser():
    with browsing.chromium() as running:
        yield running


@pytest.fixture(scope="module")
def port_and_root(tmp_path_factory):
    """One server for all tests: to compile the engine of JavaScript takes it some time."""
    if not (BUILD / COMPONENT).exists() or (BUILD / COMPONENT).stat().st_mtime < SOURCE.stat().st_mtime:
        pytest.skip("build/{} is not there or old; make test-page builds it where npm is".format(COMPONENT))
    root = tmp_path_factory.mktemp("page") / "data"
    root.mkdir()
    with serving.served(lambda port, root: serving.wasmtime(COMPONENT, port, root), root,
                        root.parent / "log") as port:
        yield port, root


@pytest.fixture
def root(port_and_root):
    """The root with both buckets, empty."""
    root = port_and_root[1]
    for name in ("notes", "counters"):
        shutil.rmtree(str(root / name), ignore_errors=True)
        (root / name).mkdir()
    return root


@pytest.fixture
def page(browser, port_and_root):
    """A tab that has not been anywhere."""
    tab = browser.new_page(viewport={"width": 720, "height": 680}, base_url="http://127.0.0.1:{}/".format(port_and_root[0]))
    tab.set_default_timeout(browsing.MILLISECONDS_MAX)
    yield tab
    tab.close()


def add(page, name, text):
    page.get_by_label("Name").fill(name)
    page.get_by_label("Text").fill(text)
    send(page, page.get_by_role("button", name="Add"))


def notes(page):
    """What the page shows: each note's name and text, in order."""
    return [(note.locator("h2").inner_text(), note.locator("p").inner_text()) for note in page.locator("article").all()]


def views(page):
    return int(page.locator("#views").inner_text())


def files(bucket):
    return {path.name: path.read_bytes().decode() for path in bucket.iterdir() if path.name != ".kv"}


def test_counter(page, root):
    """The counter goes up with each view, from whatever a person has written into its file."""
    page.goto("/")
    assert views(page) == 1
    page.reload()
    assert views(page) == 2
    (root / "counters" / "page_views").write_text("41\n")
    page.reload()
    assert views(page) == 42
    assert (root / "counters" / "page_views").read_text() == "42\n"


def test_notes(page, root):
    """A note that is added through the form is a file; what a person does to the files is on the page when it is
    loaded again; and a note that is removed on the page is gone from the folder."""
    page.goto("/")
    assert page.get_by_text("There are no notes yet.").is_visible()
    add(page, "shopping", "milk\nbread")
    assert notes(page) == [("shopping", "milk\nbread")]
    assert files(root / "notes") == {"shopping": "milk\nbread"}
    (root / "notes" / "shopping").write_text("tea")
    (root / "notes" / "garden").write_text("water the beans\n")
    page.reload()
    assert [(name, text.strip()) for name, text in notes(page)] == [("garden", "water the beans"), ("shopping", "tea")]
    send(page, page.locator("article", has_text="shopping").get_by_role("button"))
    assert [name for name, _ in notes(page)] == ["garden"]
    assert files(root / "notes") == {"garden": "water the beans\n"}


def test_odd_characters(page, root):
    """Names and texts of any characters are shown as they are, never as HTML, and name the file that the store's rules
    give."""
    page.goto("/")
    for name in (ODD, "a/b", "größe", ".hidden", "100%", "'>\"<b>"):
        add(page, name, ODD)
        assert (name, ODD) in notes(page)
    assert page.title() == "Notes" and page.locator("article script, article b").count() == 0
    assert sorted(files(root / "notes")) == sorted([
        ODD.replace("/", "%2F"), "a%2Fb", "größe", "%2Ehidden", "100%", "'>\"<b>"])
    assert set(files(root / "notes").values()) == {ODD}
    for left in range(5, -1, -1):
        send(page, page.get_by_role("button", name="×").first)
        assert len(notes(page)) == left
    assert files(root / "notes") == {}


def test_refused(page, root):
    """What the store refuses is said in its own words, with status 500; and afterwards the page works again."""
    (root / "counters" / "page_views").write_text("many")
    answer = page.goto("/")
    assert answer.status == 500
    assert 'increment: bucket "counters", key "page_views": the value is not a counter' in answer.text()
    (root / "counters" / "page_views").unlink()
    assert page.goto("/").status == 200 and views(page) == 1
    shutil.rmtree(str(root / "notes"))
    assert page.goto("/").text() == "a bucket is missing: make the directories notes and counters\n"
    (root / "notes").mkdir()
    assert page.goto("/").status == 200
    assert page.goto("/favicon.ico").status == 404


def test_screenshot(page, root):
    """The page as a reader sees it, with three notes; it fits without scrolling to the side."""
    for name, text in (("shopping", "milk, bread\ncoffee ☕"), ("garden", "Water the beans <before> noon."),
                       ("reading/2026", "One chapter a day.")):
        (root / "notes" / name.replace("/", "%2F")).write_text(text)
    (root / "counters" / "page_views").write_text("41\n")
    page.goto("/")
    assert len(notes(page)) == 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if os.environ.get("SCREENSHOT"):
        page.screenshot(path=os.environ["SCREENSHOT"])
