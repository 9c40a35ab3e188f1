"""Time features: how old the lead is and where in day, week and year it came in and is scored (UTC)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.arrays import DAY, NO_TIME, Floats, Times
from features.feature import Feature

HOUR = DAY // 24
Values = Callable[[Any, Any], Any]  # of times (n,), or of one time as np.int64
Part = Callable[[Times], NDArray[np.int64]]


@dataclass(frozen=True)
class CalendarFeature:
    """A number made of the lead's creation and the snapshot, both known.

    ``min_days`` is how many days the training snapshots must span so that it can be told from a trend; one
    ``of_snapshot`` needs no creation, and says nothing where snapshots lie at fixed ages.
    """

    feature: Feature
    values: Values
    min_days: float = 0
    of_snapshot: bool = False

    def compute(self, created_at: Times, snapshot_at: Times) -> Floats:
        """Values (n,); NaN where a time that it needs is unknown."""
        known = (snapshot_at != NO_TIME) & ((created_at != NO_TIME) | self.of_snapshot)
        safe_created = np.where(created_at == NO_TIME, 0, created_at)
        values = self.values(safe_created, np.where(known, snapshot_at, 0)).astype(np.float64)
        return np.where(known, values, np.nan)

    def at(self, created_at: int, snapshot_at: int) -> float:
        """The value of one lead, with the bits that ``compute`` gives it."""
        if snapshot_at == NO_TIME or (created_at == NO_TIME and not self.of_snapshot):
            return float("nan")
        return float(self.values(np.int64(0 if created_at == NO_TIME else created_at), np.int64(snapshot_at)))


def hour(at: Times) -> NDArray[np.int64]:
    """Hour of the day, 0 to 23."""
    return at // HOUR % 24


def weekday(at: Times) -> NDArray[np.int64]:
    """Day of the week, 0 Monday to 6 Sunday (1970-01-01 was a Thursday)."""
    return (at // DAY + 3) % 7


def month(at: Times) -> NDArray[np.int64]:
    """Month of the year, 1 to 12."""
    return at.view("M8[us]").astype("M8[M]").astype(np.int64) % 12 + 1


def _feature(name: str, unit: str, meaning: str) -> Feature:
    return Feature(f"time.{name}", "time", name, unit, meaning, phrase=name, label=name.replace("_", " "))


def _of_creation(unit: str, part: Part, min_days: float, meaning: str) -> CalendarFeature:
    feature = _feature(f"created_{unit}", unit, meaning)
    return CalendarFeature(feature, lambda created_at, _: part(created_at), min_days)


def _of_snapshot(unit: str, part: Part, min_days: float, meaning: str) -> CalendarFeature:
    feature = _feature(f"snapshot_{unit}", unit, meaning)
    return CalendarFeature(feature, lambda _, snapshot_at: part(snapshot_at), min_days, of_snapshot=True)


CALENDAR: tuple[CalendarFeature, ...] = (
    CalendarFeature(
        _feature("lead_age", "days", "Days since the lead came to exist."),
        lambda created_at, snapshot_at: (snapshot_at - created_at) / DAY,
    ),
    _of_creation("hour", hour, 14, "Hour of the day (UTC) at which the lead came to exist."),
    _of_creation("weekday", weekday, 56, "Day of the week on which the lead came to exist, Monday 0."),
    _of_snapshot("hour", hour, 14, "Hour of the day (UTC) of the snapshot."),
    _of_snapshot("weekday", weekday, 56, "Day of the week of the snapshot, Monday 0."),
    _of_creation("month", month, 730, "Month of the year in which the lead came to exist, January 1."),
)
CALENDAR_OF = {each.feature.name: each for each in CALENDAR}
