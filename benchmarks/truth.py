"""Quality on simulated leads, whose true probabilities are known."""

import tempfile
from pathlib import Path

from benchmarks.results import Result
from pipelines.pipeline import run_pipeline
from pipelines.simulation.simulator import simulate
from pipelines.workspace.params import Params
from pipelines.workspace.workspace import Workspace

LEADS, SEED = 50_000, 41


def run(scale: float, budget: float) -> list[Result]:
    """ROC AUC against that of the truth, calibration slope and expected calibration error, each against its bar."""
    with tempfile.TemporaryDirectory() as directory:
        workspace = Workspace(Path(directory))
        simulate(int(LEADS * scale), SEED, workspace.source)
        params = Params.model_validate({"train": {"budget_seconds": budget}, "evaluate": {"bootstrap": 100}})
        truth = workspace.source / "truth" / "probabilities.parquet"
        run = run_pipeline(workspace, "simulated", workspace.source, params, truth=truth)
        assert run.evaluation
        found = run.evaluation.to_json()
    slope, ece = found["calibration"]["slope"]["value"], found["test"]["ece"]["value"]
    note = f"mean absolute error against the truth {found['truth']['mean_absolute_error']:.4f}"
    return [
        Result("simulated: ROC AUC", "the true probabilities", found["truth"]["roc_auc_ratio"], 0.99, None, note),
        Result("simulated: calibration slope", "0.9 to 1.1", 1.1 - abs(slope - 1.0), 1.0, None, f"slope {slope:.3f}"),
        Result("simulated: calibration error", "at most 0.010", 0.010 / ece, 1.0, None, f"ECE {ece:.4f}"),
    ]
