"""What every test can ask for."""

import os
import shutil
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from xdist.scheduler.loadfile import LoadFileScheduling

if TYPE_CHECKING:
    from playwright.sync_api import Browser

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell that runs the tests in the background sets it so
    signal.signal(signal.SIGINT, signal.default_int_handler)  # and the commands that they start would not hear Ctrl-C

settings.register_profile("whylead", deadline=None)  # no test asserts on seconds
settings.load_profile("whylead")

REPOSITORY = Path(__file__).resolve().parents[1]
END_TO_END = "tests/end_to_end/"
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


class OneWorkerAFile(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests are run by one worker; those of `end_to_end`, which look at one finished run, by the same."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return END_TO_END if file.startswith(END_TO_END) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneWorkerAFile:
    config.option.loadscopereorder = False  # what comes first here takes longest
    return OneWorkerAFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that no worker is left with them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (not item.nodeid.startswith(END_TO_END), item.path not in slow))


@pytest.fixture
def only_stumps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training learns a linear model and trees of three leaves: for tests of what is done with a model."""
    from models.learning.settings import STUMPS, LearnerSettings
    from pipelines.training import stage

    monkeypatch.setattr(stage, "LearnerSettings", partial(LearnerSettings, trees={"stumps": STUMPS}, variants={}))


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
