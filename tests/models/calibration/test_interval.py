import numpy as np
import pytest

from models.calibration.calibrators import Identity, ProbabilityInterval, VennAbersSteps, shrinkage
from models.log_odds import expit, logit


def at(probability: float) -> VennAbersSteps:
    """A Venn-Abers interval that is one probability."""
    return VennAbersSteps(np.array([0.0]), np.full(3, probability), np.full(3, probability), 2)


@pytest.mark.parametrize("deviation", [0.1, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("probability", [0.02, 0.1, 0.4, 0.5, 0.8])
def test_four_of_five_leads_of_a_mean_probability_lie_within(probability: float, deviation: float) -> None:
    margin = logit(np.array([probability]))
    low, high = ProbabilityInterval(at(probability), Identity(), deviation).predict(margin)
    drawn = np.random.default_rng(0).normal(margin / shrinkage(deviation), deviation, 20_000)
    true = expit(drawn)
    assert true.mean() == pytest.approx(probability, rel=0.4)  # the median is an approximation
    assert ((low <= true) & (true <= high)).mean() == pytest.approx(0.8, abs=0.01)


def test_without_a_deviation_the_venn_abers_interval_is_left() -> None:
    steps = VennAbersSteps(np.array([0.0]), np.full(3, 0.2), np.full(3, 0.3), 2)
    low, high = ProbabilityInterval(steps, Identity(), 0.0).predict(logit(np.array([0.25, 0.4])))
    assert low == pytest.approx([0.2, 0.2])
    assert high == pytest.approx([0.3, 0.4])


def test_an_interval_of_less_than_nothing_is_refused() -> None:
    state = ProbabilityInterval(at(0.5), Identity(), 0.5).to_dict()
    with pytest.raises(ValueError, match="no ProbabilityInterval is like that"):
        ProbabilityInterval.from_dict(state | {"deviation": -0.5})
