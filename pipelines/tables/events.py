"""Events of a dataset as a stream of columns in any order: DuckDB reads and codes them, ids become positions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from data_contracts.dataset import Dataset
from data_contracts.errors import InputError
from features.arrays import Codes, Floats, Times
from features.event_types import BANT_TYPES
from features.records.ids import Bytes, Ids, Offsets
from features.records.related import NOTHING, Thing, thing
from pipelines.tables.columns import read_column

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

AT_ONCE = 1 << 18  # rows
MAX_THINGS = (1 << 23) - 1  # 256 times their codes are int32
NAMED = ("related_to", "related_kind", "campaign")  # what features.records.related.thing takes
THING = ", ".join(f"coalesce({name}, '') AS {name}" for name in NAMED)
# As in features/records/machines.py
AUTOMATED = "CASE WHEN is_automated THEN 1 + least(coalesce(automated_after, 0), 254)::INTEGER ELSE 0 END"
ACTIVITIES = f"""
    SELECT lead_id, epoch_us(occurred_at) AS moment, type AS kind, value, {AUTOMATED} AS automated,
           {THING}
    FROM activities WHERE lead_id IS NOT NULL AND occurred_at IS NOT NULL"""  # noqa: S608 - a text above
EVENT = """
    SELECT lead_id, epoch_us({at}) AS moment, {kind} AS kind, {value}::DOUBLE AS value,
           0 AS automated, '' AS related_to, '' AS related_kind, '' AS campaign
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
    """The types of event of a dataset and what its events are about, each in the order of its texts, as codes are."""

    kinds: tuple[str, ...]
    things: tuple[Thing, ...]


def read_vocabulary(database: "DuckDBPyConnection") -> Vocabulary:
    """All types and things."""
    return Vocabulary(
        _kinds(
            database,
            "SELECT type FROM activities UNION SELECT 'verdict_' || verdict FROM dispositions UNION "
            "SELECT 'deal_' || outcome FROM deals UNION SELECT unnest(?)",
            [[*BANT_TYPES, "lead_created"]],
        ),
        _things(database),
    )


def _kinds(database: "DuckDBPyConnection", query: str, values: list[Any]) -> tuple[str, ...]:
    rows = database.execute(f"SELECT DISTINCT * FROM ({query})", values).fetchall()  # noqa: S608 - the texts above
    return tuple(sorted(level for (level,) in rows if level is not None))


def _things(database: "DuckDBPyConnection") -> tuple[Thing, ...]:
    """Raises InputError where they are more than codes have room for."""
    things = {thing(*row) for row in _named(database)} - {NOTHING}
    if len(things) > MAX_THINGS:
        raise InputError(
            f"Activities are about {len(things):,} different things, more than {MAX_THINGS:,}.",
            hint="Map related_to to what several activities share, such as an offer, not to an id of their own.",
        )
    return tuple(sorted(things))


def _named(database: "DuckDBPyConnection") -> list[tuple[str, str, str]]:
    """What activities name, as it is written."""
    return database.execute(f"SELECT DISTINCT {THING} FROM activities").fetchall()  # noqa: S608 - a text above


def _keep_kinds(database: "DuckDBPyConnection", words: Vocabulary) -> None:
    """A table of the codes of types in the database."""
    database.execute(
        "CREATE OR REPLACE TEMP TABLE kind_codes AS SELECT unnest(?::VARCHAR[]) AS level, unnest(?::INTEGER[]) AS code",
        [list(words.kinds), list(range(len(words.kinds)))],
    )


def _keep_things(database: "DuckDBPyConnection", words: Vocabulary) -> None:
    """A table of the codes of what activities name, which takes a pass over them."""
    code_of = {each: code for code, each in enumerate(words.things)}
    named = [row for row in _named(database) if thing(*row) in code_of]
    columns = ", ".join(f"unnest(?::VARCHAR[]) AS {name}" for name in NAMED)
    database.execute(
        f"CREATE OR REPLACE TEMP TABLE thing_codes AS SELECT {columns}, unnest(?::INTEGER[]) AS code",
        [*([row[place] for row in named] for place in range(len(NAMED))), [code_of[thing(*row)] for row in named]],
    )


def index_leads(dataset: Dataset) -> Ids:
    """Where each lead stands in its table."""
    return Ids.of([texts_of(part) for part in read_column(dataset, "leads", "lead_id").chunks])


def stream(database: "DuckDBPyConnection", query: str, words: Vocabulary) -> Iterator["pa.RecordBatch"]:
    """The rows of ACTIVITIES, ANSWERS or OUTCOMES, coded but for their leads."""
    names_things = query == ACTIVITIES and bool(words.things)
    _keep_kinds(database, words)
    if names_things:
        _keep_things(database, words)
    about = f"LEFT JOIN thing_codes t USING ({', '.join(NAMED)})" if names_things else ""
    code = "coalesce(t.code, -1)" if names_things else "-1"
    coded = f"""
        SELECT e.lead_id, e.moment, coalesce(e.value, 'nan'::DOUBLE) AS value, k.code AS kind,
               (256 * {code} + e.automated)::INTEGER AS related
        FROM ({query}) e JOIN kind_codes k ON e.kind = k.level {about}
    """  # noqa: S608 - put together from the texts above
    yield from database.sql(coded).to_arrow_reader(AT_ONCE)


def columns_of(batch: "pa.RecordBatch", leads: Ids) -> tuple[Codes, Times, Floats, Codes, Codes]:
    """A batch of m events as the kernels take it: leads by position (UNKNOWN: none), moments, values, types, related.

    The last is 256 times the code of what the event is about (-1: nothing), plus ``Events.automated``.
    """
    return (
        leads.find(*texts_of(batch.column("lead_id"))),
        _numbers(batch, "moment", np.int64),
        _numbers(batch, "value", np.float64),
        _numbers(batch, "kind", np.int32),
        _numbers(batch, "related", np.int32),
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
