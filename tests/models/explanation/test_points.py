from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from features.arrays import Floats
from features.feature import DIMENSION_OF, Family, Feature
from models.calibration.calibrators import KINDS, Beta, Identity, Isotonic, Sigmoid, VennAbers
from models.calibration.venn_abers import fit_venn_abers
from models.explanation.points import (
    MAX_SLOPE,
    by_signal,
    dimensions_of,
    explain_contributions,
    probability_points,
    sum_dimensions,
)
from models.margin.model import Calibrator


@dataclass(frozen=True)
class Logistic:
    """p = 1 / (1 + exp(-(steepness * margin + shift)))"""

    steepness: float = 1.0
    shift: float = 0.0
    kind: ClassVar[str] = "logistic"

    def predict(self, margin: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(-np.clip(self.steepness * margin + self.shift, -700, 700))))

    def to_dict(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Steps:
    """A staircase, as isotonic regression gives it."""

    at: Sequence[float] = (-2.0, -0.5, 0.0, 1.0)
    levels: Sequence[float] = (0.02, 0.05, 0.3, 0.35, 0.9)
    kind: ClassVar[str] = "steps"

    def predict(self, margin: Floats) -> Floats:
        return np.asarray(self.levels)[np.searchsorted(self.at, margin, side="right")]

    def to_dict(self) -> dict[str, Any]:
        return {}


MARGINS = np.random.default_rng(0).normal(size=300)
OUTCOMES = (np.random.default_rng(1).random(300) < 1 / (1 + np.exp(-MARGINS))).astype(float)
STEPS = fit_venn_abers(MARGINS, OUTCOMES, np.ones(300))
CALIBRATORS: list[Calibrator] = [
    Logistic(),
    Logistic(0.4, -1.0),
    Steps(),
    Identity(),
    Sigmoid(1.4, -0.3),
    Beta(0.7, 1.3, 0.2),
    Isotonic(np.array([-2.0, -0.1, 0.0, 1.5]), np.array([0.02, 0.1, 0.5, 0.9])),
    VennAbers(STEPS),
]
KINDS_TESTED = {calibrator.kind for calibrator in CALIBRATORS}
contributions_of_leads = hnp.arrays(
    np.float64, hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9), elements=st.floats(-4, 4)
)


def feature(name: str, signal: str, family: Family = "behavioural") -> Feature:
    return Feature(name=name, family=family, signal=signal, unit="", meaning="", phrase="numeric")


@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=lambda each: each.kind)
@given(contributions=contributions_of_leads)
def test_points_add_up_to_the_change_of_probability(calibrator: Calibrator, contributions: Floats) -> None:
    probability = calibrator.predict(contributions.sum(axis=1))
    explanation = explain_contributions(calibrator, contributions, probability)
    has_a_cause = contributions[:, :-1].any(axis=1)
    change = probability - explanation.base_probability
    np.testing.assert_allclose(explanation.points.sum(axis=1)[has_a_cause], change[has_a_cause], rtol=0, atol=1e-9)


def test_every_kind_of_calibrator_is_tested() -> None:
    assert set(KINDS) <= KINDS_TESTED


@pytest.mark.parametrize("calibrator", CALIBRATORS, ids=lambda each: each.kind)
@given(contributions=contributions_of_leads)
def test_points_have_the_direction_of_their_log_odds(calibrator: Calibrator, contributions: Floats) -> None:
    probability = calibrator.predict(contributions.sum(axis=1))
    explanation = explain_contributions(calibrator, contributions, probability)
    assert (explanation.points * explanation.log_odds >= -1e-12).all()


def test_points_are_log_odds_times_the_slope_of_the_chord() -> None:
    calibrator, phi, base = Logistic(), np.array([[1.0, -0.25, 0.5]]), np.array([-1.0])
    change = calibrator.predict(base + 1.25) - calibrator.predict(base)
    np.testing.assert_allclose(probability_points(calibrator, phi, base, change), phi * change / 1.25, rtol=1e-12)


def test_contributions_that_cancel_out_get_the_slope_at_the_base() -> None:
    base = np.array([0.0])
    points = probability_points(Logistic(), np.array([[2.0, -2.0]]), base, np.zeros(1))
    np.testing.assert_allclose(points, [[0.5, -0.5]], atol=1e-6)  # the logistic function's slope at 0 is 1/4


def test_a_step_of_the_calibrator_does_not_make_hundreds_of_points() -> None:
    phi, base = np.array([[1.0, -0.999]]), np.array([-0.0005])
    change = Steps().predict(base + phi.sum(axis=1)) - Steps().predict(base)
    points = probability_points(Steps(), phi, base, change)
    assert points.sum() == pytest.approx(0.05, abs=1e-12)
    assert np.abs(points).max() <= MAX_SLOPE * 1.0 + 0.05


def test_a_lead_that_nothing_moves_has_no_points() -> None:
    assert not probability_points(Logistic(), np.zeros((1, 3)), np.zeros(1), np.zeros(1)).any()


def test_features_of_one_signal_are_added_up() -> None:
    features = [feature("a_7d", "a"), feature("b", "b"), feature("a_30d", "a")]
    signals, total = by_signal(np.array([[1.0, 10.0, 2.0]]), features)
    assert signals == ("a", "b")
    np.testing.assert_array_equal(total, [[3.0, 10.0]])


def test_dimensions_hold_every_point_once() -> None:
    features = [feature(family, family, family) for family in DIMENSION_OF]
    values = np.arange(2.0 * len(features)).reshape(2, -1)
    dimensions = sum_dimensions(values, dimensions_of(features))
    assert set(dimensions) == {"fit", "interest", "intent"}
    np.testing.assert_allclose(sum(dimensions.values()), values.sum(axis=1))


def test_a_dimension_without_features_is_nothing() -> None:
    only_fit = dimensions_of([feature("a", "a", "demographic")])
    assert sum_dimensions(np.ones((2, 1)), only_fit)["intent"].tolist() == [
        0.0,
        0.0,
    ]
