"""The store on file systems of its own: what is promised on one holds on each that can be mounted."""
import os
import pathlib
import subprocess

import pytest

import mounts

PROJECT = pathlib.Path(__file__).resolve().parents[2]
# Reading one's own writes, listings beside a writer that sets every key again and again, turns.
TESTS = ["scan.", "store.set_delete", "store.increment", "store.swap", "store.two_writers", "store.between_calls",
         "list.", "turn."]


@pytest.mark.parametrize("kind", ["tmpfs", "ext4", "xfs", "btrfs", "overlay"])
def test_store_on(kind, tmp_path):
    """A client reads its own writes, every key is listed exactly once while it is set, and turns hold."""
    try:
        with mounts.mounted(kind, tmp_path) as directory:
            done = subprocess.run([str(PROJECT / "build" / "native" / "tests"), *TESTS], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, universal_newlines=True,
                                  env=dict(os.environ, TMPDIR=str(directory), SCAN_TEST_HERE="1"))
    except mounts.Missing as reason:
        pytest.skip("%s: %s" % (kind, reason))
    assert done.returncode == 0, done.stdout
