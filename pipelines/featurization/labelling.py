"""Tables to labelled snapshots: which moments of which leads are learned from, and what became of them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from features.arrays import DAY, NO_TIME, Floats
from features.labels.labels import Deals, has_ripened, until_closed, within_horizon
from features.labels.snapshots import Snapshots, at_ages, undated
from features.labels.splits import Candidates
from features.records.records import Records
from pipelines.tables.loading import data_cutoff, load_deals, load_first_activity, load_order, load_records
from pipelines.workspace.params import FeaturesParams


@dataclass(frozen=True)
class Labelled:
    """Records, their snapshots, and what became of them. ``horizon`` is in microseconds, None: until closed."""

    records: Records
    snapshots: Snapshots
    label: Floats
    order: Floats | None
    horizon: int | None
    cutoff: datetime | None


def label_snapshots(dataset: Dataset, params: FeaturesParams) -> Labelled:
    """The records of a dataset with their snapshots and labels; deals that close after the cutoff count as open."""
    return label_records(dataset, load_records(dataset), params)


def label_records(dataset: Dataset, records: Records, params: FeaturesParams) -> Labelled:
    """The same where the records are loaded already; their events are not looked at."""
    deals, cutoff = load_deals(dataset), data_cutoff(dataset)
    now = int(NO_TIME) if cutoff is None else round(cutoff.timestamp() * 1e6)
    horizon = _horizon(dataset, params)
    if cutoff is not None:
        deals = deals.until(now)
    leads = len(records.lead_ids)
    snapshots = _snapshots(dataset, params, records, deals, now)
    label = (
        until_closed(snapshots.lead_index, deals, leads)
        if horizon is None
        else within_horizon(snapshots.lead_index, snapshots.at, deals, leads, horizon, now)
    )
    return Labelled(records, snapshots, label, load_order(dataset), horizon, cutoff)


def _horizon(dataset: Dataset, params: FeaturesParams) -> int | None:
    if dataset.manifest.order != "time" or dataset.manifest.horizon_days == "until_closed":
        return None
    days = dataset.manifest.horizon_days
    return round((params.horizon_days if days is None else float(days)) * DAY)


def _snapshots(dataset: Dataset, params: FeaturesParams, records: Records, deals: Deals, now: int) -> Snapshots:
    if dataset.manifest.order != "time":
        return undated(len(records.lead_ids))
    rule = dataset.manifest.snapshot
    if rule.at == "first_activity":
        first = load_first_activity(dataset, rule.types, len(records.lead_ids))
        return at_ages(first, rule.ages_days or (0.0,), deals, now)
    return at_ages(records.created_at, rule.ages_days or params.ages_days, deals, now)


def position(given: Labelled) -> NDArray[np.int64]:
    """The rank (n,) of each snapshot in time; equal ones in file order, unknown ones first."""
    at = given.snapshots.at
    if (at == NO_TIME).all() and given.order is not None:
        key = given.order[given.snapshots.lead_index]
        newest_last = np.argsort(np.where(np.isnan(key), -np.inf, key), kind="stable")
    else:
        newest_last = np.argsort(at, kind="stable")
    ranks = np.empty(at.size, np.int64)
    ranks[newest_last] = np.arange(at.size)
    return ranks


def split_candidates(given: Labelled) -> Candidates:
    """What a split is made from."""
    at = given.snapshots.at
    ripe = np.ones(at.size, dtype=np.bool_)
    if given.horizon is not None and given.cutoff is not None:
        ripe = has_ripened(at, given.horizon, round(given.cutoff.timestamp() * 1e6))
    return Candidates(given.snapshots.lead_index, at, given.label, given.order, given.horizon, ripe)
