from datetime import UTC, datetime

import numpy as np
import pytest

from features.arrays import NO_TIME
from features.values.calendar import CALENDAR, CALENDAR_OF


def at(text: str) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1e6)], dtype=np.int64)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("time.lead_age", 2.5),
        ("time.created_hour", 23),
        ("time.created_weekday", 6),
        ("time.created_month", 12),
        ("time.snapshot_hour", 11),
        ("time.snapshot_weekday", 2),
    ],
)
def test_the_calendar_says(name: str, expected: float) -> None:
    """Sunday, 31 December 2023, 23:30 and two and a half days later."""
    created, snapshot = at("2023-12-31T23:30"), at("2024-01-03T11:30")
    assert CALENDAR_OF[name].compute(created, snapshot) == [expected]


def test_times_before_1970_have_an_hour_and_a_weekday() -> None:
    created = at("1969-12-31T22:00")
    assert CALENDAR_OF["time.created_hour"].compute(created, created) == [22]
    assert CALENDAR_OF["time.created_weekday"].compute(created, created) == [2]


def test_unknown_times_give_missing_values() -> None:
    unknown, known = np.array([NO_TIME]), at("2024-01-03T11:30")
    for each in CALENDAR:
        assert np.isnan(each.compute(known, unknown)).all()
        assert np.isnan(each.compute(unknown, known)).all() == (not each.of_snapshot)
