"""The small company of tests/models/small_artifact.py as canonical tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data_contracts.contract import arrow_schema
from data_contracts.dataset import TABLES, Attribute, Dataset, DatasetManifest, write_manifest
from tests.features.requests import LeadRequest


def write_tables(
    directory: Path,
    requests: Sequence[LeadRequest],
    attributes: tuple[Attribute, ...] = (),
    **manifest: Any,
) -> Dataset:
    """Write the leads of requests as a dataset; each lead has an account of its own, or none."""
    directory.mkdir(parents=True, exist_ok=True)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in TABLES}
    for number, request in enumerate(requests):
        account = request.get("account")
        account_id = None if account is None else f"A{number}"
        rows["leads"].append({**request["lead"], "account_id": account_id})
        if account is not None:
            rows["accounts"].append({**account, "account_id": account_id})
        for each in request.get("activities", ()):
            key = f"{number}-{len(rows['activities'])}"
            rows["activities"].append({**each, "activity_id": key, "lead_id": request["lead"]["lead_id"]})
    for table in TABLES:
        write_table(directory, table, rows[table], [each for each in attributes if each.table == table])
    write_manifest(DatasetManifest(mapping="test", order="time", attributes=attributes, **manifest), directory)
    return Dataset(directory)


def write_table(
    directory: Path, table: str, rows: Sequence[Mapping[str, Any]], attributes: Sequence[Attribute] = ()
) -> None:
    """Write one table of a dataset; columns that rows lack are missing."""
    schema = arrow_schema(table, attributes)
    columns = [
        pa.array([row.get(field.name) for row in rows], type=_plain(field.type)).cast(field.type) for field in schema
    ]
    pq.write_table(pa.table(columns, schema=schema), directory / f"{table}.parquet")


def _plain(kind: pa.DataType) -> pa.DataType:
    return pa.int64() if pa.types.is_timestamp(kind) else kind
