"""Behaviour: what leads do while they are undecided, and what it says about their class.

Given the class c and a lead's own liveliness g, activities of type j in age phase b are a Poisson process with the
rate g * rate[c, b, j]; g is gamma distributed with mean 1 and the same for both classes. Integrating g out (the
gamma-Poisson mixture, Greenwood and Yule 1920) gives the likelihood of everything seen before an age s in closed form:

    product of rate[c, b, j] ** n[b, j]  *  constant / (k + expected[c](s)) ** (k + N)
"""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.arrays import DAY, Flags, Floats, Integers
from pipelines.simulation.levels import pick

LIVELINESS = 1.5  # k: shape of the gamma distribution; the smaller, the more leads differ
PHASES = np.array([0, 1, 7, 30, 90, 180], dtype=np.float64)  # days of age
RATES = np.array([2.0, 0.68, 0.29, 0.12, 0.06])  # activities per day of a lead of the class lost

# type: share of the activities of a lost lead, log rate ratio of won to lost in the first week, later, channel
TYPES: dict[str, tuple[float, float, float, str]] = {
    "page_view": (0.33, 0.00, 0.00, "web"),
    "email_open": (0.21, 0.00, 0.00, "email"),
    "email_click": (0.08, 0.25, 0.25, "email"),
    "pricing_view": (0.06, 0.75, 0.95, "web"),
    "download": (0.05, 0.35, 0.35, "web"),
    "ad_click": (0.05, 0.00, 0.00, "ads"),
    "sms_delivered": (0.05, 0.00, 0.00, "sms"),
    "call": (0.04, 0.00, 0.00, "phone"),
    "chat_session": (0.03, 0.40, 0.40, "web"),
    "webinar": (0.02, 0.50, 0.50, "event"),
    "newsletter_subscribe": (0.015, 0.00, 0.00, "web"),
    "email_reply": (0.018, 1.15, 1.15, "email"),
    "trial_start": (0.010, 1.20, 1.20, "web"),
    "unsubscribe": (0.022, -1.30, -1.30, "email"),
    "bounce": (0.014, -1.20, -1.20, "email"),
    "demo_request": (0.010, 1.60, 1.60, "web"),
    "meeting_booked": (0.008, 1.60, 1.80, "phone"),
    "quote_request": (0.006, 1.60, 1.90, "web"),
}
NAMES = tuple(TYPES)


@dataclass(frozen=True)
class Events:
    """m activities: the lead's row, its age in seconds, the code of the type and whether a machine did it."""

    lead: Integers
    age: Integers
    type: Integers
    automated: Flags


def _rate_tables() -> tuple[Floats, Floats]:
    """Rates per day [class, phase, type] and log rate ratios [phase, type]."""
    share, early, late = (np.array([TYPES[name][part] for name in NAMES], dtype=np.float64) for part in range(3))
    ratio = np.stack([early, early, late, late, late])
    lost = RATES[:, None] * (share / share.sum())
    return np.stack([lost, lost * np.exp(ratio)]), ratio


RATE, LOG_RATIO = _rate_tables()


def draw_behaviour(rng: np.random.Generator, won: Flags, until: Integers) -> Events:
    """Activities of leads from their creation until an age in seconds (decided, or the data's end)."""
    liveliness = rng.gamma(LIVELINESS, 1 / LIVELINESS, won.size)
    days = np.clip(until[:, None] / DAY - PHASES[:-1], 0, np.diff(PHASES))  # (n, phases)
    total = RATE.sum(axis=2)[won.astype(np.int64)]
    counts = rng.poisson(liveliness[:, None] * total * days)
    cell = np.repeat(np.arange(counts.size), counts.ravel())
    lead, phase = np.divmod(cell, counts.shape[1])
    age = (PHASES[phase] + rng.random(cell.size) * days.ravel()[cell]) * DAY
    kind = _draw_types(rng, won[lead], phase)
    return Events(lead, age.astype(np.int64), kind, np.zeros(cell.size, dtype=np.bool_))


def _draw_types(rng: np.random.Generator, won: Flags, phase: Integers) -> Integers:
    kind = np.zeros(won.size, dtype=np.int64)
    for of_class in (0, 1):
        for of_phase in range(len(RATES)):
            chosen = np.flatnonzero((won == bool(of_class)) & (phase == of_phase))
            rates = RATE[of_class, of_phase]
            kind[chosen] = pick(rng, rates / rates.sum(), chosen.size)
    return kind


def expected(of_class: int, age_days: float) -> float:
    """Activities that a lead of a class and mean liveliness shows before an age."""
    days = np.clip(age_days - PHASES[:-1], 0, np.diff(PHASES))
    return float(RATE[of_class].sum(axis=1) @ days)


def log_ratio(events: Events, leads: int, age_days: float) -> Floats:
    """Log-likelihood ratio of won to lost of all activities before an age, (leads,)."""
    seen = events.age < age_days * DAY
    lead = events.lead[seen]
    phase = np.searchsorted(PHASES[1:-1] * DAY, events.age[seen], side="right")
    known = np.bincount(lead, weights=LOG_RATIO[phase, events.type[seen]], minlength=leads)
    count = np.bincount(lead, minlength=leads)
    shrink = np.log((LIVELINESS + expected(0, age_days)) / (LIVELINESS + expected(1, age_days)))
    return np.asarray(known + (LIVELINESS + count) * shrink, dtype=np.float64)
