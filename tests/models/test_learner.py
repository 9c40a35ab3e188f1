import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from data_contracts.errors import DataFallsShort
from features.records import Floats
from models.learner import FEWEST
from models.model import LeadModel
from tests.models.problems import Problem, matrix, problem

FEW_LEADS = "too few for trees"


@cache
def case(ordered: bool) -> Problem:
    return problem(2_200 if ordered else 2_000, seed=1)


@cache
def learned(ordered: bool) -> LeadModel:
    return case(ordered).learn(ordered=ordered)


def bits(model: LeadModel, X: Floats) -> list[bytes]:
    margin = model.margin.margin(X)
    return [
        margin.tobytes(),
        model.probability(X).tobytes(),
        *(end.tobytes() for end in model.interval.predict(margin)),
    ]


def told(model: LeadModel) -> dict[str, Any]:
    return {name: value for name, value in model.facts.items() if name != "seconds"}


@pytest.mark.parametrize("ordered", [False, True])
def test_unseen_leads_are_ranked_and_told_better_than_by_the_base_rate(ordered: bool) -> None:
    leads, model = case(ordered), learned(ordered)
    test = leads.part == "test"
    probability = model.probability(leads.X[test])
    assert model.facts["skill"]
    base = np.full(test.sum(), model.facts["base_rate"])
    assert log_loss(leads.y[test], probability) < 0.9 * log_loss(leads.y[test], base)
    best = roc_auc_score(leads.y[test], leads.log_odds[test])
    assert roc_auc_score(leads.y[test], probability) > 0.5 + 0.8 * (best - 0.5)
    truth = 1 / (1 + np.exp(-leads.log_odds[test]))
    assert np.abs(probability - truth).mean() < 0.12


def test_trees_are_counted_on_where_lines_see_nothing() -> None:
    weights = {each["name"]: each["weight"] for each in learned(False).facts["candidates"]}
    assert weights["trees"] + weights["deep trees"] > weights["logistic"]


def test_the_same_seed_gives_the_same_model() -> None:
    leads = problem(1_000, seed=2)
    one, two = leads.learn(ordered=True), leads.learn(ordered=True)
    assert told(one) == told(two)
    assert bits(one, leads.X) == bits(two, leads.X)


def test_leads_of_the_test_part_change_nothing() -> None:
    leads = problem(1_000, seed=2)
    before = leads.learn()
    test = leads.part == "test"
    leads.y[test] = 1 - leads.y[test]
    leads.X[test] = 1e6
    after = leads.learn()
    assert told(after) == told(before)
    X = matrix(200, seed=4)
    assert bits(after, X) == bits(before, X)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_noise_gets_the_base_rate_and_says_so(seed: int, ordered: bool) -> None:
    leads = problem(1_500, signal=0, seed=seed)
    model = leads.learn(ordered=ordered)
    assert model.facts["skill"] is False
    assert model.facts["why"].startswith("No skill: ")
    assert model.facts["why"] in model.facts["warnings"]
    assert np.unique(model.probability(leads.X)) == pytest.approx([model.facts["base_rate"]])
    assert model.facts["base_rate"] == pytest.approx(0.4, abs=0.05)
    low, high = model.interval.predict(model.margin.margin(leads.X[:1]))
    assert low[0] <= model.facts["base_rate"] <= high[0] < low[0] + 0.05


