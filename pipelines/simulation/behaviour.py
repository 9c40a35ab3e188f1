"""Behaviour: what leads do while they are undecided, and what it says about their class.

Given the class c and a lead's own liveliness g, activities of type j in age phase b are a Poisson process with the
rate g * rate[c, b, j]; g is gamma distributed with mean 1 and the same for both classes. Integrating g out (the
gamma-Poisson mixture, Greenwood and Yule 1920) gives the likelihood of everything seen before an age s in closed form:

    product of rate[c, b, j] ** n[b, j]  *  constant / (k + expected[c](s)) ** (k + N)

Types come in two groups with a liveliness each: browsing, which differs much between leads and says nothing about the
class, and purposeful activities, which do.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from features.event_types import TRACKED_TYPES
from pipelines.simulation.arrays import DAY, Flags, Floats, Integers, Rows
from pipelines.simulation.levels import COMPANY, pick

Group = Literal["browsing", "purposeful"]
LIVELINESS: dict[Group, float] = {"browsing": 1.2, "purposeful": 4.0}  # k: the smaller, the more leads differ
PHASES = np.array([0, 1, 7, 30, 90, 180], dtype=np.float64)  # days of age
RATES = np.array([2.0, 0.68, 0.29, 0.12, 0.06])  # activities per day of a lead of the class lost


@dataclass(frozen=True)
class Type:
    """Share of the activities of a lost lead, log rate ratio of won to lost in the first week and later, channel."""

    group: Group
    share: float
    early: float
    late: float
    channel: str


TYPES = {name: Type(**values) for name, values in COMPANY["activities"].items()}
NAMES = tuple(TYPES)
TRACKED = np.array([code for code, name in enumerate(NAMES) if name in TRACKED_TYPES])  # only with consent


@dataclass(frozen=True)
class Events(Rows):
    """m activities: the lead's row, its age in seconds, the code of the type and whether a machine did it."""

    lead: Integers
    age: Integers
    type: Integers
    automated: Flags


def _rate_tables() -> tuple[Floats, Floats]:
    """Rates per day [class, phase, type] and log rate ratios [phase, type]."""
    share = np.array([each.share for each in TYPES.values()])
    early, late = ([getattr(each, part) for each in TYPES.values()] for part in ("early", "late"))
    ratio = np.array([early, early, late, late, late], dtype=np.float64)
    lost = RATES[:, None] * (share / share.sum())
    return np.stack([lost, lost * np.exp(ratio)]), ratio


RATE, LOG_RATIO = _rate_tables()
GROUPS: dict[Group, Integers] = {
    group: np.array([code for code, name in enumerate(NAMES) if TYPES[name].group == group]) for group in LIVELINESS
}


def draw_behaviour(rng: np.random.Generator, won: Flags, until: Integers) -> Events:
    """Activities of leads from their creation until an age in seconds (decided, or the data's end)."""
    return Events.joined(_draw_group(rng, group, won, until) for group in GROUPS)


def _draw_group(rng: np.random.Generator, group: Group, won: Flags, until: Integers) -> Events:
    shape = LIVELINESS[group]
    liveliness = rng.gamma(shape, 1 / shape, won.size)
    days = np.clip(until[:, None] / DAY - PHASES[:-1], 0, np.diff(PHASES))  # (n, phases)
    rates = RATE[:, :, GROUPS[group]]
    counts = rng.poisson(liveliness[:, None] * rates.sum(axis=2)[won.astype(np.int64)] * days)
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    lead, phase = np.divmod(cell, counts.shape[1])
    age = (PHASES[phase] + rng.random(cell.size) * days.ravel()[cell]) * DAY
    kind = np.zeros(lead.size, dtype=np.int64)
    for of_class, of_phase in np.ndindex(rates.shape[:2]):
        chosen = np.flatnonzero((won[lead] == of_class) & (phase == of_phase))
        of_type = rates[of_class, of_phase]
        kind[chosen] = GROUPS[group][pick(rng, of_type / of_type.sum(), chosen.size)]
    return Events(lead, age.astype(np.int64), kind, np.zeros(lead.size, dtype=np.bool_))


def expected(types: Integers, of_class: int, age_days: float) -> float:
    """Activities of some types that a lead of a class and mean liveliness shows before an age."""
    days = np.clip(age_days - PHASES[:-1], 0, np.diff(PHASES))
    return float(RATE[of_class][:, types].sum(axis=1) @ days)


def log_ratio(events: Events, leads: int, age_days: float, tracked: Flags | None = None) -> Floats:
    """Log-likelihood ratio of won to lost of all activities before an age, (leads,).

    Where a lead is not ``tracked`` (leads,), the types of TRACKED cannot be seen.
    """
    seen = events.age < age_days * DAY
    lead, kind = events.lead[seen], events.type[seen]
    phase = np.searchsorted(PHASES[1:-1] * DAY, events.age[seen], side="right")
    ratio = np.bincount(lead, weights=LOG_RATIO[phase, kind], minlength=leads).astype(np.float64)
    for group, types in GROUPS.items():
        k, count = LIVELINESS[group], np.bincount(lead[np.isin(kind, types)], minlength=leads)
        shrink = [_shrink(k, each, age_days) for each in (np.setdiff1d(types, TRACKED), types)]
        ratio += (k + count) * (shrink[1] if tracked is None else np.array(shrink)[tracked.astype(np.int64)])
    return np.asarray(ratio, dtype=np.float64)


def _shrink(k: float, types: Integers, age_days: float) -> float:
    return float(np.log((k + expected(types, 0, age_days)) / (k + expected(types, 1, age_days))))
