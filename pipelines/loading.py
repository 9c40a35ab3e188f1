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

from data_contracts.dataset import Attribute, Dataset
from data_contracts.errors import FileError
from features.labels import LOST, OPEN, WON, Deals
from features.records import NO_TIME, Categorical, Column, Events, Floats, Records
from features.windows import BANT_TYPES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

THREADS = 2
KEYS = frozenset({"lead_id", "account_id", "created_at", "order"})

# The order of features/request.py; codes follow the order of their texts.
EVENT_ORDER = "owner, moment, kind, channel, value IS NULL, value, automated"
ACTIVITIES = """
    SELECT l.lead, l.account, epoch_us(a.occurred_at) AS moment, a.type AS kind, nullif(a.channel, '') AS channel,
           CASE WHEN isnan(a.value) THEN NULL ELSE a.value END AS value, coalesce(a.is_automated, false) AS automated
    FROM activities a JOIN lead_rows l USING (lead_id)"""
EVENT = """
    SELECT l.lead, l.account, epoch_us({at}) AS moment, {kind} AS kind, NULL::VARCHAR AS channel,
           {value}::DOUBLE AS value, false AS automated
    FROM {table} t JOIN lead_rows l USING (lead_id)"""


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
            account_of=_plain(numbers["account"], np.int32),
            accounts=_columns(accounts, owners),
            lead_events=_lead_events(database, leads.num_rows),
            account_events=_account_events(database, owners),
            lead_history=_history(database, attributes, "lead", leads.num_rows),
            account_history=_history(database, attributes, "account", owners),
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
    closed_at = np.where(outcome == OPEN, NO_TIME, _plain(rows["closed_at"], np.int64))
    return Deals(_plain(rows["lead"], np.int32), closed_at, outcome)


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


def _lead_events(database: "DuckDBPyConnection", owners: int) -> Events:
    verdicts = EVENT.format(table="dispositions", at='t."at"', kind="'verdict_' || t.verdict", value="NULL")
    answers = [_answers(kind, kind.removeprefix("bant_")) for kind in BANT_TYPES]
    return _events(database, " UNION ALL ".join([ACTIVITIES, verdicts, *answers]), "lead", owners)


def _answers(kind: str, column: str) -> str:
    query = EVENT.format(table="dispositions", at='t."at"', kind=f"'{kind}'", value=f"t.{column}")
    return f"{query} WHERE t.{column} IS NOT NULL"


def _account_events(database: "DuckDBPyConnection", owners: int) -> Events:
    """Events of accounts with several leads; where there is one, no other could have done anything."""
    closed = EVENT.format(table="deals", at="t.closed_at", kind="'deal_' || t.outcome", value="t.amount")
    closed += " WHERE t.closed_at IS NOT NULL AND t.outcome <> 'open'"
    created = EVENT.format(table="leads", at="t.created_at", kind="'lead_created'", value="NULL")
    created += " WHERE t.created_at IS NOT NULL"
    everything = " UNION ALL ".join([ACTIVITIES, closed, created])
    shared = "SELECT account FROM lead_rows WHERE account >= 0 GROUP BY account HAVING count(*) > 1"
    return _events(database, f"SELECT * FROM ({everything}) WHERE account IN ({shared})", "account", owners)  # noqa: S608


def _events(database: "DuckDBPyConnection", query: str, owner: str, owners: int) -> Events:
    kinds, channels = (_levels(database, query, name) for name in ("kind", "channel"))
    rows = database.execute(f"""
        SELECT e.{owner} AS owner, e.lead, e.moment, k.code AS kind, coalesce(c.code, -1)::INTEGER AS channel,
               e.value, e.automated
        FROM ({query}) e JOIN kind_codes k ON e.kind = k.level LEFT JOIN channel_codes c ON e.channel = c.level
        ORDER BY {EVENT_ORDER}
    """).fetchnumpy()  # noqa: S608 - put together from the texts above
    at = _plain(rows["moment"], np.int64)
    return Events(
        starts=np.searchsorted(_plain(rows["owner"], np.int32), np.arange(owners + 1)).astype(np.int64),
        at=at,
        type=Categorical(_plain(rows["kind"], np.int32), kinds),
        channel=Categorical(_plain(rows["channel"], np.int32), channels),
        value=_plain(rows["value"], np.float64),
        automated=_plain(rows["automated"], np.bool_),
        lead=_plain(rows["lead"], np.int32),
    )


def _levels(database: "DuckDBPyConnection", query: str, column: str) -> tuple[str, ...]:
    """The distinct texts of a column in their order, kept as a table of codes."""
    database.execute(f"""
        CREATE OR REPLACE TEMP TABLE {column}_codes AS
        SELECT level, (row_number() OVER (ORDER BY level) - 1)::INTEGER AS code
        FROM (SELECT DISTINCT {column}::VARCHAR AS level FROM ({query})) WHERE level IS NOT NULL
    """)  # noqa: S608 - put together from the texts above
    rows = database.execute(f"SELECT level FROM {column}_codes ORDER BY code").fetchall()  # noqa: S608
    return tuple(level for (level,) in rows)


def _history(
    database: "DuckDBPyConnection", attributes: tuple[Attribute, ...], owner: str, owners: int
) -> dict[str, Events]:
    """Per attribute with a history its changes, also where there are none: before its first change it is missing."""
    names = [each.name for each in attributes if each.table == f"{owner}s" and each.known_at == "changes"]
    return {name: _changes(database, name, owner, owners) for name in names}


def _changes(database: "DuckDBPyConnection", field: str, owner: str, owners: int) -> Events:
    query = f"""
        SELECT o.{owner} AS owner, epoch_us(c.changed_at) AS moment, coalesce(c.value, '') AS value
        FROM changes c JOIN {owner}_rows o ON c.{owner}_id = o.{owner}_id
        WHERE c.field = ? ORDER BY owner, moment, value
    """  # noqa: S608 - owner is one of two words
    rows = database.execute(query, [field]).fetchnumpy()
    texts, codes = np.unique(np.asarray(rows["value"], dtype=object).astype(str), return_inverse=True)
    cleared = np.array([*(text == "" for text in texts), False], dtype=np.bool_)[codes]
    count = codes.size
    return Events(
        starts=np.searchsorted(_plain(rows["owner"], np.int32), np.arange(owners + 1)).astype(np.int64),
        at=_plain(rows["moment"], np.int64),
        type=Categorical(np.where(cleared, -1, codes).astype(np.int32), tuple(texts.tolist())),
        channel=Categorical(np.full(count, -1, np.int32), ()),
        value=np.full(count, np.nan),
        automated=np.zeros(count, dtype=np.bool_),
        lead=_plain(rows["owner"], np.int32),
    )


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


def _plain(values: Any, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - whatever DuckDB gives for a column
    """A contiguous, writable array of one type, NaN where a number is missing: the kernel is compiled for no other."""
    if isinstance(values, np.ma.MaskedArray):
        values = values.filled(np.nan) if dtype is np.float64 else values.data
    return np.array(values, dtype=dtype, order="C")


def _one(database: "DuckDBPyConnection", query: str) -> Any:  # noqa: ANN401 - one value of any type
    row = database.execute(query).fetchone()
    return None if row is None else row[0]
