"""What every test can ask for."""

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell that runs the tests in the background sets it so
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and the commands that they start would not hear Ctrl-C

REPOSITORY = Path(__file__).resolve().parents[1]
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The directory of real data sets (WHYLEAD_DATA); its tests are skipped where it is absent."""
    directory = Path(os.environ.get("WHYLEAD_DATA", REPOSITORY.parent / "shared" / "data"))
    if not directory.is_dir():
        pytest.skip(f"no real data sets at {directory}: set WHYLEAD_DATA to run this test")
    return directory


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium without a window; tests of pages are skipped where there is none.

    As long as it lives, Playwright's event loop runs, in which tests of other modules could start none.
    """
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium on the PATH: install it to run the browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM)
        yield browser
        browser.close()
