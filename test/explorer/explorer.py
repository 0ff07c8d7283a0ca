"""The explorer served by wasmtime, and a client that says what it wants in every header. For the tests here."""
import contextlib
import html.parser
import http.client
import os
import re
import shutil
import urllib.parse

import serving

COMPOSED = "explorer.wasm"  # with the store plugged in
ALONE = "explorer_alone.wasm"  # for a host that has one
BOUNDARY = "----FormBoundary7MA4YWxkTrZu0gW"


@contextlib.contextmanager
def served(root, log, *options):
    """Serves the store of `root`; gives a client."""
    with serving.served(lambda port, root: serving.wasmtime(COMPOSED, port, root, *options), root, log) as port:
        yield Client(port)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def text(self):
        return self.body.decode()

    @property
    def page(self):
        return Page(self.text)


def multipart(fields):
    """The body of a form as a browser sends it: {name: text, or (file name, bytes)}."""
    parts = []
    for name, value in fields.items():
        head = 'Content-Disposition: form-data; name="{}"'.format(name)
        if isinstance(value, tuple):
            file, value = value
            file = file.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
            head += '; filename="{}"\r\nContent-Type: application/octet-stream'.format(file)
        else:
            value = re.sub("\r\n|\r|\n", "\r\n", value).encode()
        parts.append("--{}\r\n{}\r\n\r\n".format(BOUNDARY, head).encode() + value + b"\r\n")
    return b"".join(parts) + "--{}--\r\n".format(BOUNDARY).encode()


class Client:
    """Asks as the page itself does, if not told otherwise."""

    def __init__(self, port):
        self.port = port
        self.host = "127.0.0.1:{}".format(port)

    def ask(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=serving.START_SECONDS_MAX)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in {"Host": self.host, **(headers or {})}.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            return Answer(connection.getresponse())

    def get(self, route="", headers=None, **query):
        return self.ask("GET", address(route, query), headers)

    def post(self, route, fields, headers=None, **query):
        head = {"Origin": "http://" + self.host, "Sec-Fetch-Site": "same-origin",
                "Content-Type": "multipart/form-data; boundary=" + BOUNDARY, **(headers or {})}
        body = fields if isinstance(fields, bytes) else multipart(fields)
        return self.ask("POST", address(route, query), head, body)

    def seen(self, bucket, key, panel="replace"):
        """What a form says of the value that it shows."""
        return self.get(bucket=bucket, key=key, **{"as": panel}).page.fields()["seen"]


def address(route, query):
    query = [(name, value.encode() if isinstance(value, str) else value) for name, value in query.items()]
    return "/{}{}".format(route, "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote) if query else "")


class Page(html.parser.HTMLParser):
    """The elements of a page as a browser finds them, and the text of each."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements = []
        self.open = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "text": "", **{"@" + name: value for name, value in attributes}}
        self.elements.append(element)
        if tag not in ("meta", "link", "input", "img"):
            self.open.append(element)

    def handle_endtag(self, tag):
        while self.open and self.open.pop()["tag"] != tag:
            pass

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag, **attributes):
        return [element for element in self.elements if element["tag"] == tag
                and all(element.get("@" + name.strip("_")) == value for name, value in attributes.items())]

    def one(self, tag, **attributes):
        found = self.all(tag, **attributes)
        assert len(found) == 1, (tag, attributes, found)
        return found[0]

    def fields(self):
        return {element["@name"]: element.get("@value") for element in self.all("input") if "@name" in element}

    def notice(self):
        return next((element["text"] for element in self.all("p") + self.all("div")
                     if "notice" in element.get("@class", "")), None)

    def keys(self):
        """The keys that are listed, by where their links lead."""
        links = [element["@href"] for element in self.all("a")
                 if "key=" in element["@href"] and element["text"] not in ("First", "Previous", "Next", "Cancel")]
        listed = []
        for link in links:
            query = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query, keep_blank_values=True)
            if link.startswith("./?") and "as" not in query:
                listed.append(query["key"][0])
        return listed

    def link(self, text):
        """Where the link with this text leads; None if there is none."""
        return next((element["@href"] for element in self.all("a") if element["text"] == text), None)


def files(bucket):
    return {path.name: path.read_bytes() for path in bucket.iterdir() if path.name != ".kv"}


def empty(root, *names):
    for name in os.listdir(root):
        shutil.rmtree(str(root / name))
    for name in names:
        (root / name).mkdir()
