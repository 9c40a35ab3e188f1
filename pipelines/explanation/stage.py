"""The explain stage: exact SHAP values of the test leads, and what drives conversion per signal, family and channel."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from data_contracts.errors import DataFallsShort
from data_contracts.progress import Progress, silent
from data_contracts.replacing import replacing
from features.arrays import Integers
from features.feature import Language
from models.explanation.points import explain_contributions
from models.margin.model import LeadModel
from models.storage.artifact import Artifact, load_artifact
from pipelines.explanation.explained import Explained
from pipelines.explanation.figures import write_shap_figures
from pipelines.explanation.importance import importance
from pipelines.explanation.page import importance_page
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.pages.origin import Origin, cutoff_of
from pipelines.pages.texts import texts_in
from pipelines.registry.chain import MADE_FROM, made_from, require_features
from pipelines.workspace.params import ExplainParams
from pipelines.workspace.workspace import Workspace

SEED = 0
_ROWS_AT_ONCE = 1000  # between two reports of progress


def explain_model(
    workspace: Workspace,
    params: ExplainParams,
    on_progress: Progress = silent,
    *,
    matrix: Matrix | None = None,
    artifact: Artifact | None = None,
    language: Language = "en",
) -> Explained:
    """Explain the trained model on test leads and write ``explanation/``.

    ``language`` is that of the page and of the names in the tables. Written are shap.parquet (lead_id, snapshot_at,
    base, a SHAP value in log-odds per feature, probability), importance_signals.csv, importance_families.csv,
    importance_channels.csv, importance.html, beeswarm.png, bar.png and made_from.json.
    Raises FileError where an earlier stage did not run, ArtifactError where the model does not load or was learned from
    other features, DataFallsShort
    where there is no test lead.
    """
    on_progress("reading", 0.0)
    test = matrix.rows("test") if matrix else read_matrix(workspace.features, "test")
    artifact = artifact or load_artifact(workspace.model)
    require_features(workspace, artifact, test.checksums)
    rows = one_snapshot_each(test.snapshots, params.max_leads)
    if rows.size == 0:
        raise DataFallsShort("The test split has no labelled leads to explain.", hint="Run `whylead features` again.")
    explained = explain_rows(test, artifact.model, rows, on_progress, language)
    on_progress("drawing", 0.8)
    origin = Origin(artifact.version, cutoff_of(test.metadata.get("data_cutoff")))
    write_explanation(
        explained,
        workspace.explanation,
        origin,
        language,
        skilled=_skilled(workspace, artifact),
        made_from=made_from(artifact, test.checksums),
    )
    return explained


def one_snapshot_each(snapshots: pd.DataFrame, max_leads: int) -> Integers:
    """Row numbers, in order: a random snapshot of each of at most ``max_leads`` leads drawn at random.

    A random snapshot stands for all ages of a lead as its snapshots do in training, where they weigh 1 together.
    """
    shuffled = np.random.default_rng(SEED).permutation(len(snapshots))
    lead = pd.factorize(snapshots["lead_id"])[0][shuffled]
    first = np.unique(lead, return_index=True)[1]
    return np.sort(shuffled[np.sort(first)[:max_leads]])


def explain_rows(
    matrix: Matrix, model: LeadModel, rows: Integers, on_progress: Progress = silent, language: Language = "en"
) -> Explained:
    """Explain some rows of a matrix, in the words of a language."""
    X, snapshots = matrix.X[rows], matrix.snapshots.iloc[rows].reset_index(drop=True)
    contributions = np.empty((len(X), X.shape[1] + 1))
    for start in range(0, len(X), _ROWS_AT_ONCE):
        on_progress("computing SHAP values", 0.8 * start / len(X))
        part = slice(start, start + _ROWS_AT_ONCE)
        contributions[part] = model.margin.contributions(X[part])
    explanation = explain_contributions(model.calibrator, contributions, model.probability(X))
    features = matrix.view.features
    summed = importance(explanation, features, X, snapshots, texts_in(language))
    return Explained(snapshots, X, features, explanation, summed)


def shap_table(explained: Explained) -> pd.DataFrame:
    """SHAP values in log-odds, one column per feature; ``base`` and the features add up to the margin."""
    names = [feature.name for feature in explained.features]
    values = pd.DataFrame(explained.explanation.log_odds, columns=names)
    keys = explained.snapshots[["lead_id", "snapshot_at"]].assign(base=explained.explanation.base)
    probability = pd.Series(explained.explanation.probability, name="probability")
    return pd.concat([keys, values, probability], axis=1)


def _skilled(workspace: Workspace, artifact: Artifact) -> bool:
    """Whether the evaluation found no fault with this very model; True where it has not been evaluated."""
    path = workspace.evaluation / "metrics.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return bool(found.get("skill", True)) or found.get("model_version") != artifact.version


def write_explanation(
    explained: Explained,
    directory: Path,
    origin: Origin | None = None,
    language: Language = "en",
    *,
    skilled: bool = True,
    made_from: Mapping[str, str] | None = None,
) -> None:
    """Write the files of an explanation in place of ``directory``; all of them appear, or none.

    ``made_from`` are the checksums of model and features.
    """
    with replacing(directory) as (fresh,):
        (fresh / f"{MADE_FROM}.json").write_text(json.dumps(made_from or {}, indent=2) + "\n", encoding="utf-8")
        shap_table(explained).to_parquet(fresh / "shap.parquet", index=False)
        for name, table in explained.importance.tables().items():
            table.to_csv(fresh / f"importance_{name}.csv", index=False, float_format="%.6g")
        write_shap_figures(fresh, explained.explanation.log_odds, explained.X, explained.features)
        page = importance_page(explained, origin, language, skilled=skilled)
        (fresh / "importance.html").write_text(page, encoding="utf-8")
