"""Deals: what the sales system holds of an outcome."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.arrays import DAY, NEVER, Floats, Integers
from pipelines.simulation.levels import MISSING
from pipelines.simulation.outcomes import Outcomes

OPENED_SHARE, OPENED_DAYS = 0.75, 10.0
RESULTS = ("won", "lost", "open")
LOSS_REASONS = ("price", "competitor", "no budget", "no answer", "bad fit")


@dataclass(frozen=True)
class Deals:
    """d deals: the lead's row, ages in seconds (closed is NEVER while open), result, amount, loss reason (-1 none)."""

    lead: Integers
    opened_age: Integers
    closed_age: Integers
    result: Integers
    amount: Floats
    loss_reason: Integers


def draw_deals(rng: np.random.Generator, outcomes: Outcomes, end_age: Integers) -> Deals:
    """At most one deal a lead, as known at the end of the data.

    When a deal is opened does not depend on the class, so that an open deal says nothing: three of four are opened some
    days after the lead came, the others (and what is decided sooner) are written down only when they are decided.
    """
    size = end_age.size
    opened = (rng.exponential(OPENED_DAYS, size) * DAY).astype(np.int64)
    opened = np.where(rng.random(size) < OPENED_SHARE, opened, NEVER)
    opened = np.minimum(opened, outcomes.decided_age)
    lead = np.flatnonzero(opened < end_age)
    closed = np.where(outcomes.decided_age < end_age, outcomes.decided_age, NEVER)[lead]
    result = np.where(closed == NEVER, 2, np.where(outcomes.won[lead], 0, 1))
    reason = rng.integers(0, len(LOSS_REASONS), lead.size)
    return Deals(
        lead=lead,
        opened_age=opened[lead],
        closed_age=closed,
        result=result,
        amount=np.round(rng.lognormal(9, 0.7, lead.size), -1),
        loss_reason=np.where(result == 1, reason, MISSING),
    )
