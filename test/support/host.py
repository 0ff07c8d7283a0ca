"""A host for the shipped component, written out so that a test can play with every call.

It defines what `build/keyvalue_filesystem.wasm` imports, `wasi:filesystem` first, by Python functions over
a real directory, with wasmtime's semantics: a read gives at most 64 KiB and says end-of-file only with 0
bytes, a listing is a snapshot of names, and an entry that vanished or whose name is not UTF-8 is an error for
that entry alone. Links are followed only to a directory. (`sync` alone does nothing: no test here cuts the
power.) Nobody waits: a pause moves the clock on, which is one for all instances.

Every call, a handle's drop included, goes through `Host._intercept`: it is recorded in `calls`, and
`plan`, if there is one, is asked before it is done. A plan is a function of the `Call` that may

    return an error code      the call fails with it and does nothing
    raise Trap()              the instance is gone, as if its host had been killed here
    do anything else first    such as another Host's whole operation on the same directory
    set `call.limit`          so many bytes at most are read or written

COMPONENT names another component file than build/keyvalue_filesystem.wasm.
"""

import ctypes
import errno
import functools
import os
import random
import stat
import time
from pathlib import Path

from wasmtime import Config, Engine, Store
from wasmtime import _ffi as ffi
from wasmtime import component as wasm
from wasmtime.component import _types
from wasmtime.component._enter import catch_exceptions

import keyvalue

PROJECT = Path(__file__).resolve().parents[2]
COMPONENT = Path(os.environ.get("COMPONENT", PROJECT / "build" / "keyvalue_filesystem.wasm"))

READ_BYTES_MAX = 64 * 1024
CALLS_MAX = 200_000  # in one operation: beyond it, it is taken for endless

ERROR_CODES = (
    "access would-block already bad-descriptor busy deadlock quota exist file-too-large "
    "illegal-byte-sequence in-progress interrupted invalid io is-directory loop too-many-links "
    "message-size name-too-long no-device no-entry no-lock insufficient-memory insufficient-space "
    "not-directory not-empty not-recoverable unsupported no-tty no-such-device overflow "
    "not-permitted pipe read-only invalid-seek text-file-busy cross-device"
).split()

_CODE_OF_ERRNO = {
    errno.ENOENT: "no-entry",
    errno.EEXIST: "exist",
    errno.ENOTEMPTY: "not-empty",
    errno.ENOTDIR: "not-directory",
    errno.EISDIR: "is-directory",
    errno.ELOOP: "loop",
    errno.EACCES: "access",
    errno.EPERM: "not-permitted",
    errno.EROFS: "read-only",
    errno.ENAMETOOLONG: "name-too-long",
    errno.EINVAL: "invalid",
    errno.EBUSY: "busy",
    errno.ENOSPC: "insufficient-space",
}


class Trap(Exception):
    """What a plan raises to end the instance at a call."""


class Endless(Exception):
    """An operation made more than CALLS_MAX host calls."""


_host_functions = []  # [function, types of its parameters, type of its result]


@ffi.wasmtime_component_func_callback_t
def _call_host_function(index, context, type_pointer, arguments, count, results, result_count):
    def run(store):
        entry = _host_functions[index or 0]
        if len(entry) == 1:
            with _types.FuncType._from_ptr(type_pointer, owner=store) as described:
                entry += [kind for _, kind in described.params], described.result
        function, kinds, result_kind = entry
        values = [kind.convert_from_c(arguments[i]) for i, kind in enumerate(kinds)]
        result = function(store, *values)
        if result_kind is not None:
            result_kind.convert_to_c(store, result, results)

    return catch_exceptions(context, run)


@ctypes.CFUNCTYPE(None, ctypes.c_void_p)
def _keep(index):
    """A host function is there to the end of the process."""


def _add_function(instance, name, function):
    """What LinkerInstance.add_func does, with types remembered."""
    _host_functions.append([function])
    encoded = name.encode()
    error = ffi.wasmtime_component_linker_instance_add_func(
        instance.ptr(), encoded, len(encoded), _call_host_function, len(_host_functions) - 1, _keep
    )
    assert not error, name


# ---- The imports ----

DESCRIPTOR, STREAM, POLLABLE = 1, 2, 3  # the resource types


class Call:
    """One call of the component to its host."""

    def __init__(self, number, name, path):
        self.number = number  # from 0 in `calls`
        self.name = name
        self.path = path  # the one it is about, relative to the root
        self.limit = None

    def __repr__(self):
        return "%d: %s %s" % (self.number, self.name, self.path)


class _Handle:
    def __init__(self, path, descriptor=None, names=None, duration=0):
        self.duration = duration
        self.path = path
        self.descriptor = descriptor
        self.names = names


def _kind(mode):
    for test, kind in (
        (stat.S_ISREG, "regular-file"),
        (stat.S_ISDIR, "directory"),
        (stat.S_ISLNK, "symbolic-link"),
        (stat.S_ISFIFO, "fifo"),
        (stat.S_ISCHR, "character-device"),
        (stat.S_ISBLK, "block-device"),
        (stat.S_ISSOCK, "socket"),
    ):
        if test(mode):
            return kind
    return "unknown"


