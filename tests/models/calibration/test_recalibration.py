import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from features.arrays import Floats
from features.feature import Feature
from models.calibration.fitting import fit_sigmoid
from models.calibration.recalibration import STILL, USUAL, Drift, Recalibration, fit_drift
from models.log_odds import expit, log_losses
from models.logistic.fitting import fit_logistic
from models.margin.margin import Margin

CENTRE = -2.0
finite = st.floats(-1e6, 1e6)
batches = st.lists(st.tuples(finite, st.booleans(), st.floats(0, 100)), min_size=1, max_size=30)
drifts = st.builds(Drift, st.floats(0, 2), st.floats(0, 1))


def columns(batch: list[tuple[float, bool, float]]) -> tuple[Floats, Floats, Floats]:
    margin, won, weight = (np.array(column, dtype=float) for column in zip(*batch, strict=True))
    return margin, won, weight


def outcomes(count: int, seed: int, shift: float = 0.0, slope: float = 1.0) -> tuple[Floats, Floats]:
    """Margins, and outcomes of which the log-odds are off by a line."""
    random = np.random.default_rng(seed)
    margin = random.normal(CENTRE, 1.2, count)
    truth = CENTRE + shift + slope * (margin - CENTRE)
    return margin, (random.random(count) < expit(truth)).astype(float)


def wandering(seed: int, blocks: int = 12, leads: int = 150, step: float = 0.3) -> list[tuple[Floats, Floats]]:
    """Blocks in order of time, whose base rate walks at random."""
    shifts = np.cumsum(np.random.default_rng([seed, blocks]).normal(0, step, blocks))
    return [outcomes(leads, seed * 1000 + number, shift) for number, shift in enumerate(shifts)]


def maximum_likelihood(margin: Floats, y: Floats) -> Callable[[Floats], Floats]:
    return fit_sigmoid(margin, y, np.ones(len(y))).predict


def updated(seed: int = 0, drift: Drift = USUAL) -> Recalibration:
    return Recalibration.fresh(CENTRE, drift=drift).update(*outcomes(400, seed, 0.7, 0.6))


@given(st.floats(-10, 10), st.lists(finite, min_size=1), st.integers(0, 5), drifts)
def test_without_outcomes_nothing_changes(centre: float, margins: list[float], times: int, drift: Drift) -> None:
    line = Recalibration.fresh(centre, drift=drift)
    for _ in range(times):
        line = line.update([], [])
    assert np.array_equal(line.apply(np.array(margins)), margins)
    assert line.seen == 0


def test_time_without_outcomes_makes_less_sure() -> None:
    line = updated()
    later = line.update([], [], elapsed=3.0)
    assert (later.intercept, later.log_slope) == (line.intercept, line.log_slope)
    assert later.covariance[0] == pytest.approx(line.covariance[0] + 3 * USUAL.intercept**2)
    assert later.covariance[2] == pytest.approx(line.covariance[2] + 3 * USUAL.slope**2)


def test_many_outcomes_say_what_maximum_likelihood_says() -> None:
    margin, y = outcomes(100_000, 1, shift=0.8, slope=0.5)
    line = Recalibration.fresh(CENTRE).update(margin, y)
    grid = np.linspace(-6, 2, 9)
    np.testing.assert_allclose(line.predict(grid), maximum_likelihood(margin, y)(grid), atol=0.002)
    assert line.intercept == pytest.approx(0.8, abs=0.05)
    assert line.slope == pytest.approx(0.5, abs=0.03)


def test_few_outcomes_hardly_move_the_line() -> None:
    line = Recalibration.fresh(CENTRE).update([-2.0, -1.5], [1, 0])
    assert 0 < line.intercept < 0.25
    assert line.slope == pytest.approx(1, abs=0.1)


def test_the_mode_is_that_of_a_general_optimiser() -> None:
    margin, y = outcomes(60, 2, shift=1.0)
    line = Recalibration.fresh(CENTRE, drift=STILL).update(margin, y)

    def loss(at: Floats) -> float:
        told = CENTRE + at[0] + np.exp(at[1]) * (margin - CENTRE)
        return float(np.sum(np.logaddexp(0, told) - y * told) + (at[0] / 0.5) ** 2 / 2 + (at[1] / 0.35) ** 2 / 2)

    found = minimize(loss, [0.0, 0.0], tol=1e-12)
    np.testing.assert_allclose([line.intercept, line.log_slope], found.x, atol=1e-4)


