"""Small data sets for tests: six Parquet files as an import would leave them."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import arrow_schema
from data_contracts.dataset import TABLES, Dataset, DatasetManifest, write_manifest
from features.records.records import Records
from pipelines.tables.tables import Tables

Row = Mapping[str, Any]
CUTOFF = datetime(2025, 1, 1, tzinfo=UTC)


def write_dataset(
    directory: Path,
    *,
    leads: Iterable[Row] = (),
    accounts: Iterable[Row] = (),
    activities: Iterable[Row] = (),
    deals: Iterable[Row] = (),
    dispositions: Iterable[Row] = (),
    changes: Iterable[Row] = (),
    manifest: DatasetManifest | None = None,
) -> Dataset:
    """Write rows (dictionaries) as tables; columns that a row lacks are null. Times are datetimes with a zone."""
    manifest = manifest or DatasetManifest(mapping="test", order="time", data_cutoff=CUTOFF)
    given = dict(zip(TABLES, (leads, accounts, activities, deals, dispositions, changes), strict=True))
    tables = {
        name: pa.Table.from_pylist([dict(row) for row in rows], schema=arrow_schema(name, manifest.attributes))
        for name, rows in given.items()
    }
    directory.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        pq.write_table(table, directory / f"{name}.parquet")
    counted = {name: table.num_rows for name, table in tables.items()}
    write_manifest(manifest.model_copy(update={"rows": counted}), directory)
    return Dataset(directory)


def load_records(dataset: Dataset) -> Records:
    """Everything known of the leads of a dataset, in the order of the table."""
    with Tables(dataset) as tables:
        return tables.records()
