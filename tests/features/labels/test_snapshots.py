import numpy as np

from features.arrays import DAY, NO_TIME
from features.labels.labels import LOST, WON, Deals
from features.labels.snapshots import at_ages, undated

NOW = 1_700_000_000_000_000
NO_DEALS = Deals(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int8))


def deal(lead: int, closed_at: int, outcome: int = WON) -> Deals:
    return Deals(np.array([lead], np.int32), np.array([closed_at], np.int64), np.array([outcome], np.int8))


def ages(anchor: int, deals: Deals, cutoff: int) -> list[float]:
    found = at_ages(np.array([anchor]), (0, 3, 30, 7), deals, cutoff)
    return [float(age) for age in (found.at - anchor) / DAY]


def test_snapshots_lie_at_the_ages_until_the_cutoff() -> None:
    assert ages(NOW, NO_DEALS, NOW + 30 * DAY) == [0, 3, 7, 30]
    assert ages(NOW, NO_DEALS, NOW + 29 * DAY) == [0, 3, 7]


def test_a_decided_lead_is_not_scored() -> None:
    assert ages(NOW, deal(0, NOW + 7 * DAY, LOST), NOW + 99 * DAY) == [0, 3]
    assert ages(NOW, deal(0, NOW + 7 * DAY + 1), NOW + 99 * DAY) == [0, 3, 7]


def test_a_lead_that_was_decided_at_an_unknown_time_is_left_out() -> None:
    assert ages(NOW, deal(0, NO_TIME), NOW + 99 * DAY) == []


def test_undated_leads_are_left_out_of_dated_data() -> None:
    found = at_ages(np.array([NOW, NO_TIME, NOW]), (0,), NO_DEALS, NOW)
    assert found.lead_index.tolist() == [0, 2]


def test_undated_data_have_one_snapshot_per_lead() -> None:
    found = undated(3)
    assert found.lead_index.tolist() == [0, 1, 2]
    assert (found.at == NO_TIME).all()
