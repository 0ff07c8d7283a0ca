"""The machine's own Chromium, driven by the pinned playwright. For the tests of the examples' pages."""
import contextlib
import shutil
import sys

import pytest

from serving import START_SECONDS_MAX, TOOLCHAIN

MILLISECONDS_MAX = START_SECONDS_MAX * 1000  # for whatever a page is waited for


@contextlib.contextmanager
def chromium(*arguments):
    """A browser without a window until the end."""
    command = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
    if command is None:
        pytest.skip("there is no Chromium; Debian's package is `chromium`")
    if not (TOOLCHAIN / "browser").exists():
        pytest.skip("there is no playwright; make test-page fetches it")
    sys.path.append(str(TOOLCHAIN / "browser"))
    from playwright.sync_api import expect, sync_playwright
    expect.set_options(timeout=MILLISECONDS_MAX)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=command, args=list(arguments))
        yield running
        running.close()


def send(page, element):
    """Presses what sends a form, and waits until the page that it leads to is there."""
    with page.expect_navigation(timeout=MILLISECONDS_MAX):
        element.click()
