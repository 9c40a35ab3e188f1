"""Tables to labelled snapshots: which moments of which leads are learned from, and what became of them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import DatasetManifest
from features.arrays import DAY, NO_TIME, Floats
from features.labels.labels import LONG_AGO, LOST, WON, Deals, is_mature, until_closed, within_horizon
from features.labels.snapshots import Snapshots, at_ages, undated
from features.labels.splits import Candidates
from features.records.copies import copies
from features.records.records import Records
from pipelines.tables.outcomes import data_cutoff, load_deals, load_first_activity, load_order
from pipelines.tables.tables import Tables
from pipelines.workspace.params import FeaturesParams

TOLERATED_SHARE = 0.05  # of decided leads without a closing date: few are left out, many are learned from


@dataclass(frozen=True)
class Labelled:
    """Records, their snapshots, and what became of them. ``horizon`` is in microseconds, None: until closed.

    ``deals`` are those of the export, whatever the cutoff; ``at_first`` says that too many of them lack a closing date
    for any snapshot but the first one of a lead, at which it is taken to have been undecided.
    """

    records: Records
    snapshots: Snapshots
    label: Floats
    order: Floats | None
    horizon: int | None
    cutoff: datetime | None
    deals: Deals
    at_first: bool
    copy_of: NDArray[np.int64] | None  # the first lead (leads,) with the same values; None: there are no copies


def label_snapshots(tables: Tables, params: FeaturesParams) -> Labelled:
    """The leads of a dataset with their snapshots and labels; deals that close after the cutoff count as open.

    The records are profiles: no event is loaded.
    """
    exported, cutoff = load_deals(tables), data_cutoff(tables)
    deals = exported
    now = int(NO_TIME) if cutoff is None else round(cutoff.timestamp() * 1e6)
    horizon = _horizon(tables.manifest, params)
    if cutoff is not None:
        deals = deals.until(now)
    dated = tables.manifest.order == "time"
    at_first = dated and horizon is None and _share_without_date(deals, tables.leads) > TOLERATED_SHARE
    snapshots = _snapshots(tables, params, deals, now, at_first=at_first)
    label = (
        until_closed(snapshots.lead_index, deals, tables.leads)
        if horizon is None
        else within_horizon(snapshots.lead_index, snapshots.at, deals, tables.leads, horizon, now)
    )
    return Labelled(
        tables.profiles, snapshots, label, load_order(tables), horizon, cutoff, exported, at_first, _copies(tables)
    )


def _horizon(manifest: DatasetManifest, params: FeaturesParams) -> int | None:
    if manifest.order != "time" or manifest.horizon_days == "until_closed":
        return None
    days = manifest.horizon_days
    return round((params.horizon_days if days is None else float(days)) * DAY)


def _copies(tables: Tables) -> NDArray[np.int64] | None:
    late = [each.name for each in tables.manifest.attributes if each.known_at == "after_outcome"]
    return copies(tables.profiles.leads, tables.profiles.created_at, late)


def _share_without_date(deals: Deals, leads: int) -> float:
    """The share of decided leads of which nobody knows when they were decided."""
    decided = ~np.isnan(until_closed(np.arange(leads, dtype=np.int64), deals, leads))
    unknown = deals.decided_at(leads)[decided] == LONG_AGO
    return float(unknown.mean()) if unknown.size else 0.0


def _snapshots(tables: Tables, params: FeaturesParams, deals: Deals, now: int, *, at_first: bool) -> Snapshots:
    if tables.manifest.order != "time":
        return undated(tables.leads)
    rule = tables.manifest.snapshot
    # Whenever a lead was lost, it was not won: with a horizon its label is known at every age.
    later = (WON, LOST) if at_first else (LOST,) if _horizon(tables.manifest, params) is not None else ()
    if rule.at == "first_activity":
        ages = (0.0,) if at_first else rule.ages_days or (0.0,)
        return at_ages(load_first_activity(tables, rule.types), ages, deals, now, later)
    ages = (0.0,) if at_first else rule.ages_days or params.ages_days
    return at_ages(tables.profiles.created_at, ages, deals, now, later)


def position(labelled: Labelled) -> NDArray[np.int64]:
    """The rank (n,) of each snapshot in time; equal ones in file order, unknown ones first."""
    at = labelled.snapshots.at
    if (at == NO_TIME).all() and labelled.order is not None:
        key = labelled.order[labelled.snapshots.lead_index]
        newest_last = np.argsort(np.where(np.isnan(key), -np.inf, key), kind="stable")
    else:
        newest_last = np.argsort(at, kind="stable")
    ranks = np.empty(at.size, np.int64)
    ranks[newest_last] = np.arange(at.size)
    return ranks


def split_candidates(labelled: Labelled) -> Candidates:
    """What a split is made from."""
    at = labelled.snapshots.at
    mature = np.ones(at.size, dtype=np.bool_)
    if labelled.horizon is not None and labelled.cutoff is not None:
        mature = is_mature(at, labelled.horizon, round(labelled.cutoff.timestamp() * 1e6))
    return Candidates(
        labelled.snapshots.lead_index, at, labelled.label, labelled.order, labelled.horizon, mature, labelled.copy_of
    )