def with_won(won: int, lost: int) -> Problem:
    """So many won and lost leads to learn from, in an order that has nothing to do with the outcome."""
    leads = problem(-(-(won + lost) * 5 // 4) + 1)
    rows = np.flatnonzero(leads.part != "test")[: won + lost]
    leads.part[np.setdiff1d(np.arange(len(leads.y)), rows)] = "test"
    ranked = rows[np.argsort(-leads.log_odds[rows], kind="stable")]
    leads.y[ranked[:won]], leads.y[ranked[won:]] = 1.0, 0.0
    return leads


@pytest.mark.parametrize(("won", "lost"), [(FEWEST - 1, 200), (200, FEWEST - 1), (0, 300), (300, 0)])
def test_below_40_won_or_lost_leads_there_is_nothing_to_learn(won: int, lost: int) -> None:
    with pytest.raises(DataFallsShort, match=rf"^{won} won and {lost} lost leads .* expected at least 40 of each"):
        with_won(won, lost).learn()


def test_snapshots_of_a_lead_do_not_make_more_leads() -> None:
    leads = problem(70, snapshots=6)
    assert leads.y.sum() > FEWEST
    with pytest.raises(DataFallsShort, match="expected at least 40 of each"):
        leads.learn()


def test_few_won_leads_are_learned_by_the_logistic_terms_alone() -> None:
    leads = with_won(FEWEST, 300)
    model = leads.learn()
    assert [each["name"] for each in model.facts["candidates"]] == ["logistic", "base rate"]
    assert any(FEW_LEADS in warning for warning in model.facts["warnings"])
    assert {component.kind for component in model.margin.components} <= {"logistic"}
    assert roc_auc_score(leads.y, model.probability(leads.X)) > 0.7


def test_enough_won_leads_are_no_warning() -> None:
    assert not any(FEW_LEADS in warning for warning in learned(False).facts["warnings"])


def test_a_violent_drift_is_warned_of_where_time_orders_the_leads() -> None:
    leads = problem(900, drift=4.0, seed=3)
    rates = leads.learn(ordered=True).facts["base_rates"]
    assert rates[-1] > rates[0] + 0.2
    for ordered in (True, False):
        warned = [
            warning for warning in leads.learn(ordered=ordered).facts["warnings"] if "drifts violently" in warning
        ]
        assert len(warned) == ordered


def test_no_drift_is_no_warning() -> None:
    assert not any("drifts" in warning for warning in learned(True).facts["warnings"])


@pytest.mark.parametrize("ordered", [False, True])
def test_the_probability_lies_in_its_interval(ordered: bool) -> None:
    X = np.vstack([matrix(500, seed=6), np.full((1, 8), np.nan), np.full((1, 8), 1e12), np.full((1, 8), -1e12)])
    model = learned(ordered)
    probability = model.probability(X)
    low, high = model.interval.predict(model.margin.margin(X))
    assert ((low >= 0) & (low <= probability) & (probability <= high) & (high <= 1)).all()


@pytest.mark.parametrize("ordered", [False, True])
def test_a_row_alone_is_the_row_in_a_batch(ordered: bool) -> None:
    X, model = matrix(30, seed=6, missing=0.2), learned(ordered)
    margin = model.margin.margin(X)
    assert [model.margin.margin(X[k : k + 1]).tobytes() for k in range(30)] == [m.tobytes() for m in margin]
    np.testing.assert_allclose(model.margin.contributions(X).sum(axis=1), margin, atol=1e-9)


@pytest.mark.parametrize("ordered", [False, True])
def test_the_facts_are_json_and_add_up(ordered: bool) -> None:
    model = learned(ordered)
    facts = json.loads(json.dumps(model.facts, allow_nan=False))
    learning = case(ordered).part != "test"
    assert facts["rows"] == facts["leads"] == facts["won"] + facts["lost"] == learning.sum()
    assert facts["won"] == case(ordered).y[learning].sum()
    assert facts["trials"] == 0
    weights = [each["weight"] for each in facts["candidates"]]
    assert facts["candidates"][-1]["name"] == "base rate"
    assert sum(weights) == pytest.approx(1.0)
    assert sum(model.margin.weights) == pytest.approx(sum(weights[:-1]))
    assert {len(each["log_loss_by_fold"]) for each in facts["candidates"]} == {4}
    assert facts["calibrator"]["kind"] == model.calibrator.kind
    assert ("base_rates" in facts) is ordered


def test_older_leads_are_not_weighed_less_where_time_has_no_order() -> None:
    assert learned(False).facts["half_life"] is None


def test_a_budget_is_spent_on_trials() -> None:
    progress: list[tuple[str, float]] = []
    model = case(False).learn(budget_seconds=4.0, on_progress=lambda *each: progress.append(each))
    assert model.facts["trials"] > 0
    assert sum("trial" in message for message, _ in progress) == model.facts["trials"]
    assert "tuned trees" in [each["name"] for each in model.facts["candidates"]]
    assert 3.9 < model.facts["seconds"] < 15
    assert all(0 <= share <= 1 for _, share in progress)
