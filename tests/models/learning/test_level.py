from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.arrays import Floats
from models.learning import learner, level
from models.learning.level import Level, block_levels, forecast, level_warnings, without_level
from models.learning.settings import STUMPS, LearnerSettings
from models.margin.model import LeadModel
from models.samples.folds import OutOfFold
from tests.models.explained import explain
from tests.models.problems import Problem, matrix, problem, truth

BLOCKS = 16
SURE = np.full(BLOCKS, 1e-4)
LEARNER = LearnerSettings(trees={"stumps": replace(STUMPS, trees=50)}, variants={}, half_lives=())


@pytest.mark.parametrize("constant", [-1.0, -0.2, 0.0, 0.4, 1.0])
def test_a_constant_level_stays(constant: float) -> None:
    assert forecast(np.full(BLOCKS, constant), SURE).mean == pytest.approx(constant, abs=0.02 + 0.05 * abs(constant))


@pytest.mark.parametrize("step", [-0.15, -0.08, 0.08, 0.15])
def test_a_steady_change_goes_on_but_damped(step: float) -> None:
    levels = step * np.arange(float(BLOCKS))
    ahead = (forecast(levels, SURE).mean - levels[-1]) / step
    assert 0.3 < ahead < 3.0  # the mean of 1 to 5 steps, were it to go on as it was


@pytest.mark.parametrize("period", [2, 4, 6])
def test_a_level_that_comes_and_goes_is_drawn_to_its_mean(period: int) -> None:
    levels = np.where(np.arange(BLOCKS) % period < period / 2, -0.5, 0.5)
    levels[-1] = 0.5
    assert abs(forecast(levels, SURE).mean) < 0.4


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.02, 0.3))
def test_noise_around_nothing_says_next_to_nothing(seed: int, deviation: float) -> None:
    noise = np.random.default_rng(seed).normal(0, deviation, BLOCKS)
    found = forecast(noise, np.full(BLOCKS, deviation**2))
    assert abs(found.mean) < 1.5 * deviation
    assert abs(found.mean) < 3 * found.deviation


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=1, max_size=20), st.floats(1e-4, 1.0))
def test_levels_turned_round_turn_the_forecast_round(levels: list[float], variance: float) -> None:
    errors = np.full(len(levels), variance)
    one, other = forecast(np.array(levels), errors), forecast(-np.array(levels), errors)
    assert one.mean == pytest.approx(-other.mean, abs=1e-9)
    assert one.deviation == pytest.approx(other.deviation)
    assert one.deviation > 0


def test_a_vague_level_moves_little() -> None:
    wild = np.array([0.0, -0.5, 1.0, -2.0, -2.5])
    assert abs(forecast(wild, np.full(5, 0.3)).mean) < 0.5 * abs(forecast(np.full(5, -2.5), np.full(5, 1e-3)).mean)
    assert forecast(wild, np.full(5, 0.3)).deviation > 0.7


def test_the_deviation_grows_with_the_noise_of_the_blocks() -> None:
    levels = 0.3 + 0.05 * np.random.default_rng(1).normal(size=BLOCKS)
    deviations = [forecast(levels, np.full(BLOCKS, variance)).deviation for variance in (1e-3, 1e-2, 1e-1, 1.0)]
    assert deviations == sorted(deviations)
    assert deviations[-1] > 2 * deviations[0]


def test_noisy_blocks_move_the_forecast_less() -> None:
    levels = np.full(BLOCKS, 0.5)
    means = [forecast(levels, np.full(BLOCKS, variance)).mean for variance in (1e-4, 1.0, 100.0)]
    assert means == sorted(means, reverse=True)
    assert means[-1] < 0.3


