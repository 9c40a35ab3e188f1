"""The feature matrix as the features stage left it: snapshots, numbers, view and metadata."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from features.arrays import Flags, Floats, Times
from features.view import FeatureView
from pipelines.featurization.checksums import Checksums, checked

PARTS = ("train", "calibrate", "test")
ROWS_AT_ONCE = 65_536  # that are computed, written and read together


@dataclass(frozen=True)
class Matrix:
    """Snapshots (n rows) and their features X (n, features), in one order.

    ``checksums`` are those of the whole files, whichever of their rows these are.
    """

    snapshots: pd.DataFrame
    X: Floats
    view: FeatureView
    metadata: dict[str, Any]
    checksums: Checksums

    def rows(self, *parts: str) -> "Matrix":
        """Only the snapshots of the named parts that have a label."""
        keep = _labelled(self.snapshots, parts)
        return replace(self, snapshots=self.snapshots[keep].reset_index(drop=True), X=self.X[keep])

    @property
    def y(self) -> Floats:
        """Labels (n,): 1 won within the horizon, 0 not."""
        return self.snapshots["label"].to_numpy(np.float64)

    @property
    def weight(self) -> Floats:
        """Weights (n,): the snapshots of one lead weigh 1 together."""
        return self.snapshots["weight"].to_numpy(np.float64)

    @property
    def at(self) -> Times:
        """Moments (n,) in microseconds, NO_TIME for undated snapshots (which is also pandas' NaT)."""
        return self.snapshots["snapshot_at"].to_numpy("datetime64[us]").astype(np.int64)

    @property
    def lead(self) -> NDArray[np.int64]:
        """A number per lead (n,), for grouping its snapshots."""
        return pd.factorize(self.snapshots["lead_id"])[0].astype(np.int64)

    @property
    def kept_together(self) -> NDArray[np.int64]:
        """A number per lead and its copies (n,): what is learned of one is known of the others."""
        if "copy_of" not in self.snapshots:
            return self.lead
        return pd.factorize(self.snapshots["copy_of"])[0].astype(np.int64)


def read_matrix(directory: Path, *parts: str) -> Matrix:
    """Read what the features stage wrote; where parts are named only their snapshots that have a label.

    Raises FileError where a file is missing, or is not the one that the stage wrote.
    """
    checksums = checked(directory)
    view = FeatureView.from_dict(json.loads((directory / "view.json").read_text(encoding="utf-8")))
    snapshots = pd.read_parquet(directory / "snapshots.parquet")
    keep = _labelled(snapshots, parts) if parts else np.ones(len(snapshots), np.bool_)
    return Matrix(
        snapshots=snapshots[keep].reset_index(drop=True),
        X=_read_rows(directory / "matrix.parquet", [feature.name for feature in view.features], keep),
        view=view,
        metadata=json.loads((directory / "facts.json").read_text(encoding="utf-8")),
        checksums=checksums,
    )


def _labelled(snapshots: pd.DataFrame, parts: Sequence[str]) -> Flags:
    return (snapshots["part"].isin(parts) & snapshots["label"].notna()).to_numpy()


def _read_rows(path: Path, names: Sequence[str], keep: Flags) -> Floats:
    """The rows to keep, out of some thousands at a time, so that the matrix is in memory once and not twice."""
    X = np.empty((int(keep.sum()), len(names)))
    first = row = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=names):
            kept = keep[first : first + batch.num_rows]
            rows = slice(row, row + int(kept.sum()))
            for column, name in enumerate(names):
                X[rows, column] = batch.column(name).to_numpy(zero_copy_only=False)[kept]
            first, row = first + batch.num_rows, rows.stop
    return X
