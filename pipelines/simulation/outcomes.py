"""Outcomes: which leads are won or lost, and when; drawn before anything that the lead does."""

from dataclasses import dataclass

import numpy as np

from models.log_odds import sigmoid
from pipelines.simulation.arrays import DAY, NEVER, Flags, Floats, Integers
from pipelines.simulation.contacts import Contacts
from pipelines.simulation.prior import COLLEAGUE, EARLIER_LOSS, EARLIER_WIN


@dataclass(frozen=True)
class Delay:
    """Weibull distributed days until a lead is decided; a share ``never`` is not decided at all."""

    shape: float
    days: float
    never: float = 0.0

    def decided(self, age_days: Floats | float) -> Floats:
        """Probability to be decided before an age in days."""
        age = np.maximum(np.asarray(age_days, dtype=np.float64), 0.0)
        return np.asarray((1 - self.never) * -np.expm1(-((age / self.days) ** self.shape)), dtype=np.float64)

    def draw(self, rng: np.random.Generator, size: int) -> Integers:
        """Ages at which leads are decided, (size,) seconds; NEVER where they are not."""
        seconds = (self.days * rng.standard_exponential(size) ** (1 / self.shape) * DAY).astype(np.int64)
        return np.where(rng.random(size) < self.never, NEVER, seconds)


# One win in eight comes later than 90 days; a fifth of the others is never closed by anyone.
WON_DELAY = Delay(shape=1.35, days=52)
LOST_DELAY = Delay(shape=1.1, days=60, never=0.2)


@dataclass(frozen=True)
class Outcomes:
    """What becomes of n leads: log-odds of the class won when the lead came, the class, and the age when decided."""

    log_odds: Floats
    won: Flags
    decided_age: Integers


def draw_outcomes(rng: np.random.Generator, contacts: Contacts, log_odds: Floats) -> Outcomes:
    """Classes and ages, contact by contact of each account, since a later one depends on what became of the earlier.

    What counts is only what was decided before the later lead came: whatever an undecided lead will become says
    nothing about the leads of its colleagues, and these say nothing about it.
    """
    size = contacts.account.size
    if_won, if_lost, chance = WON_DELAY.draw(rng, size), LOST_DELAY.draw(rng, size), rng.random(size)
    log_odds = log_odds.copy()
    won, decided = np.zeros(size, dtype=np.bool_), np.full(size, NEVER, dtype=np.int64)
    for rank in range(int(contacts.rank.max(initial=0)) + 1):
        lead = np.flatnonzero(contacts.rank == rank)
        log_odds[lead] += of_colleagues(contacts, won, decided, lead, rank)
        won[lead] = chance[lead] < sigmoid(log_odds[lead])
        decided[lead] = np.where(won[lead], if_won[lead], if_lost[lead])
    return Outcomes(log_odds, won, decided)


def of_colleagues(contacts: Contacts, won: Flags, decided: Integers, lead: Integers, rank: int) -> Floats:
    """What the earlier leads of the account add to the log-odds of these leads, all of one rank."""
    created = contacts.created
    any_won, any_lost, any_recent = (np.zeros(lead.size, dtype=np.bool_) for _ in range(3))
    for back in range(1, rank + 1):
        colleague = lead - back
        known = created[colleague] + decided[colleague] < created[lead]
        any_won |= known & won[colleague]
        any_lost |= known & ~won[colleague]
        any_recent |= created[lead] - created[colleague] < 90 * DAY
    return np.asarray(EARLIER_WIN * any_won + EARLIER_LOSS * (any_lost & ~any_won) + COLLEAGUE * any_recent)
