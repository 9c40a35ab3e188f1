from itertools import pairwise

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from features.arrays import Floats
from models.evaluation.curves import brier_parts, calibration_line, gains, precision_at, reliability


def sample(count: int, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Outcomes, probabilities with ties, weights."""
    random = np.random.default_rng(seed)
    p = random.integers(1, 100, count) / 100
    return (random.random(count) < p**1.5).astype(float), p, random.integers(1, 5, count) / 2


def test_the_line_is_the_unpenalised_logistic_regression_on_the_log_odds() -> None:
    y, p, weight = sample(500)
    line = calibration_line(y, p, weight)
    margin = np.log(p / (1 - p))[:, None]
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(margin, y, sample_weight=weight)
    np.testing.assert_allclose([line.slope, line.intercept], [oracle.coef_[0, 0], oracle.intercept_[0]], atol=1e-4)


def test_probabilities_that_hold_have_slope_one_and_intercept_zero() -> None:
    random = np.random.default_rng(1)
    p = random.uniform(0.02, 0.98, 50_000)
    line = calibration_line((random.random(50_000) < p).astype(float), p)
    np.testing.assert_allclose([line.slope, line.intercept], [1, 0], atol=0.05)


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_no_line_where_nothing_differs(spread: float) -> None:
    p = 0.5 + np.linspace(-spread, spread, 10)
    y = np.zeros(10) if spread else np.tile([0.0, 1.0], 5)
    assert np.isnan([calibration_line(y, p).slope, calibration_line(y, p).intercept]).all()


def test_bins_say_what_plain_means_say() -> None:
    y, p, weight = sample(400)
    bins = reliability(y, p, weight, 8)
    assert len(bins) == 8
    np.testing.assert_allclose(sum(each.weight for each in bins), weight.sum())
    assert all(lower.high < upper.low for lower, upper in pairwise(bins))
    for each in bins:
        rows = (p >= each.low) & (p <= each.high)
        mass = sum(weight[rows])
        np.testing.assert_allclose(each.mean_probability, sum(weight[rows] * p[rows]) / mass)
        np.testing.assert_allclose(each.won_share, sum(weight[rows] * y[rows]) / mass)


def test_murphys_parts_add_up_to_briers_score_where_bins_hold_one_probability() -> None:
    random = np.random.default_rng(2)
    p = np.repeat(np.linspace(0.1, 0.9, 5), 40)
    y, weight = (random.random(200) < 0.3 + p / 2).astype(float), np.ones(200)
    parts = brier_parts(y, p, weight)
    score = float(np.average((y - p) ** 2, weights=weight))
    np.testing.assert_allclose(parts.reliability - parts.resolution + parts.uncertainty, score)


def test_gains_count_won_leads_from_the_top() -> None:
    found = gains(np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.2, 0.5, 0.5]))
    np.testing.assert_allclose(found.contacted, [0.25, 0.75, 1.0])
    np.testing.assert_allclose(found.won, [0.5, 1.0, 1.0])
    np.testing.assert_allclose(found.lift, [2.0, 4 / 3, 1.0])


def test_gains_of_nothing_won_are_zero() -> None:
    assert gains(np.zeros(3), np.array([0.1, 0.2, 0.3])).won.tolist() == [0.0, 0.0, 0.0]


def test_precision_at_the_top_counts_the_straddling_tie_in_proportion() -> None:
    y, p = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0.9, 0.5, 0.5, 0.1])
    found = [precision_at(y, p, top) for top in (1, 2, 3, 4, 100)]
    np.testing.assert_allclose(found, [1, 0.75, 2 / 3, 0.5, 0.5])
    assert np.isnan(precision_at(y, p, 0))
