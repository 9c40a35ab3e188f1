"""History: how the hand-made points of contacts and the openings of companies changed over time."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation.accounts import Accounts
from pipelines.simulation.arrays import DAY, Floats, Integers, Rows
from pipelines.simulation.contacts import EMAIL_KIND, SENIORITY, Contacts
from pipelines.simulation.outcomes import Outcomes
from pipelines.simulation.timeline import BEGIN_SECOND, CUTOFF_SECOND

POINTS_AFTER_WON, POINTS_AFTER_LOST = 40, -30


@dataclass(frozen=True)
class Changes(Rows):
    """h changes of one attribute: the row of its owner, the new value and the moment."""

    owner: Integers
    value: Floats
    at: Integers


def draw_points(rng: np.random.Generator, contacts: Contacts, outcomes: Outcomes) -> Changes:
    """Points of the hand-made score: set on arrival, corrected once at random, rewritten when the lead is decided.

    Up to the decision they hold nothing beyond the contact's own columns; the latest value gives the outcome away.
    """
    size = contacts.created.size
    lead = np.arange(size)
    arrival = 20 + _points(contacts)
    corrected = arrival + rng.integers(-5, 6, size)
    corrected_age = (rng.exponential(20, size) * DAY).astype(np.int64)
    final = corrected + np.where(outcomes.won, POINTS_AFTER_WON, POINTS_AFTER_LOST)
    in_time = corrected_age < outcomes.decided_age
    owner = np.concatenate([lead, lead[in_time], lead])
    value = np.concatenate([arrival, corrected[in_time], final]).astype(np.float64)
    age = np.concatenate([np.zeros(size, dtype=np.int64), corrected_age[in_time], outcomes.decided_age])
    at = contacts.created[owner] + age
    return _until_cutoff(Changes(owner, value, at))


def openings_changes(accounts: Accounts) -> Changes:
    """Openings of the companies: the number at the beginning, and the later one."""
    account = np.flatnonzero(accounts.named & ~np.isnan(accounts.openings))
    owner = np.concatenate([account, account])
    value = np.concatenate([accounts.openings[account], accounts.later_openings[account]])
    at = np.concatenate([np.full(account.size, BEGIN_SECOND - DAY), accounts.openings_changed[account]])
    return _until_cutoff(Changes(owner, value, at))


def latest(changes: Changes, owners: int) -> Floats:
    """The last value of each owner, (owners,), NaN where there is none; the changes are in order."""
    values = np.full(owners, np.nan)
    values[changes.owner] = changes.value  # the last assignment of an index stays
    return values


def _points(contacts: Contacts) -> Integers:
    """Ten points for each thing that the marketing department once agreed on."""
    leading = (contacts.seniority >= 0) & (contacts.seniority <= SENIORITY.code("director"))
    business = contacts.email_kind == EMAIL_KIND.code("business")
    return np.asarray(10 * (leading.astype(np.int64) + business + contacts.phone), dtype=np.int64)


def _until_cutoff(changes: Changes) -> Changes:
    """The changes before the data end, by owner and time."""
    changes = changes.take(changes.at < CUTOFF_SECOND)
    return changes.take(np.lexsort((changes.at, changes.owner)))
