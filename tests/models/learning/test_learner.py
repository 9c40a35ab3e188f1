import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from data_contracts.errors import DataFallsShort
from data_contracts.threads import THREADS_VARIABLE
from features.arrays import Floats
from models.learning import learner
from models.learning.candidates import Candidate, Fitted
from models.learning.learner import _stack, learn
from models.learning.report import describe_candidates
from models.learning.settings import STUMPS, LearnerSettings
from models.learning.stacking import Stack, stack
from models.margin.model import LeadModel
from models.samples.folds import OutOfFold
from models.samples.gain import Gain
from models.samples.training_rows import TrainingRows
from models.trees.booster import Booster
from models.trees.training import TreeParameters
from tests.models.explained import explain
from tests.models.problems import DEFAULTS, Problem, matrix, problem, truth


@cache
def case(ordered: bool) -> Problem:
    return problem(1_600, seed=1)


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


# Every kind of trees, but fewer of them; and the linear model and stumps as the only candidates.
SMALL = LearnerSettings(
    trees={name: replace(kind, trees=50) for name, kind in DEFAULTS.trees.items()},
    stumps=replace(STUMPS, trees=50),
    reject_hopeless=False,
    free_leaves=10**6,
)
STUMPS_ALONE = LearnerSettings(trees={"stumps": STUMPS}, variants={})
TWO_KINDS = LearnerSettings(trees={"trees": DEFAULTS.trees["trees"], "stumps": STUMPS}, variants={})
NAMES = ("logistic", *DEFAULTS.trees, *DEFAULTS.variants)


def told(model: LeadModel) -> dict[str, Any]:
    return {name: value for name, value in model.report.items() if name != "seconds"}


@pytest.mark.parametrize("ordered", [False, True])
def test_unseen_leads_are_ranked_and_told_better_than_by_the_base_rate(ordered: bool) -> None:
    leads, model = case(ordered), learned(ordered)
    test = leads.split == "test"
    probability = model.probability(leads.X[test])
    assert model.report["skill"]
    base = np.full(test.sum(), model.report["base_rate"])
    assert log_loss(leads.y[test], probability) < 0.9 * log_loss(leads.y[test], base)
    best = roc_auc_score(leads.y[test], leads.log_odds[test])
    assert roc_auc_score(leads.y[test], probability) > 0.5 + 0.8 * (best - 0.5)
    truth = 1 / (1 + np.exp(-leads.log_odds[test]))
    assert np.abs(probability - truth).mean() < 0.12


def test_trees_are_counted_on_where_lines_see_nothing() -> None:
    weights = {each["name"]: each["weight"] for each in learned(False).report["candidates"]}
    assert {"logistic", "trees", "base rate"} < set(weights) <= {*NAMES, "base rate"}
    assert sum(weight for name, weight in weights.items() if "trees" in name) > weights["logistic"]


def test_a_kind_that_is_plainly_worse_than_the_best_is_left() -> None:
    hopeless = {"trees": DEFAULTS.trees["trees"], "two trees": TreeParameters(2, trees=25, rate=1e-6)}
    names = [
        [
            each["name"]
            for each in case(False).learn(trees=hopeless, variants={}, reject_hopeless=reject).report["candidates"]
        ]
        for reject in (True, False)
    ]
    assert names == [["logistic", "trees", "base rate"], ["logistic", "trees", "two trees", "base rate"]]


def test_the_same_seed_gives_the_same_model() -> None:
    leads = problem(1_000, seed=2)
    one, two = leads.learn(SMALL, ordered=True), leads.learn(SMALL, ordered=True)
    assert told(one) == told(two)
    assert bits(one, leads.X) == bits(two, leads.X)


def test_a_model_and_its_reasons_keep_to_the_threads_set_and_do_not_depend_on_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leads = problem(1_000, seed=2)
    made: dict[str, tuple[list[bytes], list[bytes]]] = {}
    seen: list[int] = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, size: int, **options: Any) -> None:
            seen.append(size)
            super().__init__(size, **options)

    monkeypatch.setattr("data_contracts.threads.ThreadPoolExecutor", Pool)
    for count in ("1", "3"):
        monkeypatch.setenv(THREADS_VARIABLE, count)
        model, X = leads.learn(SMALL, trials=2), np.tile(leads.X, (5, 1))
        made[count] = bits(model, X), [part.tobytes() for part in model.margin.explain(X)]
        assert set(seen) == ({3} if count == "3" else set())
    assert made["1"] == made["3"]


