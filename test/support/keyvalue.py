"""The built components as Python objects. For every test here.

    store = Store(root)                 # an instance of its own, `root` preopened as /data
    bucket = store.open("b")            # store.open("b", draft=1) for the older interface
    bucket.set("k", b"v")

A failed call raises NoSuchStore, AccessDenied or Other; a trap raises
wasmtime's own error, which no test expects. Handles are dropped by drop()
alone, so that a test says itself what it leaves open.
"""
import functools
import pathlib

import wasmtime
from wasmtime import component

import fitting  # noqa: F401: for what it does to the package

BUILD = pathlib.Path(__file__).resolve().parents[2] / "build"
STORE = "keyvalue_filesystem.wasm"
PAIRS = "keyvalue_filesystem_pairs.wasm"  # with upstream's other get-many
# Whether the files are as small as they can be: tools/optimise.py.
OPTIMISED = any((BUILD.parent / ".toolchain" / "optimiser").glob("icpp_binaryen/lib/libbinaryen.*"))
VERSION = {1: "@0.2.0-draft", 2: "@0.2.0-draft2"}


class Failure(Exception):
    """The `error` of wasi:keyvalue."""


class NoSuchStore(Failure):
    pass


class AccessDenied(Failure):
    pass


class Other(Failure):
    @property
    def text(self):
        return self.args[0]


class CasFailed(Exception):
    """The swap found another value; `cas` is the handle brought up to date."""

    def __init__(self, cas):
        super().__init__("the value is another one by now")
        self.cas = cas


@functools.lru_cache(maxsize=None)
def engine():
    return wasmtime.Engine()


@functools.lru_cache(maxsize=None)
def compiled(name=STORE):
    """A file of build/, compiled once in a process."""
    return component.Component.from_file(engine(), str(BUILD / name))


@functools.lru_cache(maxsize=None)
def wasi_linker():
    linker = component.Linker(engine())
    linker.add_wasip2()
    return linker


def _checked(result):
    """A result of wasi:keyvalue comes without its tag; an error is a variant."""
    if not isinstance(result, component.Variant):
        return result
    if result.tag == "no-such-store":
        raise NoSuchStore()
    if result.tag == "access-denied":
        raise AccessDenied()
    assert result.tag == "other", result.tag
    raise Other(result.payload)


class Instance:
    """One instance of a component, with its directories and environment.

    `root` is the directory preopened as `guest`; None for none. `preopens`
    adds more, as (directory, guest path). With `linker`, the imports come from
    there (it must be of engine()) in place of wasmtime's own WASI.
    """

    def __init__(self, root=None, env=(), *, mutable=True, guest="/data", preopens=(),
                 linker=None, name=STORE):
        wasi = wasmtime.WasiConfig()
        wasi.env = list(dict(env).items())
        if root is not None:
            wasi.preopen_dir(str(root), guest, mutable)
        for host_path, guest_path in preopens:
            wasi.preopen_dir(str(host_path), guest_path, mutable)
        self.store = wasmtime.Store(engine())
        self.store.set_wasi(wasi)
        self._instance = (linker or wasi_linker()).instantiate(self.store, compiled(name))
        self._functions = {}

    def call(self, interface, name, *arguments):
        """Calls an export; `interface` None for one of the world itself."""
        function = self._functions.get((interface, name))
        if function is None:
            where = interface and self._instance.get_export_index(self.store, interface)
            index = self._instance.get_export_index(self.store, name, where)
            function = self._instance.get_func(self.store, index)
            self._functions[interface, name] = function
        result = function(self.store, *arguments)
        function.post_return(self.store)
        return result

    def drop(self, handle):
        handle.drop(self.store)


class Store(Instance):
    """The store; `draft` is the one that open() takes where it is not told."""

    def __init__(self, root=None, env=(), *, draft=2, **options):
        super().__init__(root, env, **options)
        self.draft = draft

    def keyvalue(self, draft, interface, name, *arguments):
        return self.call("wasi:keyvalue/" + interface + VERSION[draft], name, *arguments)

    def open(self, identifier="b", draft=None):
        draft = draft or self.draft
        return Bucket(self, draft, _checked(self.keyvalue(draft, "store", "open", identifier)))


class Bucket:
    def __init__(self, store, draft, handle):
        self.store = store
        self.draft = draft
        self.handle = handle

    def _call(self, interface, name, *arguments):
        return _checked(self.store.keyvalue(self.draft, interface, name, self.handle, *arguments))

    def drop(self):
        self.store.drop(self.handle)

    def get(self, key):
        return self._call("store", "[method]bucket.get", key)

    def set(self, key, value):
        return self._call("store", "[method]bucket.set", key, value)

    def delete(self, key):
        return self._call("store", "[method]bucket.delete", key)

    def exists(self, key):
        return self._call("store", "[method]bucket.exists", key)

    def list_keys(self, cursor=None):
        """One page: its keys and the next cursor."""
        page = self._call("store", "[method]bucket.list-keys", cursor)
        return page.keys, page.cursor

    def keys(self):
        """All pages' keys."""
        keys, cursor = self.list_keys()
        while cursor is not None:
            page, cursor = self.list_keys(cursor)
            keys += page
        return keys

    def increment(self, key, delta=1):
        return self._call("atomics", "increment", key, delta)

    def get_many(self, keys):
        return self._call("batch", "get-many", keys)

    def set_many(self, pairs):
        return self._call("batch", "set-many", list(pairs))

    def delete_many(self, keys):
        return self._call("batch", "delete-many", keys)

    def cas(self, key):
        return Cas(self.store, self._call("atomics", "[static]cas.new", key))

    def swap(self, key, expected, value):
        """Swaps if the key has `expected`; true if it did."""
        cas = self.cas(key)
        if cas.current() != expected:
            cas.drop()
            return False
        try:
            cas.swap(value)
        except CasFailed as failed:
            failed.cas.drop()
            return False
        return True


class Cas:
    """A compare-and-swap handle of draft 2. swap() uses it up."""

    def __init__(self, store, handle):
        self.store = store
        self.handle = handle

    def drop(self):
        self.store.drop(self.handle)

    def current(self):
        return _checked(self.store.keyvalue(2, "atomics", "[method]cas.current", self.handle))

    def swap(self, value):
        error = self.store.keyvalue(2, "atomics", "swap", self.handle, value)
        if isinstance(error, component.ResourceAny):
            raise CasFailed(Cas(self.store, error))
        _checked(error)
