"""Writes the events of leads: one pass over the tables, grouped by lead in buckets, each bucket a group of rows."""

import json
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.contract import load_contract
from data_contracts.dataset import Dataset
from data_contracts.errors import FileError
from data_contracts.threads import in_order
from features.arrays import Codes
from features.records.grouping import ROW, Rows, route_to_leads
from features.records.ids import Ids
from pipelines.tables.block_plan import one_block
from pipelines.tables.database import open_database
from pipelines.tables.events import ACTIVITIES, ANSWERS, Vocabulary, columns_of, index_leads, read_vocabulary, stream
from pipelines.tables.events_file import FORMAT, METADATA, NAME, SCHEMA, SOURCES, digest_of
from pipelines.tables.grouped_events import GroupedEvents
from pipelines.tables.spilled_events import SpilledEvents
from pipelines.workspace.resources import Resources

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ANSWER = -2 * 256  # what answers are about, as rows have it: the code -2 comes before nothing, which is -1
_CODES = ["kind", "related", "automated", "answer"]


def group_events(dataset: Dataset, resources: Resources) -> None:
    """Write the events file of tables that were just written, beside them."""
    with open_database(dataset, resources) as database:
        write_events(database, dataset, dataset.directory / NAME, resources)


def write_events(database: "DuckDBPyConnection", dataset: Dataset, path: Path, resources: Resources) -> None:
    """Write what leads did and what sales answered, within the memory.

    Raises FileError where a table lacks a column of its contract.
    """
    _refuse_older_tables(dataset)
    words, leads = read_vocabulary(database), index_leads(dataset)
    activities = int(pq.read_metadata(dataset.path("activities")).num_rows)
    plan = one_block(np.full(len(leads.words), -1, np.int32), 0, activities)
    first = plan.lead_bounds(0)
    about = {"format": FORMAT, "tables": digest_of(dataset), "first": first.tolist(), **vars(words)}
    schema = SCHEMA.with_metadata({METADATA: json.dumps(about).encode()})
    with (
        closing(SpilledEvents(first.size - 1, resources.spill)) as events,
        pq.ParquetWriter(path, schema, compression="lz4", use_dictionary=_CODES, write_statistics=False) as writer,
    ):
        _collect(database, leads, words, plan.bucket_of_lead, events, resources.threads)
        for batch in in_order(_batches(GroupedEvents(events, words), first), resources.threads):
            writer.write_batch(batch, row_group_size=max(1, batch.num_rows))


def _refuse_older_tables(dataset: Dataset) -> None:
    for table in SOURCES:
        path = dataset.path(table)
        lacking = [name for name in load_contract(table).names if name not in pq.read_schema(path).names]
        if lacking:
            raise FileError(
                f"{path} lacks what its contract has: {', '.join(lacking)}.",
                hint="An earlier version of whylead imported it. Run `whylead import` again.",
            )


def _collect(
    database: "DuckDBPyConnection", leads: Ids, words: Vocabulary, bucket_of: Codes, into: SpilledEvents, threads: int
) -> None:
    for query in (ACTIVITIES, ANSWERS):
        route = partial(_route, leads, bucket_of, into.sizes.size, answers=query == ANSWERS)
        for rows, bounds in in_order((partial(route, batch) for batch in stream(database, query, words)), threads):
            into.add(rows, bounds)


def _route(
    leads: Ids, bucket_of: Codes, buckets: int, batch: pa.RecordBatch, *, answers: bool
) -> tuple[Rows, NDArray[np.int64]]:
    lead, at, value, kind, related = columns_of(batch, leads)
    out = np.empty(lead.size, ROW)
    about = np.full(lead.size, _ANSWER, np.int32) if answers else related
    return out, route_to_leads(lead, at, value, kind, about, bucket_of, buckets, out)


def _batches(grouped: GroupedEvents, first: NDArray[np.int64]) -> Iterator[partial[pa.RecordBatch]]:
    for bucket in range(first.size - 1):
        yield partial(_batch, grouped, bucket, first[bucket : bucket + 2])


def _batch(grouped: GroupedEvents, bucket: int, bounds: NDArray[np.int64]) -> pa.RecordBatch:
    events = grouped.load([bucket], bounds, 1)
    related, kind = events.related.codes, events.type.codes
    about, answer = np.maximum(related, -1), related < -1
    columns = (events.lead, events.at, kind, about, events.value, events.automated, answer)
    return pa.RecordBatch.from_arrays([pa.array(each) for each in columns], schema=SCHEMA)
