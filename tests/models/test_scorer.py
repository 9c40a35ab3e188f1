from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.agreement import Agreement, load_agreement
from features.feature import LANGUAGES
from models.explanation.reasons import ReasonTable
from models.scorer import Scorer
from tests.features.requests import LeadRequest, live_lead, moments_of, records_of
from tests.models.explained import explain
from tests.models.small_artifact import LEADS, artifact, records, requests

ROWS = np.arange(LEADS)
MOMENTS = moments_of(requests())
BATCH = Scorer(artifact()).score(records(), ROWS, MOMENTS)


@given(st.integers(0, LEADS - 1))
def test_one_lead_equals_its_row_of_the_batch_bit_for_bit(lead: int) -> None:
    one = records_of([requests()[lead]])
    (score,) = Scorer(artifact()).score(one, np.array([0]), MOMENTS[[lead]]).rows()
    assert score == BATCH.rows()[lead]


@given(st.lists(st.integers(0, LEADS - 1), min_size=1, max_size=40))
def test_the_rows_do_not_depend_on_who_else_is_scored(leads: list[int]) -> None:
    some = Scorer(artifact()).score(records(), np.array(leads), MOMENTS[leads], reasons=None)
    np.testing.assert_array_equal(some.probability, BATCH.probability[leads])
    np.testing.assert_array_equal(some.low, BATCH.low[leads])
    np.testing.assert_array_equal(some.high, BATCH.high[leads])


def test_reasons_and_dimensions_add_up_to_the_probability() -> None:
    for score in Scorer(artifact()).score(records(), ROWS, MOMENTS, reasons=1_000).rows():
        change = score.probability - score.base_probability
        assert sum(score.dimensions.values()) == pytest.approx(change, abs=1e-9)


def test_a_value_that_was_filled_in_is_no_reason_but_part_of_the_sum() -> None:
    rooms = next(each for each in artifact().view.attributes if each.name == "rooms")
    assert rooms.fill is not None
    column = artifact().view.attributes.index(rooms)
    without: list[LeadRequest] = [{**each, "lead": {**each["lead"], "rooms": None}} for each in requests()]
    filled: list[LeadRequest] = [{**each, "lead": {**each["lead"], "rooms": rooms.fill}} for each in requests()]
    absent, present = (
        Scorer(artifact()).score(records_of(each), ROWS, MOMENTS, reasons=1_000) for each in (without, filled)
    )
    assert isinstance(absent.reasons, ReasonTable)
    assert isinstance(present.reasons, ReasonTable)
    assert absent.explanation is not None
    np.testing.assert_array_equal(absent.probability, present.probability)
    assert "rooms" in present.reasons.signal.texts()
    assert "rooms" not in absent.reasons.signal.texts()
    assert np.abs(absent.explanation.points[:, column]).max() > 0
    change = absent.explanation.probability - absent.explanation.base_probability
    np.testing.assert_allclose(absent.explanation.points.sum(axis=1), change, rtol=0, atol=1e-9)


def test_log_odds_are_those_of_pred_contrib_and_add_up_to_the_margin() -> None:
    import lightgbm

    model = artifact().model
    explanation = explain(model, BATCH.X)
    expected = np.zeros((LEADS, BATCH.X.shape[1] + 1))
    for weight, component in zip(model.margin.weights, model.margin.components, strict=True):
        text = getattr(component, "text", None)
        if text is None:
            expected += weight * component.contributions(BATCH.X)
        else:
            expected += weight * lightgbm.Booster(model_str=text).predict(BATCH.X, pred_contrib=True)
    np.testing.assert_allclose(explanation.log_odds, expected[:, :-1], rtol=0, atol=1e-6)
    total = explanation.log_odds.sum(axis=1) + explanation.base
    np.testing.assert_allclose(total, model.margin.margin(BATCH.X), rtol=0, atol=1e-6)


def test_points_add_up_to_the_change_of_probability() -> None:
    explanation = explain(artifact().model, BATCH.X)
    change = explanation.probability - explanation.base_probability
    np.testing.assert_allclose(explanation.points.sum(axis=1), change, rtol=0, atol=1e-9)


def test_the_interval_holds_the_probability() -> None:
    assert (BATCH.low <= BATCH.probability).all()
    assert (BATCH.probability <= BATCH.high).all()


def test_without_reasons_there_are_no_rows_to_give() -> None:
    with pytest.raises(ValueError, match="without reasons"):
        Scorer(artifact()).score(records(), ROWS, MOMENTS, reasons=None).rows()


def test_reasons_speak_the_language_asked_for() -> None:
    scorer, seventh = Scorer(artifact()), (np.array([7]), MOMENTS[[7]])
    texts = {
        language: scorer.score(records(), *seventh, language=language).rows()[0].reasons[0].text
        for language in LANGUAGES
    }
    assert len(set(texts.values())) == 3


def test_a_lead_of_whom_nothing_is_known_scores() -> None:
    nobody = records_of([{"lead": {}, "as_of": int(MOMENTS[0])}])
    (score,) = Scorer(artifact()).score(nobody, np.array([0]), MOMENTS[:1]).rows()
    assert 0 < score.probability < 1
    assert (score.stage, score.stage_reason) == ("incomplete", "email_kind")


def test_a_request_alone_has_the_bits_of_the_table() -> None:
    scorer = Scorer(artifact())
    expected = scorer.score(records(), ROWS, MOMENTS).rows()
    live = [live_lead(each) for each in requests()]
    assert scorer.score_live(live, ["en"] * LEADS) == expected
    assert [scorer.score_live([each], ["en"])[0] for each in live] == expected


def test_a_request_alone_answers_the_agreement_as_the_table_does() -> None:
    """Rules on the lead, on its account and on verdicts, required fields, and intent."""
    agreed = load_agreement().model_dump(mode="json") | {
        "required": ["email_kind", "rooms", "account.industry"],
        "disqualify": [
            {"rule": "few rooms", "field": "rooms", "op": "<", "value": 2},
            {"rule": "small", "field": "employees", "op": "<", "value": 20},
            {"rule": "suspect", "field": "verdict", "op": "in", "value": ["suspect"]},
        ],
    }
    reference = replace(artifact().reference, fields=None)
    scorer = Scorer(replace(artifact(), agreement=Agreement.model_validate(agreed), reference=reference))
    answered = [with_verdict(each, k) for k, each in enumerate(requests())]
    expected = scorer.score(records_of(answered), ROWS, MOMENTS).rows()
    assert scorer.score_live([live_lead(each) for each in answered], ["en"] * LEADS) == expected
    assert len({(score.stage, score.stage_reason) for score in expected}) > 6


def with_verdict(request: LeadRequest, number: int) -> LeadRequest:
    """Most leads with an answer of sales, some of them at the very moment of the score."""
    if number % 4 == 0:
        return request
    verdict = ("suspect", "accepted", "nurture")[number % 3]
    return {**request, "dispositions": [{"at": request["as_of"] - number % 5, "verdict": verdict}]}