def held_out(level_of_lead: Floats, seed: int = 0, snapshots: int = 1) -> tuple[Floats, OutOfFold, list[float]]:
    """Margins (n,) that know all but the level, in four folds after as many rows; and the weights learned."""
    leads = len(level_of_lead)
    random = np.random.default_rng(seed)
    margin = random.normal(-1, 1, leads)
    y = (random.random(leads) < 1 / (1 + np.exp(-margin - level_of_lead))).astype(float)
    lead = np.repeat(np.arange(leads), snapshots)
    weight = np.full(len(lead), 1 / snapshots)
    held = OutOfFold(y[lead], weight, lead, lead * 4 // leads, np.full(len(lead), -1.0))
    return margin[lead], held, [float(leads), *4 * [leads / 4]]


def test_a_level_since_the_first_fold_is_measured_against_what_the_final_fit_learned_of_it() -> None:
    margin, held, learned = held_out(np.full(80_000, 0.7))
    grid = np.linspace(-1, 1, 2_001)
    rates = np.array([np.mean(1 / (1 + np.exp(-margin - shift))) for shift in grid])
    old, new = np.interp([0.0, 0.7], grid, rates)
    shares = np.arange(5) / (4 + np.arange(5))  # of the rows learned that have the level, before each fold and at last
    known = np.interp((1 - shares) * old + shares * new, rates, grid)
    levels, variances = block_levels(margin + known[held.fold], held, np.arange(80_000), learned)
    assert levels.shape == variances.shape == (16,)
    np.testing.assert_allclose(levels, 0.7 - known[-1], atol=0.15)
    assert levels.mean() == pytest.approx(0.7 - known[-1], abs=0.03)
    errors = (levels - levels.mean()) / np.sqrt(variances)
    assert 0.5 < np.std(errors) < 1.7


def test_no_level_is_about_zero_against_the_final_fit() -> None:
    margin, held, learned = held_out(np.zeros(8_000))
    found = forecast(*block_levels(margin, held, np.arange(8_000), learned))
    assert abs(found.mean) < 2.5 * found.deviation
    assert abs(found.mean) < 0.1


def test_a_lead_with_many_snapshots_is_no_further_evidence() -> None:
    one, many = (
        block_levels(margin, held, np.arange(len(margin)), learned)
        for margin, held, learned in (held_out(np.full(2_000, 0.5), snapshots=count) for count in (1, 5))
    )
    np.testing.assert_allclose(one, many, atol=1e-9)


def test_rows_need_not_be_in_time_order() -> None:
    margin, held, learned = held_out(np.linspace(0.5, -0.5, 2_000))
    mixed = np.random.default_rng(3).permutation(2_000)
    shuffled = OutOfFold(held.y[mixed], held.weight[mixed], held.lead[mixed], held.fold[mixed], held.base[mixed])
    np.testing.assert_allclose(
        block_levels(margin[mixed], shuffled, mixed, learned),
        block_levels(margin, held, np.arange(2_000), learned),
        atol=1e-9,
    )


@pytest.mark.parametrize("won", [0.0, 1.0])
def test_blocks_in_which_all_end_alike_have_finite_levels(won: float) -> None:
    margin, held, learned = held_out(np.zeros(2_000))
    held.y[held.fold == 3] = won
    levels, variances = block_levels(margin, held, np.arange(2_000), learned)
    assert np.isfinite(levels).all()
    assert (variances[-4:] > variances[:-4].max()).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1_000), st.integers(1, 5))
def test_without_its_level_each_fold_wins_as_often_as_its_margins_say(seed: int, folds: int) -> None:
    random = np.random.default_rng(seed)
    margin, fold, weight = random.normal(size=300), np.arange(300) % folds, random.uniform(0.1, 1, 300)
    y = (random.random(300) < 0.3).astype(float)
    shifted = without_level(margin, y, weight, fold)
    for number in range(folds):
        rows = fold == number
        said = np.average(1 / (1 + np.exp(-shifted[rows])), weights=weight[rows])
        assert said == pytest.approx(np.average(y[rows], weights=weight[rows]))
        np.testing.assert_allclose(np.ptp(shifted[rows] - margin[rows]), 0, atol=1e-12)


