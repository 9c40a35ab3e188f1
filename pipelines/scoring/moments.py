"""At which moment each lead is scored, and what had become of it by then."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import ParamsError
from features.arrays import DAY, NO_TIME, Codes, Flags, Floats, Integers, Times
from features.labels.labels import until_closed
from pipelines.tables.outcomes import data_cutoff, load_deals, load_first_activity
from pipelines.tables.tables import Tables

DealOutcome = Literal["won", "lost", "open"]
OUTCOMES: tuple[DealOutcome, ...] = get_args(DealOutcome)
LATE = 7 * DAY  # so long after the end of the data a score is asked for what nobody has recorded


@dataclass(frozen=True)
class Moments:
    """Which leads (n,) are scored and at which moments (n,).

    ``outcome`` (n,) is what had become of them by ``as_of``: 1 won, 0 lost and no deal open, NaN neither.
    """

    lead_index: NDArray[np.int64]
    at: Times
    as_of: datetime | None
    outcome: Floats
    warnings: tuple[str, ...] = ()

    def of(self, chosen: Flags | Integers | slice) -> "Moments":
        """Some of the leads."""
        return replace(self, lead_index=self.lead_index[chosen], at=self.at[chosen], outcome=self.outcome[chosen])

    @property
    def shown(self) -> Times:
        """The moments (n,) as people name them: not a microsecond after the end of the data."""
        return self.at if self.as_of is None else np.minimum(self.at, _microseconds(self.as_of))

    @property
    def outcome_codes(self) -> Codes:
        """The place (n,) of each lead's outcome among OUTCOMES."""
        return np.where(np.isnan(self.outcome), OUTCOMES.index("open"), 1 - self.outcome).astype(np.int32)

    @property
    def undecided(self) -> "Moments":
        """The leads that may still buy."""
        return self.of(np.isnan(self.outcome))


def moments_of_leads(tables: Tables, as_of: datetime | None) -> Moments:
    """The moment of each lead: ``as_of``, else the end of the data; none in undated data.

    Where the mapping takes snapshots at an activity, a lead is scored then unless ``as_of`` is given, as that is what
    the model has learned. Leads that did not exist at their moment are left out.
    """
    leads = np.arange(tables.leads, dtype=np.int64)
    if tables.manifest.order != "time" and as_of is not None:
        raise ParamsError("--as-of asks for a moment, but the data have no dates.", hint="Leave --as-of out.")
    cutoff = data_cutoff(tables) if tables.manifest.order == "time" else None
    moment = as_of or (cutoff and min(cutoff, datetime.now(UTC)))
    if moment is None:
        outcome = until_closed(leads, load_deals(tables), leads.size)
        return Moments(leads, np.full(leads.size, NO_TIME, np.int64), None, outcome)
    # What happened at the very end of the data has happened; features look strictly before their moment.
    end = _microseconds(moment) + (as_of is None)
    at = np.full(leads.size, end, np.int64)
    rule = tables.manifest.snapshot
    if rule.at == "first_activity" and as_of is None:
        age = round((rule.ages_days or (0.0,))[0] * DAY)
        first = load_first_activity(tables, rule.types)
        at = np.where(first == NO_TIME, at, np.minimum(first + age, at))
    created_at = tables.profiles.created_at
    existed = (created_at == NO_TIME) | (created_at < at) | (rule.at == "first_activity")
    outcome = until_closed(leads, load_deals(tables).until(end), leads.size)
    return Moments(leads, at, moment, outcome, _late(moment, cutoff)).of(existed)


def _microseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1e6)


def _late(moment: datetime, cutoff: datetime | None) -> tuple[str, ...]:
    """A warning about a moment of which the data know nothing, or data of a time that is yet to come."""
    if cutoff is not None and cutoff > datetime.now(UTC):
        return (f"The data end on {cutoff:%Y-%m-%d}, which is yet to come: check the dates in them.",)
    if cutoff is None or _microseconds(moment) - _microseconds(cutoff) <= LATE:
        return ()
    days = (moment - cutoff).days
    return (f"The data end on {cutoff:%Y-%m-%d}: of the {days:,} days from then to --as-of they tell nothing.",)


def parse_as_of(text: str) -> datetime:
    """A date or time in ISO 8601, UTC where it names no zone.

    Raises ParamsError.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ParamsError(
            f"--as-of: {text!r} is not a date.", hint="Write it as 2026-01-31 or 2026-01-31T09:00:00Z."
        ) from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
