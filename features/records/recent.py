"""The newest event of some types before a moment: what an agreement asks of a lead's timeline."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.arrays import DAY, NO_TIME, Codes, Times
from features.records.records import Events

NONE = -1


def newest_of(
    events: Events,
    types: Sequence[str],
    owner: NDArray[np.int64],
    moment: Times,
    *,
    within_days: float | None = None,
    by_people: bool = False,
) -> Codes:
    """Index (n,) into ``types`` of each owner's newest such event strictly before the moment, NONE where there is none.

    ``within_days`` leaves out what is older; ``by_people`` leaves out what a bot or a security gateway did.
    """
    row, index = _events_of(events, owner)
    kind = _places(events.type.levels, types)[events.type.codes[index]]
    chosen = (kind != NONE) & (events.at[index] < moment[row])
    if within_days is not None:
        chosen &= events.at[index] >= _back(moment, within_days)[row]
    if by_people:
        chosen &= ~events.automated[index]
    newest = np.full(owner.size, NONE, np.int32)
    last = np.full(owner.size, NONE, np.int64)
    np.maximum.at(last, row[chosen], np.flatnonzero(chosen))  # events are in order of time: the last is the newest
    found = last != NONE
    newest[found] = kind[last[found]]
    return newest


def _events_of(events: Events, owner: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row of ``owner`` and index of the event, for every event of every owner (m,); an owner -1 has no events."""
    begin = np.where(owner < 0, 0, events.starts[owner])
    size = np.where(owner < 0, 0, events.starts[owner + 1] - begin)
    row = np.repeat(np.arange(owner.size), size)
    before = np.cumsum(size) - size
    return row, np.arange(row.size) + np.repeat(begin - before, size)


def _places(levels: Sequence[str], types: Sequence[str]) -> Codes:
    """For each level its index in ``types``, NONE where it is none of them; the last entry is for no type at all."""
    place = {name: index for index, name in enumerate(types)}
    return np.array([*(place.get(level, NONE) for level in levels), NONE], dtype=np.int32)


def _back(moment: Times, days: float) -> Times:
    return np.where(moment == NO_TIME, NO_TIME, moment - round(days * DAY))
