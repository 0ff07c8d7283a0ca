"""What a person does with the explorer, in a real browser: `make test-explorer-browser` fetches what it needs.

Skipped where there is no Chromium. SCREENSHOT=file keeps a picture of the page.
"""
import http.server
import json
import os
import struct
import threading
import urllib.parse
import zlib

import pytest

import browsing
import explorer
import serving
from browsing import send
from explorer import files

AXE = serving.TOOLCHAIN / "axe" / "node_modules" / "axe-core" / "axe.min.js"
REBOUND = "rebound.example"  # a name that leads to this machine, as after DNS rebinding
PERSON = {"name": "Ada Lovelace", "mail": "ada@example.org", "roles": ["admin", "author"],
          "address": {"street": "12 St James's Square", "city": "London"}, "active": True, "logins": 42, "note": None}
LONG = "long name " * 12
# Each would run, if it got out of its place; what runs sets `broken`.
BREAKING = [
    "<script>window.broken = 1</script>", '"><img src=x onerror="window.broken=1">', "' onmouseover='window.broken=1' x='",
    "</textarea><script>window.broken = 1</script>", "</title><svg onload=window.broken=1>", "javascript:window.broken=1",
    '{"a":"</span><script>window.broken=1</script>"}', "${window.broken=1}", "&#60;script&#62;window.broken=1&#60;/script&#62;",
]

pytestmark = pytest.mark.xdist_group("explorer-browser")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("explorer") / "data"
    root.mkdir()
    with explorer.served(root, root.parent / "log") as client:
        yield client, root


@pytest.fixture(scope="module")
def browser():
    with browsing.chromium("--host-resolver-rules=MAP {} 127.0.0.1".format(REBOUND)) as running:
        yield running


@pytest.fixture
def client(served):
    return served[0]


@pytest.fixture
def root(served):
    """The root with the buckets `shop` and `other`, empty."""
    explorer.empty(served[1], "shop", "other")
    return served[1]


@pytest.fixture
def shop(root):
    return root / "shop"


@pytest.fixture
def new_page(browser, client):
    """Makes a tab that has not been anywhere, in a profile of its own; in the end, none has complained of anything."""
    contexts, complaints = [], []

    def make(width=1180, height=640, **options):
        context = browser.new_context(viewport={"width": width, "height": height},
                                      base_url="http://{}/".format(client.host), **options)
        context.set_default_timeout(browsing.MILLISECONDS_MAX)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.complaints = complaints
        return page

    yield make
    for context in contexts:
        context.close()
    assert [text for text in complaints if "status of 40" not in text] == []


@pytest.fixture
def page(new_page):
    return new_page()


@pytest.fixture
def expect():
    from playwright.sync_api import expect
    return expect


def at(key=None, bucket="shop", **query):
    query = {"bucket": bucket, **({} if key is None else {"key": key}), **query}
    return "?" + urllib.parse.urlencode(query)


def button(page, name):
    return page.get_by_role("main").get_by_role("button", name=name, exact=True)


def link(page, name):
    return page.get_by_role("link", name=name, exact=True)


# ---- Finding the way ----

def test_buckets(page, root, expect):
    """A bucket is opened by its name, which the address keeps; this browser remembers it, until it is told to forget."""
    page.goto("/")
    page.get_by_label("Bucket", exact=True).fill("shop")
    send(page, page.get_by_role("button", name="Open"))
    assert page.url.endswith("/?bucket=shop")
    expect(page.get_by_text("There are no keys here.")).to_be_visible()
    page.get_by_label("Bucket", exact=True).fill("other")
    page.get_by_label("Bucket", exact=True).press("Enter")
    expect(page).to_have_url("http://{}/?bucket=other".format(page.url.split("/")[2]))
    page.goto("/")
    recents = page.locator("#recents a")
    expect(recents).to_have_text(["other", "shop"])
    send(page, recents.nth(1))
    expect(page.get_by_label("Bucket", exact=True)).to_have_value("shop")
    page.goto("/")
    expect(recents).to_have_text(["shop", "other"])
    page.get_by_role("button", name="Forget these").click()
    expect(recents).to_have_count(0)
    page.goto("/?bucket=none")
    expect(page.get_by_role("alert")).to_have_text("There is no such bucket.")
    page.goto("/")
    expect(recents).to_have_count(0)


