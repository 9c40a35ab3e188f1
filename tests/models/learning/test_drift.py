import pytest

from models.learning.drift import BLOCKS, drift_warnings


def test_a_steady_base_rate_is_no_warning() -> None:
    assert drift_warnings([0.10, 0.12, 0.14, 0.09, 0.11, 0.12, 0.10, 0.13]) == []


@pytest.mark.parametrize(
    "rates", [[0.05] * 4 + [0.3] * 4, [0.3] * 4 + [0.05] * 4, [0.0] + [0.1] * 7, [0.8] * 7 + [1.0]]
)
def test_a_sharp_change_is_told_with_all_its_rates(rates: list[float]) -> None:
    (warning,) = drift_warnings(rates)
    assert warning.startswith("The win rate changes sharply over time: ")
    assert ", ".join(f"{rate:.1%}" for rate in rates) in warning


@pytest.mark.parametrize("rate", [0.0, 0.5, 1.0])
def test_always_the_same_is_no_drift(rate: float) -> None:
    assert drift_warnings([rate] * BLOCKS) == []


@pytest.mark.parametrize(("odds", "told"), [(2.4, False), (2.6, True)])
def test_odds_are_compared_not_shares(odds: float, told: bool) -> None:
    assert bool(drift_warnings([0.5, odds / (1 + odds)])) is told
