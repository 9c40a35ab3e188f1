"""Events and changes of a dataset as arrays: DuckDB joins them to their owners, orders and codes them."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Attribute
from features.records import Categorical, Events
from features.windows import BANT_TYPES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

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


def lead_events(database: "DuckDBPyConnection", owners: int) -> Events:
    """Activities and answers of sales of every lead."""
    verdicts = EVENT.format(table="dispositions", at='t."at"', kind="'verdict_' || t.verdict", value="NULL")
    answers = [_answers(kind, kind.removeprefix("bant_")) for kind in BANT_TYPES]
    return _events(database, " UNION ALL ".join([ACTIVITIES, verdicts, *answers]), "lead", owners)


def _answers(kind: str, column: str) -> str:
    query = EVENT.format(table="dispositions", at='t."at"', kind=f"'{kind}'", value=f"t.{column}")
    return f"{query} WHERE t.{column} IS NOT NULL"


def account_events(database: "DuckDBPyConnection", owners: int) -> Events:
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
    at = plain(rows["moment"], np.int64)
    return Events(
        starts=np.searchsorted(plain(rows["owner"], np.int32), np.arange(owners + 1)).astype(np.int64),
        at=at,
        type=Categorical(plain(rows["kind"], np.int32), kinds),
        channel=Categorical(plain(rows["channel"], np.int32), channels),
        value=plain(rows["value"], np.float64),
        automated=plain(rows["automated"], np.bool_),
        lead=plain(rows["lead"], np.int32),
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


def history(
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
        starts=np.searchsorted(plain(rows["owner"], np.int32), np.arange(owners + 1)).astype(np.int64),
        at=plain(rows["moment"], np.int64),
        type=Categorical(np.where(cleared, -1, codes).astype(np.int32), tuple(texts.tolist())),
        channel=Categorical(np.full(count, -1, np.int32), ()),
        value=np.full(count, np.nan),
        automated=np.zeros(count, dtype=np.bool_),
        lead=plain(rows["owner"], np.int32),
    )


def plain(values: Any, dtype: Any) -> NDArray[Any]:  # noqa: ANN401 - whatever DuckDB gives for a column
    """A contiguous, writable array of one type, NaN where a number is missing: the kernel is compiled for no other."""
    if isinstance(values, np.ma.MaskedArray):
        values = values.filled(np.nan) if dtype is np.float64 else values.data
    return np.array(values, dtype=dtype, order="C")
