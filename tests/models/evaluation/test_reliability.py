from itertools import pairwise

import numpy as np
import pytest

from features.arrays import Floats
from models.evaluation.metrics import mass_bins
from models.evaluation.reliability import reliability, summarise_intervals
from models.evaluation.scored import Scored
from tests.models.honest_leads import honest_leads


def sample(count: int, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Outcomes, probabilities with ties, weights."""
    random = np.random.default_rng(seed)
    p = random.integers(1, 100, count) / 100
    return (random.random(count) < p**1.5).astype(float), p, random.integers(1, 5, count) / 2


def test_bins_say_what_plain_means_say() -> None:
    y, p, weight = sample(400)
    bins = reliability(Scored(y, p, weight, np.arange(400)), 8)
    assert [each.bin for each in bins] == list(range(1, 9))
    assert sum(each.leads for each in bins) == pytest.approx(weight.sum())
    number = mass_bins(p, weight, 8)
    assert all(p[number == low].max() < p[number == high].min() for low, high in pairwise(range(8)))
    for place, each in enumerate(bins):
        rows = number == place
        mass = sum(weight[rows])
        assert each.predicted == pytest.approx(sum(weight[rows] * p[rows]) / mass)
        assert each.observed == pytest.approx(sum(weight[rows] * y[rows]) / mass)


def test_honest_probabilities_lie_within_the_interval_of_what_is_observed() -> None:
    bins = reliability(honest_leads(leads=20_000))
    assert sum(each.low <= each.predicted <= each.high for each in bins) >= 9
    assert sum(each.leads for each in bins) == pytest.approx(20_000)


def test_equal_probabilities_share_a_bin_whatever_the_order() -> None:
    bins = reliability(Scored.one_each(np.array([1.0, 0, 0, 0, 1, 1]), np.array([0.2, 0.2, 0.2, 0.2, 0.9, 0.9])))
    assert [each.predicted for each in bins] == pytest.approx([0.2, 0.9])
    assert [each.observed for each in bins] == pytest.approx([0.25, 1.0])


def test_intervals_are_summed_up() -> None:
    scored = honest_leads()
    summary = summarise_intervals(scored, scored.probability - 0.01, scored.probability + 0.03)
    assert summary.mean_width == pytest.approx(0.04)
    assert summary.contains_probability == 1.0
    assert summary.covered >= 8
    missed = summarise_intervals(scored, scored.probability + 0.3, scored.probability + 0.4)
    assert missed.contains_probability == 0.0
    assert missed.covered == 0
