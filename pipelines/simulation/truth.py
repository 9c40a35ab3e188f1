"""The truth: the probability that a lead is won within the horizon, given all that could be known at a moment."""

from dataclasses import dataclass

import numpy as np

from pipelines.simulation import behaviour, sales
from pipelines.simulation.arrays import DAY, Flags, Floats, Integers, Rows
from pipelines.simulation.outcomes import LOST_DELAY, WON_DELAY, Outcomes
from pipelines.simulation.timeline import CUTOFF_SECOND

HORIZON_DAYS = 90.0
AGES_DAYS = (0.0, 3.0, 7.0, 14.0, 30.0)


@dataclass(frozen=True)
class Truth(Rows):
    """t snapshots: the lead's row, its age in days, the moment and the probability."""

    lead: Integers
    age_days: Floats
    at: Integers
    probability: Floats


def probability(log_odds: Floats, age_days: float, horizon_days: float = HORIZON_DAYS) -> Floats:
    """Probability to be won in [age, age + horizon) of undecided leads, (n,).

    ``log_odds`` are those of the class won after everything seen before the age, still without the fact that the lead
    is undecided; that and the time left come from the distributions of the delay.
    """
    odds = np.exp(log_odds)
    wins = WON_DELAY.decided(age_days + horizon_days) - WON_DELAY.decided(age_days)
    undecided = odds * (1 - WON_DELAY.decided(age_days)) + (1 - LOST_DELAY.decided(age_days))
    return np.asarray(odds * wins / undecided, dtype=np.float64)


def true_probabilities(
    created: Integers,
    outcomes: Outcomes,
    events: behaviour.Events,
    reports: sales.Reports,
    tracked: Flags | None = None,
) -> Truth:
    """The truth at all ages at which the leads are undecided and the data have not ended."""
    truth = Truth.joined(_at_age(created, outcomes, events, reports, tracked, age) for age in AGES_DAYS)
    return truth.take(np.lexsort((truth.age_days, truth.lead)))


def _at_age(
    created: Integers,
    outcomes: Outcomes,
    events: behaviour.Events,
    reports: sales.Reports,
    tracked: Flags | None,
    age: float,
) -> Truth:
    seconds = int(age * DAY)
    at = created + seconds
    lead = np.flatnonzero((outcomes.decided_age >= seconds) & (at <= CUTOFF_SECOND))
    seen = behaviour.log_ratio(events, created.size, age, tracked) + sales.log_ratio(reports, created.size, age)
    chance = probability((outcomes.log_odds + seen)[lead], age)
    return Truth(lead, np.full(lead.size, age), at[lead], chance)
