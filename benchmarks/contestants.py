"""The servers of the HTTP benchmark: how each is started, what it is asked, and what it should answer."""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.storage.registry import tracking_uri
from pipelines.featurization.matrix import read_matrix
from pipelines.workspace.workspace import Workspace

PYTHON = [sys.executable, "-P"]
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # MLflow starts uvicorn by its name


@dataclass(frozen=True)
class Contestant:
    """A server; its command ends in the port."""

    name: str
    command: list[str]
    path: str
    ready: str
    bodies: list[dict[str, Any]]
    expected: list[float]
    number: Callable[[dict[str, Any]], float]  # of an answer, to compare with what is expected
    environment: dict[str, str] = field(default_factory=dict)


def ours(workspace: Workspace, bodies: list[dict[str, Any]], expected: list[float]) -> Contestant:
    """``whylead serve``; every answer has reasons."""

    def probability(answer: dict[str, Any]) -> float:
        assert answer["reasons"]
        return float(answer["probability"])

    program = [*PYTHON, "-c", "from pipelines.cli import main; main()", "serve", "--workspace", str(workspace.root)]
    return Contestant("whylead", [*program, "--port"], "/v1/score", "/readyz", bodies, expected, probability)


def empty(bodies: list[dict[str, Any]]) -> Contestant:
    """FastAPI and the same request model, under the same server with the same settings."""
    program = [*PYTHON, "-m", "uvicorn", "benchmarks.empty_app:app", "--app-dir", "."]
    command = [*program, "--no-access-log", "--no-server-header", "--port"]
    return Contestant("empty handler", command, "/v1/score", "/docs", bodies, [0.5] * len(bodies), _probability)


def mlflow_booster(workspace: Workspace, rows: int, directory: Path) -> Contestant:
    """The champion's trees as MLflow's own LightGBM model: no reasons, no calibrator, and features made beforehand."""
    import lightgbm
    import mlflow.lightgbm
    from mlflow.models import infer_signature

    booster = lightgbm.Booster(model_file=next((workspace.champion / "components").glob("*_lightgbm.txt")))
    matrix = read_matrix(workspace.features).rows("test")
    X = pd.DataFrame(matrix.X[:rows], columns=booster.feature_name())
    expected = np.asarray(booster.predict(X.to_numpy()), np.float64)
    model = directory / "mlflow-booster"
    mlflow.lightgbm.save_model(booster, str(model), signature=infer_signature(X, expected))
    records = X.astype(object).where(X.notna(), None).to_dict("records")
    return Contestant(
        "mlflow models serve, LightGBM model without reasons",
        _mlflow_serve(str(model)), "/invocations", "/ping", [{"dataframe_records": [each]} for each in records],
        expected.tolist(), lambda answer: float(answer["predictions"][0]), {"PATH": PATH},
    )  # fmt: skip


def mlflow_champion(workspace: Workspace, bodies: list[dict[str, Any]], expected: list[float]) -> Contestant:
    """The registered champion: whylead's own code, reasons included, behind MLflow's server."""
    return Contestant(
        "mlflow models serve, whylead's own pyfunc with reasons",
        _mlflow_serve("models:/whylead@champion"), "/invocations", "/ping",
        [{"dataframe_records": [{"request": json.dumps(body)}]} for body in bodies],
        expected, lambda answer: _probability(answer["predictions"][0]),
        {"PATH": PATH, "MLFLOW_TRACKING_URI": tracking_uri(workspace.root)},
    )  # fmt: skip


def _mlflow_serve(model: str) -> list[str]:
    options = ["-m", model, "--env-manager", "local", "--workers", "1", "--port"]
    return [sys.executable, "-m", "mlflow", "models", "serve", *options]


def _probability(answer: dict[str, Any]) -> float:
    return float(answer["probability"])