def test_a_large_level_is_told_with_its_direction_and_a_small_one_is_not() -> None:
    assert level_warnings(Level(0.1, 0.2)) == level_warnings(Level(-0.29, 0.1)) == []
    (less,), (more,) = level_warnings(Level(-0.7, 0.2)), level_warnings(Level(0.7, 0.2))
    assert "win less often" in less
    assert "multiplied by 0.50 (-0.70 on the log-odds, standard error 0.20)" in less
    assert "win more often" in more


def true_loss(model: LeadModel, leads: Problem) -> float:
    test = leads.split == "test"
    rate, said = 1 / (1 + np.exp(-leads.log_odds[test])), model.probability(leads.X[test])
    return float(np.mean(-rate * np.log(said) - (1 - rate) * np.log(1 - said)))


def both(leads: Problem, monkeypatch: pytest.MonkeyPatch) -> tuple[LeadModel, LeadModel]:
    """What is learned with the level of the newest leads, and without."""
    levelled = leads.learn(LEARNER, ordered=True)
    with monkeypatch.context() as patch:
        patch.setattr(learner, "MIN_LEADS", np.inf)
        return levelled, leads.learn(LEARNER, ordered=True)


@pytest.mark.parametrize("drift", [-3.0, 3.0])
def test_probabilities_follow_a_base_rate_that_falls_or_rises(drift: float, monkeypatch: pytest.MonkeyPatch) -> None:
    gained = []
    for seed in (1, 2):
        leads = problem(3_000, drift=drift, seed=seed)
        levelled, plain = both(leads, monkeypatch)
        assert "level" not in plain.report
        assert np.sign(levelled.report["level"]["mean"]) == np.sign(drift)
        gained.append(true_loss(plain, leads) - true_loss(levelled, leads))
    assert min(gained) > 0.01


def test_where_nothing_drifts_the_level_costs_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cost = []
    for seed in range(3):
        leads = problem(3_000, seed=seed)
        levelled, plain = both(leads, monkeypatch)
        assert abs(levelled.report["level"]["mean"]) < 0.3
        cost.append(true_loss(levelled, leads) - true_loss(plain, leads))
    assert np.mean(cost) < 0.002


def test_the_level_is_in_the_intercept_alone_and_the_explanation_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    leads, X = problem(2_000, drift=-3.0, seed=4), matrix(100, seed=9, missing=0.2)
    levelled, plain = both(leads, monkeypatch)
    moved = levelled.margin.margin(X) - plain.margin.margin(X)
    np.testing.assert_allclose(moved, levelled.report["level"]["mean"], atol=1e-9)
    np.testing.assert_allclose(levelled.margin.contributions(X).sum(axis=1), levelled.margin.margin(X), atol=1e-9)
    explanation = explain(levelled, X)
    probability = explanation.base_probability + explanation.points.sum(axis=1)
    np.testing.assert_allclose(probability, levelled.probability(X), atol=1e-9)
    assert any("newest leads win less often" in warning for warning in levelled.report["warnings"])


@pytest.mark.parametrize(("leads", "ordered"), [(1_500, False), (1_000, True)])
def test_few_leads_or_none_in_order_have_no_level(leads: int, ordered: bool) -> None:
    assert leads * 0.8 < level.MIN_LEADS or not ordered
    assert "level" not in problem(leads, drift=-3.0).learn(LEARNER, ordered=ordered).report


def test_leads_of_the_test_part_do_not_move_the_level() -> None:
    leads = problem(1_500, drift=-2.0, seed=5)
    before = leads.learn(LEARNER, ordered=True).report["level"]
    leads.y[leads.split == "test"] = 1.0
    assert leads.learn(LEARNER, ordered=True).report["level"] == before


def test_the_truth_of_these_problems_is_what_drifts() -> None:
    leads = problem(1_000, drift=2.0)
    assert np.ptp(leads.log_odds - truth(leads.X)) == pytest.approx(2.0, rel=0.01)
