import numpy as np
import pytest

from models.evaluation.intervals import estimate_json
from pipelines.evaluation.calibration import calibration_line, interval_facts
from pipelines.evaluation.scored import Scored
from tests.pipelines.evaluation.synthetic import honest_leads


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
    assert estimate_json(line.slope) == {"value": None, "low": None, "high": None}


def test_intervals_are_summed_up() -> None:
    scored = honest_leads()
    facts = interval_facts(scored, scored.probability - 0.01, scored.probability + 0.03)
    assert facts.mean_width == pytest.approx(0.04)
    assert facts.contains_probability == 1.0
    assert facts.covered >= 8
    missed = interval_facts(scored, scored.probability + 0.3, scored.probability + 0.4)
    assert missed.contains_probability == 0.0
    assert missed.covered == 0
