import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from models.evaluation.calibration import calibration_line
from models.evaluation.scored import Scored
from tests.models.honest_leads import honest_leads


def _stretched(scored: Scored, slope: float, intercept: float) -> Scored:
    odds = np.log(scored.probability / (1 - scored.probability))
    return scored.predicted(1 / (1 + np.exp(-(odds - intercept) / slope)))


def test_honest_probabilities_have_slope_one_and_intercept_zero() -> None:
    line = calibration_line(honest_leads(leads=20_000))
    assert line.slope.low < 1 < line.slope.high
    assert line.intercept.low < 0 < line.intercept.high
    assert line.slope.high - line.slope.low < 0.2


@pytest.mark.parametrize(("slope", "intercept"), [(0.5, 0.0), (2.0, 0.0), (1.0, 0.7)])
def test_distortion_is_read_back(slope: float, intercept: float) -> None:
    honest = honest_leads(leads=20_000)
    line, plain = calibration_line(_stretched(honest, slope, intercept)), calibration_line(honest)
    assert line.slope.value == pytest.approx(slope * plain.slope.value, rel=1e-2)
    assert line.intercept.value == pytest.approx(intercept * plain.slope.value + plain.intercept.value, abs=1e-2)


def test_copies_of_a_snapshot_make_the_interval_no_narrower() -> None:
    once, often = calibration_line(honest_leads(ages=1)), calibration_line(honest_leads(ages=5))
    assert often.slope.low == pytest.approx(once.slope.low, rel=1e-6)


@pytest.mark.parametrize("case", ["one probability", "one outcome", "separated"])
def test_no_line_where_none_exists(case: str) -> None:
    scored = honest_leads(leads=50)
    if case == "one probability":
        scored = scored.predicted(np.full(len(scored), 0.2))
    elif case == "one outcome":
        scored = Scored(np.zeros(len(scored)), scored.probability, scored.weight, scored.lead)
    else:
        scored = scored.predicted(np.where(scored.outcome == 1, 0.8, 0.2))
    line = calibration_line(scored)
    assert np.isnan([line.slope.value, line.intercept.high]).all()
    assert line.slope.to_json() == {"value": None, "low": None, "high": None}


def test_the_line_is_the_unpenalised_logistic_regression_on_the_log_odds() -> None:
    random = np.random.default_rng(0)
    p = random.integers(1, 100, 500) / 100
    y, weight = (random.random(500) < p**1.5).astype(float), random.integers(1, 5, 500) / 2
    line = calibration_line(Scored(y, p, weight, np.arange(500)))
    margin = np.log(p / (1 - p))[:, None]
    oracle = LogisticRegression(C=np.inf, tol=1e-10).fit(margin, y, sample_weight=weight)
    expected = [oracle.coef_[0, 0], oracle.intercept_[0]]
    np.testing.assert_allclose([line.slope.value, line.intercept.value], expected, atol=1e-4)
