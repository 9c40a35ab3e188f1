import numpy as np
from sklearn.metrics import log_loss

from models.log_odds import log_losses
from models.samples.gain import Gain, measure_gain


def test_losses_are_those_of_scikit_learn_row_by_row() -> None:
    y, p = np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.4, 0.1])
    for row, loss in enumerate(log_losses(y, p)):
        np.testing.assert_allclose(loss, log_loss(y[[row]], p[[row]], labels=[0, 1]))


def test_certainty_costs_a_finite_loss() -> None:
    assert np.isfinite(log_losses(np.array([0.0, 1.0]), np.array([1.0, 0.0]))).all()


def test_the_error_is_that_of_a_mean_over_leads() -> None:
    difference = np.random.default_rng(0).normal(0.1, 1, 400)
    gain = measure_gain(difference, np.ones(400), np.arange(400))
    np.testing.assert_allclose([gain.mean, gain.error], [difference.mean(), difference.std() / 20])
    np.testing.assert_allclose(gain.z, gain.mean / gain.error)


def test_repeated_snapshots_of_a_lead_add_no_certainty() -> None:
    difference = np.random.default_rng(0).normal(0.1, 1, 50)
    once = measure_gain(difference, np.ones(50), np.arange(50))
    often = measure_gain(np.repeat(difference, 4), np.full(200, 0.25), np.repeat(np.arange(50), 4))
    np.testing.assert_allclose([often.mean, often.error], [once.mean, once.error])


def test_weights_weigh_the_mean() -> None:
    assert measure_gain(np.array([1.0, 5.0]), np.array([3.0, 1.0]), np.arange(2)).mean == 2.0


def test_two_equal_predictions_are_not_beyond_noise() -> None:
    assert measure_gain(np.zeros(5), np.ones(5), np.arange(5)) == Gain(0.0, 0.0)
    assert Gain(0.0, 0.0).z == 0.0


def test_the_truth_lies_within_two_errors_about_as_often_as_it_should() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(500):
        lead = random.integers(0, 60, 150)
        gain = measure_gain(random.normal(0, 1, 60)[lead] + random.normal(0, 1, 150), np.ones(150), lead)
        covered += abs(gain.mean) <= 2 * gain.error
    assert 0.90 <= covered / 500 <= 0.98
