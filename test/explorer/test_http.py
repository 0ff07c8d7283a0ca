"""The explorer over HTTP, without a browser: what it shows, what it changes, and what it refuses."""
import io
import json
import re
import socket
import struct
import urllib.parse
import zlib

import hypothesis
import pytest
from hypothesis import strategies

import explorer
import serving
from explorer import address, files, multipart

ALLOWED = "page.example:8443"
# Each would begin an element, an attribute, a script, a header or another part of the address, if it could.
BREAKING = [
    '"><xprobe onx="1">', "'><xprobe onx='1'>", "</textarea></title></script></style><xprobe>", "<xprobe>",
    "&lt;xprobe&gt;&amp;", '" onx="1', "x\r\nSet-Cookie: a=b\r\n\r\n<xprobe>", "a&bucket=other&key=c#d?e=f/../%00%zz+ ",
    "javascript:alert(1)", "\u202egnp.exe", "\u2028\u2029\ufeff", "größe ☕", "-->", "]]>", "<!--", "${1}{{1}}", " ",
]

pytestmark = pytest.mark.xdist_group("explorer")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    root = tmp_path_factory.mktemp("explorer") / "data"
    root.mkdir()
    with explorer.served(root, root.parent / "log", "--env", "EXPLORER_HOSTS=other.example " + ALLOWED, "--env",
                         "EXPLORER_BUCKETS=shop, a<b>") as client:
        yield client, root


@pytest.fixture
def client(served):
    return served[0]


@pytest.fixture
def root(served):
    """The root with the buckets `b` and `other`, empty."""
    explorer.empty(served[1], "b", "other")
    return served[1]


@pytest.fixture
def bucket(root):
    return root / "b"


# ---- Whom it answers ----

@pytest.mark.parametrize("host", [
    "evil.example", "evil.example:{port}", "localhost.evil.example", "127.0.0.1.evil.example", "notlocalhost",
    "192.168.0.1:{port}", "0.0.0.0:{port}", "127.1:{port}", "127.0.0.1.:{port}", "127.0.0.1.5", "[::2]", "::1",
    "page.example", "page.example:80", "x.page.example:8443", "other.example.evil", "localhost:1:2", None])
def test_foreign_names(client, bucket, host):
    """A name that is not this machine's, as after DNS rebinding, gets nothing of the store and changes nothing."""
    (bucket / "k").write_text("secret value")
    headers = {"Host": host and host.format(port=client.port)}
    if host is not None:
        headers["Origin"] = "http://" + headers["Host"]
    answers = [client.get(headers=headers, bucket="b", key="k"), client.get("value", headers, bucket="b", key="k"),
               client.get("export", headers, bucket="b"), client.get(headers=headers),
               client.get("explorer.css", headers), client.get(headers=headers, bucket=b"\xff"),
               client.post("set", {"text": "x", "seen": client.seen("b", "k")}, headers, bucket="b", key="k")]
    for answer in answers:
        assert answer.status == 403 or host is None and answer.status >= 400  # wasmtime itself wants a name
        assert b"secret" not in answer.body and b"explorer" not in answer.body
    assert files(bucket) == {"k": b"secret value"}


@pytest.mark.parametrize("host", [
    "localhost:{port}", "localhost", "LOCALHOST:{port}", "127.0.0.1", "127.9.8.7:{port}", "[::1]:{port}", "[::1]",
    "app.localhost:{port}", "other.example", "Other.Example:99", ALLOWED])
