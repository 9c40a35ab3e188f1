"""Verdicts on the activities of an import: which opens and clicks a machine made, where the export does not say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.records.automation import (
    CLICK,
    JUDGED,
    NOT_SAID,
    ROLE_OF,
    RULES,
    UNKNOWN,
    UNSUBSCRIBE,
    UNSUBSCRIBING,
    judge,
)
from pipelines.workspace.resources import Resources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE = 1 << 18  # rows
_SECOND = 1_000_000


@dataclass(frozen=True)
class Verdicts:
    """The verdicts on the n activities of a file: the rule's code (0: none) and the seconds after which it is clear."""

    rule: NDArray[np.uint8]
    after: NDArray[np.uint8]

    @property
    def counts(self) -> dict[str, int]:
        """How many activities each rule found, without the rules that found none."""
        counts = np.bincount(self.rule, minlength=len(RULES) + 1)[1:].tolist()
        return {rule: count for rule, count in zip(RULES, counts, strict=True) if count}


def judge_activities(activities: Path, leads: Path, resources: Resources) -> dict[str, int]:
    """Say in the table of activities who did what the export leaves open; gives how many verdicts each rule gave.

    Memory holds two bytes per activity and a batch; DuckDB orders the rows by lead and spills to disk beside the file.
    """
    import duckdb

    limits = {
        "threads": str(resources.threads),
        "memory_limit": f"{resources.database}B",
        "temp_directory": str(activities.parent),
    }
    with duckdb.connect(config=dict(limits)) as database:
        if not _open(database, activities):
            return {}
        verdicts = _judge(database, activities, leads)
    _write(activities, verdicts)
    return verdicts.counts


def _open(database: "DuckDBPyConnection", activities: Path) -> bool:
    """Whether there is an activity that the evidence has to judge."""
    query = "SELECT 1 FROM read_parquet($path) WHERE is_automated IS NULL AND type IN (SELECT unnest($kinds)) LIMIT 1"
    return bool(database.execute(query, {"path": str(activities), "kinds": sorted(JUDGED)}).fetchall())


def _judge(database: "DuckDBPyConnection", activities: Path, leads: Path) -> Verdicts:
    rows = pq.read_metadata(activities).num_rows
    verdicts = Verdicts(np.zeros(rows, np.uint8), np.zeros(rows, np.uint8))
    for batch in _whole_leads(_ordered(database, activities, leads)):
        lead, place = batch.column("lead").to_numpy(), batch.column("place").to_numpy()
        starts = np.append(np.flatnonzero(np.diff(lead, prepend=-1)), lead.size)
        rule, after = np.zeros(lead.size, np.int32), np.zeros(lead.size, np.int64)
        judge(
            starts, _numbers(batch, "moment"), _numbers(batch, "role"), _codes(batch, "mail"), _codes(batch, "link"),
            _numbers(batch, "given"), rule, after,
        )  # fmt: skip
        verdicts.rule[place] = rule
        verdicts.after[place] = -(-after // _SECOND)
    return verdicts


def _ordered(database: "DuckDBPyConnection", activities: Path, leads: Path) -> Iterator[pa.RecordBatch]:
    """The activities that are evidence, in the order in which they are judged."""
    query = f"""
        SELECT l.file_row_number::INTEGER AS lead, epoch_us(a.occurred_at) AS moment,
               CASE WHEN r.role = {CLICK} AND regexp_matches(coalesce(link, ''), $unsubscribing) THEN {UNSUBSCRIBE}
                    ELSE r.role END::INTEGER AS role,
               coalesce(message_id, '') AS mail, coalesce(link, '') AS link,
               coalesce(is_automated::INTEGER, {NOT_SAID}) AS given, a.file_row_number AS place
        FROM read_parquet($activities, file_row_number = true) a
        JOIN (SELECT unnest($kinds) AS kind, unnest($roles) AS role) r ON a.type = r.kind
        JOIN read_parquet($leads, file_row_number = true) l ON a.lead_id = l.lead_id
        ORDER BY 1, 2, 3, 4, 5, 6
    """  # noqa: S608 - numbers of ours
    parameters = {
        "activities": str(activities),
        "leads": str(leads),
        "unsubscribing": UNSUBSCRIBING,
        "kinds": list(ROLE_OF),
        "roles": list(ROLE_OF.values()),
    }
    yield from database.sql(query, params=parameters).to_arrow_reader(AT_ONCE)


def _whole_leads(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The same rows in pieces that end with the last activity of a lead."""
    waiting: pa.Table | None = None
    for batch in batches:
        rows = pa.Table.from_batches([batch])
        rows = rows if waiting is None else pa.concat_tables([waiting, rows])
        lead = rows.column("lead")
        cut = pc.index(lead, lead[-1]).as_py()
        if cut:
            yield rows.slice(0, cut)
        waiting = rows.slice(cut)
    if waiting is not None:
        yield waiting


def _numbers(rows: pa.Table, name: str) -> NDArray[Any]:
    """A column as the kernel takes it."""
    return np.require(rows.column(name).to_numpy(), requirements=["C", "W"])


def _codes(rows: pa.Table, name: str) -> NDArray[np.int32]:
    """Codes of texts, UNKNOWN for none."""
    texts = rows.column(name).combine_chunks().dictionary_encode()
    none = pc.index(texts.dictionary, "").as_py()
    codes = texts.indices.to_numpy().astype(np.int32)
    return np.where(codes == none, UNKNOWN, codes).astype(np.int32) if none >= 0 else codes


def _write(path: Path, verdicts: Verdicts) -> None:
    """The table anew, with the verdicts; what is judged and not automated was done by a person."""
    other, start = path.with_suffix(".judged"), 0
    with pq.ParquetFile(path) as file, pq.ParquetWriter(other, file.schema_arrow) as writer:
        for batch in file.iter_batches(AT_ONCE):
            stop = start + batch.num_rows
            writer.write_batch(_told(batch, verdicts.rule[start:stop], verdicts.after[start:stop]))
            start = stop
    other.replace(path)


def _told(batch: pa.RecordBatch, rule: NDArray[np.uint8], after: NDArray[np.uint8]) -> pa.RecordBatch:
    found = pa.array(rule > 0)
    names = pa.array([None, *RULES], pa.string())
    judged = pc.is_in(batch.column("type"), pa.array(sorted(JUDGED)))
    columns = {
        "is_automated": pc.coalesce(batch.column("is_automated"), pc.if_else(judged, found, None)),
        "automated_by": names.take(pa.array(rule)),
        "automated_after": pc.if_else(found, pa.array(after.astype(np.float64)), None),
    }
    return pa.RecordBatch.from_arrays(
        [columns.get(name, batch.column(name)) for name in batch.schema.names], schema=batch.schema
    )
