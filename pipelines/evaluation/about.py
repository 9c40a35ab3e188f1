"""What was tested, in words: the head of the report."""

from collections import Counter

import pandas as pd

from models.evaluation.scored import Scored
from models.storage.artifact import Artifact
from pipelines.evaluation.quality import TestPart
from pipelines.featurization.matrix import Matrix

_COMPONENTS = {"lightgbm": "boosted trees (LightGBM)", "logistic": "logistic terms"}


def about_test(scored: Scored, test: Matrix) -> TestPart:
    """Counts and period of the test rows."""
    at = test.snapshots["snapshot_at"]
    start, end = ("", "") if at.isna().all() else (f"{at.min():%Y-%m-%d}", f"{at.max():%Y-%m-%d}")
    won = float((scored.weight * scored.outcome).sum())
    return TestPart(
        rows=len(scored),
        leads=scored.leads,
        won=won,
        won_rate=scored.won_rate,
        split=str(test.metadata["split"]["strategy"]),
        start=start,
        end=end,
    )


def about_model(artifact: Artifact, matrix: Matrix) -> dict[str, str]:
    """Lines for the head of the report, as label and text."""
    horizon = matrix.metadata["horizon_days"]
    bought = "a deal won at any time" if horizon == "until_closed" else f"a deal won within {float(horizon):g} days"
    return {
        "Data set": str(matrix.metadata["mapping"]),
        "Bought": bought,
        "Training data": _training_data(matrix.snapshots),
        "Model": _components(artifact),
        "Calibration": _calibrator(artifact.model.calibrator.kind),
        "Features": f"{len(artifact.view.features):,}",
    }


def warnings_of(artifact: Artifact) -> tuple[str, ...]:
    """Warnings of training and of the agreement."""
    learning = (str(warning) for warning in artifact.model.report.get("warnings", []))
    return (*learning, *artifact.policy.warnings)


def _training_data(snapshots: pd.DataFrame) -> str:
    rows = snapshots[snapshots["part"].isin(["train", "calibrate"]) & snapshots["label"].notna()]
    return f"{rows['lead_id'].nunique():,} leads ({len(rows):,} snapshots)"


def _calibrator(kind: str) -> str:
    return "none needed" if kind == "identity" else kind.replace("_", "-")


def _components(artifact: Artifact) -> str:
    counts = Counter(component.kind for component in artifact.model.margin.components)
    if not counts:
        return "none: the base rate for every lead"
    named = [(_COMPONENTS.get(kind, kind), count) for kind, count in counts.items()]
    return " + ".join(name if count == 1 else f"{count} {name}" for name, count in named)
