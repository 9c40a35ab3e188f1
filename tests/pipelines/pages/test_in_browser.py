import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from features.feature import Language
from models.score import Reason
from pipelines.evaluation.page import evaluation_page
from pipelines.evaluation.quality import Evaluation
from pipelines.explanation.explained import Explained
from pipelines.explanation.importance import importance
from pipelines.explanation.lead_page import write_lead_page
from pipelines.explanation.one_lead import LeadScore
from pipelines.explanation.page import importance_page
from pipelines.pages.origin import Origin
from pipelines.pages.texts import texts_in
from pipelines.validation.data_docs import write_data_docs
from tests.models.honest_leads import honest_leads
from tests.pipelines.evaluation.synthetic import evaluation_of
from tests.pipelines.explanation.synthetic_explanation import FEATURES, explained, matrix_of, snapshots_of
from tests.pipelines.explanation.test_lead_page import SCORE, lead
from tests.pipelines.validation.synthetic_validation import MANIFESTS, failed_validation

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser
WORDY: tuple[Language, ...] = ("es", "it")  # their texts are the longer ones
STICKING_OUT = """() => [...document.querySelectorAll("section, .verdict")].flatMap(box =>
  [...box.querySelectorAll("table, p, ul, figure, dl")].filter(each =>
    each.getBoundingClientRect().right > box.getBoundingClientRect().right).map(each => each.outerHTML.slice(0, 80)))"""
LARGE_SMALL_PRINT = """() => [...document.querySelectorAll("td small, caption, figcaption")].filter(each =>
  parseFloat(getComputedStyle(each).fontSize) > parseFloat(getComputedStyle(each.closest("section")).fontSize)
  || each.matches("td small") && parseFloat(getComputedStyle(each).fontSize)
    >= parseFloat(getComputedStyle(each.parentElement).fontSize)).length"""
LONG = "a-campaign-with-a-name-that-has-no-end-" * 4


def _good() -> Evaluation:
    """An evaluation with names that nobody should have, and a segment that is off."""
    evaluation = evaluation_of(honest_leads(1000))
    segments = pd.concat([evaluation.segments.assign(level=LONG), evaluation.segments.assign(predicted=0.9)])
    about = replace(evaluation.about, scorecard=LONG, training_leads=10**12, mapping=LONG)
    return replace(evaluation, segments=segments, about=about, quarantined=(LONG,))


def _noise() -> Evaluation:
    scored = honest_leads(1000)
    return evaluation_of(scored, np.random.default_rng(3).uniform(0.1, 0.3, len(scored)))


def _importance(language: Language) -> str:
    X = matrix_of()
    X[:, 3] *= 1e9
    features = [*FEATURES[:3], replace(FEATURES[3], label=LONG, phrase="attribute_numeric"), FEATURES[4]]
    snapshots, explanation = snapshots_of(X).assign(campaign=LONG), explained(matrix_of())
    summed = importance(explanation, features, X, snapshots, texts_in(language))
    return importance_page(Explained(snapshots, X, tuple(features), explanation, summed), Origin("0" * 12), language)


def _lead() -> LeadScore:
    reasons = (Reason("rooms", f"{LONG} (+15 points)", 0.15, 0.9), Reason("any", "Any (+9.0 points)", -0.09, 0.5))
    return lead(replace(SCORE, lead_id=LONG, stage_text=LONG, reasons=reasons), deal_outcome="lost")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory, good, noise = tmp_path_factory.mktemp("pages"), _good(), _noise()
    for language in WORDY:
        (directory / f"report-{language}.html").write_text(evaluation_page(good, language), "utf-8")
        (directory / f"importance-{language}.html").write_text(_importance(language), "utf-8")
        write_lead_page(_lead(), directory / f"lead-{language}.html", language)
        write_data_docs(failed_validation(MANIFESTS[:1]), directory / f"docs-{language}", language)
        for page in ("index", "deals"):
            (directory / f"docs-{language}" / f"{page}.html").rename(directory / f"{page}-{language}.html")
    (directory / "noise-en.html").write_text(evaluation_page(noise), "utf-8")
    return directory


NAMES = [f"{page}-{language}" for page in ("report", "importance", "lead", "index", "deals") for language in WORDY] + [
    "noise-en"
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_fits_the_window_whatever_it_names(browser: "Browser", pages: Path, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((pages / f"{name}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.documentElement.lang") == name[-2:]
    assert page.locator("h1").count() == 1
    page.close()


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("importance")])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_nothing_sticks_out_of_its_section(browser: "Browser", pages: Path, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((pages / f"{name}.html").as_uri())
    assert page.evaluate(STICKING_OUT) == []
    page.close()


@pytest.mark.parametrize(
    ("name", "scheme", "width"),
    [("report-it", "light", 1280), ("report-es", "dark", 390), ("importance-it", "dark", 1280),
     ("importance-es", "light", 390), ("noise-en", "dark", 390), ("index-es", "dark", 1280), ("index-it", "light", 390),
     ("deals-it", "dark", 390), ("deals-es", "light", 1280), ("lead-es", "dark", 390), ("lead-it", "light", 1280)],
)  # fmt: skip
def test_axe_finds_nothing_serious(browser: "Browser", pages: Path, name: str, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto((pages / f"{name}.html").as_uri())
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []
    page.close()


def test_dark_pages_are_dark_with_their_charts(browser: "Browser", pages: Path) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto((pages / "report-it.html").as_uri())
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    text = page.evaluate("getComputedStyle(document.querySelector('svg text')).fill")
    assert max(_channels(ground)) < 40
    assert min(_channels(text)) > 200
    page.close()


def _channels(colour: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", colour)[:3]]


@pytest.mark.parametrize(("name", "most"), [("report-es", 12), ("importance-it", 5), ("noise-en", 8)])
def test_a_page_prints_on_few_sheets_with_its_bars(browser: "Browser", pages: Path, name: str, most: int) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto((pages / f"{name}.html").as_uri())
    printed = page.pdf(prefer_css_page_size=True)
    assert 1 < len(re.findall(rb"/Type\s*/Page\b", printed)) <= most
    page.emulate_media(media="print", color_scheme="dark")
    page.set_viewport_size({"width": 688, "height": 1000})  # A4 less its margins
    assert page.evaluate("document.documentElement.scrollWidth") <= 688
    assert min(_channels(page.evaluate("getComputedStyle(document.body).backgroundColor"))) == 255
    assert page.locator("nav.contents").is_hidden()
    assert page.evaluate(LARGE_SMALL_PRINT) == 0
    page.close()


def test_segments_that_are_off_are_marked_in_words(pages: Path) -> None:
    assert "troppo alto" in (pages / "report-it.html").read_text("utf-8")
    assert "demasiado alto" in (pages / "report-es.html").read_text("utf-8")
