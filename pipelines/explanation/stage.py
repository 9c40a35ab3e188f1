"""The explain stage: exact SHAP values of the test leads, and what drives conversion per signal, family and channel."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from features.arrays import Floats, Integers
from features.feature import Feature
from models.explanation.points import Explanation, explain_contributions
from models.margin.model import LeadModel
from models.storage.artifact import Artifact, load_artifact
from pipelines.explanation.figures import write_shap_figures
from pipelines.explanation.importance import Importance, importance
from pipelines.explanation.page import importance_page
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.workspace.params import ExplainParams
from pipelines.workspace.workspace import Workspace

SEED = 0
_ROWS_AT_ONCE = 1000  # between two reports of progress


@dataclass(frozen=True)
class Explained:
    """The explanation of some leads: their rows of snapshots.parquet, features X (n, features), and the parts."""

    snapshots: pd.DataFrame
    X: Floats
    features: tuple[Feature, ...]
    explanation: Explanation
    importance: Importance


def explain_model(
    workspace: Workspace,
    params: ExplainParams,
    on_progress: Progress = silent,
    *,
    matrix: Matrix | None = None,
    artifact: Artifact | None = None,
) -> Explained:
    """Explain the trained model on test leads and write ``explanation/``.

    That is shap.parquet (lead_id, snapshot_at, base, a SHAP value in log-odds per feature, probability),
    importance_signals.csv, importance_families.csv, importance_channels.csv, importance.html, beeswarm.png and bar.png.
    Raises FileError where an earlier stage did not run, ArtifactError where the model does not load, DataFallsShort
    where there is no test lead.
    """
    on_progress("reading", 0.0)
    test = matrix.rows("test") if matrix else read_matrix(workspace.features, "test")
    artifact = artifact or load_artifact(workspace.model)
    rows = one_snapshot_each(test.snapshots, params.max_leads)
    if rows.size == 0:
        raise DataFallsShort("The test split has no labelled leads to explain.", hint="Run `whylead features` again.")
    explained = explain_rows(test, artifact.model, rows, on_progress)
    on_progress("drawing", 0.8)
    write_explanation(explained, workspace.explanation)
    return explained


def one_snapshot_each(snapshots: pd.DataFrame, max_leads: int) -> Integers:
    """Row numbers, in order: a random snapshot of each of at most ``max_leads`` leads drawn at random.

    A random snapshot stands for all ages of a lead as its snapshots do in training, where they weigh 1 together.
    """
    shuffled = np.random.default_rng(SEED).permutation(len(snapshots))
    lead = pd.factorize(snapshots["lead_id"])[0][shuffled]
    first = np.unique(lead, return_index=True)[1]
    return np.sort(shuffled[np.sort(first)[:max_leads]])


def explain_rows(matrix: Matrix, model: LeadModel, rows: Integers, on_progress: Progress = silent) -> Explained:
    """Explain some rows of a matrix."""
    X, snapshots = matrix.X[rows], matrix.snapshots.iloc[rows].reset_index(drop=True)
    contributions = np.empty((len(X), X.shape[1] + 1))
    for start in range(0, len(X), _ROWS_AT_ONCE):
        on_progress("computing SHAP values", 0.8 * start / len(X))
        part = slice(start, start + _ROWS_AT_ONCE)
        contributions[part] = model.margin.contributions(X[part])
    explanation = explain_contributions(model.calibrator, contributions, model.probability(X))
    features = matrix.view.features
    return Explained(snapshots, X, features, explanation, importance(explanation, features, X, snapshots))


def shap_table(explained: Explained) -> pd.DataFrame:
    """SHAP values in log-odds, one column per feature; ``base`` and the features add up to the margin."""
    names = [feature.name for feature in explained.features]
    values = pd.DataFrame(explained.explanation.log_odds, columns=names)
    keys = explained.snapshots[["lead_id", "snapshot_at"]].assign(base=explained.explanation.base)
    probability = pd.Series(explained.explanation.probability, name="probability")
    return pd.concat([keys, values, probability], axis=1)


def write_explanation(explained: Explained, directory: Path) -> None:
    """Write the files of an explanation in place of ``directory``; all of them appear, or none."""
    with replacing(directory) as (fresh,):
        shap_table(explained).to_parquet(fresh / "shap.parquet", index=False)
        for name, table in explained.importance.tables().items():
            table.to_csv(fresh / f"importance_{name}.csv", index=False, float_format="%.6g")
        write_shap_figures(fresh, explained.explanation.log_odds, explained.X, explained.features)
        page = importance_page(explained.importance, fresh / "beeswarm.png")
        (fresh / "importance.html").write_text(page, encoding="utf-8")