def _record(**fields):
    record = wasm.Record()
    for name, value in fields.items():
        setattr(record, name.strip("_").replace("_", "-"), value)
    return record


def _datetime(nanoseconds):
    return _record(seconds=nanoseconds // 10**9, nanoseconds=nanoseconds % 10**9)


def _stat_at(host, call, handle, flags, path):
    found = os.stat(path, dir_fd=handle.descriptor, follow_symlinks=bool(flags))
    return _record(
        type=_kind(found.st_mode),
        link_count=found.st_nlink,
        size=found.st_size,
        data_access_timestamp=None,
        data_modification_timestamp=_datetime(found.st_mtime_ns),
        status_change_timestamp=None,
    )


_OPEN_FLAGS = {
    "create": os.O_CREAT,
    "directory": os.O_DIRECTORY,
    "exclusive": os.O_EXCL,
    "truncate": os.O_TRUNC,
}


def _open_at(host, call, handle, path_flags, path, open_flags, flags):
    assert not path_flags or open_flags == {"directory"}, "a link is followed"
    how = (0 if path_flags else os.O_NOFOLLOW) | (os.O_WRONLY if "write" in flags else os.O_RDONLY)
    for flag in open_flags:
        how |= _OPEN_FLAGS[flag]
    return host._own(_Handle(call.path, os.open(path, how, 0o666, dir_fd=handle.descriptor)), DESCRIPTOR)


def _read(host, call, handle, length, offset):
    most = min(length, READ_BYTES_MAX if call.limit is None else call.limit)
    data = os.pread(handle.descriptor, most, offset)
    return data, len(data) == 0


def _write(host, call, handle, data, offset):
    return os.pwrite(handle.descriptor, data[: call.limit], offset)


def _sync(host, call, handle):
    os.fstat(handle.descriptor)


def _read_directory(host, call, handle):
    names = sorted(os.listdir(handle.descriptor))
    return host._own(_Handle(handle.path, os.dup(handle.descriptor), names), STREAM)


def _read_directory_entry(host, call, handle):
    if not handle.names:
        return None
    name = handle.names.pop(0)
    listed = os.fsencode(name).decode(errors="replace")
    if listed != name and not host.replaces_names:
        return "illegal-byte-sequence"
    mode = os.stat(name, dir_fd=handle.descriptor, follow_symlinks=False).st_mode
    return _record(type=host.listed_kind or _kind(mode), name=listed)


def _rename_at(host, call, handle, old, new_handle, new):
    os.rename(old, new, src_dir_fd=handle.descriptor, dst_dir_fd=new_handle.descriptor)


def _at(function):
    return lambda host, call, handle, path: function(path, dir_fd=handle.descriptor)


def _get_directories(host, call):
    return [(host._own(_Handle(".", os.dup(host._root)), DESCRIPTOR), host.preopen)]


_METHODS = {  # of the descriptor
    "stat-at": _stat_at,
    "open-at": _open_at,
    "read": _read,
    "write": _write,
    "sync": _sync,
    "read-directory": _read_directory,
    "create-directory-at": _at(os.mkdir),
    "remove-directory-at": _at(os.rmdir),
    "unlink-file-at": _at(os.unlink),
    "rename-at": _rename_at,
}

# The calls of wasi:filesystem, by the names `Call.name` has.
FILESYSTEM = set(_METHODS) | {"read-directory-entry", "get-directories", "drop", "drop-stream"}


def _imported(name, function):
    """The function that wasmtime calls; it acts for the host that runs."""

    def call_host(store, *arguments):
        host = _running[-1]
        # Every borrowed handle has to be taken, or the call traps.
        arguments = [
            host._handles[a.to_host(store).rep] if isinstance(a, wasm.ResourceAny) else a
            for a in arguments
        ]
        handle = arguments[0] if arguments and isinstance(arguments[0], _Handle) else None
        path = next((a for a in arguments if isinstance(a, str)), "")
        path = os.path.normpath(os.path.join(handle.path, path)) if handle else path
        call, code = host._intercept(name, path)
        if code is not None:
            return code
        try:
            return function(host, call, *arguments)
        except OSError as error:
            return _CODE_OF_ERRNO[error.errno]

    return call_host


def _dropped(name):
    def drop(store, number):
        host = _running[-1]
        host._intercept(name, host._handles[number].path)
        host._close(number)

    return drop


class _Chance:
    """Where random numbers and the time come from."""

    def __init__(self):
        self.random = random.SystemRandom()
        self.monotonic = 10**9  # nanoseconds
        self.nap = 0  # a pause takes so long at the least
        self.wall = None  # the time of day, where it stands still


_chance = _Chance()


def determine(seed, nap):
    """From here on all is the same in every run: random numbers, and a time of day in 2017 that stands still. A pause
    takes `nap` nanoseconds at the least."""
    _chance.random = random.Random(seed)
    _chance.monotonic = 10**9
    _chance.wall = 15 * 10**17
    _chance.nap = nap


def _random(host, call):
    return _chance.random.getrandbits(64) if host.random is None else host.random


def _now(host, call):
    _chance.monotonic += 1000
    return _chance.monotonic if host.random is None else 1000


def _subscribe(host, call, duration):
    return host._own(_Handle("pollable", duration=duration), POLLABLE)


def _block(host, call, pollable):
    _chance.monotonic += max(pollable.duration, _chance.nap)


def _wall_clock(host, call):
    return _datetime(host.wall or _chance.wall or time.time_ns())


def _environment(host, call):
    return list(host.environment.items())


# Every import: the interface, its resources, its functions.
_IMPORTS = (
    ("wasi:cli/environment@0.2.0", (), {"get-environment": _environment}),
    ("wasi:random/random@0.2.0", (), {"get-random-u64": _random}),
    ("wasi:io/poll@0.2.0", (("pollable", POLLABLE, "drop-pollable"),), {"[method]pollable.block": _block}),
    ("wasi:clocks/monotonic-clock@0.2.0", (), {"now": _now, "subscribe-duration": _subscribe}),
    ("wasi:clocks/wall-clock@0.2.0", (), {"now": _wall_clock}),
    (
        "wasi:filesystem/types@0.2.0",
        (("descriptor", DESCRIPTOR, "drop"), ("directory-entry-stream", STREAM, "drop-stream")),
        dict(
            {"[method]descriptor." + name: function for name, function in _METHODS.items()},
            **{"[method]directory-entry-stream.read-directory-entry": _read_directory_entry},
        ),
    ),
    ("wasi:filesystem/preopens@0.2.0", (), {"get-directories": _get_directories}),
)


def _define(linker):
    with linker.root() as root:
        for interface, resources, functions in _IMPORTS:
            with root.add_instance(interface) as instance:
                for name, kind, drop in resources:
                    instance.add_resource(name, wasm.ResourceType.host(kind), _dropped(drop))
                for name, function in functions.items():
                    _add_function(instance, name, _imported(name.rpartition(".")[2], function))


_running = []  # the hosts whose instances are in a call, the innermost last

# Without this, wasmtime 50.0.1 fails to lift the two borrowed handles of rename-at for a function like ours.
_config = Config()
ffi.wasmtime_config_concurrency_support_set(_config.ptr(), False)
_engine = Engine(_config)
_linker = wasm.Linker(_engine)
_define(_linker)


@functools.lru_cache(maxsize=None)
def _compiled():
    return wasm.Component.from_file(_engine, str(COMPONENT))


# ---- The exports ----


class Host(keyvalue.Store):
    """One instance of the component, and the world it sees. Its exports are called as keyvalue.Store's."""

    def __init__(self, root, *, draft=2, **environment):
        self.draft = draft
        self.environment = environment
        self.preopen = "/data"
        self.replaces_names = False  # a name that is not UTF-8 is listed with U+FFFD in it, as jco does
        self.listed_kind = None  # what every listed entry is said to be, in place of what it is
        self.random = None  # the number that a host gives always, with a clock that stands still
        self.wall = None  # the time of day, where it stands still
        self.plan = None
        self.calls = []
        self._handles = {}
        self._next_handle = 0
        self._root = os.open(str(root), os.O_RDONLY | os.O_DIRECTORY)
        self._functions = {}
        self.store = Store(_engine)
        self._instance = self._enter(_linker.instantiate, self.store, _compiled())

    def close(self):
        """Ends the instance, as its host's end would: nothing in it runs any more."""
        for number in list(self._handles):
            self._close(number)
        if self._root is not None:
            os.close(self._root)
            self._root = None
            self._functions = {}
            self.store.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def call(self, interface, name, *arguments):
        return self._enter(super().call, interface, name, *arguments)

    def drop(self, handle):
        self._enter(super().drop, handle)

    def _enter(self, function, *arguments):
        _running.append(self)
        try:
            return function(*arguments)
        finally:
            _running.pop()

    def open_handles(self):
        """The paths of all handles that the component has open beside the preopened directory."""
        return [handle.path for handle in self._handles.values() if handle.path != "."]

    def assert_released(self):
        """No handle is open but, where a bucket is, its directory, kept for changes."""
        assert self.open_handles() in ([], ["b"]), "left open: %s" % self.open_handles()

    def names(self):
        """The names of the calls of wasi:filesystem since `calls` was emptied."""
        return [call.name for call in self.calls if call.name in FILESYSTEM]

    # What the host functions use.

    def _intercept(self, name, path):
        call = Call(len(self.calls), name, path)
        self.calls.append(call)
        if call.number >= CALLS_MAX:
            raise Endless()
        return call, self.plan(call) if self.plan is not None else None

    def _own(self, handle, kind):
        self._next_handle += 1
        self._handles[self._next_handle] = handle
        return wasm.ResourceHost.own(self._next_handle, kind)

    def _close(self, number):
        handle = self._handles.pop(number)
        if handle.descriptor is not None:
            os.close(handle.descriptor)
