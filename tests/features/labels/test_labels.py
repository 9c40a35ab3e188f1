import numpy as np
import pytest

from features.arrays import NO_TIME
from features.labels.labels import LOST, OPEN, WON, Deals, until_closed, within_horizon

HORIZON, CUTOFF, SNAPSHOT = 90, 1000, 500


def deals(*rows: tuple[int, int | None, int]) -> Deals:
    """Deals of (lead, closed at, outcome)."""
    return Deals(
        np.array([row[0] for row in rows], np.int32),
        np.array([NO_TIME if row[1] is None else row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.int8),
    )


def label(given: Deals, snapshot: int = SNAPSHOT) -> float:
    return float(within_horizon(np.array([0]), np.array([snapshot]), given, 1, HORIZON, CUTOFF)[0])


@pytest.mark.parametrize(
    ("closed", "outcome", "expected"),
    [
        (SNAPSHOT + 1, WON, 1),
        (SNAPSHOT + HORIZON, WON, 1),
        (SNAPSHOT + HORIZON + 1, WON, 0),
        (SNAPSHOT + 1, LOST, 0),
        (None, OPEN, 0),
    ],
)
def test_won_is_won_within_the_horizon(closed: int | None, outcome: int, expected: float) -> None:
    assert label(deals((0, closed, outcome))) == expected


def test_a_deal_that_closes_at_the_snapshot_is_not_in_its_future() -> None:
    assert label(deals((0, SNAPSHOT, WON))) == 0


def test_no_deal_is_no_win_once_the_horizon_has_passed() -> None:
    assert label(deals()) == 0
    assert label(deals(), CUTOFF - HORIZON) == 0


def test_unknown_is_not_lost() -> None:
    late = CUTOFF - HORIZON + 1
    assert np.isnan(label(deals(), late))
    assert np.isnan(label(deals((0, None, OPEN)), late))
    assert label(deals((0, late + 5, LOST)), late) == 0
    assert label(deals((0, late + 5, WON)), late) == 1


def test_a_lost_deal_beside_an_open_one_decides_nothing() -> None:
    late = CUTOFF - HORIZON + 1
    assert np.isnan(label(deals((0, late + 5, LOST), (0, None, OPEN)), late))


def test_the_win_after_an_earlier_one_counts() -> None:
    assert label(deals((0, 10, WON), (0, 400, WON), (0, SNAPSHOT + 3, WON))) == 1


def test_each_lead_has_its_own_deals() -> None:
    given = deals((0, SNAPSHOT + 5, WON), (2, SNAPSHOT + 5, WON))
    found = within_horizon(
        np.array([0, 1, 2, 0]), np.array([SNAPSHOT, SNAPSHOT, SNAPSHOT, 600]), given, 3, HORIZON, CUTOFF
    )
    assert found.tolist() == [1, 0, 1, 0]


def test_without_a_horizon_only_closed_deals_have_a_label() -> None:
    given = deals(
        (0, None, WON), (1, 5, LOST), (2, None, OPEN), (3, 4, LOST), (3, None, OPEN), (4, 3, LOST), (4, 8, WON)
    )
    found = until_closed(np.arange(6), given, 6)
    np.testing.assert_array_equal(found, [1, 0, np.nan, np.nan, 1, np.nan])


def test_deals_that_close_after_the_cutoff_are_open() -> None:
    given = deals((0, CUTOFF, WON), (0, CUTOFF + 1, WON)).until(CUTOFF)
    assert given.outcome.tolist() == [WON, OPEN]
    assert given.closed_at[1] == NO_TIME
