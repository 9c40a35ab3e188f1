"""Quality on real lead data: whylead against a default LightGBM and a logistic regression on the same test leads.

Needs the data sets that WHYLEAD_DATA points at (default ../shared/data); says so where they are absent. The bars are in
log loss, as ratios of the peer's to ours; the table notes the absolute figures.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.results import Result
from pipelines.matrix import read_matrix
from pipelines.params import Params, SplitStrategy
from pipelines.pipeline import run_pipeline
from pipelines.workspace import Workspace

DATA = Path(os.environ.get("WHYLEAD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class Task:
    """A data set with its split, and the bars of ROC AUC and log loss."""

    mapping: str
    split: SplitStrategy
    least_auc: float
    most_log_loss: float


TASKS = (
    Task("bank-marketing", "random", 0.800, 0.2725),
    Task("bank-marketing", "ordered", 0.700, 0.720),
    Task("x-education", "ordered", 0.893, 0.398),
    Task("bpic2012-loan-funnel", "ordered", 0.555, 0.697),
    Task("crm-sales-opportunities", "ordered", 0.0, 0.680),
)


def run(budget: float) -> list[Result]:
    """Every task; nothing where the data sets are absent."""
    if not DATA.is_dir():
        return [Result("quality", f"no data sets at {DATA}: set WHYLEAD_DATA", float("nan"), 0.0)]
    return [result for task in TASKS for result in _measure(task, budget)]


def _measure(task: Task, budget: float) -> list[Result]:
    with tempfile.TemporaryDirectory() as directory:
        workspace = Workspace(Path(directory))
        params = Params.model_validate(
            {
                "features": {"split": task.split, "test_share": 0.2, "seed": 0},
                "train": {"budget_seconds": budget, "seed": 0},
                "evaluate": {"bootstrap": 100},
            }
        )
        done = run_pipeline(workspace, task.mapping, DATA / task.mapping, params)
        assert done.evaluation
        test = done.evaluation.to_json()["test"]
        ours = {name: estimate["value"] for name, estimate in test.items()}
        name = f"{task.mapping}, {task.split}"
        figures = f"ROC AUC {ours['roc_auc']:.4f}, log loss {ours['log_loss']:.4f}"
        results = [
            Result(
                name, f"bar of log loss {task.most_log_loss}", task.most_log_loss / ours["log_loss"], 1.0, None, figures
            ),
            Result(
                name,
                f"bar of ROC AUC {task.least_auc}",
                ours["roc_auc"] / max(task.least_auc, 1e-9),
                1.0,
                None,
                figures,
            ),
        ]
        for peer, (auc, loss) in _peers(workspace).items():
            note = f"peer: ROC AUC {auc:.4f}, log loss {loss:.4f}"
            results.append(Result(name, f"{peer} (log loss)", loss / ours["log_loss"], 1.0, None, note))
        return results[: 1 if task.least_auc == 0 else 2] + results[2:]


def _peers(workspace: Workspace) -> dict[str, tuple[float, float]]:
    """ROC AUC and log loss of models of the shelf on the same matrix and test leads."""
    matrix = read_matrix(workspace.features)
    train, test = matrix.rows("train", "calibrate"), matrix.rows("test")
    trees = lightgbm.LGBMClassifier(random_state=0, verbosity=-1, n_jobs=2).fit(train.X, train.y, train.weight)
    centre = np.nan_to_num(np.nanmedian(np.where(np.isfinite(train.X), train.X, np.nan), axis=0))
    filled = [np.where(np.isfinite(part.X), part.X, centre) for part in (train, test)]
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(filled[0], train.y)
    predictions = {
        "LightGBM default": trees.predict_proba(test.X)[:, 1],
        "logistic regression": linear.predict_proba(filled[1])[:, 1],
    }
    return {
        name: (
            float(roc_auc_score(test.y, p, sample_weight=test.weight)),
            float(log_loss(test.y, p, sample_weight=test.weight)),
        )
        for name, p in predictions.items()
    }
