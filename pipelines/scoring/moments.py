"""At which moment each lead is scored."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from data_contracts.errors import ParamsError
from features.arrays import DAY, NO_TIME, Times
from pipelines.tables.outcomes import data_cutoff, load_first_activity
from pipelines.tables.tables import Tables


@dataclass(frozen=True)
class Moments:
    """Which leads (n,) are scored and at which moments (n,)."""

    lead_index: NDArray[np.int64]
    at: Times
    as_of: datetime | None


def moments_of_leads(tables: Tables, as_of: datetime | None) -> Moments:
    """The moment of each lead: ``as_of``, else the end of the data; none in undated data.

    Where the mapping takes snapshots at an activity, a lead is scored then unless ``as_of`` is given, as that is what
    the model has learned. Leads that did not exist at their moment are left out.
    """
    leads = np.arange(tables.leads, dtype=np.int64)
    if tables.manifest.order != "time":
        if as_of is not None:
            raise ParamsError("--as-of asks for a moment, but the data have no dates.", hint="Leave --as-of out.")
        return Moments(leads, np.full(leads.size, NO_TIME, np.int64), None)
    moment = as_of or data_cutoff(tables)
    if moment is None:
        return Moments(leads, np.full(leads.size, NO_TIME, np.int64), None)
    # What happened at the very end of the data has happened; features look strictly before their moment.
    end = round(moment.timestamp() * 1e6) + (as_of is None)
    at = np.full(leads.size, end, np.int64)
    rule = tables.manifest.snapshot
    if rule.at == "first_activity" and as_of is None:
        age = round((rule.ages_days or (0.0,))[0] * DAY)
        first = load_first_activity(tables, rule.types)
        at = np.where(first == NO_TIME, at, np.minimum(first + age, at))
    created_at = tables.profiles.created_at
    existed = (created_at == NO_TIME) | (created_at < at) | (rule.at == "first_activity")
    return Moments(leads[existed], at[existed], moment)


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