def test_own_names(client, bucket, host):
    """By the names of this machine, and those that the environment allows, it can be read and changed."""
    headers = {"Host": host.format(port=client.port)}
    assert client.get(headers=headers, bucket="b").status == 200
    headers["Origin"] = "http://" + headers["Host"].lower()
    assert client.post("set", {"text": "x", "seen": "absent"}, headers, bucket="b", key="k").status == 303
    assert files(bucket) == {"k": b"x"}


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost:{port}"}, {"Origin": "http://127.0.0.1:{port}.evil.example"},
    {"Origin": "http://127.0.0.1:{port}/"}, {"Origin": "ftp://127.0.0.1:{port}"}, {"Origin": "127.0.0.1:{port}"},
    {"Origin": "http://"}, {"Origin": None, "Sec-Fetch-Site": None}, {"Origin": None, "Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}])
def test_forged_forms(client, bucket, headers):
    """A form that another page sends, or that does not tell where it comes from, changes nothing."""
    headers = {name: value and value.format(port=client.port) for name, value in headers.items()}
    (bucket / "k").write_bytes(struct.pack("<Q", 7))
    seen = client.seen("b", "k")
    key = {"bucket": "b", "key": "k"}
    for answer in (client.post("set", {"text": "x", "seen": seen}, headers, **key),
                   client.post("delete", {"seen": seen}, headers, **key),
                   client.post("rename", {"to": "x", "seen": seen}, headers, **key),
                   client.post("increment", {"delta": "1"}, headers, **key),
                   client.post("import", {"archive": ("a", b"kv-export 1\n")}, headers, bucket="b")):
        assert answer.status == 403 and "only this page itself" in answer.page.notice()
    assert files(bucket) == {"k": struct.pack("<Q", 7)}


def test_other_methods(client, bucket):
    """Only a POST changes something, HEAD is a GET without its body, and there are no other methods."""
    (bucket / "k").write_text("1")
    for route in ("set", "delete", "rename", "increment", "import"):
        assert client.get(route, bucket="b", key="k", text="x", seen="absent", to="x", delta="1").status == 404
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert client.ask(method, "/?bucket=b&key=k").status == 405
    for path in ("/?bucket=b&key=k", "/export?bucket=b", "/value?bucket=b&key=k", "/explorer.css", "/"):
        head = client.ask("HEAD", path)
        assert (head.status, head.body) == (200, b"") and "content-security-policy" in head.headers
    assert client.post("", {}, bucket="b").status == 404 and client.post("set", {}).status == 404
    assert files(bucket) == {"k": b"1"}


def test_headers(client, bucket):
    """Every answer forbids what a page could be used for: foreign scripts, frames, guessing of types, other sites."""
    (bucket / "k").write_text("1")
    for answer in (client.get(), client.get(bucket="b"), client.get(bucket="none"), client.get("value", bucket="b", key="k"),
                   client.get("export", bucket="b"), client.get("explorer.js"), client.get("no"),
                   client.get(bucket=b"\xff"), client.post("set", {"text": "", "seen": "absent"}, bucket="b", key="n")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        policy = answer.headers.get("content-security-policy", "default-src 'none'" if answer.status == 303 else "")
        assert policy.startswith("default-src 'none'") and "unsafe-eval" not in policy
        assert "access-control-allow-origin" not in answer.headers
    policy = client.get(bucket="b").headers["content-security-policy"]
    assert "unsafe-inline" not in policy
    for part in ("script-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy


# ---- What cannot break out ----

def assert_contained(answer):
    """The page has no element and no attribute but our own, and nothing inline that the policy would forbid."""
    page = answer.page
    for element in page.elements:
        assert element["tag"] != "xprobe", answer.text
        for name in element:
            assert not name.startswith("@on") and name != "@style", answer.text
        for name in ("@href", "@src", "@action", "@formaction"):
            assert urllib.parse.urlsplit(element.get(name, "")).scheme == "", element
    assert "set-cookie" not in answer.headers
    return page


@pytest.mark.parametrize("text", BREAKING)
def test_breaking_out(client, root, text):
    """Names and values are shown as text everywhere, whatever they are made of, and links lead back to just them."""
    bucket = root / "b"
    key = {"bucket": "b", "key": text}
    assert client.post("set", {"text": text, "seen": "absent"}, **key).status == 303
    assert len(files(bucket)) == 1
    (stored,) = files(bucket).values()
    assert stored.decode() == text.replace("\r\n", "\n")
    assert assert_contained(client.get(bucket="b")).keys() == [text]
    assert assert_contained(client.get(bucket="b", prefix=text)).keys() == [text]
    for panel in ("text", "json", "hex", "edit", "replace", "rename", "delete", "new", "import", text):
        assert_contained(client.get(prefix=text, after=text, **{"as": panel}, **key))
    page = assert_contained(client.get(**{"as": "text"}, **key))
    assert page.one("pre")["text"].removeprefix("\n") == stored.decode()
    page = assert_contained(client.get(**{"as": "edit"}, **key))
    assert page.one("textarea")["text"].removeprefix("\n") == stored.decode()
    for wrong in ({"bucket": text}, {"bucket": "b", "key": text + "2"}, {"bucket": "b", "section": text},
                  {"bucket": "b", "key": text, "at": text}, {"bucket": "b", "done": text, "count": text},
                  {"bucket": "b", "done": "imported", "count": text}):
        assert_contained(client.get(**wrong))
    quicker = client.post("set", {"text": text, "seen": text}, **key)
    assert quicker.status == 409 and assert_contained(quicker).one("textarea")["text"].removeprefix("\n") == stored.decode()
    for fields in ({"to": text, "seen": text}, {"to": text, "seen": "absent"}):
        assert_contained(client.post("rename", fields, **key))
    assert_contained(client.post("increment", {"delta": text}, **key))
    assert_contained(client.post("increment", {"key": text, "delta": "1"}, bucket=text))
    assert_contained(client.post("set", {"text": "x"}, bucket=text, key=text))
    download = client.get("value", **key)
    assert download.body == stored and "set-cookie" not in download.headers
    assert "set-cookie" not in client.get("export", bucket="b").headers
    redirect = client.post("rename", {"to": text + "2", "seen": client.seen("b", text)}, **key)
    assert redirect.status == 303 and "set-cookie" not in redirect.headers
    assert_contained(client.ask("GET", "/" + redirect.headers["location"].removeprefix("./")))
    assert client.get(bucket="b").page.keys() == [text + "2"]


def test_unseen_characters(client, bucket):
    """Characters that cannot be seen, or turn a name around, are shown as escapes where a name is shown."""
    for name, shown in (("a\u202etxt", "aU+202Etxt"), ("a\u200bb", "aU+200Bb"), ("tab\there", "tab\\there"),
                        ("line\nbreak", "line\\nbreak"), ("\x1b[31m", "U+001B[31m"), ("a\u00a0b", "aU+00A0b")):
        assert client.post("set", {"text": "", "seen": "absent"}, bucket="b", key=name).status == 303
        page = client.get(bucket="b", key=name).page
        assert page.one("h1")["text"] == shown
        assert shown in [element["text"] for element in page.all("bdi")]


def test_downloads_do_not_run(client, bucket):
    """A value is downloaded as bytes of no type, in a sandbox; only a picture is shown, and SVG is none."""
    documents = {"page.html": b"<script>alert(1)</script>", "a.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>',
                 "a.pdf": b"%PDF-1.7\n", "a.xml": b"<?xml version='1.0'?><a/>"}
    pictures = {"a.png": (b"\x89PNG\r\n\x1a\nrest", "image/png"), "a.jpg": (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
                "a.gif": (b"GIF89a<script>alert(1)</script>", "image/gif"),
                "a.webp": (b"RIFF\0\0\0\0WEBPrest", "image/webp")}
    for name, content in documents.items():
        (bucket / name).write_bytes(content)
        assert client.get("picture", bucket="b", key=name).status == 404
    for name, (content, kind) in pictures.items():
        (bucket / name).write_bytes(content)
        picture = client.get("picture", bucket="b", key=name)
        assert (picture.headers["content-type"], picture.body) == (kind, content)
        assert "sandbox" in picture.headers["content-security-policy"]
        assert client.get(bucket="b", key=name).page.all("img", alt="The value as a picture")
    for name in [*documents, *pictures]:
        value = client.get("value", bucket="b", key=name)
        assert value.headers["content-type"] == "application/octet-stream"
        assert value.headers["content-disposition"].startswith('attachment; filename="{}"'.format(name))
        assert "sandbox" in value.headers["content-security-policy"]
        assert value.body == (bucket / name).read_bytes()


# ---- What it shows ----

def test_kinds(client, bucket):
    """A value is told from its bytes: text, JSON, a counter, a picture, or bytes; each is shown in its way."""
    for value, kind, shown in (
            (b"hello\n", "Text", "hello\n"), (b"", "Text", None), ("größe ☕".encode(), "Text", "größe ☕"),
            (b'{"a":1}', "JSON", '{\n  "a": 1\n}'), (b"[]", "JSON", "[]"), (b"{]", "Text", "{]"), (b"12", "Text", "12"),
            (struct.pack("<Q", 41), "Counter", "41"), (struct.pack("<q", -5), "Counter", str(2 ** 64 - 5)),
            (bytes(8), "Counter", "0"), (b"12345678", "Text", "12345678"), (b"\0\1\2", "Bytes", None),
            (b"\xff\xfe", "Bytes", None), (b"a\x1b[0m", "Bytes", None), (b"\x89PNG\r\n\x1a\n", "image/png", None)):
        (bucket / "k").write_bytes(value)
        page = client.get(bucket="b", key="k").page
        facts = [element["text"] for element in page.all("span")]
        assert kind in facts and "{} byte{}".format(len(value), "" if len(value) == 1 else "s") in facts
        if shown is not None:
            element = page.one("p", class_="value number") if kind == "Counter" else page.all("pre")[0]
            assert element["text"].removeprefix("\n").removesuffix("\n" if kind == "JSON" else "") == shown.rstrip("\n") or \
                element["text"].removeprefix("\n") == shown
    (bucket / "k").write_bytes(struct.pack("<q", -5))
    assert "−5" in client.get(bucket="b", key="k").text


json_documents = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=8)
    | strategies.floats(allow_nan=False, allow_infinity=False),
    lambda inner: strategies.lists(inner, max_size=4) | strategies.dictionaries(strategies.text(max_size=6), inner, max_size=4),
    max_leaves=12).filter(lambda document: isinstance(document, (dict, list)))


@hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(document=json_documents, ascii_only=strategies.booleans(), indent=strategies.none() | strategies.integers(0, 3))
def test_json(client, bucket, document, ascii_only, indent):
    """JSON is laid out as Python lays it out, with each string and number as it was written."""
    text = json.dumps(document, ensure_ascii=ascii_only, indent=indent)
    hypothesis.assume("\x7f" not in text)
    (bucket / "j").write_bytes(text.encode())
    shown = client.get(bucket="b", key="j").page.one("pre", class_="value json")["text"]
    assert shown.strip("\n") == json.dumps(document, ensure_ascii=ascii_only, indent=2)


@pytest.mark.parametrize("text", [
    "{", "[", "]", "[1,]", "[,1]", '{"a"}', '{"a":}', '{"a":1,}', "{1:2}", "[1 2]", "[01]", "[1.]", "[.5]", "[1e]", "[+1]",
    "[-]", '["a]', '["\\x"]', '["\\u12g4"]', '["a\tb"]', "[tru]", "[truex]", "[NaN]", "[1]]", "[1][2]", "[1],", '{"a":1 "b":2}',
    "[" * 513 + "]" * 513, "\ufeff[]", "{'a':1}", "[1}", '{"a":1]', "[//\n1]"])
def test_no_json(client, bucket, text):
    """What is no JSON object or array is shown as the text that it is."""
    (bucket / "j").write_bytes(text.encode())
    page = client.get(bucket="b", key="j").page
    assert page.all("pre", class_="value json") == [] and page.one("pre")["text"].removeprefix("\n") == text


def test_deep_json(client, bucket):
    """JSON is laid out to a depth of 512."""
    (bucket / "j").write_text("[" * 512 + "]" * 512)
    assert client.get(bucket="b", key="j").page.one("pre", class_="value json")["text"].count("\n") == 1 + 2 * 511


def test_large_json(client, bucket):
    """JSON that would make a huge page is shown as text, and deep JSON is indented no further than 40 levels."""
    (bucket / "j").write_text("[" + "1," * 131_070 + "1]")
    assert client.get(bucket="b", key="j").text.count('\n  <span class="json-number">1</span>') == 131_071
    (bucket / "j").write_text("[" + "1," * 131_071 + "1]")
    assert "json-number" not in client.get(bucket="b", key="j").text
    deep = "[" * 500 + "1," * 130_000 + "1" + "]" * 500
    (bucket / "j").write_text(deep)
    answer = client.get(bucket="b", key="j")
    assert answer.status == 200 and len(answer.body) < 20 << 20
    assert "\n" + 80 * " " + "<span" in answer.text and "\n" + 81 * " " not in answer.text


def test_hex(client, bucket):
    """The hex dump has every byte, over as many pages as it takes."""
    value = bytes(range(256)) * 40 + b"end"
    (bucket / "k").write_bytes(value)
    read, link, pages = b"", address("", {"bucket": "b", "key": "k", "as": "hex"}), 0
    while link is not None:
        page = client.ask("GET", link).page
        for line in page.one("pre")["text"].splitlines():
            assert int(line[:8], 16) == len(read)
            read += bytes.fromhex(line[10:59])
        link = page.link("Next")
        link = link and "/" + link.removeprefix("./")
        pages += 1
    assert read == value and pages == 3


def test_long_text(client, bucket):
    """Of a long text the beginning is shown, cut between two characters, and it cannot be edited."""
    (bucket / "k").write_text("ä" * 800_001)
    page = client.get(bucket="b", key="k").page
    assert page.one("pre")["text"].strip("\n") == "ä" * 131_072
    assert page.link("Edit") is None and "download it" in client.get(bucket="b", key="k").text
    assert client.get(bucket="b", key="k", **{"as": "edit"}).page.all("textarea") == []


# ---- The list ----

def test_pages_of_keys(client, bucket):
    """Keys come in order, a hundred a page, each once, forwards and backwards, whatever is added meanwhile."""
    names = sorted("key:{:04}".format(i) for i in range(250))
    for name in names + ["other"]:
        (bucket / name).write_text("")
    pages, page = [], client.get(bucket="b", prefix="key:").page
    while True:
        pages.append(page.keys())
        link = page.link("Next")
        if link is None:
            break
        (bucket / "key:0000a").write_text("")  # before the page
        page = client.ask("GET", "/" + link.removeprefix("./")).page
    assert sum(pages, []) == names and list(map(len, pages)) == [100, 100, 50]
    assert "202–251 of 251" in page.one("p", class_="count")["text"]
    (bucket / "key:0000a").unlink()
    back = []
    while page.link("Previous") is not None:
        page = client.ask("GET", "/" + page.link("Previous").removeprefix("./")).page
        back.append(page.keys())
    assert back == [pages[1], pages[0]]
    assert client.get(bucket="b", prefix="key:0249").page.keys() == ["key:0249"]
    assert client.get(bucket="b", prefix="none").page.keys() == []
    assert "251 keys" in client.get(bucket="b", prefix="").text.replace("1–100 of ", "")


def test_odd_keys_in_order(client, bucket):
    """The empty key, and keys of any characters, are listed in the order of their bytes and can be opened."""
    names = sorted(["", " ", "a", "a/b", "a%2Fb", ".hidden", "ä", "☕", "A", "..", "%"], key=str.encode)
    for name in names:
        assert client.post("set", {"text": "value of " + name, "seen": "absent"}, bucket="b", key=name).status == 303
    assert client.get(bucket="b").page.keys() == names
    for name in names:
        assert client.get("value", bucket="b", key=name).text == "value of " + name


def test_buckets(client, root):
    """The bucket without a name is `default`; one that is not there is 404; names that are known are on the first page."""
    assert client.get(bucket="").status == 404
    (root / "default").mkdir()
    (root / "default" / "k").write_text("v")
    assert client.get(bucket="").page.keys() == ["k"]
    answer = client.get(bucket="none")
    assert answer.status == 404 and "no such bucket" in answer.page.notice() and "mkdir" in answer.text
    answer = client.get("value", bucket="b", key="none")
    assert answer.status == 404 and "mkdir" not in answer.text and answer.page.link("Back to the keys") == "./?bucket=b"
    home = client.get().page
    assert [element["@href"] for element in home.all("a") if element["@href"].startswith("./?")] == [
        "./?bucket=shop", "./?bucket=a%3Cb%3E"]


# ---- The forms ----

def test_create(client, bucket):
    """A new key gets the text, or the file, that the form has; a file without a key keeps its own name."""
    answer = client.post("set", {"key": "new", "seen": "absent", "text": "one\ntwo", "file": ("", b"")}, bucket="b")
    assert answer.status == 303 and answer.headers["location"] == "./?bucket=b&key=new&done=created&count=0"
    assert client.ask("GET", "/?bucket=b&key=new&done=created").page.notice() == "Created."
    binary = b"\r\n--" + explorer.BOUNDARY.encode()[:-1] + b"\r\n\r\r\n\0\xff"
    assert client.post("set", {"key": "", "seen": "absent", "text": "", "file": ('a "b".bin', binary)}, bucket="b").status == 303
    assert client.post("set", {"key": "c", "seen": "absent", "text": "x", "file": ("f", b"y")}, bucket="b").status == 303
    assert client.post("set", {"key": "", "seen": "absent", "text": "empty key"}, bucket="b").status == 303
    assert files(bucket) == {"new": b"one\ntwo", 'a "b".bin': binary, "c": b"y", "%": b"empty key"}


def test_forms_keep_the_list(client, bucket):
    """After a change the same part of the list is shown, with the same prefix."""
    for i in range(150):
        (bucket / "k{:03}".format(i)).write_text("1")
    list_query = {"bucket": "b", "prefix": "k", "after": "k120"}
    for panel in ("edit", "replace", "rename", "delete", "text"):
        page = client.get(key="k130", **list_query, **{"as": panel}).page
        (form,) = page.all("form", method="post")
        assert form["@action"].endswith("?bucket=b&prefix=k&after=k120&key=k130")
    fields = {"text": "2", "seen": client.seen("b", "k130")}
    answer = client.post("set", fields, key="k130", **list_query)
    page = client.ask("GET", "/" + answer.headers["location"].removeprefix("./")).page
    assert page.keys() == ["k{:03}".format(i) for i in range(121, 150)]


def test_create_over(client, bucket):
    """Creating what is there already changes nothing, and what was typed comes back."""
    (bucket / "k").write_text("first")
    answer = client.post("set", {"key": "k", "seen": "absent", "text": "second"}, bucket="b")
    assert answer.status == 409 and answer.page.one("textarea")["text"].strip() == "second"
    assert "already exists" in answer.page.notice()
    answer = client.post("set", {"key": "k", "seen": "absent", "text": "", "file": ("f", b"third")}, bucket="b")
    assert answer.status == 409 and "already exists" in answer.page.notice()
    assert files(bucket) == {"k": b"first"}


@pytest.mark.parametrize("value", [b"one\ntwo\n", b"one\r\ntwo\r\n", b"\n\nled by breaks", b"", b"tab\tand",
                                   "größe & <b> ☕".encode(), b"no end"])
def test_edit_keeps(client, bucket, value):
    """A text that is saved as it came is the same to the byte, whichever line ends it has."""
    (bucket / "k").write_bytes(value)
    page = client.get(bucket="b", key="k", **{"as": "edit"}).page
    text = page.one("textarea")["text"]
    assert text.startswith("\n")  # which a browser leaves out
    fields = {name: content for name, content in page.fields().items() if name in ("seen", "returns")}
    answer = client.post("set", {"text": text[1:], **fields}, bucket="b", key="k")
    assert answer.status == 303 and "done=saved" in answer.headers["location"]
    assert files(bucket) == {"k": value}


@pytest.mark.parametrize("value", [b"lone\rreturn", b"mixed\r\nends\n", b"nul\0", b"\xff"])
def test_not_editable(client, bucket, value):
    """A value that a text field would not give back unchanged cannot be edited."""
    (bucket / "k").write_bytes(value)
    page = client.get(bucket="b", key="k", **{"as": "edit"}).page
    assert page.all("textarea") == [] and page.link("Edit") is None


def test_somebody_was_quicker(client, bucket):
    """What has changed since it was shown is neither overwritten, nor deleted, nor renamed; the text is not lost, and
    can be saved over it by a second decision."""
    (bucket / "k").write_text("shown")
    seen = client.seen("b", "k")
    (bucket / "k").write_text("theirs")
    key = {"bucket": "b", "key": "k"}
    answer = client.post("set", {"text": "mine", "seen": seen}, **key)
    page = answer.page
    assert answer.status == 409 and "Someone else has changed this value" in page.notice()
    assert page.one("textarea")["text"].strip() == "mine"
    for late in (client.post("set", {"text": "", "file": ("f", b"mine"), "seen": seen}, **key),
                 client.post("delete", {"seen": seen}, **key), client.post("rename", {"to": "n", "seen": seen}, **key),
                 client.post("set", {"text": "mine", "seen": "absent"}, **key), client.post("set", {"text": "mine"}, **key)):
        assert late.status == 409
    assert files(bucket) == {"k": b"theirs"}
    assert client.post("set", {"text": "mine", "seen": page.fields()["seen"]}, **key).status == 303
    assert files(bucket) == {"k": b"mine"}
    (bucket / "k").unlink()
    assert client.post("set", {"text": "late", "seen": seen}, **key).status == 409
    assert files(bucket) == {}


def test_replace_and_delete(client, bucket):
    """A value is replaced by a file, and deleted after the question."""
    (bucket / "k").write_text("old")
    key = {"bucket": "b", "key": "k"}
    assert client.post("set", {"seen": client.seen("b", "k"), "file": ("f", bytes(range(256)))}, **key).status == 303
    assert files(bucket) == {"k": bytes(range(256))}
    question = client.get(**{"as": "delete"}, **key).page
    assert question.one("form", method="post")["@action"] == "delete?bucket=b&key=k"
    answer = client.post("delete", {"seen": question.fields()["seen"]}, **key)
    assert answer.headers["location"] == "./?bucket=b&done=deleted&count=0" and files(bucket) == {}
    assert client.get(**key).status == 404


def test_rename(client, bucket):
    """A key is renamed to a free name only, and to itself without harm."""
    (bucket / "k").write_bytes(b"\0value")
    (bucket / "taken").write_text("other")
    rename = lambda to: client.post("rename", {"to": to, "seen": client.seen("b", "k")}, bucket="b", key="k")  # noqa: E731
    assert rename("taken").status == 409 and rename("k").status == 303
    assert rename("x" * 300).status == 500  # a name that the store refuses
    assert files(bucket) == {"k": b"\0value", "taken": b"other"}
    assert rename("n/w").headers["location"] == "./?bucket=b&key=n%2Fw&done=renamed&count=0"
    assert files(bucket) == {"n%2Fw": b"\0value", "taken": b"other"}


def test_increment(client, bucket):
    """A counter, of bytes or of text, goes up by what is added; what is no counter stays, in the store's own words."""
    (bucket / "c").write_bytes(struct.pack("<Q", 41))
    (bucket / "t").write_text("41\n")
    (bucket / "x").write_text("many")
    count = lambda key, delta: client.post("increment", {"delta": delta}, bucket="b", key=key)  # noqa: E731
    assert count("c", "1").status == 303 and count("t", "1").status == 303 and count("c", "0").status == 303
    assert client.post("increment", {"key": "n", "delta": "1"}, bucket="b").headers["location"].startswith("./?bucket=b&key=n&")
    assert count("x", "1").status == 500 and "the value is not a counter" in count("x", "1").page.notice()
    for wrong in ("", "-1", "1.5", "one", "18446744073709551616", "1 "):
        assert count("c", wrong).status == 400
    assert count("c", "18446744073709551615").status == 500
    assert files(bucket) == {"c": struct.pack("<Q", 42), "t": b"42\n", "x": b"many", "n": struct.pack("<Q", 1)}
    assert client.get(bucket="b", key="t").page.one("form", class_="increment")["@method"] == "post"


# ---- Export and import ----

def archive(client, bucket):
    answer = client.get("export", bucket=bucket)
    assert answer.status == 200 and answer.headers["content-type"] == "application/octet-stream"
    return answer.body


def test_export_and_import(client, root):
    """A bucket goes out and in again unchanged, whatever its keys and values are."""
    contents = {"user:1": b"{}", "größe": bytes(range(256)), "empty": b"", "%": b"empty key",
                "long": b"kv-export 1\n" * 30_000, **{"k{}".format(i): b"v" * i for i in range(1200)}}
    for name, value in contents.items():
        (root / "b" / name).write_bytes(value)
    out = archive(client, "b")
    assert 'filename="b.export"' in client.get("export", bucket="b").headers["content-disposition"]
    (root / "other" / "k1").write_text("old")
    (root / "other" / "stays").write_text("there")
    answer = client.post("import", {"archive": ("b.export", out)}, bucket="other")
    assert answer.headers["location"] == "./?bucket=other&done=imported&count=1205"
    assert client.ask("GET", "/?bucket=other&done=imported&count=1205").page.notice() == "Imported. Keys: 1205."
    assert files(root / "other") == {**contents, "stays": b"there"}
    assert client.get("export", bucket="none").status == 404


def test_import_of_damage(client, root):
    """An archive that was cut or changed is refused with the reason, and nothing behind the damage is stored."""
    for i in range(3):
        (root / "b" / "k{}".format(i)).write_text("value {}".format(i))
    out = archive(client, "b")
    for at in range(0, len(out), 7):
        for damaged in (out[:at], out[:at] + bytes([out[at] ^ 1]) + out[at + 1:]):
            explorer.empty(root, "b", "other")
            answer = client.post("import", {"archive": ("a", damaged)}, bucket="other")
            assert answer.status == 400 and "The import stopped" in answer.page.notice()
            count = int(re.search(r"before that: (\d+)\.", answer.page.notice())[1])
            assert len(files(root / "other")) == count < 4
    answer = client.post("import", {"archive": ("a", out + b"x")}, bucket="other")
    assert answer.status == 400 and "The import stopped" in answer.page.notice()
    for fields in ({}, {"archive": ("a", b"")}, {"other": ("a", out)}):
        assert client.post("import", fields, bucket="other").status == 400
    assert client.post("import", {"archive": ("a", out)}, bucket="none").status == 404


def test_import_of_too_much(client, root):
    """A value over the limit is refused before there is room for it."""
    head = b"kv-export 1\nkey 1 value 67108865 crc "
    head += b"%08X\n" % zlib.crc32(head)
    answer = client.post("import", {"archive": ("a", head + b"k\n" + bytes(1000))}, bucket="other")
    assert answer.status == 413 and "limit of 64 MiB" in answer.page.notice() and files(root / "other") == {}


# ---- Limits and damaged requests ----

def test_too_large(client, bucket):
    """A form over 64 MiB is refused with an answer that is read; one below is taken."""
    answer = client.post("set", {"seen": "absent", "file": ("f", bytes(64 << 20))}, bucket="b", key="k")
    assert answer.status == 413 and "limit of 64 MiB" in answer.page.notice() and files(bucket) == {}
    assert client.post("set", {"seen": "absent", "file": ("f", bytes(5 << 20))}, bucket="b", key="k").status == 303
    assert (bucket / "k").stat().st_size == 5 << 20
    assert len(client.get("value", bucket="b", key="k").body) == 5 << 20


def test_damaged_forms(client, bucket):
    """A body that is no form, or not whole, changes nothing."""
    whole = multipart({"seen": "absent", "text": "x"})
    for body in (whole[:-at] for at in range(3, len(whole), 5)):
        assert client.post("set", body, bucket="b", key="k").status == 400
    for kind in (None, "application/x-www-form-urlencoded", "text/plain", "multipart/form-data",
                 "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 71, "multipart/mixed; boundary=x"):
        assert client.post("set", whole, {"Content-Type": kind}, bucket="b", key="k").status == 415
    assert client.post("set", {"f{}".format(i): "" for i in range(9)}, bucket="b", key="k").status == 400
    long_head = whole.replace(b"form-data", b"form-data" + b"x" * 3000)
    assert client.post("set", long_head, bucket="b", key="k").status == 400
    many_heads = whole.replace(b"\r\nContent", b"\r\nX: y" * 20 + b"\r\nContent", 1)
    assert client.post("set", many_heads, bucket="b", key="k").status == 400
    for field in ("to", "key"):
        bad = multipart({"seen": "absent", field: "@"}).replace(b"@", b"\xff")
        assert client.post("rename" if field == "to" else "set", bad, bucket="b", **({"key": "k"} if field == "to" else {})).status == 400
    assert files(bucket) == {}


@pytest.mark.parametrize("quoted", [False, True])
def test_bodies_in_pieces(client, bucket, quoted):
    """A form that comes byte by byte is the same form."""
    value = b"\r\n--" + explorer.BOUNDARY.encode()[:-1] + b"\r\r\n--\r\n-"
    body = multipart({"seen": "absent", "file": ("f", value)})
    boundary = '"{}"; charset=utf-8'.format(explorer.BOUNDARY) if quoted else explorer.BOUNDARY
    head = ("POST /set?bucket=b&key=k HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nConnection: close\r\n"
            "Content-Type: multipart/form-data; boundary={1}\r\nTransfer-Encoding: chunked\r\n\r\n").format(client.host, boundary)
    with socket.create_connection(("127.0.0.1", client.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(head.encode())
        for byte in body:
            connection.sendall(b"1\r\n%c\r\n" % byte)
        connection.sendall(b"0\r\n\r\n")
        connection.settimeout(serving.START_SECONDS_MAX)
        assert connection.recv(100).startswith(b"HTTP/1.1 303")
    assert files(bucket) == {"k": value}


def test_addresses(client, bucket):
    """An address that makes no sense is 400, an unknown one 404; neither ends in a trap."""
    for query in ("bucket=%FF", "bucket=b&key=%C3", "bucket=b&section=x", "bucket=b&section=12", "&".join("a=b" for _ in range(17)),
                  "bucket=b&key=" + "%ED%A0%80"):
        assert client.ask("GET", "/?" + query).status == 400, query
    for path in ("/none", "/none?bucket=b", "/value?bucket=b", "/picture?bucket=b", "/value?bucket=b&key=none", "/index.html"):
        assert client.ask("GET", path).status == 404, path
    for query in ("&&&=&", "bucket=b&&key", "%62ucket=b", "bucket=b&after=&before=", "bucket=b&key=%zz%4"):
        assert client.ask("GET", "/?" + query).status in (200, 404), query
    assert client.ask("GET", "/some/where/explorer.css").status == 200


def test_what_the_store_refuses(client, bucket):
    """What the store refuses is told in its own words: a long name, a directory in a key's place."""
    answer = client.post("set", {"seen": "absent", "text": ""}, bucket="b", key="x" * 256)
    assert answer.status == 500 and "256" in answer.page.notice()
    (bucket / "dir").mkdir()
    answer = client.post("set", {"seen": "absent", "text": ""}, bucket="b", key="dir")
    assert answer.status == 500 and "directory" in answer.page.notice()


# ---- wasmtime's own store ----

def test_in_wasmtimes_own_store(tmp_path):
    """The page shows what its host has: here the store of `wasmtime serve`, which begins anew with each request."""
    values = {"a": "1", "user": '{"name":"Ada"}'}
    options = [option for key, value in values.items() for option in ("-S", "keyvalue-in-memory-data={}={}".format(key, value))]
    command = lambda port, root: serving.wasmtime(explorer.ALONE, port, root, "-S", "keyvalue", *options)  # noqa: E731
    with serving.served(command, tmp_path, tmp_path / "log") as port:
        client = explorer.Client(port)
        assert client.get(bucket="").page.keys() == ["a", "user"]
        assert client.get(bucket="", prefix="u").page.keys() == ["user"]
        assert '"name"' in client.get(bucket="", key="user").page.one("pre", class_="value json")["text"]
        assert client.get(bucket="other").status == 404
        out = io.BytesIO(client.get("export", bucket="").body)
        assert out.readline() == b"kv-export 1\n" and b'{"name":"Ada"}' in out.read()
        seen = client.seen("", "a")
        for route, fields in (("set", {"text": "2", "seen": seen}), ("increment", {"delta": "1"}),
                              ("rename", {"to": "n", "seen": seen}), ("delete", {"seen": seen})):
            assert client.post(route, fields, bucket="", key="a").status == 303
        assert client.post("import", {"archive": ("a", out.getvalue())}, bucket="").headers["location"].endswith("count=2")
