"""What each stage leaves in MLflow: one run per training, to which evaluation and explanation add."""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from data_contracts.errors import RegistryError
from models.score import PLAIN_ROW
from models.storage.manifest import version_of
from models.storage.registry import connect
from pipelines.featurization.matrix import Matrix
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

BOUNDS = (".low", ".high")
EXAMPLE_REQUEST = json.dumps({"lead": {"source": "website", "job_title": "Head of Operations"}, "activities": []})


def log_training(
    workspace: Workspace, matrix: Matrix, params: Mapping[str, Any], report: Mapping[str, Any]
) -> dict[str, str]:
    """Open the run of a training and log its parameters, data, model and report; what read_run gives from now on."""
    with connect(workspace.root):
        import mlflow

        mapping = matrix.metadata.get("mapping", "")
        with mlflow.start_run(run_name=f"{mapping} {version_of(workspace.model)}".strip()) as run:
            mlflow.log_params({key: str(value)[:500] for key, value in params.items()})
            mlflow.set_tags({"mapping": mapping, "split": matrix.metadata["split"]["strategy"]})
            mlflow.log_metrics({f"rows_{part}": n for part, n in matrix.snapshots["part"].value_counts().items()})
            _log_inputs(workspace, matrix)
            mlflow.log_dict(dict(report), "training.json")
            mlflow.log_artifact(str(workspace.model / "card.md"))
            info = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(_pyfunc_file()),
                artifacts={"artifact": str(workspace.model)},
                signature=_signature(),
                input_example=pd.DataFrame({"request": [EXAMPLE_REQUEST]}),
                pip_requirements=["whylead"],
            )
    logged = {"run_id": str(run.info.run_id), "model_uri": str(info.model_uri)}
    workspace.run_file.write_text(json.dumps(logged, indent=2) + "\n", encoding="utf-8")
    return logged


def log_stage(workspace: Workspace, directory: Path, metrics: Mapping[str, Any] | None = None) -> None:
    """Add what a later stage wrote, and its main metrics, to the run and the model of the training.

    Raises RegistryError where nothing was trained, or the tracking store does not know the run.
    """
    run_id, model_uri = (read_run(workspace)[name] for name in ("run_id", "model_uri"))
    with connect(workspace.root):
        import mlflow
        from mlflow.exceptions import MlflowException

        try:
            run = mlflow.start_run(run_id=run_id)
        except MlflowException as error:
            raise RegistryError(
                f"The tracking store does not know the run {run_id} of {workspace.run_file}.",
                hint="Run `whylead train` again: it opens a new one.",
            ) from error
        with run:
            mlflow.log_metrics(main_metrics(metrics or {}), model_id=_model_id(model_uri))
            mlflow.log_artifacts(str(directory), directory.name)


def read_run(workspace: Workspace) -> dict[str, str]:
    """``run_id`` and ``model_uri`` of the last training.

    Raises RegistryError where nothing was trained.
    """
    if not workspace.run_file.exists():
        raise RegistryError(f"{workspace.run_file} does not exist: nothing was trained.", hint="Run `whylead train`.")
    run: dict[str, str] = json.loads(workspace.run_file.read_text(encoding="utf-8"))
    return run


def main_metrics(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Numbers of nested metrics under dotted names, intervals only of the test leads'; the file among the artifacts
    has the others.

    >>> main_metrics({"test": {"ece": {"value": 0.1, "high": 0.2}}, "truth": {"ece": {"value": 0.1, "high": 0.2}}})
    {'test.ece.value': 0.1, 'test.ece.high': 0.2, 'truth.ece.value': 0.1}
    """
    flat = flatten(metrics)
    return {name: value for name, value in flat.items() if name.startswith("test.") or not name.endswith(BOUNDS)}


def _model_id(model_uri: str) -> str | None:
    """The id of a logged model, ``m-...``; None where a store of an earlier MLflow has none."""
    name = model_uri.removeprefix("models:/")
    return name if name.startswith("m-") else None


def flatten(nested: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Numbers of a nested mapping under dotted names; everything else is left out."""
    flat: dict[str, float] = {}
    for key, value in nested.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, Mapping):
            flat |= flatten(value, name)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            flat[_allowed(name)] = float(value)
    return flat


def _allowed(name: str) -> str:
    """MLflow takes letters, digits, and ``_-. /:`` in a metric's name."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-. /:") else "_" for c in name)


def _log_inputs(workspace: Workspace, matrix: Matrix) -> None:
    """Each part of the split as a dataset input, with its digest."""
    import mlflow

    for part, rows in matrix.snapshots.groupby("part"):
        source = str(workspace.features / "snapshots.parquet")
        dataset = mlflow.data.from_pandas(rows[["lead_id", "label"]].astype("object"), source=source, name=str(part))
        mlflow.log_input(dataset, context=str(part))


def _signature() -> "ModelSignature":
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema

    kinds = {str: "string", float: "double", int: "long"}
    columns = [ColSpec(kinds[kind], name) for name, kind in PLAIN_ROW.items()]
    return ModelSignature(inputs=Schema([ColSpec("string", "request")]), outputs=Schema(columns))


def _pyfunc_file() -> Path:
    """The file that MLflow stores; found, not imported, since serving is the other way in."""
    spec = find_spec("serving")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "pyfunc_model.py"
