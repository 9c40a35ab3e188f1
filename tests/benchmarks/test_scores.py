import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.quality.scores import losses, paired_difference, score


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
