import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special
from sklearn.metrics import log_loss

from models.log_odds import MAX_MARGIN, MIN_PROBABILITY, bounded, expit, log_losses, logit, sigmoid, within

floats = st.lists(st.floats(), min_size=1, max_size=20)


def test_the_mean_log_loss_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    p, weight = random.random(500), random.random(500)
    y = (random.random(500) < p).astype(float)
    assert np.average(log_losses(y, p), weights=weight) == pytest.approx(log_loss(y, p, sample_weight=weight))


@pytest.mark.parametrize("y", [0.0, 1.0])
def test_to_be_certain_and_wrong_costs_a_finite_loss(y: float) -> None:
    assert log_losses(np.array([y]), np.array([1 - y])) == pytest.approx([-np.log(MIN_PROBABILITY)])


@given(floats)
def test_the_sigmoid_is_that_of_scipy_within_its_bounds(values: list[float]) -> None:
    margin = np.array(values)
    expected = special.expit(np.clip(margin, -MAX_MARGIN, MAX_MARGIN))
    np.testing.assert_allclose(sigmoid(margin), expected, rtol=1e-14)
    np.testing.assert_allclose(expit(margin), np.clip(expected, MIN_PROBABILITY, 1 - MIN_PROBABILITY), rtol=1e-14)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_log_odds_and_probabilities_are_inverse_within_the_bounds(values: list[float]) -> None:
    p = np.array(values)
    np.testing.assert_allclose(expit(logit(p)), bounded(p), rtol=1e-9)


@given(floats, st.floats(-10, 0), st.floats(0, 10))
def test_within_gives_the_bits_of_clip(values: list[float], low: float, high: float) -> None:
    np.testing.assert_array_equal(within(np.array(values), low, high), np.clip(values, low, high))
