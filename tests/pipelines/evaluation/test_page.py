import json
import re
from functools import cache
from html.parser import HTMLParser
from typing import get_args

import numpy as np

from features.labels.splits import Strategy
from models.evaluation.metrics import METRICS
from pipelines.evaluation.page import evaluation_page
from pipelines.evaluation.quality import Evaluation
from pipelines.pages.metric_columns import METRIC_COLUMNS
from pipelines.pages.texts import ENGLISH
from tests.models.honest_leads import honest_leads
from tests.pipelines.evaluation.synthetic import evaluation_of

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Collects what the claims below are about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.text: list[str] = []
        self.found: dict[str, list[dict[str, str | None]]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, []).append(dict(attrs))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, []).append(dict(attrs))
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "main" in self.open and data.strip():
            self.text.append(" ".join(data.split()))


@cache
def _evaluation() -> Evaluation:
    return evaluation_of(honest_leads())


@cache
def _html() -> str:
    return evaluation_page(_evaluation())


def test_every_metric_and_every_split_has_a_name() -> None:
    assert tuple(METRIC_COLUMNS) == METRICS
    assert set(ENGLISH.entry("splits")) == set(get_args(Strategy))


def test_the_first_line_is_the_verdict() -> None:
    assert Page(_html()).text[0] == _evaluation().verdict


def test_no_skill_stands_in_the_first_line() -> None:
    scored = honest_leads()
    noise = np.random.default_rng(3).uniform(0.1, 0.3, len(scored))
    assert Page(evaluation_page(evaluation_of(scored, noise))).text[0].startswith("No skill: ")


def test_a_model_without_a_calibration_slope_gets_a_page_that_says_so() -> None:
    scored = honest_leads()
    html = evaluation_page(evaluation_of(scored, np.full(len(scored), scored.won_rate)))
    assert "There is no calibration slope" in html
    assert "n/a to n/a" not in html
    assert Page(html).open == []


def test_nothing_is_fetched_from_elsewhere() -> None:
    addresses = re.findall(r'(?:src|href|url)\s*[=(]\s*"?([^")\s>]+)', _html())
    assert all(address.startswith(("#", "data:")) for address in addresses), addresses
    assert "<script" not in _html()


def test_what_the_data_say_is_escaped() -> None:
    assert "Tags &lt;script&gt;" in _html()
    assert "referral &lt;b&gt;" in _html()


def test_a_screen_reader_finds_its_way() -> None:
    page = Page(_html())
    assert page.open == []
    assert page.found["html"][0]["lang"] == "en"
    assert len(page.found["h1"]) == 1
    assert len(page.found["caption"]) == len(page.found["table"])
    assert all(image["role"] == "img" and image["aria-label"] for image in page.found["svg"])
    assert all("scope" in cell for cell in page.found["th"])


def test_ids_are_unique_and_references_lead_somewhere() -> None:
    page = Page(_html())
    assert len(page.ids) == len(set(page.ids))
    referred = set(re.findall(r'(?:url\(#|href="#|labelledby=")([^")]+)', _html()))
    assert referred <= set(page.ids)


def test_every_contender_stands_with_every_metric_and_interval() -> None:
    evaluation = _evaluation()
    for contender in (evaluation.model, *evaluation.baselines):
        loss = contender.metrics["log_loss"]
        assert f"{loss.value:.4f}<small>{loss.low:.4f} to {loss.high:.4f}</small>" in _html()


def test_the_same_numbers_give_the_same_bytes() -> None:
    assert evaluation_page(_evaluation()) == _html()


def test_json_has_value_low_and_high_for_each_metric() -> None:
    found = json.loads(json.dumps(_evaluation().to_json(), allow_nan=False))
    for metrics in (found["test"], *found["baselines"].values()):
        assert tuple(metrics) == METRICS
        assert all(set(estimate) == {"value", "low", "high"} for estimate in metrics.values())
