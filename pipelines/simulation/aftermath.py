"""The aftermath: what the company writes down once the outcome is known, the classic leaks of CRM exports."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.arrays import DAY, Flags, Floats, Integers
from pipelines.simulation.behaviour import NAMES, Events
from pipelines.simulation.levels import MISSING

# Types that continue the codes of behaviour.NAMES.
AFTER_TYPES = ("login", "support_ticket", "form_submit")
ALL_TYPES = (*NAMES, *AFTER_TYPES)
AFTER_CHANNELS = ("web", "phone", "web")
EVENTS_AFTER_WON, EVENTS_AFTER_LOST = 4.0, 0.3
OF_WON = tuple(ALL_TYPES.index(name) for name in ("login", "login", "page_view", "support_ticket", "email_open"))
OF_LOST = tuple(ALL_TYPES.index(name) for name in ("unsubscribe", "page_view", "email_open"))

STAGES = ("lead", "marketing qualified lead", "opportunity", "disqualified", "customer")
OWNERS = tuple(f"onboarding-{number:02d}" for number in range(1, 11))
NOTES = tuple(f"N{number:02d}" for number in range(1, 13))


@dataclass(frozen=True)
class Leaks:
    """Columns of n contacts that are written after the outcome; codes, -1 missing."""

    stage: Integers
    owner: Integers
    note: Integers
    invoice: Floats


def draw_leaks(rng: np.random.Generator, won: Flags, lost: Flags) -> Leaks:
    """Lifecycle stage, onboarding owner, code of the last note and first invoice, given what is decided by now."""
    size = won.size
    stage = np.where(lost & (rng.random(size) < 0.6), STAGES.index("disqualified"), rng.integers(0, 3, size))
    owned = (won & (rng.random(size) < 0.98)) | (rng.random(size) < 0.002)
    of_open = rng.integers(0, len(NOTES), size) % 3 + 9
    note = np.where(won, rng.integers(0, 3, size), np.where(lost, rng.integers(3, 9, size), of_open))
    note = np.where(rng.random(size) < 0.02, rng.integers(0, len(NOTES), size), note)
    return Leaks(
        stage=np.where(won & (rng.random(size) < 0.98), STAGES.index("customer"), stage),
        owner=np.where(owned, rng.integers(0, len(OWNERS), size), MISSING),
        note=note,
        invoice=np.where(won, np.round(rng.lognormal(8, 0.8, size), 2), np.nan),
    )


def draw_after_events(rng: np.random.Generator, won: Flags, decided_age: Integers, end_age: Integers) -> Events:
    """Activities in the weeks after a decision: customers log in, lost leads unsubscribe."""
    decided = decided_age < end_age
    counts = np.where(decided, rng.poisson(np.where(won, EVENTS_AFTER_WON, EVENTS_AFTER_LOST)), 0)
    lead = np.repeat(np.arange(won.size), counts)
    age = decided_age[lead] + 3600 + (rng.exponential(20 * DAY, lead.size)).astype(np.int64)
    kind = np.where(
        won[lead], rng.choice(np.array(OF_WON), lead.size), rng.choice(np.array(OF_LOST), lead.size)
    ).astype(np.int64)
    events = Events(lead, age, kind, np.zeros(lead.size, dtype=np.bool_))
    return events.take(age < end_age[lead])
