"""How fast the native kv starts, beside cat, in one run."""
import statistics
import subprocess
import time

from forms import environment

ROUNDS = 40


def seconds(*command, cwd):
    before = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - before


def test_start(native):
    """kv get takes at most twice cat's time and 5 ms. The two take turns; the faster half of the rounds counts, since
    what a busy machine adds is neither's."""
    native.put("b", "k", b"v")
    rounds = [(seconds("cat", "data/b/k", cwd=native.directory), seconds(native.program, "get", "b", "k", cwd=native.directory))
              for _ in range(ROUNDS)]
    cat, kv = (statistics.median(sorted(each)[:ROUNDS // 2]) for each in zip(*rounds))
    print(f"cat {cat * 1000:.2f} ms, kv get {kv * 1000:.2f} ms")
    assert kv <= 2 * cat + 0.005


def test_imports_nothing_at_start(native):
    """It needs no library but the system's own."""
    linked = subprocess.run(["ldd", native.program], capture_output=True, text=True)
    if linked.returncode == 0:
        names = [line.split()[0] for line in linked.stdout.splitlines()]
        assert all(name.startswith(("linux-vdso", "libc.", "/lib")) for name in names), names