def test_the_posterior_covers_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(300):
        shift, log_slope = np.random.default_rng(seed).normal(0, [0.5, 0.35])
        margin, y = outcomes(200, seed + 1000, float(shift), float(np.exp(log_slope)))
        line = Recalibration.fresh(CENTRE, drift=STILL).update(margin, y)
        inside += abs(line.intercept - shift) < 1.645 * line.covariance[0] ** 0.5
    assert inside / 300 == pytest.approx(0.9, abs=0.05)


@given(batches, drifts, st.floats(-5, 5))
@settings(max_examples=200, deadline=None)
def test_any_outcomes_leave_a_finite_rising_line(
    batch: list[tuple[float, bool, float]], drift: Drift, centre: float
) -> None:
    line = Recalibration.fresh(centre, drift=drift)
    for _ in range(3):
        line = line.update(*columns(batch))
    assert np.isfinite([line.intercept, line.log_slope, *line.covariance, line.evidence]).all()
    assert line.slope > 0
    assert line.covariance[0] * line.covariance[2] > line.covariance[1] ** 2
    assert (np.diff(line.apply(np.array([-3.0, -1.0, 0.0, 2.0]))) > 0).all()


@given(batches, st.lists(finite, min_size=2, max_size=20))
@settings(deadline=None)
def test_the_order_of_leads_stays(batch: list[tuple[float, bool, float]], margins: list[float]) -> None:
    line = Recalibration.fresh().update(*columns(batch))
    assert (np.diff(line.predict(np.sort(margins))) >= 0).all()


@pytest.mark.parametrize("y", [np.zeros(5000), np.ones(5000)])
def test_one_outcome_only_stays_finite(y: Floats) -> None:
    margin, _ = outcomes(5000, 3)
    line = Recalibration.fresh(CENTRE).update(margin, y)
    said = line.predict(margin)
    assert np.isfinite(line.apply(margin)).all()
    assert np.abs(said - y).mean() < 0.1


def test_separated_outcomes_stay_finite() -> None:
    margin = np.linspace(-30, 30, 2000)
    line = Recalibration.fresh().update(margin, margin > 0)
    assert 1 < line.slope < 20


def test_a_score_that_points_the_wrong_way_is_flattened_not_turned() -> None:
    margin, y = outcomes(20_000, 4, slope=-1.0)
    line = Recalibration.fresh(CENTRE).update(margin, y)
    assert 0 < line.slope < 0.1


def test_without_drift_batches_say_what_all_outcomes_say_together() -> None:
    margin, y = outcomes(3000, 5, 0.6, 0.8)
    whole = Recalibration.fresh(CENTRE, drift=STILL).update(margin, y)
    line = Recalibration.fresh(CENTRE, drift=STILL)
    for rows in np.array_split(np.arange(3000), 10):
        line = line.update(margin[rows], y[rows])
    assert line.intercept == pytest.approx(whole.intercept, abs=0.03)
    assert line.slope == pytest.approx(whole.slope, abs=0.03)
    np.testing.assert_allclose(line.covariance, whole.covariance, rtol=0.1)
    assert line.evidence == pytest.approx(whole.evidence, abs=1.0)


def test_a_weight_is_that_many_rows() -> None:
    margin, y = outcomes(200, 6)
    weight = np.random.default_rng(6).integers(0, 4, 200)
    heavy = Recalibration.fresh(CENTRE).update(margin, y, weight)
    often = Recalibration.fresh(CENTRE).update(margin.repeat(weight), y.repeat(weight))
    assert heavy.intercept == pytest.approx(often.intercept, abs=1e-6)
    assert heavy.slope == pytest.approx(often.slope, abs=1e-6)
    assert heavy.seen == often.seen == weight.sum()


