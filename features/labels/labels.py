"""Labels: whether a deal of the lead is won within the horizon after a snapshot. Unknown is never lost."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.arrays import NO_TIME, Codes, Floats, Times

WON, LOST, OPEN = 1, 0, -1
_NEVER = np.iinfo(np.int64).max
LONG_AGO = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Deals:
    """m deals: the index of their lead, when they closed (NO_TIME where open or unknown), WON, LOST or OPEN."""

    lead: Codes
    closed_at: Times
    outcome: NDArray[np.int8]

    def until(self, cutoff: int) -> "Deals":
        """The same deals as they were known at the cutoff: those that close later are open."""
        later = self.closed_at > cutoff
        return Deals(
            self.lead,
            np.where(later, NO_TIME, self.closed_at),
            np.where(later, OPEN, self.outcome).astype(np.int8),
        )

    def decided_at(self, leads: int, later: Sequence[int] = ()) -> Times:
        """When each lead's (leads,) first deal closed: far in the future where none did, LONG_AGO where unknown.

        Deals with an outcome in ``later`` that closed at an unknown time count as closing after all others.
        """
        decided = np.full(leads, _NEVER, np.int64)
        closed = self.outcome != OPEN
        unknown = np.where(np.isin(self.outcome, later), _NEVER, LONG_AGO)
        at = np.where(self.closed_at == NO_TIME, unknown, self.closed_at)
        np.minimum.at(decided, self.lead[closed], at[closed])
        return decided


def until_closed(lead_index: NDArray[np.int64], deals: Deals, leads: int) -> Floats:
    """Labels (n,) without a horizon: 1 won ever, 0 lost and neither won nor open, NaN otherwise."""
    label = np.full(leads, np.nan)
    label[deals.lead[deals.outcome == LOST]] = 0
    label[deals.lead[deals.outcome == OPEN]] = np.nan
    label[deals.lead[deals.outcome == WON]] = 1
    return label[lead_index]


def within_horizon(
    lead_index: NDArray[np.int64], snapshot_at: Times, deals: Deals, leads: int, horizon: int, cutoff: int
) -> Floats:
    """Labels (n,) of snapshots: 1 where a deal closes won in (snapshot, snapshot + horizon].

    0 where it does not and the horizon has passed by the cutoff, or a deal was lost, perhaps at an unknown time, and
    none is open; NaN (censored) otherwise. Times and horizon in microseconds.
    """
    won = _first_after(lead_index, snapshot_at, deals, WON) <= snapshot_at + horizon
    lost = _first_after(lead_index, snapshot_at, deals, LOST) != _NEVER
    given_up = np.zeros(leads, dtype=np.bool_)
    given_up[deals.lead[(deals.outcome == LOST) & (deals.closed_at == NO_TIME)]] = True
    lost |= given_up[lead_index]
    is_open = np.zeros(leads, dtype=np.bool_)
    is_open[deals.lead[deals.outcome == OPEN]] = True
    mature = is_mature(snapshot_at, horizon, cutoff)
    return np.where(won, 1.0, np.where(mature | (lost & ~is_open[lead_index]), 0.0, np.nan))


def is_mature(snapshot_at: Times, horizon: int, cutoff: int) -> NDArray[np.bool_]:
    """Whether each snapshot's horizon has passed by the cutoff, so that fast and slow deciders are known alike."""
    return snapshot_at + horizon <= cutoff


def _first_after(lead_index: NDArray[np.int64], snapshot_at: Times, deals: Deals, outcome: int) -> Times:
    """When the first deal with the outcome closes after each snapshot (n,); far in the future where none does."""
    first = np.full(lead_index.size, _NEVER, np.int64)
    chosen = np.flatnonzero((deals.outcome == outcome) & (deals.closed_at != NO_TIME))
    chosen = chosen[np.lexsort((deals.closed_at[chosen], deals.lead[chosen]))]
    if not chosen.size:
        return first
    lead, at = deals.lead[chosen].astype(np.int64), deals.closed_at[chosen]
    row, end = np.searchsorted(lead, lead_index, "left"), np.searchsorted(lead, lead_index, "right")
    while (earlier := np.flatnonzero((row < end) & (at[np.minimum(row, at.size - 1)] <= snapshot_at))).size:
        row[earlier] += 1
    has = row < end
    first[has] = at[row[has]]
    return first
