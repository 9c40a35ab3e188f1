from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.end_to_end.conftest import FinishedRun, whylead

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def pages(finished_run: FinishedRun, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    workspace = finished_run.workspace
    lead = pd.read_parquet(workspace.features / "snapshots.parquet")["lead_id"].iloc[-1]
    page = tmp_path_factory.mktemp("pages") / "lead.html"
    whylead("explain", "-w", str(workspace.root), "--lead", lead, "--language", "es", "--out", str(page))
    return {
        "report": workspace.evaluation / "report.html",
        "importance": workspace.explanation / "importance.html",
        "data docs": workspace.validation / "data_docs" / "index.html",
        "lead": page,
    }


@pytest.mark.parametrize("name", ["report", "importance", "data docs", "lead"])
@pytest.mark.parametrize("width", [1200, 400])
def test_page_stands_alone_and_fits_the_window(
    browser: "Browser", pages: dict[str, Path], name: str, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(pages[name].as_uri())
    assert complaints == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.lang") == ("es" if name == "lead" else "en")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_report_begins_with_its_verdict(browser: "Browser", pages: dict[str, Path]) -> None:
    page = browser.new_page()
    page.goto(pages["report"].as_uri())
    assert "This model has skill" in page.locator("body").inner_text()[:400]
    page.close()