def test_old_outcomes_are_forgotten_as_fast_as_the_drift_says() -> None:
    old, new = outcomes(300, 7, 1.5), outcomes(300, 8, -1.5)
    slow, fast = (
        Recalibration.fresh(CENTRE, drift=drift).update(*old).update(*new).intercept for drift in (STILL, Drift(1.0))
    )
    assert fast < -1.0
    assert abs(slow) < 0.6


@given(batches, drifts, st.floats(-5, 5))
@settings(max_examples=50, deadline=None)
def test_a_line_comes_back_from_json_as_it_was(
    batch: list[tuple[float, bool, float]], drift: Drift, centre: float
) -> None:
    line = Recalibration.fresh(centre, drift=drift).update(*columns(batch))
    assert Recalibration.from_dict(json.loads(json.dumps(line.to_dict(), allow_nan=False))) == line


@pytest.mark.parametrize("covariance", [[1.0, 2.0, 1.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 1.0], [1.0, 0.0, float("nan")]])
def test_a_state_that_is_none_is_refused(covariance: list[float]) -> None:
    state = Recalibration.fresh().to_dict() | {"covariance": covariance}
    with pytest.raises(ValueError, match="expected finite numbers and a positive definite covariance"):
        Recalibration.from_dict(state)


NUMBERS = tuple(Feature(f"x{k}", "behavioural", f"x{k}", "count", f"x{k}", f"x{k}") for k in range(3))


def small_margin() -> tuple[Margin, Floats]:
    X = np.random.default_rng(9).normal(size=(500, 3))
    y = (X[:, 0] - X[:, 1] + np.random.default_rng(10).logistic(size=500) > 1).astype(float)
    first, second = fit_logistic(X, y, np.ones(500), NUMBERS, [0.1, 10.0])
    return Margin([first, second], [0.4, 0.5], -0.3, 3), X


def test_a_recalibrated_model_is_explained_exactly() -> None:
    margin, X = small_margin()
    line = updated()
    again = line.on(margin)
    contributions = again.contributions(X)
    np.testing.assert_allclose(again.margin(X), line.apply(margin.margin(X)), rtol=0, atol=1e-9)
    np.testing.assert_allclose(contributions.sum(axis=1), again.margin(X), rtol=0, atol=1e-9)
    np.testing.assert_allclose(line.move(margin.contributions(X)), contributions, rtol=0, atol=1e-9)
    np.testing.assert_allclose(contributions[:, :-1], line.slope * margin.contributions(X)[:, :-1], rtol=0, atol=1e-9)


def test_moving_contributions_leaves_the_given_ones_alone() -> None:
    margin, X = small_margin()
    given_ones = margin.contributions(X)
    before = given_ones.copy()
    updated().move(given_ones)
    assert np.array_equal(given_ones, before)


@given(st.lists(st.floats(-13, 13), min_size=1))
def test_probabilities_are_revised_as_their_log_odds_are(margins: list[float]) -> None:
    line = updated()
    m = np.array(margins)
    np.testing.assert_allclose(line.revise(1 / (1 + np.exp(-m))), line.predict(m), rtol=1e-6)


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        (([0.0, np.nan], [0, 1]), "margin nan in row 1, expected a finite number"),
        (([0.0, np.inf], [0, 1]), "margin inf in row 1, expected a finite number"),
        (([0.0, 1.0], [0, 2]), "outcome 2.0 in row 1, expected 0 or 1"),
        (([0.0, 1.0], [np.nan, 1]), "outcome nan in row 0, expected 0 or 1"),
        (([0.0, 1.0], [0, 1], [1.0, -1.0]), "weight -1.0 in row 1, expected a finite number of at least 0"),
        (([0.0, 1.0], [0]), r"margins \(2,\), outcomes \(1,\) and weights \(2,\), expected one length"),
        (([[0.0]], [[1]]), "expected one length"),
        ((0.0, 1), "expected one length"),
    ],
)
def test_nonsense_is_refused_with_its_row(batch: tuple[Any, ...], expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Recalibration.fresh().update(*batch)


@pytest.mark.parametrize("elapsed", [-1.0, np.nan, np.inf])
def test_time_does_not_run_backwards(elapsed: float) -> None:
    with pytest.raises(ValueError, match="elapsed"):
        Recalibration.fresh().update([0.0], [1], elapsed=elapsed)


def test_nonsense_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="centre nan, expected a finite margin"):
        Recalibration.fresh(np.nan)
    with pytest.raises(ValueError, match=r"drift of -0\.1 and 0\.0, expected"):
        Drift(-0.1, 0.0)


