import json
from dataclasses import replace

import pytest
from rich.console import Console

from pipelines.evaluation.page import evaluation_page
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.terminal import show_evaluation
from pipelines.evaluation.time_proxies import TimeProxy, time_proxies, time_proxies_sentence
from pipelines.pages.texts import ENGLISH
from tests.models.honest_leads import honest_leads
from tests.models.problems import number
from tests.pipelines.evaluation.synthetic import evaluation_of

REPORT = {
    "clocks": [
        {"feature": "euribor <b>", "auc": 0.996, "unseen": 0.9},
        {"feature": "channel", "auc": 0.7, "unseen": 0.31},
    ]
}
FEATURES = [replace(number("euribor <b>"), label="interest rate & more", phrase="attribute_numeric")]


def proxies() -> tuple[TimeProxy, ...]:
    return time_proxies(REPORT, FEATURES) or ()


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluation_of(honest_leads(300))


def test_time_proxies_come_from_the_training_report_with_the_meaning_of_their_feature() -> None:
    first, second = proxies()
    assert (first.measured.feature, first.measured.auc, first.measured.unseen) == ("euribor <b>", 0.996, 0.9)
    assert (first.meaning(ENGLISH), second.meaning(ENGLISH)) == ("Interest rate & more", "")
    assert first.sentence(ENGLISH).endswith("(separates newer from older leads, AUC 1.00)")
    assert second.sentence(ENGLISH).endswith("(new values in 31% of the newest leads)")


def test_a_training_that_did_not_look_reports_no_time_proxies() -> None:
    assert time_proxies({}, FEATURES) is None
    assert time_proxies({"clocks": None}, FEATURES) is None
    assert time_proxies({"clocks": []}, FEATURES) == ()


def test_the_page_lists_every_time_proxy_escaped(evaluation: Evaluation) -> None:
    html = evaluation_page(replace(evaluation, time_proxies=proxies()))
    assert "Time-dependent features" in html
    assert "euribor &lt;b&gt;<small>Interest rate &amp; more</small></th><td>0.996</td><td>90%</td>" in html
    assert "channel</th><td>0.700</td><td>31%</td>" in html


def test_the_page_says_where_there_is_none(evaluation: Evaluation) -> None:
    assert "No feature alone separates newer leads" in evaluation_page(replace(evaluation, time_proxies=()))


def test_the_page_says_nothing_where_nobody_looked(evaluation: Evaluation) -> None:
    html = evaluation_page(evaluation)
    assert "Time-dependent" not in html
    assert "No feature alone" not in html
    assert "clocks" not in evaluation.to_json()


def test_json_has_the_time_proxies_as_the_report_has_them(evaluation: Evaluation) -> None:
    found = json.loads(json.dumps(replace(evaluation, time_proxies=proxies()).to_json(), allow_nan=False))
    assert found["clocks"] == REPORT["clocks"]
    assert replace(evaluation, time_proxies=()).to_json()["clocks"] == []


def test_the_terminal_names_the_strongest(evaluation: Evaluation) -> None:
    console = Console(width=200)
    with console.capture() as capture:
        show_evaluation(console, replace(evaluation, time_proxies=proxies()))
    assert (
        "Time-dependent features: euribor <b> (separates newer from older leads, AUC 1.00), channel (" in capture.get()
    )


def test_many_time_proxies_are_counted() -> None:
    assert time_proxies_sentence(()) == ""
    assert "channel (new values in 31% of the newest leads) and 2 more. " in time_proxies_sentence((proxies()[1],) * 5)
