import numpy as np
import pytest

from pipelines.simulation.arrays import DAY
from pipelines.simulation.sales import ASKED_SHARE, VERDICT, YES, Reports, draw_reports, log_ratio


def report(age_days: float, verdict: int, answers: tuple[int, ...]) -> Reports:
    one = np.zeros(1, dtype=np.int64)
    return Reports(one, one + int(age_days * DAY), one + verdict, np.array([answers]), one - 1, one, one)


def test_the_ratio_of_a_report_is_that_of_its_probabilities() -> None:
    ready_with_budget_without_need = report(2.0, 1, (1, -1, 0, -1))
    expected = VERDICT[1, 1] * YES[1, 0] * (1 - YES[1, 2]) / (VERDICT[0, 1] * YES[0, 0] * (1 - YES[0, 2]))
    assert log_ratio(ready_with_budget_without_need, 1, 3.0)[0] == pytest.approx(np.log(expected))


def test_a_report_says_nothing_before_it_is_written() -> None:
    assert log_ratio(report(3.0, 1, (1, 1, 1, 1)), 1, 3.0)[0] == 0.0


def test_reports_come_at_rates_that_do_not_depend_on_the_class() -> None:
    until = np.full(20_000, 100 * DAY)
    won, lost = (draw_reports(np.random.default_rng(1), np.full(until.size, each), until) for each in (True, False))
    np.testing.assert_array_equal(won.age, lost.age)
    np.testing.assert_array_equal(won.answers < 0, lost.answers < 0)
    assert (won.answers >= 0).mean() == pytest.approx(ASKED_SHARE, abs=0.01)
    assert np.bincount(won.verdict)[1] > 2 * np.bincount(lost.verdict)[1]
