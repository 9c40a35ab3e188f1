"""The files of the features stage, written beside their place and moved there when they are whole."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data_contracts.progress import Progress
from data_contracts.replacing import replacing
from features.arrays import DAY, NO_TIME, Floats
from features.labels.splits import Split
from features.records.records import Categorical, Column, Records
from features.view import FeatureView
from pipelines.featurization.checksums import write_checksums
from pipelines.featurization.matrix import ROWS_AT_ONCE
from pipelines.labelling.labelled import Labelled, position

SEGMENTS = (
    ("leads", "source"),
    ("accounts", "industry"),
    ("leads", "country"),
    ("leads", "channel"),
    ("leads", "campaign"),
)


def write_features(
    out: Path,
    labelled: Labelled,
    split: Split,
    view: FeatureView,
    metadata: dict[str, Any],
    matrix: Iterable[Floats],
    tables: str,
    on_progress: Progress,
) -> None:
    """Write snapshots.parquet, matrix.parquet, view.json, facts.json and checksums.json into ``out``, or nothing.

    ``matrix`` are the features of the snapshots in slices, ``tables`` the checksum of what they are made from.
    """
    with replacing(out) as (fresh,):
        pq.write_table(_snapshot_table(labelled, split), fresh / "snapshots.parquet")
        _write_matrix(fresh / "matrix.parquet", view, matrix, len(labelled.snapshots), on_progress)
        (fresh / "view.json").write_text(json.dumps(view.to_dict(), indent=1, allow_nan=False) + "\n", encoding="utf-8")
        (fresh / "facts.json").write_text(json.dumps(metadata, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        write_checksums(fresh, tables)


def _snapshot_table(labelled: Labelled, split: Split) -> pa.Table:
    records, snapshots = labelled.records, labelled.snapshots
    lead, at = snapshots.lead_index, snapshots.at
    dated, known = at != NO_TIME, (at != NO_TIME) & (records.created_at[lead] != NO_TIME)
    age = np.where(known, (at - np.where(known, records.created_at[lead], 0)) / DAY, np.nan)
    return pa.table(
        {
            "lead_id": pa.array(records.lead_ids, pa.string()).take(pa.array(lead)),
            "snapshot_at": pa.array(at, pa.timestamp("us", tz="UTC"), mask=~dated),
            "age_days": pa.array(age, pa.float64(), mask=~known),
            "label": pa.array(np.nan_to_num(labelled.label).astype(np.int8), pa.int8(), mask=np.isnan(labelled.label)),
            "weight": pa.array(_weights(labelled, split)),
            "part": pa.array(split.part),
            "position": pa.array(position(labelled)),
            "copy_of": pa.array(lead if labelled.copy_of is None else labelled.copy_of[lead]),
        }
        | {name: _segment(records, lead, table, name) for table, name in SEGMENTS}
    )


def _segment(records: Records, lead: NDArray[np.int64], table: str, name: str) -> pa.Array:
    column: Column | None = (records.leads if table == "leads" else records.accounts).get(name)
    row = lead if table == "leads" else records.account_of[lead].astype(np.int64)
    if not isinstance(column, Categorical) or not column.codes.size:
        return pa.nulls(lead.size, pa.string())
    codes = np.where(row < 0, -1, column.codes[row])
    return pa.DictionaryArray.from_arrays(
        pa.array(np.maximum(codes, 0), pa.int32(), mask=codes < 0), pa.array(column.levels, pa.string())
    ).dictionary_decode()


def _write_matrix(path: Path, view: FeatureView, matrix: Iterable[Floats], rows: int, on_progress: Progress) -> None:
    """Write the matrix in row groups, so that it never stands in memory as a whole."""
    schema = pa.schema([(feature.name, pa.float64()) for feature in view.features])
    done, total = 0, max(1, rows)
    with pq.ParquetWriter(path, schema) as writer:
        for X in matrix:
            columns = [pa.array(X[:, column], pa.float64()) for column in range(X.shape[1])]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=ROWS_AT_ONCE)
            done += len(X)
            on_progress("computing features", 0.45 + 0.55 * done / total)


def _weights(labelled: Labelled, split: Split) -> Floats:
    """Weights (n,): the snapshots of one lead in one part sum to 1."""
    _, code = np.unique(split.part, return_inverse=True)
    _, group, counts = np.unique(labelled.snapshots.lead_index * 8 + code, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / counts[group], dtype=np.float64)
