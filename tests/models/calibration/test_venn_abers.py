import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression
from venn_abers import VennAbers as Package

from features.arrays import Floats
from models.calibration.calibrators import Identity, ProbabilityInterval, Sigmoid, VennAbers, VennAbersSteps
from models.calibration.venn_abers import DECIMALS, fit_venn_abers

margins = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=20)


def sample(seed: int, count: int, spread: float = 1.5) -> tuple[Floats, Floats]:
    """Margins (rounded, so with ties) and outcomes that follow them."""
    random = np.random.default_rng(seed)
    margin = np.round(random.normal(0, spread, count), DECIMALS)
    return margin, (random.random(count) < 1 / (1 + np.exp(-margin))).astype(float)


def two_columns(margin: Floats) -> Floats:
    p = 1 / (1 + np.exp(-margin))
    return np.column_stack([1 - p, p])


@pytest.mark.filterwarnings("ignore:All-NaN slice:RuntimeWarning")  # of the package, for one or two leads
@pytest.mark.parametrize("count", [1, 2, 10, 200, 2000])
def test_both_predictions_are_those_of_the_reference_package(count: int) -> None:
    margin, y = sample(count, count)
    new = np.concatenate([sample(count + 1, 300)[0], margin])
    merged, both = Package().fit(two_columns(margin), y).predict_proba(two_columns(new))
    weight = np.ones(count)
    np.testing.assert_allclose(np.column_stack(fit_venn_abers(margin, y, weight).predict(new)), both, atol=1e-9)
    ours = VennAbers(fit_venn_abers(margin, y, weight)).predict(new)
    np.testing.assert_allclose(ours, np.clip(merged[:, 1], 1e-6, 1 - 1e-6), atol=1e-9)


@given(st.integers(0, 10_000), st.integers(1, 25))
@settings(max_examples=60, deadline=None)
def test_each_prediction_is_isotonic_regression_with_the_lead_added(seed: int, count: int) -> None:
    margin, y = sample(seed, count, 0.05)
    weight = np.random.default_rng(seed).integers(1, 5, count) / 4
    steps = fit_venn_abers(margin, y, weight)
    for new in (margin[0], round(margin.min() - 0.01, 2), round(float(margin.mean()), 2) + 0.01, margin.max() + 1):
        found = steps.predict(np.array([new]))
        for label in (0.0, 1.0):
            added = np.append(np.round(margin, DECIMALS), np.round(new, DECIMALS))
            oracle = IsotonicRegression().fit(added, np.append(y, label), sample_weight=np.append(weight, 1))
            np.testing.assert_allclose(found[int(label)], oracle.predict(added[-1:]), atol=1e-9)


@given(st.integers(0, 10_000), margins)
@settings(max_examples=100, deadline=None)
def test_the_interval_holds_the_probability_and_rises_with_the_margin(seed: int, drawn: list[float]) -> None:
    margin, y = sample(seed, 40)
    calibrator = Sigmoid(0.7, 0.2)
    interval = ProbabilityInterval(fit_venn_abers(margin, y, np.ones(40)), calibrator, deviation=0.8)
    new = np.sort(np.array(drawn))
    low, high = interval.predict(new)
    probability = calibrator.predict(new)
    assert (low <= probability).all()
    assert (probability <= high).all()
    assert (low >= 0).all()
    assert (high <= 1).all()
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()


@given(st.integers(0, 10_000), margins)
@settings(max_examples=100, deadline=None)
def test_the_merged_prediction_lies_between_both(seed: int, drawn: list[float]) -> None:
    margin, y = sample(seed, 40)
    merged = VennAbers(fit_venn_abers(margin, y, np.ones(40)))
    low, high = merged.steps.predict(np.array(drawn))
    probability = merged.predict(np.array(drawn))
    assert (low <= high).all()
    assert (probability >= low - 1e-9).all()
    assert (probability <= high + 1e-9).all()


def test_the_prediction_for_what_then_happens_is_calibrated() -> None:
    """Theorem of Vovk et al.: given the prediction p_Y made for the outcome Y, Y is 1 with probability p_Y."""
    chosen, happened, width = [], [], []
    for seed in range(600):
        margin, y = sample(seed, 55)
        low, high = fit_venn_abers(3 * margin[:50] + 1, y[:50], np.ones(50)).predict(3 * margin[50:] + 1)
        chosen.append(np.where(y[50:] > 0, high, low))
        happened.append(y[50:])
        width.append(high - low)
    predicted, outcome = np.concatenate(chosen), np.concatenate(happened)
    for start in np.arange(0, 1, 0.25):
        rows = (predicted >= start) & (predicted <= start + 0.25)
        error = np.sqrt((predicted[rows] * (1 - predicted[rows])).sum() + 1)
        assert abs((outcome[rows] - predicted[rows]).sum()) < 3.5 * error, start
    assert np.concatenate(width).mean() < 0.3


def test_the_rate_of_won_leads_lies_between_the_mean_bounds() -> None:
    margin, y = sample(1, 1000)
    new, outcome = sample(2, 20_000)
    low, high = fit_venn_abers(2 * margin - 1, y, np.ones(1000)).predict(2 * new - 1)
    assert low.mean() - 0.02 <= outcome.mean() <= high.mean() + 0.02


def test_more_leads_narrow_the_interval() -> None:
    new = np.linspace(-2, 2, 50)
    widths = []
    for count in (50, 500, 5000):
        low, high = fit_venn_abers(*sample(0, count), np.ones(count)).predict(new)
        widths.append(float((high - low).mean()))
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


@given(st.integers(0, 10_000), margins)
@settings(max_examples=50, deadline=None)
def test_steps_come_back_from_json_as_they_were(seed: int, drawn: list[float]) -> None:
    margin, y = sample(seed, 30)
    interval = ProbabilityInterval(fit_venn_abers(margin, y, np.ones(30)), Identity(), 0.5)
    again = ProbabilityInterval.from_dict(json.loads(json.dumps(interval.to_dict())))
    new = np.array(drawn)
    assert np.array_equal(interval.predict(new), again.predict(new))


def test_steps_say_what_holds_below_at_and_above_a_score() -> None:
    steps = VennAbersSteps(np.array([0.0]), np.array([0.1, 0.2, 0.3]), np.array([0.4, 0.5, 0.6]), 2)
    low, high = steps.predict(np.array([-1.0, 0.004, 1.0]))
    assert (low.tolist(), high.tolist()) == ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6])
