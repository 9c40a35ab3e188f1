import numpy as np
import pytest
from sklearn.metrics import log_loss

from models.evaluation.comparison import paired_difference
from tests.models.honest_leads import honest_leads


def test_the_difference_is_that_of_scikit_learns_log_losses() -> None:
    scored = honest_leads()
    other = np.full(len(scored), 0.3)
    ours, theirs = (log_loss(scored.outcome, p, sample_weight=scored.weight) for p in (scored.probability, other))
    assert paired_difference(scored, other, replicates=10, seed=0).value == pytest.approx(theirs - ours)


def test_the_base_rate_is_behind_honest_probabilities_beyond_noise() -> None:
    scored = honest_leads()
    behind = paired_difference(scored, np.full(len(scored), scored.won_rate), replicates=200, seed=0)
    assert 0 < behind.low < behind.value < behind.high


def test_equal_probabilities_differ_by_nothing() -> None:
    scored = honest_leads()
    behind = paired_difference(scored, scored.probability.copy(), replicates=50, seed=0)
    assert (behind.low, behind.value, behind.high) == (0, 0, 0)


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    def behind(leads: int, seed: int) -> tuple[float, float, float]:
        scored = honest_leads(leads=leads, ages=2, seed=seed)
        found = paired_difference(scored, 0.9 * scored.probability + 0.05, replicates=200, seed=seed)
        return found.value, found.low, found.high

    truth = behind(200_000, 999)[0]
    covered = [low <= truth <= high for _, low, high in (behind(400, seed) for seed in range(100))]
    assert 0.85 <= np.mean(covered) <= 1.0
