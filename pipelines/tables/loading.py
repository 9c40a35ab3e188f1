"""Tables to Records: DuckDB joins and codes what is larger than memory; the rest is NumPy."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from features.arrays import NO_TIME, Floats, Times
from features.labels.labels import LOST, OPEN, WON, Deals
from features.records.records import Records
from pipelines.tables.block_plan import one_block, plan_blocks
from pipelines.tables.blocks import Blocks, opened_blocks
from pipelines.tables.database import connection, number_leads, one
from pipelines.tables.events import ACTIVITIES, ANSWERS, index_leads
from pipelines.tables.lead_columns import load_profiles, plain
from pipelines.workspace.resources import Resources

_UNLIMITED = 1 << 62


def load_records(dataset: Dataset, wanted: NDArray[np.bool_] | None = None) -> Records:
    """Everything known of the leads of a dataset, in the order of the table.

    ``wanted`` (n,) are the leads whose events are loaded, with those of their accounts; None for all. Raises FileError
    where a table is absent.
    """
    return with_events(dataset, load_profiles(dataset), wanted)


def with_events(
    dataset: Dataset, profiles: Records, wanted: NDArray[np.bool_] | None, resources: Resources | None = None
) -> Records:
    """Records of all leads with the events of those wanted (n,), and of their accounts."""
    accounts = profiles.account_events.starts.size - 1
    plan = replace(one_block(profiles.account_of, accounts, _activities(dataset)), wanted=wanted)
    in_memory = resources.spill if resources else _UNLIMITED
    with (
        connection(dataset, resources) as database,
        opened_blocks(database, index_leads(dataset), profiles, plan, in_memory) as blocks,
    ):
        return blocks.load(0).records


@contextmanager
def open_blocks(
    dataset: Dataset, profiles: Records, resources: Resources, starts: NDArray[np.int64] | None = None
) -> Iterator[Blocks]:
    """All leads block by block, within the memory. Each block begins at one of ``starts``, None: anywhere."""
    leads, accounts = len(profiles.lead_ids), profiles.account_events.starts.size - 1
    where = np.arange(max(1, leads)) if starts is None else starts
    whole = one_block(profiles.account_of, accounts, _activities(dataset))
    plan = plan_blocks(whole, where, _activities(dataset), resources.block)
    with (
        connection(dataset, resources) as database,
        opened_blocks(database, index_leads(dataset), profiles, plan, resources.spill) as blocks,
    ):
        yield blocks


def _activities(dataset: Dataset) -> int:
    return int(pq.read_metadata(dataset.path("activities")).num_rows)


def load_first_activity(dataset: Dataset, types: Sequence[str], leads: int) -> Times:
    """When each lead (leads,) first had an activity of one of the types; NO_TIME where it never had."""
    with connection(dataset) as database:
        number_leads(database)
        rows = database.execute(
            f"SELECT lead, min(moment) AS first FROM ({ACTIVITIES} UNION ALL {ANSWERS}) "  # noqa: S608 - our own texts
            "JOIN lead_rows USING (lead_id) WHERE list_contains(?::VARCHAR[], kind) GROUP BY lead",
            [list(types)],
        ).fetchnumpy()
    first = np.full(leads, NO_TIME, np.int64)
    first[plain(rows["lead"], np.int64)] = plain(rows["first"], np.int64)
    return first


def load_deals(dataset: Dataset) -> Deals:
    """The deals of a dataset, their leads by position."""
    with connection(dataset) as database:
        number_leads(database)
        rows = database.execute(
            "SELECT l.lead, coalesce(epoch_us(d.closed_at), ?) AS closed_at, "
            "CASE d.outcome WHEN 'won' THEN ? WHEN 'lost' THEN ? ELSE ? END AS outcome FROM deals d "
            "JOIN lead_rows l USING (lead_id) ORDER BY l.lead, closed_at, d.outcome, d.deal_id",
            [int(NO_TIME), WON, LOST, OPEN],
        ).fetchnumpy()
    outcome = plain(rows["outcome"], np.int8)
    closed_at = np.where(outcome == OPEN, NO_TIME, plain(rows["closed_at"], np.int64))
    return Deals(plain(rows["lead"], np.int32), closed_at, outcome)


def load_order(dataset: Dataset) -> Floats | None:
    """What orders the leads (n,) in time: leads.order, else leads.created_at, NaN where missing; None for nothing."""
    leads = pq.read_table(dataset.path("leads"), columns=["order", "created_at"])
    for name in ("order", "created_at"):
        if leads[name].null_count < leads.num_rows:
            column = leads[name] if name == "order" else leads[name].cast(pa.int64())
            return np.array(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    return None


def data_cutoff(dataset: Dataset) -> datetime | None:
    """Until when the data tell what happened: the manifest's cutoff, else the newest time; None in undated data."""
    if dataset.manifest.data_cutoff is not None:
        return dataset.manifest.data_cutoff
    with connection(dataset) as database:
        newest = one(
            database,
            "SELECT max(moment) FROM (SELECT max(epoch_us(occurred_at)) AS moment FROM activities UNION ALL "
            "SELECT max(epoch_us(created_at)) FROM leads UNION ALL SELECT max(epoch_us(closed_at)) FROM deals "
            "WHERE outcome <> 'open' UNION ALL SELECT max(epoch_us(opened_at)) FROM deals)",
        )
    return None if newest is None else datetime.fromtimestamp(newest / 1e6, UTC)
