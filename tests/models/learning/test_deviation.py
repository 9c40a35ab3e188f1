import numpy as np
import pytest

from features.arrays import Floats
from models.learning.deviation import log_odds_deviation
from models.learning.settings import STUMPS, LearnerSettings
from models.margin.margin import Margin
from models.samples.sample import Sample
from tests.models.problems import matrix, problem, truth

LINES = LearnerSettings(trees={}, variants={})
QUICK = LearnerSettings(trees={"stumps": STUMPS}, variants={})


def by_base_rate(sample: Sample) -> Margin:
    return Margin((), (), sample.base, sample.X.shape[1])


def test_base_rates_of_thirds_are_alike() -> None:
    leads = problem(9_000, signal=0, seed=1)
    leads.split[:] = "train"
    drawn = np.random.default_rng(0)
    found = []
    for _ in range(30):
        leads.y[:] = drawn.random(9_000) < 0.3
        sample = leads.sample(ordered=False)
        found.append(log_odds_deviation(sample, by_base_rate) ** 2)
    assert np.mean(found) < 1e-4  # won and lost leads are in each third alike: no chance is left


def test_more_leads_are_known_better() -> None:
    def deviation(count: int) -> float:
        return float(problem(count, seed=1).learn(LINES).report["deviation"])

    assert deviation(4_000) < 0.7 * deviation(1_000)


@pytest.mark.parametrize("ordered", [False, True])
def test_most_probabilities_lie_in_their_intervals(ordered: bool) -> None:
    X: Floats = matrix(3_000, seed=7)
    true = 1 / (1 + np.exp(-truth(X)))
    model = problem(2_000, seed=1).learn(QUICK, ordered=ordered)
    low, high = model.interval.predict(model.margin.margin(X))
    assert 0.4 < ((low <= true) & (true <= high)).mean() < 0.99


def test_the_fewest_leads_have_an_interval_too() -> None:
    leads = problem(40, seed=3)
    model = leads.learn(QUICK)
    low, high = model.interval.predict(model.margin.margin(leads.X))
    assert (low < high).all()
