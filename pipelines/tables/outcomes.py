"""What became of the leads, and when: first activities, deals, the order in time and the end of the data."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.arrays import NO_TIME, Floats, Times
from features.labels.labels import LOST, OPEN, WON, Deals
from pipelines.tables.database import one
from pipelines.tables.events import ACTIVITIES, ANSWERS
from pipelines.tables.lead_columns import plain
from pipelines.tables.tables import Tables


def load_first_activity(tables: Tables, types: Sequence[str]) -> Times:
    """When each lead (leads,) first had an activity of one of the types; NO_TIME where it never had."""
    rows = tables.database.execute(
        f"SELECT lead, min(moment) AS first FROM ({ACTIVITIES} UNION ALL {ANSWERS}) "  # noqa: S608 - our own texts
        "JOIN lead_rows USING (lead_id) WHERE list_contains(?::VARCHAR[], kind) GROUP BY lead",
        [list(types)],
    ).fetchnumpy()
    first = np.full(tables.leads, NO_TIME, np.int64)
    first[plain(rows["lead"], np.int64)] = plain(rows["first"], np.int64)
    return first


def load_deals(tables: Tables) -> Deals:
    """All deals, their leads by position."""
    rows = tables.database.execute(
        "SELECT l.lead, coalesce(epoch_us(d.closed_at), ?) AS closed_at, "
        "CASE d.outcome WHEN 'won' THEN ? WHEN 'lost' THEN ? ELSE ? END AS outcome FROM deals d "
        "JOIN lead_rows l USING (lead_id) ORDER BY l.lead, closed_at, d.outcome, d.deal_id",
        [int(NO_TIME), WON, LOST, OPEN],
    ).fetchnumpy()
    outcome = plain(rows["outcome"], np.int8)
    closed_at = np.where(outcome == OPEN, NO_TIME, plain(rows["closed_at"], np.int64))
    return Deals(plain(rows["lead"], np.int32), closed_at, outcome)


def load_order(tables: Tables) -> Floats | None:
    """What orders the leads (n,) in time: leads.order, else leads.created_at, NaN where missing; None for nothing."""
    leads = pq.read_table(tables.dataset.path("leads"), columns=["order", "created_at"])
    for name in ("order", "created_at"):
        if leads[name].null_count < leads.num_rows:
            column = leads[name] if name == "order" else leads[name].cast(pa.int64())
            return np.array(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    return None


def data_cutoff(tables: Tables) -> datetime | None:
    """Until when the data tell what happened: the manifest's cutoff, else the newest time; None in undated data."""
    if tables.manifest.data_cutoff is not None:
        return tables.manifest.data_cutoff
    newest = one(
        tables.database,
        "SELECT max(moment) FROM (SELECT max(epoch_us(occurred_at)) AS moment FROM activities UNION ALL "
        "SELECT max(epoch_us(created_at)) FROM leads UNION ALL SELECT max(epoch_us(closed_at)) FROM deals "
        "WHERE outcome <> 'open' UNION ALL SELECT max(epoch_us(opened_at)) FROM deals)",
    )
    return None if newest is None else datetime.fromtimestamp(newest / 1e6, UTC)
