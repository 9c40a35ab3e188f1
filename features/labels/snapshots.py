"""Snapshots: the moments at which leads are scored for training, while they are undecided."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import DAY, NO_TIME, Times
from features.labels.labels import Deals


@dataclass(frozen=True)
class Snapshots:
    """n moments of leads, in the order of the leads and of their ages. ``at`` is NO_TIME in undated data."""

    lead_index: NDArray[np.int64]
    at: Times

    def __len__(self) -> int:
        return int(self.at.size)


def undated(leads: int) -> Snapshots:
    """One snapshot per lead, at no known time."""
    return Snapshots(np.arange(leads, dtype=np.int64), np.full(leads, NO_TIME, np.int64))


def at_ages(
    anchor: Times, ages_days: Sequence[float], deals: Deals, cutoff: int, later: Sequence[int] = ()
) -> Snapshots:
    """Snapshots at ages after each lead's anchor (leads,), up to the data cutoff and before its first deal closes.

    A lead whose deal closed at an unknown time has none, since nobody can say whether it was undecided, unless its
    outcome is in ``later``: then it is taken to have been.
    """
    ages = np.array([round(age * DAY) for age in sorted(set(ages_days))], dtype=np.int64)
    dated = np.flatnonzero(anchor != NO_TIME)
    lead = np.repeat(dated, ages.size)
    at = np.repeat(anchor[dated], ages.size) + np.tile(ages, dated.size)
    kept = (at <= cutoff) & (at < deals.decided_at(anchor.size, later)[lead])
    return Snapshots(lead[kept].astype(np.int64), at[kept])
