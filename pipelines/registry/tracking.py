"""What each stage leaves in MLflow: one run per training, to which evaluation and explanation add."""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from data_contracts.errors import RegistryError
from models.score import PLAIN_ROW
from models.storage.manifest import checksum_in, short
from models.storage.registry import EVALUATION_TAG, MODEL_TAG, connect, logged_id
from pipelines.featurization.matrix import Matrix
from pipelines.registry.chain import evaluation_checksum
from pipelines.registry.run import Run, run_of, write_run
from pipelines.workspace.workspace import Workspace

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

BOUNDS = (".low", ".high")
EXAMPLE_REQUEST = json.dumps({"lead": {"source": "website", "job_title": "Head of Operations"}, "activities": []})


def log_training(workspace: Workspace, matrix: Matrix, params: Mapping[str, Any], report: Mapping[str, Any]) -> Run:
    """Open the run of a training and log its parameters, data, model and report; what read_run gives from now on."""
    checksum = checksum_in(workspace.model)
    with connect(workspace.root, make=True):
        import mlflow

        mapping = matrix.metadata.get("mapping", "")
        with mlflow.start_run(run_name=f"{mapping} {short(checksum)}".strip()) as run:
            mlflow.log_params({key: str(value)[:500] for key, value in params.items()})
            mlflow.set_tags({"mapping": mapping, "split": matrix.metadata["split"]["strategy"], MODEL_TAG: checksum})
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
    logged = Run(str(run.info.run_id), str(info.model_uri), checksum)
    write_run(workspace, logged)
    return logged


def log_evaluation(workspace: Workspace, checksum: str, metrics: Mapping[str, Any]) -> None:
    """Add the evaluation of the model with this checksum to its run; last that it is there.

    Raises RegistryError as log_stage does.
    """
    log_stage(workspace, workspace.evaluation, checksum, metrics, {EVALUATION_TAG: evaluation_checksum(workspace)})


def log_stage(
    workspace: Workspace,
    directory: Path,
    checksum: str,
    metrics: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Add what a later stage wrote of a model, and its main metrics, to the run and the model of the training.

    Raises RegistryError where nothing was trained, the run is of another model than that with this checksum, or the
    tracking store does not know it.
    """
    noted = run_of(workspace, checksum)
    with connect(workspace.root, make=True):
        import mlflow
        from mlflow.exceptions import MlflowException

        try:
            run = mlflow.start_run(run_id=noted.run_id)
        except MlflowException as error:
            raise RegistryError(
                f"The tracking store does not know the run {noted.run_id} of {workspace.run_file}.",
                hint=f"Run `{workspace.command('train')}` again: it opens a new one.",
            ) from error
        with run:
            mlflow.log_metrics(main_metrics(metrics or {}), model_id=logged_id(noted.model_uri))
            mlflow.log_artifacts(str(directory), directory.name)
            mlflow.set_tags(dict(tags or {}))


def main_metrics(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Numbers of nested metrics under dotted names, intervals only of the test leads'; the file among the artifacts
    has the others.

    >>> main_metrics({"test": {"ece": {"value": 0.1, "high": 0.2}}, "truth": {"ece": {"value": 0.1, "high": 0.2}}})
    {'test.ece.value': 0.1, 'test.ece.high': 0.2, 'truth.ece.value': 0.1}
    """
    flat = flatten(metrics)
    return {name: value for name, value in flat.items() if name.startswith("test.") or not name.endswith(BOUNDS)}


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
