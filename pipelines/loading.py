"""Tables to Records: DuckDB joins, orders and codes what is larger than memory; the rest is NumPy."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from data_contracts.errors import FileError
from features.labels import LOST, OPEN, WON, Deals
from features.records import NO_TIME, Categorical, Column, Floats, Records
from pipelines.timeline_loading import account_events, history, lead_events, plain

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THREADS = 2
KEYS = frozenset({"lead_id", "account_id", "created_at", "order"})


def load_records(dataset: Dataset) -> Records:
    """Everything known of the leads of a dataset, in the order of the table.

    Raises FileError where a table is absent.
    """
    with connection(dataset) as database:
        leads, accounts = _read(dataset, "leads"), _read(dataset, "accounts")
        numbers = database.execute("SELECT lead, account FROM lead_rows ORDER BY lead").fetchnumpy()
        owners = int(_one(database, "SELECT count(*) FROM account_rows"))
        attributes = dataset.manifest.attributes
        return Records(
            lead_ids=np.array(leads["lead_id"].to_pylist(), dtype=object),
            created_at=_times(leads["created_at"]),
            leads=_columns(leads),
            account_of=plain(numbers["account"], np.int32),
            accounts=_columns(accounts, owners),
            lead_events=lead_events(database, leads.num_rows),
            account_events=account_events(database, owners),
            lead_history=history(database, attributes, "lead", leads.num_rows),
            account_history=history(database, attributes, "account", owners),
        )


def load_deals(dataset: Dataset) -> Deals:
    """The deals of a dataset, their leads by position."""
    with connection(dataset) as database:
        rows = database.execute(
            "SELECT l.lead, coalesce(epoch_us(d.closed_at), ?) AS closed_at, d.outcome FROM deals d "
            "JOIN lead_rows l USING (lead_id) ORDER BY l.lead, closed_at, d.outcome, d.deal_id",
            [int(NO_TIME)],
        ).fetchnumpy()
    code = {"won": WON, "lost": LOST, "open": OPEN}
    outcome = np.array([code[each] for each in rows["outcome"]], dtype=np.int8)
    closed_at = np.where(outcome == OPEN, NO_TIME, plain(rows["closed_at"], np.int64))
    return Deals(plain(rows["lead"], np.int32), closed_at, outcome)


def load_order(dataset: Dataset) -> Floats | None:
    """What orders the leads (n,) in time: leads.order, else leads.created_at, NaN where missing; None for nothing."""
    leads = _read(dataset, "leads")
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
        newest = _one(
            database,
            "SELECT max(moment) FROM (SELECT max(epoch_us(occurred_at)) AS moment FROM activities UNION ALL "
            "SELECT max(epoch_us(created_at)) FROM leads UNION ALL SELECT max(epoch_us(closed_at)) FROM deals "
            "WHERE outcome <> 'open' UNION ALL SELECT max(epoch_us(opened_at)) FROM deals)",
        )
    return None if newest is None else datetime.fromtimestamp(newest / 1e6, UTC)


@contextmanager
def connection(dataset: Dataset) -> Iterator["DuckDBPyConnection"]:
    """A database in memory that sees the tables by name, and the positions of leads and accounts."""
    import duckdb

    for table in ("leads", "accounts", "activities", "deals", "dispositions", "changes"):
        if not dataset.path(table).exists():
            raise FileError(f"{dataset.path(table)} does not exist.", hint="Run `whylead import` first.")
    with tempfile.TemporaryDirectory() as spill, duckdb.connect() as database:
        database.execute(f"SET threads = {THREADS}")
        if _one(database, "SELECT current_setting('enable_progress_bar')"):  # off, it must not be touched in notebooks
            database.execute("SET enable_progress_bar = false")
        database.execute(f"SET temp_directory = '{spill}'")
        for table in ("accounts", "activities", "deals", "dispositions", "changes"):
            database.execute(f"CREATE VIEW {table} AS FROM read_parquet({_quoted(dataset, table)})")
        database.execute(f"CREATE VIEW leads AS FROM read_parquet({_quoted(dataset, 'leads')}, file_row_number = true)")
        _number_owners(database, dataset)
        yield database


def _quoted(dataset: Dataset, table: str) -> str:
    return "'" + str(dataset.path(table)).replace("'", "''") + "'"


def _number_owners(database: "DuckDBPyConnection", dataset: Dataset) -> None:
    """Accounts as in their table, then those that only leads name; leads as in theirs."""
    accounts = _quoted(dataset, "accounts")
    database.execute(f"""
        CREATE TEMP TABLE account_rows AS
        WITH listed AS (
            SELECT account_id, file_row_number AS account FROM read_parquet({accounts}, file_row_number = true)
        ), named AS (
            SELECT account_id, min(file_row_number) AS row FROM leads
            WHERE account_id IS NOT NULL AND account_id NOT IN (SELECT account_id FROM listed) GROUP BY account_id
        )
        SELECT account_id, account::INTEGER AS account FROM listed UNION ALL
        SELECT account_id, ((SELECT count(*) FROM listed) + row_number() OVER (ORDER BY row) - 1)::INTEGER FROM named
    """)  # noqa: S608 - the only text put in is a path of ours
    database.execute("""
        CREATE TEMP TABLE lead_rows AS
        SELECT l.lead_id, l.file_row_number::INTEGER AS lead, coalesce(a.account, -1)::INTEGER AS account
        FROM leads l LEFT JOIN account_rows a USING (account_id)
    """)


def _read(dataset: Dataset, table: str) -> pa.Table:
    return pq.read_table(dataset.path(table))


def _columns(table: pa.Table, rows: int | None = None) -> Mapping[str, Column]:
    """The columns that may become features; ``rows`` lengthens them with missing values."""
    extra = 0 if rows is None else rows - table.num_rows
    return {name: _column(table[name], extra) for name in table.column_names if name not in KEYS}


def _column(column: pa.ChunkedArray, extra: int) -> Column:
    if pa.types.is_boolean(column.type) or pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return np.concatenate([np.array(numbers, dtype=np.float64), np.full(extra, np.nan)])
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Categorical(
        np.concatenate([codes, np.full(extra, -1)]).astype(np.int32), tuple(coded.dictionary.to_pylist())
    )


def _times(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.array(column.cast(pa.int64()).fill_null(int(NO_TIME)).to_numpy(), dtype=np.int64)


def _one(database: "DuckDBPyConnection", query: str) -> Any:  # noqa: ANN401 - one value of any type
    row = database.execute(query).fetchone()
    return None if row is None else row[0]
