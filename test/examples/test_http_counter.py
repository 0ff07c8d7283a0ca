"""The HTTP example, composed with the store: build/http_counter.wasm.

Here its requests come from wasi:http as a few Python functions define it, with a new instance for each,
as wash has it. test_http_hosts.py serves it in real hosts.
"""
import re
import struct
import subprocess
import threading

import pytest
import wasmtime
from wasmtime import component as wasm

import keyvalue
from keyvalue import BUILD

COUNTER = "http_counter.wasm"
INCOMING, OUTPARAM, FIELDS, RESPONSE, BODY, STREAM, INPUT, ERROR = range(21, 29)  # resource types


class Exchange:
    """One request's handles and what was answered."""

    def __init__(self, path):
        self.path = path
        self.open = set()
        self.status = 200
        self.text = b""
        self.sent = False
        self.finished = False

    def own(self, kind):
        self.open.add(kind)
        return wasm.ResourceHost.own(kind, kind)  # there is one of each kind

    def take(self, handle, kind):
        assert handle.to_host(_current.store).rep == kind
        self.open.remove(kind)


_current = threading.local()


def _use(*handles):
    """Every borrowed handle has to be taken, or the call traps."""
    for handle in handles:
        handle.to_host(_current.store)
    return _current.exchange


def _set_status(store, response, status):
    _use(response).status = status
    return wasm.Variant("ok")


def _respond(store, outparam, response):
    exchange = _current.exchange
    exchange.take(outparam, OUTPARAM)
    exchange.take(response, RESPONSE)
    exchange.sent = True


def _new_response(store, fields):
    _current.exchange.take(fields, FIELDS)
    return _current.exchange.own(RESPONSE)


def _write(store, stream, data):
    exchange = _use(stream)
    assert exchange.sent, "the body is written before the response is sent: a host would wait for ever"
    exchange.text += bytes(data)


def _finish(store, body, trailers):
    exchange = _current.exchange
    exchange.take(body, BODY)
    assert STREAM not in exchange.open, "the body is finished while its stream is open"
    exchange.finished = True


_HTTP = {
    "[constructor]fields": lambda store: _current.exchange.own(FIELDS),
    "[constructor]outgoing-response": _new_response,
    "[method]incoming-request.path-with-query": lambda store, request: _use(request).path,
    "[method]outgoing-response.set-status-code": _set_status,
    "[method]outgoing-response.body": lambda store, response: _use(response).own(BODY),
    "[method]outgoing-body.write": lambda store, body: _use(body).own(STREAM),
    "[static]response-outparam.set": _respond,
    "[static]outgoing-body.finish": _finish,
}


def _drop(store, number):
    _current.exchange.open.remove(number)


def _linker():
    linker = wasm.Linker(keyvalue.engine())
    linker.add_wasip2()
    linker.allow_shadowing = True
    with linker.root() as root:
        with root.add_instance("wasi:io/streams@0.2.0") as streams:
            streams.add_resource("output-stream", wasm.ResourceType.host(STREAM), _drop)
            streams.add_resource("input-stream", wasm.ResourceType.host(INPUT), _drop)
            streams.add_func("[method]output-stream.blocking-write-and-flush", _write)
        with root.add_instance("wasi:http/types@0.2.0") as types:
            for name, kind in (("incoming-request", INCOMING), ("response-outparam", OUTPARAM), ("fields", FIELDS),
                               ("outgoing-response", RESPONSE), ("outgoing-body", BODY)):
                types.add_resource(name, wasm.ResourceType.host(kind), _drop)
            for name, function in _HTTP.items():
                types.add_func(name, function)
    return linker


def get(root, path="/", env=()):
    """One request to an instance of its own: (status, text)."""
    exchange = _current.exchange = Exchange(path)
    application = keyvalue.Instance(root, env, linker=_linker(), name=COUNTER)
    _current.store = application.store
    application.call("wasi:http/incoming-handler@0.2.0", "handle", exchange.own(INCOMING), exchange.own(OUTPARAM))
    assert exchange.sent and exchange.finished
    assert exchange.open == set(), "handles are left open"
    return exchange.status, exchange.text.decode()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "my-bucket").mkdir()
    return tmp_path


def test_counts(root):
    """Each view of / adds one, whichever instance answers, to a counter that anyone can read and edit."""
    assert get(root) == (200, "1\n")
    assert get(root, "/?from=here") == (200, "2\n")
    assert (root / "my-bucket" / "page_views").read_bytes() == struct.pack("<Q", 2)
    (root / "my-bucket" / "page_views").write_text("41\n")
    assert get(root) == (200, "42\n")
    assert (root / "my-bucket" / "page_views").read_text() == "42\n"


@pytest.mark.parametrize("path", ["/favicon.ico", "//", "", "x", None])
def test_other_paths(root, path):
    """Another path is 404 and no view."""
    assert get(root, path) == (404, "the counter is at /\n")
    assert not (root / "my-bucket" / "page_views").exists()


def test_errors(root):
    """What the store refuses is 500 with its reason, and the next request is fine again."""
    (root / "my-bucket" / "page_views").write_text("many")
    status, text = get(root)
    assert status == 500 and text.startswith('increment: bucket "my-bucket", key "page_views": ')
    (root / "my-bucket" / "page_views").unlink()
    assert get(root) == (200, "1\n")


def test_no_bucket(tmp_path):
    """Without the bucket's directory it is 500 with what to do, unless the setting makes it."""
    assert get(tmp_path) == (500, "there is no bucket my-bucket; make its directory\n")
    assert get(tmp_path, env={"KEYVALUE_FILESYSTEM_CREATE_BUCKETS": "1"}) == (200, "1\n")
    assert get(tmp_path) == (200, "2\n")


def test_many_at_once(root):
    """Views in sixteen threads, with an instance for each, give every number once."""
    numbers = []

    def views():
        for _ in range(25):
            numbers.append(get(root))

    threads = [threading.Thread(target=views) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(text) for _, text in numbers) == list(range(1, 401))


def test_an_application_with_fewer_imports(root):
    """The counter imports two interfaces of one draft where the store exports six: they compose, and nothing of
    wasi:keyvalue is left to import."""
    def world(path):
        tool = BUILD.parent / ".toolchain" / "bin" / "wasm-tools"
        text = subprocess.run([tool, "component", "wit", str(path)], check=True, capture_output=True, text=True).stdout
        return re.findall(r"^  (import|export) (\S+);", re.search(r"world root \{(.*?)\n\}", text, re.DOTALL)[1],
                          re.MULTILINE)

    alone = world(BUILD / "wasm" / "http_counter.component.wasm")
    assert [name for kind, name in alone if "keyvalue" in name] == [
        "wasi:keyvalue/store@0.2.0-draft", "wasi:keyvalue/atomics@0.2.0-draft"]
    composed = world(BUILD / COUNTER)
    assert [name for kind, name in composed if "keyvalue" in name] == []
    assert [name for kind, name in composed if kind == "export"] == ["wasi:http/incoming-handler@0.2.0"]
