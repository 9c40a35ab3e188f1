"""Events of a dataset as a stream of columns in any order: DuckDB reads and codes them, ids become positions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from features.arrays import Codes, Floats, Times
from features.event_types import BANT_TYPES
from features.records.ids import Bytes, Ids, Offsets

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

AT_ONCE = 1 << 18  # rows
ACTIVITIES = """
    SELECT lead_id, epoch_us(occurred_at) AS moment, type AS kind, channel, value,
           coalesce(is_automated, false) AS automated
    FROM activities WHERE lead_id IS NOT NULL AND occurred_at IS NOT NULL"""
EVENT = """
    SELECT lead_id, epoch_us({at}) AS moment, {kind} AS kind, NULL::VARCHAR AS channel, {value}::DOUBLE AS value,
           false AS automated
    FROM {table} t WHERE lead_id IS NOT NULL AND {at} IS NOT NULL"""


def _answers(kind: str, column: str) -> str:
    query = EVENT.format(table="dispositions", at='t."at"', kind=f"'{kind}'", value=f"t.{column}")
    return f"{query} AND t.{column} IS NOT NULL"


# What sales answered is in a lead's own timeline only, what became of it only in its account's.
ANSWERS = " UNION ALL ".join(
    [
        EVENT.format(table="dispositions", at='t."at"', kind="'verdict_' || t.verdict", value="NULL"),
        *(_answers(kind, kind.removeprefix("bant_")) for kind in BANT_TYPES),
    ]
)
OUTCOMES = " UNION ALL ".join(
    [
        EVENT.format(table="deals", at="t.closed_at", kind="'deal_' || t.outcome", value="t.amount")
        + " AND t.outcome <> 'open'",
        EVENT.format(table="leads", at="t.created_at", kind="'lead_created'", value="NULL"),
    ]
)


@dataclass(frozen=True)
class Vocabulary:
    """The types of event and the channels of a dataset, each in the order of its texts, which its codes follow."""

    kinds: tuple[str, ...]
    channels: tuple[str, ...]


def read_vocabulary(database: "DuckDBPyConnection") -> Vocabulary:
    """All types and channels, kept in the database as tables of codes."""
    return Vocabulary(
        _levels(
            database,
            "kind",
            "SELECT type FROM activities UNION SELECT 'verdict_' || verdict FROM dispositions UNION "
            "SELECT 'deal_' || outcome FROM deals UNION SELECT unnest(?)",
            [[*BANT_TYPES, "lead_created"]],
        ),
        _levels(database, "channel", "SELECT channel FROM activities WHERE channel <> ''", []),
    )


def _levels(database: "DuckDBPyConnection", name: str, query: str, values: list[Any]) -> tuple[str, ...]:
    rows = database.execute(f"SELECT DISTINCT * FROM ({query})", values).fetchall()  # noqa: S608 - the texts above
    levels = sorted(level for (level,) in rows if level is not None)
    database.execute(
        f"CREATE TEMP TABLE {name}_codes AS SELECT unnest(?::VARCHAR[]) AS level, unnest(?::INTEGER[]) AS code",
        [levels, list(range(len(levels)))],
    )
    return tuple(levels)


def index_leads(dataset: Dataset) -> Ids:
    """Where each lead stands in its table."""
    import pyarrow.parquet as pq

    return Ids.of([texts_of(part) for part in pq.read_table(dataset.path("leads"), columns=["lead_id"])[0].chunks])


def stream(database: "DuckDBPyConnection", query: str) -> Iterator["pa.RecordBatch"]:
    """The rows of ACTIVITIES, ANSWERS or OUTCOMES, coded but for their leads."""
    coded = f"""
        SELECT e.lead_id, e.moment, coalesce(e.value, 'nan'::DOUBLE) AS value, k.code AS kind,
               2 * coalesce(c.code, -1) + e.automated::INTEGER AS channel
        FROM ({query}) e JOIN kind_codes k ON e.kind = k.level LEFT JOIN channel_codes c ON e.channel = c.level
    """  # noqa: S608 - put together from the texts above
    yield from database.sql(coded).to_arrow_reader(AT_ONCE)


def columns_of(batch: "pa.RecordBatch", leads: Ids) -> tuple[Codes, Times, Floats, Codes, Codes]:
    """A batch of m events as the kernels take it: leads by position (UNKNOWN: none), moments, values, types, channels.

    A channel is twice its code (-1: none), plus one where the event is automated.
    """
    return (
        leads.find(*texts_of(batch.column("lead_id"))),
        _numbers(batch, "moment", np.int64),
        _numbers(batch, "value", np.float64),
        _numbers(batch, "kind", np.int32),
        _numbers(batch, "channel", np.int32),
    )


def texts_of(column: "pa.Array") -> tuple[Offsets, Bytes]:
    """Where the texts of a column without nulls begin and end, and their bytes in UTF-8."""
    import pyarrow as pa

    _, offsets, data = column.cast(pa.string()).buffers()
    bounds = np.frombuffer(offsets or bytes(4), np.int32)[column.offset :]
    return bounds[: len(column) + 1], np.frombuffer(data or b"", np.uint8)


def _numbers(batch: "pa.RecordBatch", name: str, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - a NumPy type
    """A column without nulls, not copied where that can be; it cannot be written to."""
    return np.require(batch.column(name).to_numpy(zero_copy_only=False), dtype, ["C"])