def prequential(blocks: list[tuple[Floats, Floats]], drift: Drift) -> dict[str, float]:
    """Mean log loss of each block, predicted from the blocks before it, without the first."""
    line = Recalibration.fresh(CENTRE, drift=drift).update(*blocks[0])
    losses: dict[str, list[Floats]] = {"none": [], "line": [], "moderated": [], "last block": []}
    for before, (margin, y) in pairwise(blocks):
        wide = line.update([], [])
        away = line.slope * (margin - CENTRE)
        variance = wide.covariance[0] + 2 * wide.covariance[1] * away + wide.covariance[2] * away**2
        said = {
            "none": expit(margin),
            "line": line.predict(margin),
            "moderated": expit(line.apply(margin) / np.sqrt(1 + np.pi * variance / 8)),
            "last block": maximum_likelihood(*before)(margin),
        }
        for name, probability in said.items():
            losses[name].append(log_losses(y, probability))
        line = line.update(margin, y)
    return {name: float(np.mean(loss)) for name, loss in losses.items()}


def mean_losses(seeds: int, drift: Drift, **wanders: Any) -> dict[str, float]:
    found = [prequential(wandering(seed, **wanders), drift) for seed in range(seeds)]
    return {name: float(np.mean([each[name] for each in found])) for name in found[0]}


@pytest.mark.parametrize("leads", [50, 150, 600])
def test_a_wandering_base_rate_is_followed_better_than_by_the_last_block_alone(leads: int) -> None:
    loss = mean_losses(40, USUAL, leads=leads)
    assert loss["line"] < loss["none"] - 0.01
    assert loss["line"] < loss["last block"]


def test_where_nothing_drifts_little_is_lost() -> None:
    loss = mean_losses(40, USUAL, leads=300, step=0.0)
    assert loss["line"] - loss["none"] < 0.002


@pytest.mark.parametrize("leads", [30, 300])
def test_moderating_by_the_uncertainty_gains_next_to_nothing(leads: int) -> None:
    loss = mean_losses(60, Drift(0.3), leads=leads)
    assert abs(loss["line"] - loss["moderated"]) < 0.001


def joined(blocks: list[tuple[Floats, Floats]]) -> tuple[Floats, Floats, Floats]:
    margin, y = (np.concatenate(column) for column in zip(*blocks, strict=True))
    return margin, y, np.repeat(np.arange(float(len(blocks))), len(blocks[0][0]))


def test_drift_is_learned_from_past_blocks() -> None:
    still = fit_drift(*joined(wandering(1, leads=1000, step=0.0)), centre=CENTRE)
    quick = fit_drift(*joined(wandering(1, leads=1000, step=0.6)), centre=CENTRE)
    assert still.intercept <= 0.08
    assert 0.3 <= quick.intercept <= 0.95


def test_learned_drift_beats_the_usual_one_where_the_world_is_unusual() -> None:
    gained = []
    for seed in range(20):
        blocks = wandering(seed, blocks=16, leads=60, step=1.0)
        drift = fit_drift(*joined(blocks[:8]), centre=CENTRE)
        gained.append(prequential(blocks[8:], USUAL)["line"] - prequential(blocks[8:], drift)["line"])
    assert np.mean(gained) > 0.005


def test_little_history_says_the_usual_drift() -> None:
    assert fit_drift([], [], []) == USUAL
    assert fit_drift([-2.0, -1.0], [0, 1], [0, 1], centre=CENTRE) == USUAL


def test_blocks_must_be_as_many_as_outcomes() -> None:
    with pytest.raises(ValueError, match=r"2 outcomes and blocks of shape \(1,\), expected one length"):
        fit_drift([0.0, 1.0], [0, 1], [0])