def test_leads_of_the_test_part_change_nothing() -> None:
    leads = problem(1_000, seed=2)
    before = leads.learn(SMALL)
    test = leads.split == "test"
    leads.y[test] = 1 - leads.y[test]
    leads.X[test] = 1e6
    after = leads.learn(SMALL)
    assert told(after) == told(before)
    X = matrix(200, seed=4)
    assert bits(after, X) == bits(before, X)


@pytest.mark.parametrize("ordered", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_noise_gets_the_base_rate_and_says_so(seed: int, ordered: bool) -> None:
    leads = problem(1_500, signal=0, seed=seed)
    model = leads.learn(ordered=ordered)
    assert model.report["skill"] is False
    assert model.report["why"].startswith("No skill: ")
    assert model.report["why"] in model.report["warnings"]
    assert np.unique(model.probability(leads.X)) == pytest.approx([model.report["base_rate"]])
    assert model.report["base_rate"] == pytest.approx(0.4, abs=0.05)
    low, high = model.interval.predict(model.margin.margin(leads.X[:1]))
    assert low[0] <= model.report["base_rate"] <= high[0] < low[0] + 0.05


def with_won(won: int, lost: int) -> Problem:
    """So many won and lost leads to learn from, in an order that has nothing to do with the outcome."""
    leads = problem(-(-(won + lost) * 5 // 4) + 1)
    rows = np.flatnonzero(leads.split != "test")[: won + lost]
    leads.split[np.setdiff1d(np.arange(len(leads.y)), rows)] = "test"
    ranked = rows[np.argsort(-leads.log_odds[rows], kind="stable")]
    leads.y[ranked[:won]], leads.y[ranked[won:]] = 1.0, 0.0
    return leads


@pytest.mark.parametrize(
    ("won", "lost"), [(DEFAULTS.min_leads - 1, 200), (200, DEFAULTS.min_leads - 1), (0, 300), (300, 0)]
)
def test_below_5_won_or_lost_leads_there_is_nothing_to_learn(won: int, lost: int) -> None:
    with pytest.raises(DataFallsShort, match=rf"^{won} won and {lost} lost leads .* expected at least 5 of each"):
        with_won(won, lost).learn()


def test_snapshots_of_a_lead_do_not_make_more_leads() -> None:
    leads = problem(8, snapshots=6)
    assert leads.y.sum() > DEFAULTS.min_leads
    with pytest.raises(DataFallsShort, match="expected at least 5 of each"):
        leads.learn()


def test_copies_of_a_lead_do_not_make_more_leads() -> None:
    number = np.arange(300)
    different = number % 20
    once = TrainingRows(
        different[:, None].astype(float),
        (different < 4).astype(float),
        np.ones(300),
        number,
        number,
        np.full(300, "train"),
        (),
        False,
    )
    with pytest.raises(DataFallsShort, match=r"^4 won and 16 lost different leads to learn from"):
        learn(replace(once, kept_together=different), DEFAULTS)


@pytest.mark.parametrize("won", [20, 60])
def test_few_won_leads_are_learned_by_trees_too(won: int) -> None:
    leads = with_won(won, 5 * won)
    model = leads.learn()
    assert {"logistic", "trees"} < {each["name"] for each in model.report["candidates"]}
    assert roc_auc_score(leads.y, model.probability(leads.X)) > 0.7


def test_a_sharp_change_of_the_win_rate_is_warned_of_where_time_orders_the_leads() -> None:
    leads = problem(900, drift=4.0, seed=3)
    reports = {ordered: leads.learn(STUMPS_ALONE, ordered=ordered).report for ordered in (True, False)}
    rates = reports[True]["base_rates"]
    assert rates[-1] > rates[0] + 0.2
    for ordered, report in reports.items():
        assert sum("changes sharply" in warning for warning in report["warnings"]) == ordered


def test_no_drift_is_no_warning() -> None:
    assert not any("win rate changes" in warning for warning in learned(True).report["warnings"])


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
    report = json.loads(json.dumps(model.report, allow_nan=False))
    learning = case(ordered).split != "test"
    assert report["rows"] == report["leads"] == report["won"] + report["lost"] == learning.sum()
    assert report["won"] == case(ordered).y[learning].sum()
    assert report["trials"] == 0
    weights = [each["weight"] for each in report["candidates"]]
    assert report["candidates"][-1]["name"] == "base rate"
    assert sum(weights) == pytest.approx(1.0)
    assert {len(each["log_loss_by_fold"]) for each in report["candidates"]} == {4 if ordered else 5}
    assert report["calibrator"]["kind"] == model.calibrator.kind
    assert ("base_rates" in report) is ordered


def test_older_leads_are_not_weighed_less_where_time_has_no_order() -> None:
    assert learned(False).report["half_life"] is None


@pytest.mark.parametrize("budget", [{"trials": 4}, {"budget_seconds": 3.0}])
def test_progress_tells_each_trial_with_the_best_so_far_and_never_goes_back(budget: dict[str, Any]) -> None:
    progress: list[tuple[str, float]] = []
    model = problem(1_000, seed=1).learn(SMALL, on_progress=lambda *each: progress.append(each), **budget)
    told = [message for message, _ in progress if message.startswith("tuning, trial ")]
    assert len(told) == model.report["trials"]
    best = [float(message.split("log loss ")[1].split()[0]) for message in told[1:]]
    assert len(best) == len(told[1:])
    assert best == sorted(best, reverse=True)
    shares = [share for _, share in progress]
    assert shares == sorted(shares)
    assert 0 <= shares[0] <= shares[-1] <= 1


@pytest.mark.parametrize("ordered", [False, True])
def test_a_number_of_trials_gives_the_same_model_bit_for_bit_whatever_the_seconds(ordered: bool) -> None:
    leads = problem(1_000, seed=2)
    one, two = (leads.learn(SMALL, ordered=ordered, trials=4, budget_seconds=seconds) for seconds in (0.0, 1e-6))
    assert one.report["trials"] == 4
    assert 1 <= sum(each["name"].startswith("tuned trees") for each in one.report["candidates"]) <= 3
    assert told(one) == told(two)
    assert bits(one, leads.X) == bits(two, leads.X)


def test_no_trials_are_no_seconds() -> None:
    leads = problem(1_000, seed=2)
    one, two = leads.learn(SMALL, trials=0, budget_seconds=60.0), leads.learn(SMALL, budget_seconds=0.0)
    assert one.report["trials"] == 0
    assert told(one) == told(two)
    assert bits(one, leads.X) == bits(two, leads.X)


def true_loss(model: LeadModel, X: Floats) -> float:
    """The log loss that is expected of leads, over whatever their outcomes happen to be."""
    rate, said = 1 / (1 + np.exp(-truth(X))), model.probability(X)
    return float(np.mean(-rate * np.log(said) - (1 - rate) * np.log(1 - said)))


@pytest.mark.slow
def test_more_trials_are_never_much_worse() -> None:
    worse = []
    for seed, ordered in ((1, False), (2, True), (3, False)):
        leads, X = problem(600, seed=seed), matrix(5_000, seed=100 + seed)
        losses = [true_loss(leads.learn(TWO_KINDS, ordered=ordered, trials=trials), X) for trials in (0, 8)]
        worse.append(losses[1] - losses[0])
    assert max(worse) < 0.008  # of about 0.5: what it moves from one draw of leads to the next
    assert np.mean(worse) < 0.003


def test_noise_is_taken_for_skill_in_few_of_twenty_cases() -> None:
    found = [
        problem(1_000, signal=0, seed=seed).learn(SMALL, ordered=ordered, seed=seed).report["skill"]
        for seed in range(10)
        for ordered in (False, True)
    ]
    assert len(found) == 20
    assert sum(found) <= 5  # 800 leads need a gain of one standard error: three of twenty by chance


@pytest.mark.parametrize("ordered", [False, True])
def test_a_weak_signal_is_skill(ordered: bool) -> None:
    found = [
        problem(1_500, signal=0.4, seed=seed).learn(STUMPS_ALONE, ordered=ordered).report["skill"] for seed in range(5)
    ]
    assert sum(found) >= 4


def weighed(monkeypatch: pytest.MonkeyPatch, weights: dict[str, float], **changed: Any) -> LeadModel:
    """What is learned where the candidates of these names have these weights and the others none."""
    names: list[str] = []

    def describe(candidates: list[Candidate], *rest: Any) -> list[dict[str, Any]]:
        names.extend(each.name for each in candidates)
        return describe_candidates(candidates, *rest)

    def by_name(margins: Floats, *rest: Any) -> Stack:
        assert len(margins) == len(NAMES)
        return replace(stack(margins, *rest), weights=np.array([weights.get(name, 0.0) for name in NAMES]))

    monkeypatch.setattr(learner, "describe_candidates", describe)
    monkeypatch.setattr(learner, "stack", by_name)
    model = problem(1_000, seed=1).learn(SMALL, **changed)
    assert names == [*NAMES]
    return model


KINDS = {name: {name: 0.7} for name in NAMES}
EVERY = dict.fromkeys(KINDS, 0.11)


@pytest.mark.parametrize("weights", [*KINDS.values(), EVERY], ids=[*KINDS, "all"])
def test_the_explanation_adds_up_for_each_kind_of_candidate_and_for_all(
    weights: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = weighed(monkeypatch, weights, min_leaves=10**6)
    X = np.vstack([matrix(200, seed=3, missing=0.2), np.full((1, 8), np.nan)])
    margin = model.margin.margin(X)
    np.testing.assert_allclose(model.margin.contributions(X).sum(axis=1), margin, atol=1e-9, rtol=0)
    assert np.ptp(margin) > 0.5
    explanation = explain(model, X)
    probability = explanation.base_probability + explanation.points.sum(axis=1)
    np.testing.assert_allclose(probability, model.probability(X), atol=1e-9, rtol=0)


def test_a_linear_model_that_candidates_share_is_in_the_margin_once(monkeypatch: pytest.MonkeyPatch) -> None:
    model = weighed(monkeypatch, {"logistic": 0.2, "trees": 0.3, "trees on the linear model": 0.4})
    linear, trees = model.margin.components
    assert (linear.kind, trees.kind) == ("logistic", "lightgbm")
    assert model.margin.weights == pytest.approx((0.6, 1.0))
    rate = model.report["base_rate"]
    assert model.margin.intercept == pytest.approx(0.1 * np.log(rate / (1 - rate)))


def test_the_margin_is_the_sum_of_what_the_candidates_say_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    X, shares = matrix(100, seed=3), {"logistic": 0.2, "target trees": 0.3, "trees on the linear model": 0.4}
    parts = [
        (weight, weighed(monkeypatch, {name: 1.0}, max_bags=1).margin.margin(X)) for name, weight in shares.items()
    ]
    model = weighed(monkeypatch, shares, max_bags=1)
    expected = model.margin.intercept + sum(weight * margin for weight, margin in parts)
    np.testing.assert_allclose(model.margin.margin(X), expected, atol=1e-9)


def leaves_of(model: LeadModel) -> int:
    boosters = [each for each in model.margin.components if isinstance(each, Booster)]
    return sum(int(found) for each in boosters for found in re.findall(r"^num_leaves=(\d+)$", each.text, re.MULTILINE))


def test_what_says_most_is_kept_where_a_model_may_hold_few_leaves() -> None:
    random = np.random.default_rng(0)
    log_odds, rows = random.normal(0, 2.0, 2_000), np.arange(2_000)
    held = OutOfFold(
        (random.logistic(size=2_000) < log_odds).astype(float), np.ones(2_000), rows, rows % 4, np.zeros(2_000)
    )
    said = {"much": (0.9 * log_odds, 2_500), "little": (0.5 * log_odds + random.normal(0, 1.0, 2_000), 400)}
    candidates = [Candidate(name, margin, {}, lambda *_: Fitted(), leaves) for name, (margin, leaves) in said.items()]
    margins = np.stack([each.margins for each in candidates])
    assert (stack(margins, held, False, np.ones(2)).weights > 0).all()
    assert (_stack(candidates, margins, held, False, 2_600, DEFAULTS).weights > 0).tolist() == [True, False]


def test_leaves_that_gain_next_to_nothing_are_left_out_where_there_are_many() -> None:
    random = np.random.default_rng(0)
    log_odds, rows = random.normal(0, 2.0, 4_000), np.arange(4_000)
    y = (random.logistic(size=4_000) < log_odds).astype(float)
    held = OutOfFold(y, np.ones(4_000), rows, rows % 4, np.zeros(4_000))
    margins = np.stack([log_odds + random.normal(0, 0.3, 4_000), log_odds + random.normal(0, 1.0, 4_000)])
    for leaves, kept in ((30_000, False), (3_000, True)):
        candidates = [
            Candidate("few", margins[0], {}, lambda *_: Fitted(), 900),
            Candidate("many", margins[1], {}, lambda *_: Fitted(), leaves),
        ]
        weights = _stack(candidates, margins, held, False, 40_000, DEFAULTS).weights
        assert weights[0] > 0.5
        assert (weights[1] > 0) == kept


@pytest.mark.parametrize("most", [2_000, 2 * 2_000, 10**6])
def test_boosters_are_averaged_up_to_a_number_of_leaves(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    model = weighed(monkeypatch, {"trees": 0.5, "small trees": 0.5}, min_leaves=most, max_leaves=most)
    chosen = [each for each in model.report["candidates"] if each["name"] in ("trees", "small trees")]
    trees = [each["settings"]["trees"] for each in chosen]
    one = sum(each["settings"]["trees"] * each["settings"]["leaves"] for each in chosen)
    assert 2_000 >= one > 1_000 / 3
    (booster,) = model.margin.components
    assert isinstance(booster, Booster)
    assert booster.text.count("\nTree=") == min(DEFAULTS.max_bags, max(1, most // one)) * sum(trees)
    assert leaves_of(model) <= max(most, one)


@pytest.mark.parametrize("ordered", [False, True])
def test_the_leaves_of_a_model_are_bounded(ordered: bool) -> None:
    model = learned(ordered)
    assert 0 < leaves_of(model) <= DEFAULTS.most_leaves(model.report["leads"])


def test_what_counts_least_for_its_leaves_is_left_out_of_a_model_that_grows_too_large() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(size=4_000)
    y = (random.random(4_000) < 1 / (1 + np.exp(-truth))).astype(float)
    held = OutOfFold(y, np.ones(4_000), np.arange(4_000), np.arange(4_000) % 3, np.zeros(4_000))
    noise, sizes = (0.5, 0.6, 0.6, 0.6), (0, 4_000, 3_000, 1_000)
    candidates = [
        Candidate(str(k), truth + each * random.normal(size=4_000), {}, lambda *_: Fitted(None, None), size)
        for k, (each, size) in enumerate(zip(noise, sizes, strict=True))
    ]
    margins = np.stack([each.margins for each in candidates])
    for most, kept in ((10_000, [0, 1, 2, 3]), (4_500, [0, 2, 3]), (1_000, [0, 3]), (0, [0])):
        weights = learner._stack(candidates, margins, held, False, most, DEFAULTS).weights
        assert np.flatnonzero(weights).tolist() == kept
        expected = stack(margins[kept], held, False).weights
        np.testing.assert_array_equal(weights[kept], expected)


def turned(seed: int) -> Problem:
    """Leads of which the oldest say the opposite of what is true of the others."""
    leads = problem(2_000, seed=seed)
    old = leads.time_rank < 800
    leads.y[old] = 1 - leads.y[old]
    return leads


def test_a_half_life_is_taken_where_the_old_leads_mislead() -> None:
    assert {turned(seed).learn(STUMPS_ALONE, ordered=True).report["half_life"] for seed in range(3)} <= set(
        DEFAULTS.half_lives
    )
    assert turned(0).learn(STUMPS_ALONE, ordered=False).report["half_life"] is None


def test_a_half_life_is_hardly_ever_taken_where_nothing_changes() -> None:
    found = [problem(1_200, seed=seed).learn(STUMPS_ALONE, ordered=True).report["half_life"] for seed in range(8)]
    assert found.count(None) >= 6


def test_a_half_life_is_that_of_the_final_fit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    leads = turned(0)
    test = leads.split == "test"
    monkeypatch.setattr(learner, "stack", lambda *_: Stack(np.array([0.5, 0.5]), Gain(1.0, 0.1)))
    aged = leads.learn(STUMPS_ALONE, ordered=True)
    even = leads.learn(STUMPS_ALONE, ordered=True, half_life_z=np.inf)
    assert aged.report["half_life"] is not None
    assert even.report["half_life"] is None
    ranked = [roc_auc_score(leads.y[test], model.margin.margin(leads.X[test])) for model in (aged, even)]
    assert ranked[0] > ranked[1] + 0.05
