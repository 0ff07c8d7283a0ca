"""The hosts' suite in the one host that is always there, and what its documents say."""
import re
import subprocess
import sys

import pytest

from keyvalue import BUILD

ROOT = BUILD.parent
sys.path.insert(0, str(ROOT / "test" / "hosts"))

import run as hosts  # noqa: E402: from the folder just named

DOCS = ROOT / "docs"


def rows(text):
    """The cells of a Markdown table, the line of dashes left out."""
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in found if set(row[-1]) != {"-"}]


def matrix():
    """The table of docs/measured/hosts.md: the hosts' names, and each operation's cells."""
    tables = re.split(r"^\| operation ", hosts.measured.read("hosts.md"), flags=re.MULTILINE)
    header, *operations = rows("| operation " + tables[1])
    return header[1:], {row[0]: row[1:] for row in operations}


@pytest.mark.parametrize("draft", hosts.DRAFTS)
def test_suite(draft):
    """Every check of the suite passes in wasmtime's Python package, and docs/measured/hosts.md has a row for each."""
    results = hosts.run_suite(hosts.python_host(), hosts.composed(draft, hosts.COMPOSERS[0]))
    assert {row: result for row, result in results.items() if result != hosts.OK} == {}
    _, operations = matrix()
    assert set(results) <= set(operations), "docs/measured/hosts.md is old: make hosts"
    if draft == "draft2":  # which has all that the other has
        assert set(results) == set(operations), "docs/measured/hosts.md is old: make hosts"


def test_table():
    """In docs/measured/hosts.md every host has a version, wasmtime has no differences, and every other one has its note."""
    made = hosts.measured.read("hosts.md")
    names, operations = matrix()
    versions = {row[0]: row[1] for row in rows(made.split("| operation ")[0])}
    assert [name for name in versions if name in names] == names
    notes = re.findall(r"^\d+\. (.+)$", made, re.MULTILINE)
    told = {row: cells for row, cells in operations.items()}
    used = set()
    for row, cells in told.items():
        for name, cell in zip(names, cells):
            if cell == hosts.OK:
                continue
            assert not name.startswith("wasmtime"), (name, row, cell)
            assert cell.startswith("differs") and not versions[name].startswith("not run"), (name, row, cell)
            for number in map(int, re.findall(r"\d+", cell)):
                assert notes[number - 1].startswith(row), (name, row, cell)
                used.add(number)
    assert used == set(range(1, len(notes) + 1))


def test_a_difference_shows():
    """What a check reports is told: a check that ends the component, and those behind it, a failed run, and a
    difference in one run alone, which the note names."""
    assert hosts.told("a: ok\nb: x: differs: not so: ok\n") == ({"a": "ok", "b: x": "not so: ok"}, None)
    assert hosts.told("a: ok\nb: x") == ({"a": "ok"}, "b: x")
    script = 'case "$2" in 0) printf "a: ok\\nb";; 2) printf "c: ok\\n";; esac; [ "$2" -gt 0 ] || { echo Error: died >&2; exit 1; }'
    results = hosts.run_group(["sh", "-c", script, "sh"], "g", BUILD)
    assert results == {"a": "ok", "b": "ends the component: Error: died", "c": "ok"}
    results = hosts.run_group(["sh", "-c", "echo cannot start >&2; exit 1"], "g", BUILD)
    assert results == {"the run": "cannot start"}
    notes = []
    found = {("draft", "c"): {"a": "ok"}, ("draft2", "c"): {"a": "not | so"}}
    assert hosts.cell(found, "a", notes) == "differs (1)" and notes == ["a (draft2, c): `not / so`"]
    assert hosts.difference({"a": b"1"}, {"a": b"1", "b": b"2"}) == "'b' is None"


needs_wasmtime = pytest.mark.skipif(
    hosts.wasmtime_command() is None, reason="there is no wasmtime command; make hosts fetches it")


@needs_wasmtime
def test_elsewhere():
    """The same component on wasmtime's own wasi:keyvalue and on this one differs as docs/measured/wasmtime-store.md says, and no
    other way."""
    ours, theirs = hosts.elsewhere()
    assert {row: result for row, result in ours.items() if result != hosts.OK} == {}
    assert hosts.elsewhere_table(ours, theirs).strip() in hosts.measured.read("wasmtime-store.md")


@needs_wasmtime
def test_elsewhere_has_the_older_draft_alone():
    """wasmtime refuses what imports the newer draft in the words that docs/elsewhere.md has."""
    done = subprocess.run([hosts.wasmtime_command(), "run", "-S", "keyvalue", hosts.plain("draft2"), "contract"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said = "component imports instance `wasi:keyvalue/store@0.2.0-draft2`, but a matching implementation was not found"
    assert done.returncode != 0 and said in done.stderr.decode()
    assert said in " ".join((DOCS / "elsewhere.md").read_text(encoding="utf-8").split())
