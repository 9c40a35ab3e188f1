"""Profiles: what is known of every lead and account but its events, as columns of Records."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.dataset import Attribute, Dataset
from features.arrays import NO_TIME, Codes
from features.records.records import Categorical, Column, Events, Records
from features.records.related import Related
from pipelines.tables.columns import read_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEYS = frozenset({"lead_id", "account_id", "created_at", "order"})


def read_profiles(database: Callable[[], "DuckDBPyConnection"], dataset: Dataset) -> Records:
    """The leads of a dataset, in the order of the table, and their accounts; nothing has happened to anybody.

    The database is asked for only where an attribute has a history.
    """
    lead_ids = read_column(dataset, "leads", "lead_id").cast(pa.string())
    account_ids, account_of = _accounts(dataset)
    leads, accounts = len(lead_ids), len(account_ids)
    attributes = dataset.manifest.attributes
    return Records(
        lead_ids=lead_ids.to_numpy(),
        created_at=_times(read_column(dataset, "leads", "created_at")),
        leads=_columns(dataset, "leads", leads),
        account_of=account_of,
        accounts=_columns(dataset, "accounts", accounts),
        lead_events=no_events(leads),
        account_events=no_events(accounts),
        lead_history=_history(database, attributes, "lead", lead_ids),
        account_history=_history(database, attributes, "account", account_ids),
    )


def no_events(owners: int) -> Events:
    """The events of owners to whom nothing happened."""
    codes, flags = np.empty(0, np.int32), np.empty(0, np.uint8)
    times, types = np.empty(0, np.int64), Categorical(codes, ())
    return Events(np.zeros(owners + 1, np.int64), times, types, Related(codes, ()), np.empty(0), flags, codes.copy())


def _accounts(dataset: Dataset) -> tuple[pa.ChunkedArray, Codes]:
    """The ids of accounts as in their table, then those that only leads name; and the account of each lead."""
    known = read_column(dataset, "accounts", "account_id").cast(pa.string())
    of_leads = read_column(dataset, "leads", "account_id").cast(pa.string())
    named = pc.unique(of_leads.filter(pc.invert(pc.is_in(of_leads, known)))).drop_null()
    ids = pa.chunked_array([*known.chunks, named], pa.string())
    account_of = pc.index_in(of_leads, ids).fill_null(-1).to_numpy()
    return ids, np.array(account_of, np.int32)


def _columns(dataset: Dataset, table: str, rows: int) -> Mapping[str, Column]:
    """The columns that may become features, one read at a time, lengthened with missing values to ``rows``."""
    metadata = pq.read_metadata(dataset.path(table))
    schema = metadata.schema.to_arrow_schema()
    return {
        field.name: _nothing(field.type, rows)
        if _is_empty(metadata, position)
        else _column(read_column(dataset, table, field.name), rows)
        for position, field in enumerate(schema)
        if field.name not in KEYS
    }


def _is_empty(metadata: pq.FileMetaData, position: int) -> bool:
    """Whether the statistics of a column say that it holds no value: then it need not be read."""
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    statistics = [(group.num_rows, group.column(position).statistics) for group in groups]
    return all(each is not None and each.has_null_count and each.null_count == rows for rows, each in statistics)


def _nothing(kind: pa.DataType, rows: int) -> Column:
    return np.full(rows, np.nan) if _is_number(kind) else Categorical(np.full(rows, -1, np.int32), ())


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _column(column: pa.ChunkedArray, rows: int) -> Column:
    extra = rows - len(column)
    if _is_number(column.type):
        numbers = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return np.concatenate([np.array(numbers, dtype=np.float64), np.full(extra, np.nan)])
    coded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Categorical(
        np.concatenate([codes, np.full(extra, -1)]).astype(np.int32), tuple(coded.dictionary.to_pylist())
    )


def _times(column: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.array(column.cast(pa.int64()).fill_null(int(NO_TIME)).to_numpy(), dtype=np.int64)


def _history(
    database: Callable[[], "DuckDBPyConnection"], attributes: tuple[Attribute, ...], owner: str, ids: pa.ChunkedArray
) -> dict[str, Events]:
    """Per attribute with a history its changes, also where there are none: before its first change it is missing."""
    names = [each.name for each in attributes if each.table == f"{owner}s" and each.known_at == "changes"]
    return {name: _changes(database(), name, owner, ids) for name in names}


def _changes(database: "DuckDBPyConnection", field: str, owner: str, ids: pa.ChunkedArray) -> Events:
    """A field's changes in the order of features/records/live_lead.py; a cleared value has no code and comes first."""
    numbered = pa.table({"id": ids, "owner": np.arange(len(ids), dtype=np.int32)})
    with _registered(database, "owner_rows", numbered):
        return _changes_of(database, field, owner, len(ids))


@contextmanager
def _registered(database: "DuckDBPyConnection", name: str, table: pa.Table) -> Iterator[None]:
    """Let the database see a table for as long as it is needed."""
    database.register(name, table)
    yield
    database.unregister(name)


def _changes_of(database: "DuckDBPyConnection", field: str, owner: str, owners: int) -> Events:
    values = database.execute(
        "SELECT DISTINCT value FROM changes WHERE field = ? AND value IS NOT NULL AND value <> ''", [field]
    ).fetchall()
    levels = sorted(level for (level,) in values)
    query = f"""
        SELECT o.owner, epoch_us(c.changed_at) AS moment, coalesce(l.code, -1)::INTEGER AS code
        FROM changes c JOIN owner_rows o ON c.{owner}_id = o.id
        LEFT JOIN (SELECT unnest(?::VARCHAR[]) AS level, unnest(?::INTEGER[]) AS code) l ON c.value = l.level
        WHERE c.field = ? ORDER BY o.owner, moment, code
    """  # noqa: S608 - owner is one of two words
    rows = database.execute(query, [levels, list(range(len(levels))), field]).fetchnumpy()
    who, count = plain(rows["owner"], np.int32), len(rows["owner"])
    return Events(
        starts=np.searchsorted(who, np.arange(owners + 1)).astype(np.int64),
        at=plain(rows["moment"], np.int64),
        type=Categorical(plain(rows["code"], np.int32), tuple(levels)),
        related=Related(np.full(count, -1, np.int32), ()),
        value=np.full(count, np.nan),
        automated=np.zeros(count, dtype=np.uint8),
        lead=who,
    )


def plain(values: Any, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - whatever DuckDB gives for a column
    """A contiguous, writable array of one type: the kernels are compiled for no other."""
    return np.array(values.data if isinstance(values, np.ma.MaskedArray) else values, dtype=dtype, order="C")
