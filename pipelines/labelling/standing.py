"""Where the leads stand: how many were won and lost, how many of them can be learned from, and why others cannot."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_contracts.wording import counted
from features.arrays import DAY, NO_TIME, Flags, Floats
from features.labels.labels import LONG_AGO, until_closed
from features.labels.splits import Candidates, lead_labels
from pipelines.labelling.labelled import TOLERATED_SHARE, Labelled

MIN_PER_CLASS = 5  # leads won and leads lost without which nothing is learned


@dataclass(frozen=True)
class Reason:
    """Why decided leads cannot be learned from: how many won and lost ones, and the key of the mapping to look at."""

    words: str
    won: int
    lost: int
    key: str

    def __str__(self) -> str:
        return f"{self.won:,} won and {self.lost:,} lost {self.words}"


@dataclass(frozen=True)
class Standing:
    """Leads that the deals call won or lost, and those that a model learns from as such.

    They differ by the horizon too: with one a lead that is not won in time counts as lost, whether or not a deal says
    so; a lead and its copies count once. ``where`` has the lines of the mapping by key.
    """

    won: int
    lost: int
    learned_won: int
    learned_lost: int
    reasons: tuple[Reason, ...]
    assumptions: tuple[str, ...]
    copies: str  # how many leads are copies of others, in words; empty where none is
    where: Mapping[str, str]

    @classmethod
    def of(cls, labelled: Labelled, candidates: Candidates, where: Mapping[str, str]) -> "Standing":
        """The standing of labelled leads."""
        usable = candidates.usable
        learned, label = lead_labels(candidates.lead_index[usable], candidates.label[usable])
        learned_won, learned_lost = candidates.decided(usable)
        size = len(labelled.records.lead_ids)
        outcome = until_closed(np.arange(size, dtype=np.int64), labelled.deals, size)
        unused = ~np.isnan(outcome)
        unused[learned] = False
        return cls(
            won=int((outcome == 1).sum()),
            lost=int((outcome == 0).sum()),
            learned_won=learned_won,
            learned_lost=learned_lost,
            reasons=_reasons(labelled, outcome, unused),
            assumptions=_assumptions(labelled, outcome, learned, label),
            copies=_copies(labelled),
            where=where,
        )

    @property
    def enough(self) -> bool:
        """Whether anything can be learned."""
        return min(self.learned_won, self.learned_lost) >= MIN_PER_CLASS

    def __str__(self) -> str:
        """What there is, in words: the deals' own counts, and why some of them are not learned from."""
        told = f"the deals say {self.won:,} won and {self.lost:,} lost"
        return "; ".join([told, *map(str, self.reasons)])

    @property
    def advice(self) -> str:
        """What to change, and where in the mapping."""
        key = max(self.reasons, key=lambda each: each.won + each.lost).key if self.reasons else "outcome"
        where = f" ({self.where[key]})" if key in self.where else ""
        return _ADVICE[key] + where + "."


_ADVICE = {
    "closed_at": "Map deals.closed_at, or write `horizon_days: until_closed`",
    "created_at": "Check which column holds created_at",
    "horizon_days": "Bring older leads, or write a shorter `horizon_days`",
    "outcome": "Bring more closed deals, and check which values mean won and lost",
}


def _reasons(labelled: Labelled, outcome: Floats, unused: Flags) -> tuple[Reason, ...]:
    """Why decided leads (leads,) are unused; each for the first reason that holds."""
    left, found = unused.copy(), []
    for words, key, holds in _tests(labelled, outcome.size):
        hit = left & holds
        left &= ~hit
        if hit.any():
            found.append(Reason(words, int((outcome[hit] == 1).sum()), int((outcome[hit] == 0).sum()), key))
    return tuple(found)


def _tests(labelled: Labelled, leads: int) -> list[tuple[str, str, Flags]]:
    created, closed = labelled.records.created_at, labelled.deals.decided_at(leads)
    cutoff = None if labelled.cutoff is None else round(labelled.cutoff.timestamp() * 1e6)
    late: NDArray[np.bool_] = np.zeros(leads, np.bool_) if cutoff is None else closed > cutoff
    scored = np.zeros(leads, np.bool_)
    scored[labelled.snapshots.lead_index] = True
    days = 0.0 if labelled.horizon is None else labelled.horizon / DAY
    return [
        ("have no creation date", "created_at", created == NO_TIME),
        ("have no closing date", "closed_at", closed == LONG_AGO),
        ("close after the end of the data", "closed_at", late),
        ("were decided before they could be scored", "created_at", ~scored),
        (f"are younger than the horizon of {days:g} days", "horizon_days", np.ones(leads, np.bool_)),
    ]


def _assumptions(labelled: Labelled, outcome: Floats, learned: NDArray[np.int64], label: Floats) -> tuple[str, ...]:
    """What is taken for granted where the export does not say who was lost, or when."""
    without_date = labelled.deals.decided_at(outcome.size) == LONG_AGO
    if labelled.at_first:
        unknown = int(without_date[~np.isnan(outcome)].sum())
        decided = counted(unknown, "decided lead has", "decided leads have")
        return (f"{decided} no closing date: each lead is learned from as it was when it came",)
    if labelled.horizon is None:
        return ()
    days, assumed = labelled.horizon / DAY, learned[label == 0]
    untold, lost = int(np.isnan(outcome[assumed]).sum()), outcome[assumed] == 0
    said: list[str] = []
    if untold and lost.sum() <= TOLERATED_SHARE * assumed.size:
        one = "lead that no deal calls lost counts as lost: it was"
        who = counted(untold, one, "leads that no deal calls lost count as lost: they were")
        said.append(f"{who} not won in {days:g} days")
    if count := int(without_date[assumed[lost]].sum()):
        one = "lost lead has no closing date: it is"
        who = counted(count, one, "lost leads have no closing date: they are")
        said.append(f"{who} taken to have been open at every age")
    return tuple(said)


def _copies(labelled: Labelled) -> str:
    if labelled.copy_of is None:
        return ""
    leads, different = labelled.copy_of.size, np.unique(labelled.copy_of).size
    verb, whose = ("repeats", "its") if leads - different == 1 else ("repeat", "their")
    repeat = f"{verb} another lead's values, all or all but one, under an id of {whose}"
    return (
        f"{leads:,} leads hold {counted(different, 'different one')}: {leads - different:,}"
        f" ({1 - different / leads:.0%}) {repeat} own; copies are kept in one part of the split"
    )
