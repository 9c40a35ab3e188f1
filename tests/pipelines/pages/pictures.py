"""The pictures of pages in docs/images; ``python -m tests.pipelines.pages.pictures WORKSPACE`` draws them anew.

The workspace is that of ``make demo``. It needs Chromium on the PATH.
"""

import argparse
import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from data_contracts.dataset import Dataset
from pipelines.explanation.lead_page import write_lead_page
from pipelines.explanation.one_lead import score_one
from pipelines.registry.model_source import open_model
from pipelines.scoring.stage import score_dataset
from pipelines.workspace.workspace import Workspace
from tests.conftest import CHROMIUM, REPOSITORY

IMAGES = REPOSITORY / "docs" / "images"
SCALE = 1.5  # pixels of the picture for one of the page


def draw_pictures(workspace: Workspace) -> None:
    """Draw the head of the report, and the page of the open lead that is most likely to buy."""
    with TemporaryDirectory() as directory, sync_playwright() as playwright:
        lead = Path(directory) / "lead.html"
        write_best_lead(workspace, lead)
        executable = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=executable, args=CHROMIUM)
        draw(browser, workspace.evaluation / "report.html", IMAGES / "report.webp", width=1280, height=916)
        draw(browser, lead, IMAGES / "lead.webp", width=780, height=None)
        browser.close()


def write_best_lead(workspace: Workspace, page: Path) -> None:
    """Write the page of the open lead with the highest probability."""
    artifact, dataset = open_model(None, workspace), Dataset(workspace.tables)
    scores = page.with_suffix(".parquet")
    score_dataset(artifact, dataset, scores, reasons=None)
    ranked = pd.read_parquet(scores, columns=["lead_id", "probability"]).set_index("lead_id")["probability"]
    write_lead_page(score_one(artifact, dataset, str(ranked.idxmax())), page)


def draw(browser: Browser, page: Path, picture: Path, *, width: int, height: int | None) -> None:
    """Draw a page as wide as told; without a height the whole of it."""
    window = {"width": width, "height": height or 200}
    shown = browser.new_page(viewport=window, device_scale_factor=SCALE, color_scheme="light")  # type: ignore[arg-type]
    shown.goto(page.resolve().as_uri())
    pixels = shown.screenshot(full_page=height is None)
    Image.open(io.BytesIO(pixels)).convert("RGB").save(picture, "WEBP", quality=82, method=6)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    draw_pictures(Workspace(parser.parse_args().workspace))
