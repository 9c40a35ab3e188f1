"""What was tested and learned from, in words: the head of the report."""

from collections import Counter

import pandas as pd

from models.storage.artifact import Artifact
from pipelines.featurization.matrix import Matrix

_COMPONENTS = {"lightgbm": "boosted trees (LightGBM)", "logistic": "logistic terms"}


def period_of(snapshots: pd.DataFrame) -> str:
    """The first and the last day of the snapshots; empty where days are not known."""
    at = snapshots["snapshot_at"]
    return "" if at.isna().all() else f"{at.min():%Y-%m-%d} to {at.max():%Y-%m-%d}"


def about_model(artifact: Artifact, matrix: Matrix) -> dict[str, str]:
    """Lines for the head of the report, as label and text."""
    horizon, calibrator = matrix.metadata["horizon_days"], artifact.model.calibrator.kind
    bought = "a deal won at any time" if horizon == "until_closed" else f"a deal won within {float(horizon):g} days"
    return {
        "Data set": str(matrix.metadata["mapping"]),
        "Bought": bought,
        "Training data": _training_data(matrix.snapshots),
        "Model": _components(artifact),
        "Calibration": "none needed" if calibrator == "identity" else calibrator.replace("_", "-"),
        "Features": f"{len(artifact.view.features):,}",
    }


def _training_data(snapshots: pd.DataFrame) -> str:
    rows = snapshots[snapshots["part"].isin(["train", "calibrate"]) & snapshots["label"].notna()]
    return f"{rows['lead_id'].nunique():,} leads ({len(rows):,} snapshots)"


def _components(artifact: Artifact) -> str:
    counts = Counter(component.kind for component in artifact.model.margin.components)
    if not counts:
        return "none: the base rate for every lead"
    named = [(_COMPONENTS.get(kind, kind), count) for kind, count in counts.items()]
    return " + ".join(name if count == 1 else f"{count} {name}" for name, count in named)
