"""For all tests in Python: test/support and tools are on the path; fixtures; how to replay a failure."""
import collections
import pathlib
import sys

import hypothesis
import pytest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent / "support"),
                str(pathlib.Path(__file__).resolve().parents[1] / "tools")]

from keyvalue import Store  # noqa: E402

hypothesis.settings.register_profile(
    "suite", max_examples=60, deadline=None, print_blob=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow,
                           hypothesis.HealthCheck.function_scoped_fixture])
hypothesis.settings.load_profile("suite")


@pytest.fixture
def root(tmp_path):
    """A root with the empty bucket `b`."""
    (tmp_path / "root" / "b").mkdir(parents=True)
    return tmp_path / "root"


@pytest.fixture(params=[1, 2], ids=["draft", "draft2"])
def bucket(root, request):
    """The bucket `b`, open, in either draft."""
    return Store(root, draft=request.param).open("b")


def pytest_terminal_summary(terminalreporter, config):
    cases = collections.Counter()
    for report in terminalreporter.stats.get("", []):
        for name, value in report.user_properties:
            if name == "cases":
                cases[value[0]] += value[1]
    for name, count in sorted(cases.items()):
        terminalreporter.write_line(f"{name}: {count} cases")
    for report in terminalreporter.getreports("failed"):
        seed = config.getoption("hypothesis_seed", None)
        terminalreporter.write_line(
            f"replay: make test-{report.nodeid.split('/')[1]} TEST='{report.nodeid}'" + (f" SEED={seed}" if seed else ""))
