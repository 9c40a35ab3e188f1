"""The feature matrix as the features stage left it: snapshots, numbers, view and metadata."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data_contracts.errors import FileError
from features.arrays import Floats
from features.view import FeatureView

PARTS = ("train", "calibrate", "test")


@dataclass(frozen=True)
class Matrix:
    """Snapshots (n rows) and their features X (n, features), in one order."""

    snapshots: pd.DataFrame
    X: Floats
    view: FeatureView
    metadata: dict[str, Any]

    def rows(self, *parts: str) -> "Matrix":
        """Only the snapshots of the named parts that have a label."""
        keep = (self.snapshots["part"].isin(parts) & self.snapshots["label"].notna()).to_numpy()
        return Matrix(self.snapshots[keep].reset_index(drop=True), self.X[keep], self.view, self.metadata)

    @property
    def y(self) -> Floats:
        """Labels (n,): 1 won within the horizon, 0 not."""
        return self.snapshots["label"].to_numpy(np.float64)

    @property
    def weight(self) -> Floats:
        """Weights (n,): the snapshots of one lead weigh 1 together."""
        return self.snapshots["weight"].to_numpy(np.float64)

    @property
    def lead(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """A number per lead (n,), for grouping its snapshots."""
        return pd.factorize(self.snapshots["lead_id"])[0].astype(np.int64)


def read_matrix(directory: Path) -> Matrix:
    """Read what the features stage wrote.

    Raises FileError where a file is missing.
    """
    for name in ("snapshots.parquet", "matrix.parquet", "view.json", "facts.json"):
        if not (directory / name).exists():
            raise FileError(f"{directory / name} does not exist.", hint="Run `whylead features` first.")
    view = FeatureView.from_dict(json.loads((directory / "view.json").read_text(encoding="utf-8")))
    names = [feature.name for feature in view.features]
    frame = pd.read_parquet(directory / "matrix.parquet", columns=names)
    return Matrix(
        snapshots=pd.read_parquet(directory / "snapshots.parquet"),
        X=np.ascontiguousarray(frame.to_numpy(np.float64)),
        view=view,
        metadata=json.loads((directory / "facts.json").read_text(encoding="utf-8")),
    )


def snapshot_times(matrix: Matrix) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Moments of the snapshots in microseconds, NO_TIME for undated ones (which is also pandas' NaT)."""
    times = matrix.snapshots["snapshot_at"].to_numpy("datetime64[us]")
    return times.astype(np.int64)
