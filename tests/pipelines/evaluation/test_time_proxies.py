import json
from dataclasses import replace

import pytest
from rich.console import Console

from pipelines.evaluation.page import evaluation_page
from pipelines.evaluation.quality import Evaluation
from pipelines.evaluation.terminal import show_evaluation
from pipelines.evaluation.time_proxies import ToldClock, clocks_sentence, told_clocks
from tests.models.honest_leads import honest_leads
from tests.models.problems import number
from tests.pipelines.evaluation.synthetic import evaluation_of

FACTS = {
    "clocks": [
        {"feature": "euribor <b>", "auc": 0.996, "unseen": 0.9},
        {"feature": "channel", "auc": 0.7, "unseen": 0.31},
    ]
}
FEATURES = [replace(number("euribor <b>"), meaning="Interest rate & more.")]


def told() -> tuple[ToldClock, ...]:
    return told_clocks(FACTS, FEATURES) or ()


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return evaluation_of(honest_leads(300))


def test_clocks_come_from_the_facts_with_the_meaning_of_their_feature() -> None:
    first, second = told()
    assert (first.clock.feature, first.clock.auc, first.clock.unseen) == ("euribor <b>", 0.996, 0.9)
    assert (first.meaning, second.meaning) == ("Interest rate & more.", "")
    assert (first.reads, second.reads) == (True, False)


def test_facts_of_a_learning_that_did_not_look_are_no_clocks() -> None:
    assert told_clocks({}, FEATURES) is None
    assert told_clocks({"clocks": None}, FEATURES) is None
    assert told_clocks({"clocks": []}, FEATURES) == ()


def test_the_page_lists_every_clock_escaped(evaluation: Evaluation) -> None:
    html = evaluation_page(replace(evaluation, clocks=told()))
    assert "Features that are tied to a time" in html
    assert "euribor &lt;b&gt;<small>Interest rate &amp; more.</small></th><td>0.996</td><td>90 %</td>" in html
    assert "channel</th><td>0.700</td><td>31 %</td>" in html


def test_the_page_says_where_there_is_none(evaluation: Evaluation) -> None:
    assert "No feature alone tells newer leads" in evaluation_page(replace(evaluation, clocks=()))


def test_the_page_says_nothing_where_nobody_looked(evaluation: Evaluation) -> None:
    html = evaluation_page(evaluation)
    assert "tied to a time" not in html
    assert "No feature alone" not in html
    assert "clocks" not in evaluation.to_json()


def test_json_has_the_clocks_as_the_facts_have_them(evaluation: Evaluation) -> None:
    found = json.loads(json.dumps(replace(evaluation, clocks=told()).to_json(), allow_nan=False))
    assert found["clocks"] == FACTS["clocks"]
    assert replace(evaluation, clocks=()).to_json()["clocks"] == []


def test_the_terminal_names_the_strongest(evaluation: Evaluation) -> None:
    console = Console(width=200)
    with console.capture() as capture:
        show_evaluation(console, replace(evaluation, clocks=told()))
    assert "Tied to a time: euribor <b> (tells new from old leads, AUC 1.00), channel (new values in 31 % of the" in (
        capture.get()
    )


def test_many_clocks_are_counted() -> None:
    assert clocks_sentence(()) == ""
    assert "channel (new values in 31 % of the newest leads) and 2 more. " in clocks_sentence((told()[1],) * 5)
