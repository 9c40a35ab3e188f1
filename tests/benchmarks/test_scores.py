from dataclasses import astuple

import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.quality.answer import Answer
from benchmarks.quality.scores import Scores, against_truth, covered_bins, losses, paired_difference, score


def test_scores_are_scikit_learns() -> None:
    random = np.random.default_rng(0)
    p = random.uniform(0.05, 0.95, 400)
    y = (random.random(400) < p).astype(float)
    found = score(y, p, np.arange(400))
    assert found.log_loss == pytest.approx(log_loss(y, p))
    assert found.roc_auc == pytest.approx(roc_auc_score(y, p))
    assert losses(y, p, np.arange(400)).mean() == pytest.approx(found.log_loss)


def test_the_rows_of_a_lead_weigh_one_together() -> None:
    y, p, lead = np.array([1.0, 1.0, 0.0]), np.array([0.5, 0.25, 0.5]), np.array([4, 4, 2])
    assert losses(y, p, lead) == pytest.approx([np.log(2), 1.5 * np.log(2)])
    assert score(y, p, lead).log_loss == pytest.approx(1.25 * np.log(2))


def test_the_paired_interval_is_that_of_the_mean_difference() -> None:
    random = np.random.default_rng(1)
    second = random.exponential(size=2000)
    first = second + random.normal(0.05, 0.4, 2000)
    found = paired_difference(first, second)
    error = (first - second).std() / np.sqrt(2000)
    assert found.value == pytest.approx((first - second).mean())
    assert found.low == pytest.approx(found.value - 1.96 * error, abs=0.25 * error)
    assert found.high == pytest.approx(found.value + 1.96 * error, abs=0.25 * error)


def test_pairing_removes_what_both_share() -> None:
    second = np.random.default_rng(2).exponential(size=500)
    found = paired_difference(second - 0.01, second)
    assert (found.value, found.low, found.high) == pytest.approx((-0.01, -0.01, -0.01))


def test_the_interval_is_the_same_each_time() -> None:
    apart = np.random.default_rng(3).normal(size=100)
    assert paired_difference(apart, np.zeros(100)) == paired_difference(apart, np.zeros(100))


def drawn(rows: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(5)
    truth = random.uniform(0.05, 0.95, rows)
    return (random.random(rows) < truth).astype(float), truth, np.arange(rows)


def test_the_truth_has_no_error_against_itself_and_all_of_its_area() -> None:
    y, truth, lead = drawn()
    found = against_truth(y, Answer(truth), truth, lead)
    assert found.ece == pytest.approx(0.0)
    assert found.roc_auc_share == 1.0
    assert found.covered is None


def test_the_error_against_the_truth_leaves_chance_out() -> None:
    y, truth, lead = drawn(500)
    shifted = Answer(truth + 0.04)
    assert against_truth(y, shifted, truth, lead).ece == pytest.approx(0.04)
    assert score(y, shifted.p, lead).ece > 0.05


def test_an_interval_is_counted_where_it_holds_the_truth() -> None:
    y, truth, lead = drawn()
    p = np.full(truth.size, 0.5)
    found = against_truth(y, Answer(p, {}, p - 0.25, p + 0.2), truth, lead)
    assert found.covered == pytest.approx(0.5, abs=0.02)


def test_without_a_truth_bins_are_counted_that_agree_with_the_mean_interval() -> None:
    y, truth, lead = drawn()
    assert covered_bins(y, Answer(truth), lead) is None
    assert covered_bins(y, Answer(truth, {}, truth - 0.01, truth + 0.01), lead) == (10, 10)
    assert covered_bins(y, Answer(truth, {}, truth / 2, truth / 2), lead) == (0, 10)


def test_the_slope_tells_the_timid_from_the_extreme() -> None:
    y, truth, lead = drawn()
    log_odds = np.log(truth / (1 - truth))
    for stretch in (0.5, 1.0, 2.0):
        assert score(y, 1 / (1 + np.exp(-stretch * log_odds)), lead).slope == pytest.approx(1 / stretch, rel=0.05)
    assert np.isnan(score(y, np.full(y.size, 0.5), lead).slope)


def test_scores_are_averaged_and_the_slope_is_the_middle_one() -> None:
    found = Scores.mean([Scores(0.2, 0.7, 0.01, 1.0), Scores(0.4, 0.9, 0.03, 1.5), Scores(0.3, 0.8, 0.02, 80.0)])
    assert astuple(found) == pytest.approx((0.3, 0.8, 0.02, 1.5))