def test_list(page, shop, expect):
    """Keys come in order, a page at a time; a prefix narrows them, and stays while one looks at a value."""
    for i in range(120):
        (shop / "cart:{:03}".format(i)).write_text("cart {}".format(i))
        (shop / "user:{:03}".format(i)).write_text("user {}".format(i))
    page.goto(at())
    keys = page.locator("#keys a")
    expect(keys).to_have_text(["cart:{:03}".format(i) for i in range(100)])
    send(page, link(page, "Next"))
    expect(keys).to_have_text(["cart:{:03}".format(i) for i in range(100, 120)] + ["user:{:03}".format(i) for i in range(80)])
    page.get_by_label("Keys that begin with").fill("user:11")
    send(page, page.get_by_role("button", name="Filter"))
    expect(keys).to_have_text(["user:11{}".format(i) for i in range(10)])
    send(page, link(page, "user:113"))
    expect(page.get_by_role("heading", name="user:113")).to_be_visible()
    expect(page.get_by_label("Value")).to_have_text("user 113")
    expect(keys).to_have_count(10)
    expect(page.locator("#keys [aria-current]")).to_have_text("user:113")
    page.go_back()
    expect(page.get_by_text("Choose a key")).to_be_visible()


def test_keyboard(page, shop, expect):
    """Everything is reached by keys: the filter, the list, the forms; and a text is saved by Ctrl and S."""
    for name in ("a", "b", "c"):
        (shop / name).write_text(name)
    page.goto(at())
    page.keyboard.press("Tab")
    expect(link(page, "Skip to the content")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Keys that begin with")).to_be_focused()
    page.keyboard.type("njk/")
    expect(page.get_by_label("Keys that begin with")).to_have_value("njk/")
    page.goto(at())
    for key, name in (("j", "a"), ("j", "b"), ("ArrowDown", "c"), ("j", "c"), ("k", "b")):
        page.keyboard.press(key)
        expect(link(page, name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="b")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    page.keyboard.type("new")
    page.keyboard.press("Tab")
    page.keyboard.type("text")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status")).to_have_text("Created.")
    assert files(shop)["new"] == b"text"


def test_shortcuts_off(page, shop, expect):
    """Single-key shortcuts can be switched off, for people who dictate; arrows and Ctrl and S stay."""
    (shop / "a").write_text("x")
    page.goto(at())
    page.get_by_label("Single-key shortcuts").uncheck()
    page.goto(at())
    expect(page.get_by_label("Single-key shortcuts")).not_to_be_checked()
    page.locator("body").press("/")
    page.locator("body").press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_label("Single-key shortcuts").check()
    page.locator("body").press("j")
    expect(page.get_by_label("Single-key shortcuts")).to_be_focused()  # a field keeps its letters
    page.goto(at())
    page.keyboard.press("j")
    expect(link(page, "a")).to_be_focused()


# ---- Values ----

def test_views(page, shop, expect):
    """A value is shown as what it is, and in other ways on request."""
    (shop / "user").write_text(json.dumps(PERSON))
    (shop / "count").write_bytes(struct.pack("<Q", 41))
    (shop / "bytes").write_bytes(bytes(range(256)))
    page.goto(at("user"))
    expect(page.get_by_label("Value")).to_have_text(json.dumps(PERSON, indent=2))
    send(page, link(page, "Text"))
    expect(page.get_by_label("Value")).to_have_text(json.dumps(PERSON))
    send(page, link(page, "Hex"))
    expect(page.get_by_label("Value in hex")).to_contain_text("00000000  7B 22 6E 61 6D 65 22 3A")
    send(page, link(page, "count"))
    expect(page.locator(".number")).to_have_text("41")
    page.get_by_label("Add").fill("1")
    send(page, button(page, "Increment"))
    expect(page.locator(".number")).to_have_text("42")
    assert files(shop)["count"] == struct.pack("<Q", 42)
    send(page, link(page, "bytes"))
    expect(page.get_by_label("Value in hex")).to_contain_text("000000F0  F0 F1")


def png(width, height):
    """A picture in one colour."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = zlib.compress((b"\0" + b"\x30\x90\xa0" * width) * height)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def test_files(page, shop, tmp_path, expect):
    """A file goes in as it is, is shown if it is a picture, and comes out as it is."""
    picture = png(60, 40)
    page.goto(at())
    send(page, link(page, "New key"))
    page.get_by_label("or a file").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": picture})
    send(page, button(page, "Create"))
    shown = page.get_by_alt_text("The value as a picture")
    expect(shown).to_be_visible()
    page.wait_for_function("document.querySelector('.picture img').naturalWidth === 60")
    assert files(shop) == {"logo.png": picture}
    with page.expect_download() as download:
        link(page, "Download").click()
    assert download.value.suggested_filename == "logo.png"
    download.value.save_as(tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == picture
    send(page, link(page, "Replace"))
    page.get_by_label("File").set_input_files({"name": "x", "mimeType": "text/html", "buffer": b"<h1>plain</h1>"})
    send(page, button(page, "Replace"))
    expect(page.get_by_label("Value")).to_have_text("<h1>plain</h1>")


def test_downloaded_html_does_not_run(page, shop):
    """A stored HTML document is a download, even for who opens its address."""
    (shop / "page.html").write_text("<script>document.title = 'ran'</script>")
    page.goto(at())
    with page.expect_download() as download:
        page.evaluate("location.href = 'value?bucket=shop&key=page.html'")
    assert download.value.suggested_filename == "page.html"
    assert page.title() != "ran" and len(page.context.pages) == 1


def test_create_edit_rename_delete(page, shop, expect):
    """A key's whole life: each step is in its file."""
    page.goto(at())
    send(page, link(page, "New key"))
    page.get_by_label("Key", exact=True).fill("note/1")
    page.get_by_label("Text", exact=True).fill("one\ntwo & <b>three</b>")
    send(page, button(page, "Create"))
    expect(page.get_by_role("status")).to_have_text("Created.")
    assert files(shop) == {"note%2F1": b"one\ntwo & <b>three</b>"}
    send(page, link(page, "Edit"))
    expect(page.get_by_label("Value")).to_have_value("one\ntwo & <b>three</b>")
    page.get_by_label("Value").fill("\nled by a break")
    send(page, button(page, "Save"))
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert files(shop) == {"note%2F1": b"\nled by a break"}
    send(page, link(page, "Rename"))
    page.get_by_label("New name").fill("größe ☕")
    send(page, button(page, "Rename"))
    expect(page.get_by_role("heading", name="größe ☕")).to_be_visible()
    assert files(shop) == {"größe ☕": b"\nled by a break"}
    send(page, link(page, "Delete"))
    send(page, page.get_by_role("main").get_by_role("link", name="Cancel"))
    assert len(files(shop)) == 1
    send(page, link(page, "Delete"))
    expect(page.get_by_text("This cannot be undone")).to_be_visible()
    send(page, button(page, "Delete"))
    expect(page.get_by_role("status")).to_have_text("Deleted.")
    assert files(shop) == {}


def test_somebody_was_quicker(page, shop, expect):
    """Who saves what another has changed meanwhile is told so, loses nothing, and decides."""
    (shop / "k").write_text("shown")
    page.goto(at("k", **{"as": "edit"}))
    page.get_by_label("Value").fill("mine\nof two lines")
    (shop / "k").write_text("theirs")
    send(page, button(page, "Save"))
    expect(page.get_by_role("alert")).to_contain_text("Someone else has changed this value")
    expect(page.get_by_label("Value")).to_have_value("mine\nof two lines")
    assert files(shop) == {"k": b"theirs"}
    with page.expect_popup() as other:
        link(page, "Show the current value").click()
    expect(other.value.get_by_label("Value")).to_have_text("theirs")
    send(page, button(page, "Overwrite with my text"))
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert files(shop) == {"k": b"mine\nof two lines"}


def test_unsaved_text(page, shop, expect):
    """Who leaves a form that was filled in is asked first."""
    (shop / "k").write_text("x")
    page.goto(at("k", **{"as": "edit"}))
    page.get_by_label("Value").press_sequentially("typed")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    link(page, "Hex").click()
    expect(page.get_by_label("Value")).to_have_value("typedx")
    assert asked == ["beforeunload"]


def test_export_and_import(page, root, tmp_path, expect):
    """A bucket goes out as one file and in again elsewhere."""
    contents = {"a": b"1", "b": bytes(range(256)), "größe": b""}
    for name, value in contents.items():
        (root / "shop" / name).write_bytes(value)
    page.goto(at())
    with page.expect_download() as download:
        link(page, "Export").click()
    assert download.value.suggested_filename == "shop.export"
    download.value.save_as(tmp_path / "shop.export")
    page.goto(at(bucket="other"))
    send(page, link(page, "Import"))
    page.get_by_label("File").set_input_files(tmp_path / "shop.export")
    send(page, button(page, "Import"))
    expect(page.get_by_role("status")).to_have_text("Imported. Keys: 3.")
    assert files(root / "other") == contents
    (tmp_path / "shop.export").write_bytes((tmp_path / "shop.export").read_bytes()[:-5])
    send(page, link(page, "Import"))
    page.get_by_label("File").set_input_files(tmp_path / "shop.export")
    send(page, button(page, "Import"))
    expect(page.get_by_role("alert")).to_contain_text("The import stopped")


def test_without_scripts(new_page, shop, expect):
    """All of it works in a browser that runs no scripts."""
    page = new_page(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Bucket", exact=True).fill("shop")
    page.get_by_role("button", name="Open").click()
    link(page, "New key").click()
    page.get_by_label("Key", exact=True).fill("k")
    page.get_by_label("Text", exact=True).fill("one\n")
    button(page, "Create").click()
    expect(page.get_by_role("status")).to_have_text("Created.")
    link(page, "Edit").click()
    page.get_by_label("Value").fill("two\n")
    button(page, "Save").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    assert files(shop) == {"k": b"two\n"}
    link(page, "New key").click()
    page.get_by_label("Key", exact=True).fill("views")
    button(page, "Start a counter at 1").click()
    expect(page.locator(".number")).to_have_text("1")
    button(page, "Increment").click()
    expect(page.locator(".number")).to_have_text("2")
    link(page, "Delete").click()
    button(page, "Delete").click()
    expect(page.get_by_role("status")).to_have_text("Deleted.")
    assert files(shop) == {"k": b"two\n"}


# ---- What must not happen ----

def test_breaking_out(page, shop, client, expect):
    """Names and values that are markup or scripts are shown as they are, wherever they come, and run nowhere."""
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    for text in BREAKING:
        assert client.post("set", {"text": text, "seen": "absent"}, bucket="shop", key=text).status == 303
    page.goto(at())
    expect(page.locator("#keys a")).to_have_text(sorted(BREAKING, key=str.encode))
    for text in BREAKING:
        for view in ("text", "edit", "rename", "delete", "hex", "new"):
            page.goto(at(text, prefix=text, **{"as": view}))
            assert page.evaluate("window.broken") is None
        expect(page.get_by_role("heading", name=text, exact=True)).to_be_visible()
        page.goto(at(text))
        expect(page.get_by_label("Value")).to_have_text(
            text if not text.startswith("{") else json.dumps(json.loads(text), indent=2))
        page.goto(at(bucket=text))
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.evaluate("window.broken") is None
    page.evaluate("localStorage.setItem('explorer.recent', JSON.stringify({}))".format(json.dumps(BREAKING)))
    page.goto("/")
    expect(page.locator("#recents a")).to_have_text(BREAKING)
    assert page.evaluate("window.broken") is None and dialogs == []


@pytest.fixture
def foreign():
    """Another site, on this machine too, that serves what it is given."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(self.server.page.encode())

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_other_sites(page, shop, client, foreign, expect):
    """Another site can neither change a value, nor read one, nor show the page in a frame."""
    (shop / "k").write_text("secret value")
    seen = client.seen("shop", "k")
    here = "http://{}/".format(client.host)
    there = "http://localhost:{}/".format(foreign.server_port)
    foreign.page = """<form method=post enctype=multipart/form-data action="{}set?bucket=shop&key=k">
        <input name=seen value={}><textarea name=text>forged</textarea><button>Win</button></form>""".format(here, seen)
    page.goto(there)
    send(page, page.get_by_role("button", name="Win"))
    expect(page.get_by_role("alert")).to_contain_text("only this page itself")
    page.goto(there)
    outcome = page.evaluate("""async ([here, seen]) => {
        const form = new FormData();
        form.append("seen", seen);
        form.append("text", "forged");
        await fetch(here + "set?bucket=shop&key=k", { method: "POST", mode: "no-cors", body: form }).catch(() => 0);
        const read = (path) => fetch(here + path).then((answer) => answer.text()).catch(() => "refused");
        const image = await new Promise((done) => {
            const picture = new Image();
            picture.onload = () => done("shown");
            picture.onerror = () => done("refused");
            picture.src = here + "explorer.svg";
        });
        return [await read("?bucket=shop&key=k"), await read("export?bucket=shop"), image];
    }""", [here, seen])
    assert outcome == ["refused"] * 3
    foreign.page = '<iframe src="{}"></iframe>'.format(here + at("k"))
    page.goto(there)
    assert "secret" not in (page.frames[1].content() if len(page.frames) > 1 else "")
    assert files(shop) == {"k": b"secret value"}
    page.complaints.clear()  # of the browser, about the other site


def test_rebound_name(page, shop, client, expect):
    """A foreign name that was made to lead to this machine reads nothing and changes nothing."""
    (shop / "k").write_text("secret value")
    answer = page.goto("http://{}:{}/{}".format(REBOUND, client.port, at("k")))
    assert answer.status == 403 and "secret" not in page.content()
    outcome = page.evaluate("""async (seen) => {
        const form = new FormData();
        form.append("seen", seen);
        form.append("text", "forged");
        const answer = await fetch("set?bucket=shop&key=k", { method: "POST", body: form });
        return [answer.status, await (await fetch("value?bucket=shop&key=k")).text()];
    }""", client.seen("shop", "k"))
    assert outcome[0] == 403 and "secret" not in outcome[1]
    assert files(shop) == {"k": b"secret value"}
    page.complaints.clear()  # of the browser, about the name


def test_large_bucket(page, shop, expect):
    """A bucket of over 100,000 keys is shown in parts, and each key is in one of them."""
    for i in range(100_300):
        os.close(os.open(str(shop / "{:06}".format(i)), os.O_CREAT | os.O_WRONLY))
    page.goto(at())
    expect(page.get_by_text("1–100 of 100000 keys")).to_be_visible()
    send(page, link(page, "Next part"))
    expect(page.get_by_text("1–100 of 300 keys")).to_be_visible()
    expect(link(page, "Next part")).to_have_count(0)
    send(page, link(page, "Back to the start"))
    expect(page.get_by_text("1–100 of 100000 keys")).to_be_visible()
    page.goto(at(prefix="0123"))
    found = page.locator("#keys a").all_inner_texts()
    assert found == sorted(found)
    send(page, link(page, "Next part"))
    assert sorted(found + page.locator("#keys a").all_inner_texts()) == ["0123{:02}".format(i) for i in range(100)]


# ---- For everybody ----

def every_page(shop):
    """An address for everything that there is to see."""
    (shop / "user").write_text(json.dumps(PERSON))
    (shop / "count").write_bytes(struct.pack("<q", -41))
    (shop / "bytes").write_bytes(bytes(range(256)) * 20)
    (shop / "logo").write_bytes(png(60, 40))
    (shop / LONG).write_text("word " * 300)
    (shop / "odd\u202ename").write_text("")
    for i in range(110):
        (shop / "z{:03}".format(i)).write_text("")
    yield from ["", at(), at(prefix="none"), at(after="z000"), at(bucket="none"), at("absent"), at(done="deleted"),
                at(**{"as": "new"}), at(**{"as": "import"})]
    for key in ("user", "count", "bytes", "logo", LONG, "odd\u202ename"):
        yield at(key)
    for view in ("text", "hex", "edit", "replace", "rename", "delete"):
        yield at("user", **{"as": view})


def pages_to_check(new_page, shop):
    for width, scheme in ((1180, "light"), (1180, "dark"), (360, "light"), (360, "dark")):
        page = new_page(width, color_scheme=scheme)
        for address in every_page(shop):
            page.goto(address)
            yield page, (address, width, scheme)


def test_accessibility(new_page, shop):
    """axe-core finds nothing to object to on any page, wide or narrow, light or dark."""
    if not AXE.exists():
        pytest.skip("there is no axe-core; make test-explorer-browser fetches it where npm is")
    axe = AXE.read_text()
    for page, where in pages_to_check(new_page, shop):
        page.evaluate(axe)
        found = page.evaluate("""async () => {
            const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
            const result = await axe.run(document, { runOnly: { type: "tag", values: rules } });
            if (result.passes.length < 10) return ["axe has not looked"];
            return result.violations.map((one) => [one.impact, one.id, one.nodes.map((node) => node.html)]);
        }""")
        assert found == [], where
    page.complaints.clear()


def test_narrow(new_page, shop):
    """A narrow screen shows the list or the value, and no page is wider than the screen."""
    for page, where in pages_to_check(new_page, shop):
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), where
    page = new_page(360)
    page.goto(at())
    assert page.locator("#keys").is_visible() and not page.get_by_text("Choose a key").is_visible()
    send(page, link(page, "user"))
    assert page.get_by_label("Value").is_visible() and not page.locator("#keys").is_visible()
    send(page, link(page, "← Keys"))
    assert page.locator("#keys").is_visible()


def test_screenshot(new_page, shop, expect):
    """The page as a reader of its document sees it."""
    (shop / "user:1001").write_text(json.dumps(PERSON))
    for i in range(1002, 1008):
        (shop / "user:{}".format(i)).write_text(json.dumps({"name": "User {}".format(i)}))
    for i in range(9101, 9108):
        (shop / "cart:{}".format(i)).write_text("{}")
    for name in ("größe", "logo.png", "motd", "page_views", "session:8f3a"):
        (shop / name).write_text("1")
    page = new_page(1060, 600)
    page.goto(at("user:1001"))
    expect(page.get_by_label("Value")).to_contain_text("Ada Lovelace")
    expect(page.locator("#keys a")).to_have_count(19)
    if os.environ.get("SCREENSHOT"):
        page.screenshot(path=os.environ["SCREENSHOT"])
