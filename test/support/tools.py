"""Where the fetched programs are. For the tests that run them."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLCHAIN = ROOT / ".toolchain"
WASM_TOOLS = TOOLCHAIN / "bin" / "wasm-tools"
# With the tools by their plain names: the project's own first.
PATH = os.pathsep.join([str(TOOLCHAIN / "bin"), str(TOOLCHAIN / "bench/wasmtime_cli"),
                        str(TOOLCHAIN / "cargo/bin"), os.environ["PATH"]])
