"""A synthetic company with as many leads and activities as wanted, written as tables in seconds."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.contract import arrow_schema
from data_contracts.dataset import TABLES, Dataset, DatasetManifest, write_manifest
from features.arrays import DAY
from features.event_types import CORE_TYPES
from pipelines.tables.events_writer import group_events
from pipelines.workspace.resources import Resources

NOW = 20_000 * DAY  # the moment of the features
CHANNELS = ("ads", "email", "fair", "phone", "web")
SHARES = np.array([30, 8, 15, 8, 2, 4, 5, 2, 2, 1, 2, 2, 5, 2, 2, 2, 2, 6]) / 100  # of CORE_TYPES
TIME = pa.timestamp("us", tz="UTC")
ROWS_AT_ONCE = 1_000_000
DIGITS = 8


def write_company(
    directory: Path, leads: int, activities: int, *, leads_per_account: float = 0.0, with_deals: bool = False
) -> Dataset:
    """Leads that came in during 100 days, and in the year after it activities in order of time, not grouped by lead.

    A fifth of the leads have a deal that was won or lost in the last 80 days, where there are deals. Events are grouped
    as by an import.
    """
    directory.mkdir(parents=True, exist_ok=True)
    manifest = DatasetManifest(mapping="synthetic", order="time")
    schema = {table: arrow_schema(table, ()) for table in TABLES}
    random = np.random.default_rng(0)
    for table in ("accounts", "dispositions", "changes"):
        pq.write_table(schema[table].empty_table(), directory / f"{table}.parquet")
    pq.write_table(_deals(random, leads // 5 if with_deals else 0, schema["deals"]), directory / "deals.parquet")
    with pq.ParquetWriter(directory / "leads.parquet", schema["leads"]) as writer:
        writer.write_table(_leads(random, leads, leads_per_account, schema["leads"]), row_group_size=ROWS_AT_ONCE)
    with pq.ParquetWriter(directory / "activities.parquet", schema["activities"]) as writer:
        for rows in _activities(random, leads, activities, schema["activities"]):
            writer.write_table(rows)
    write_manifest(manifest, directory)
    dataset = Dataset(directory)
    group_events(dataset, Resources.of())
    return dataset


def _leads(random: np.random.Generator, leads: int, per_account: float, schema: pa.Schema) -> pa.Table:
    account = random.integers(0, max(1, int(leads / per_account)), leads) if per_account else None
    return _table(
        {
            "lead_id": ids("L", random.permutation(leads)),
            "account_id": pa.nulls(leads, pa.string()) if account is None else ids("C", account),
            "created_at": pa.array(NOW - 365 * DAY - random.integers(1, 100 * DAY, leads), TIME),
        },
        schema,
    )


def _deals(random: np.random.Generator, deals: int, schema: pa.Schema) -> pa.Table:
    return _table(
        {
            "deal_id": ids("D", np.arange(deals)),
            "lead_id": ids("L", np.arange(deals)),
            "opened_at": pa.array(NOW - random.integers(80 * DAY, 90 * DAY, deals), TIME),
            "closed_at": pa.array(NOW - random.integers(1, 80 * DAY, deals), TIME),
            "outcome": _words(("won", "lost"), random.integers(0, 2, deals)),
            "amount": pa.array(np.round(random.gamma(2.0, 5_000.0, deals))),
        },
        schema,
    )


def _activities(random: np.random.Generator, leads: int, total: int, schema: pa.Schema) -> Iterator[pa.Table]:
    for begin in range(0, total, ROWS_AT_ONCE):
        rows = min(ROWS_AT_ONCE, total - begin)
        day = 365 * DAY * begin // total
        at = np.sort(NOW - 365 * DAY + day + random.integers(0, max(1, 365 * DAY * rows // total), rows))
        value = np.round(random.gamma(2.0, 50.0, rows), 2)
        yield _table(
            {
                "activity_id": ids("A", np.arange(begin, begin + rows)),
                "lead_id": ids("L", random.integers(0, leads, rows)),
                "occurred_at": pa.array(at, TIME),
                "type": _words(CORE_TYPES, random.choice(len(CORE_TYPES), rows, p=SHARES)),
                "channel": _words(CHANNELS, random.integers(0, len(CHANNELS), rows), random.random(rows) < 0.1),
                "value": pa.array(value, mask=random.random(rows) < 0.8),
                "is_automated": pa.array(random.random(rows) < 0.02),
            },
            schema,
        )


def ids(letter: str, numbers: NDArray[np.int64]) -> pa.Array:
    """A letter and eight digits each."""
    characters = np.empty((numbers.size, DIGITS + 1), np.uint8)
    characters[:, 0] = ord(letter)
    rest = numbers.astype(np.int64)
    for place in range(DIGITS, 0, -1):
        characters[:, place] = ord("0") + rest % 10
        rest //= 10
    offsets = np.arange(numbers.size + 1, dtype=np.int32) * (DIGITS + 1)
    return pa.StringArray.from_buffers(numbers.size, pa.py_buffer(offsets), pa.py_buffer(characters))


def _words(words: tuple[str, ...], codes: NDArray[np.int64], missing: NDArray[np.bool_] | None = None) -> pa.Array:
    indices = pa.array(codes.astype(np.int32), mask=missing)
    return pa.DictionaryArray.from_arrays(indices, list(words)).dictionary_decode()


def _table(columns: dict[str, pa.Array], schema: pa.Schema) -> pa.Table:
    """A table of the schema; columns that are not given are null."""
    rows = len(next(iter(columns.values())))
    return pa.table([columns.get(field.name, pa.nulls(rows, field.type)) for field in schema], schema=schema)
