"""kv in its two forms, as Python objects.

    kv = Native(directory)              # build/kv, run in `directory`
    kv = Component(directory)           # build/kv.wasm, in this process
    kv("get", "b", "k").text()          # its standard output; it must have gone well

Both work on directory/data.
"""
import functools
import json
import os
import pathlib
import subprocess

import wasmtime
from wasmtime import component as wasm

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILD = PROJECT / "build"

DONE, NOT_FOUND, CONFLICT, FAILED = 0, 1, 2, 3
HANG_SECONDS = 120  # what takes longer hangs

# What a command that stores something makes.
STORING = {"set", "set-many", "increment", "swap", "import", "create-bucket"}


def environment(**settings):
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith("KEYVALUE_FILESYSTEM_") and name != "KV_COMPONENT"}
    clean.update(settings)
    return clean


class Ended:
    """How a command ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __iter__(self):
        return iter((self.code, self.out, self.err))

    def __repr__(self):
        return f"exit code {self.code}, output {self.out[:600]!r}, error {self.err[:600]!r}"

    def json(self, code=DONE):
        """The one JSON line on standard output, nothing being on standard error."""
        assert self.code == code and self.err == b"", self
        assert self.out.endswith(b"\n") and self.out.count(b"\n") == 1, self
        return json.loads(self.out)

    def text(self, code=DONE):
        """What is on standard output, nothing being on standard error."""
        assert self.code == code and self.err == b"", self
        return self.out

    def lines(self, code=DONE):
        return self.text(code).decode().splitlines()

    def error(self, code=FAILED):
        """The one line on standard error, nothing being on standard output."""
        assert self.code == code and self.out == b"", self
        assert self.err.startswith(b"kv: ") and self.err.endswith(b"\n") and self.err.count(b"\n") == 1, self
        return self.err.decode()


class Form:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.data = self.directory / "data"

    def file(self, bucket, key):
        return self.data / bucket / key

    def put(self, bucket, key, value):
        self.file(bucket, key).parent.mkdir(parents=True, exist_ok=True)
        self.file(bucket, key).write_bytes(value)

    def bucket(self, name="b"):
        (self.data / name).mkdir(parents=True, exist_ok=True)
        return self.data / name

    def content(self, bucket="b"):
        """The bucket's files; None if there is none."""
        if not (self.data / bucket).exists():
            return None
        return {file.name: file.read_bytes() for file in (self.data / bucket).iterdir() if file.name != ".kv"}


class Native(Form):
    name = "native"
    program = BUILD / "kv"

    def __call__(self, *words, input=b"", env=None, stdout=subprocess.PIPE):
        done = subprocess.run([self.program, *words], cwd=self.directory, input=input, stdout=stdout,
                              stderr=subprocess.PIPE, env=environment(**(env or {})), timeout=HANG_SECONDS)
        return Ended(done.returncode, done.stdout, done.stderr)


@functools.lru_cache(maxsize=None)
def engine():
    return wasmtime.Engine()


@functools.lru_cache(maxsize=None)
def compiled(path):
    return wasm.Component.from_file(engine(), str(path))


@functools.lru_cache(maxsize=None)
def linker():
    made = wasm.Linker(engine())
    made.add_wasip2()
    return made


class Component(Form):
    name = "component"

    def __call__(self, *words, input=b"", env=None, file=BUILD / "kv.wasm", memory=None, with_linker=None):
        self.data.mkdir(parents=True, exist_ok=True)  # which a host has to give
        streams = [self.directory / (".stream-" + end) for end in ("in", "out", "err")]
        for stream, content in zip(streams, (input, b"", b"")):
            stream.write_bytes(content)
        wasi = wasmtime.WasiConfig()
        wasi.argv = ["kv", *words]
        wasi.env = list((env or {}).items())
        wasi.stdin_file, wasi.stdout_file, wasi.stderr_file = map(str, streams)
        wasi.preopen_dir(str(self.data), "data")
        store = wasmtime.Store(engine())
        if memory is not None:
            store.set_limits(memory_size=memory)
        store.set_wasi(wasi)
        component = compiled(file)
        instance = (with_linker or linker()).instantiate(store, component)
        interface = component.get_export_index("wasi:cli/run@0.2.0")
        try:
            instance.get_func(store, component.get_export_index("run", interface))(store)
            code = DONE
        except wasmtime.ExitTrap as ended:
            code = ended.code
        del instance, store  # and with it what is open
        ended = Ended(code, streams[1].read_bytes(), streams[2].read_bytes())
        for stream in streams:
            stream.unlink()
        return ended
