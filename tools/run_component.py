"""Run a wasi:cli command component: run_component.py COMPONENT [ARGUMENT ...]

The component gets the standard streams, the arguments, the environment variables
that begin with KEYVALUE_FILESYSTEM_, and the current directory as its one
preopened directory ".". Its exit code becomes ours; 3 if it cannot be run.

What the component was compiled to is kept beside it, in a file named COMPONENT
with `.compiled` added, so that the next run starts at once.
"""
import hashlib
import os
import signal
import sys
import tempfile

import wasmtime
from wasmtime import component as wasm

FAILED = 3


def compiled(engine, path):
    """The component, from the kept file if that was made from the same bytes."""
    with open(path, "rb") as file:
        source = file.read()
    # The runtime refuses code of another version or for another processor; what
    # it cannot know is from which component it was made, or that it is whole.
    digest = hashlib.sha256(source).digest()
    kept = path + ".compiled"
    try:
        with open(kept, "rb") as file:
            made_from, of_code = file.read(32), file.read(32)
            code = file.read()
        if made_from == digest and of_code == hashlib.sha256(code).digest():
            return wasm.Component.deserialize(engine, code)
    except (OSError, wasmtime.WasmtimeError):
        pass
    component = wasm.Component(engine, source)
    keep(kept, digest, bytes(component.serialize()))
    return component


def keep(kept, digest, code):
    """Keeps the code; where that is not possible, the next run compiles again."""
    try:
        handle, scratch = tempfile.mkstemp(dir=os.path.dirname(kept), suffix=".compiled")
    except OSError:
        return
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(digest + hashlib.sha256(code).digest() + code)
        os.replace(scratch, kept)
    except OSError:
        os.unlink(scratch)


def text(argument):
    """An argument as the user's bytes, read as UTF-8 whatever the locale is."""
    return os.fsencode(argument).decode("utf-8")


def run(path, arguments):
    wasi = wasmtime.WasiConfig()
    wasi.argv = [os.path.basename(path)] + [text(argument) for argument in arguments]
    wasi.env = [
        (text(name), text(value))
        for name, value in os.environ.items()
        if name.startswith("KEYVALUE_FILESYSTEM_")
    ]
    wasi.inherit_stdin()
    wasi.inherit_stdout()
    wasi.inherit_stderr()
    wasi.preopen_dir(".", ".")

    engine = wasmtime.Engine()
    component = compiled(engine, path)
    linker = wasm.Linker(engine)
    linker.add_wasip2()
    store = wasmtime.Store(engine)
    store.set_wasi(wasi)
    instance = linker.instantiate(store, component)
    interface = component.get_export_index("wasi:cli/run@0.2.0")
    command = instance.get_func(store, component.get_export_index("run", interface))
    try:
        result = command(store)
    except wasmtime.ExitTrap as ended:
        return ended.code
    return 1 if getattr(result, "tag", None) == "err" else 0


def main():
    # Python's own handlers would wait until the component is done.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        code = run(sys.argv[1], sys.argv[2:])
    except UnicodeError:
        print("kv: an argument or a setting is not valid UTF-8", file=sys.stderr)
        code = FAILED
    except (OSError, wasmtime.WasmtimeError) as error:
        print(f"kv: the component cannot be run: {error}", file=sys.stderr)
        code = FAILED
    sys.stderr.flush()
    # A thread of the runtime may still wait for standard input.
    os._exit(code)


main()
