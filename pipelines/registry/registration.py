"""Registration: a trained model becomes a version, the challenger of the champion or the first champion."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from data_contracts.dataset import Dataset
from data_contracts.errors import ArtifactError, RegistryError
from data_contracts.replacing import replacing
from models.evaluation.metrics import evaluate
from models.storage.artifact import Artifact, add_metrics, load_artifact
from models.storage.registry import (
    Alias,
    Version,
    drop_alias,
    fetch_artifact,
    find_version,
    get_version,
    metrics_of,
    register_version,
    set_alias,
)
from pipelines.featurization.matrix import Matrix, read_matrix, snapshot_times
from pipelines.registry.model_source import open_model
from pipelines.registry.tracking import read_run
from pipelines.tables.loading import load_records
from pipelines.workspace.workspace import Workspace

Metrics = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Comparison:
    """Champion and challenger on the same test leads; ``note`` says why where the champion could not be measured."""

    challenger: Metrics
    champion: Metrics | None
    note: str = ""


@dataclass(frozen=True)
class Registration:
    """The new version, the alias it got, and how it compares with the champion that was there."""

    version: int
    alias: Alias
    model_uri: str
    comparison: Comparison | None

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def register_model(workspace: Workspace) -> Registration:
    """Register the model of the last training; it becomes the champion only where there is none.

    Raises RegistryError where nothing was trained.
    """
    run = read_run(workspace)
    champion = find_version(workspace.root, "champion")
    version = register_version(workspace.root, run["model_uri"], run["run_id"])
    if champion is None:
        _crown(workspace, version)
        return Registration(version.number, "champion", version.uri, None)
    set_alias(workspace.root, "challenger", version)
    return Registration(version.number, "challenger", version.uri, _compare(workspace, champion))


def promote(workspace: Workspace, number: int | None) -> Version:
    """Make a version (default: the challenger) the champion, and copy its artifact to where serving looks.

    Raises RegistryError where there is no such version, or no challenger.
    """
    version = get_version(workspace.root, number) if number else find_version(workspace.root, "challenger")
    if version is None:
        raise RegistryError("There is no challenger to promote.", hint="Name a version: `whylead promote --version 3`.")
    challenger = find_version(workspace.root, "challenger")
    _crown(workspace, version)
    if challenger == version:
        drop_alias(workspace.root, "challenger")
    return version


def _crown(workspace: Workspace, version: Version) -> None:
    """Fetch first: the alias moves only when the artifact is there and loads."""
    with replacing(workspace.champion) as (fresh,):
        fetch_artifact(version.uri, fresh, root=workspace.root)
        load_artifact(fresh)
        add_metrics(fresh, metrics_of(workspace.root, version))
        set_alias(workspace.root, "champion", version)


def _compare(workspace: Workspace, champion: Version) -> Comparison:
    matrix = read_matrix(workspace.features).rows("test")
    challenger = _metrics(matrix, load_artifact(workspace.model).model.probability(matrix.X))
    try:
        artifact = open_model(champion.uri, workspace)
    except ArtifactError as error:
        return Comparison(challenger, None, f"The champion (version {champion.number}) cannot be measured: {error}")
    return Comparison(challenger, _metrics(matrix, _probability(workspace, matrix, artifact)))


def _probability(workspace: Workspace, matrix: Matrix, artifact: Artifact) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The artifact's own features at the same moments of the same leads."""
    records = load_records(Dataset(workspace.tables))
    row = {lead_id: index for index, lead_id in enumerate(records.lead_ids)}
    lead_index = matrix.snapshots["lead_id"].map(row).to_numpy(np.int64)
    X = artifact.view.compute(records, lead_index, snapshot_times(matrix))
    return artifact.model.probability(X)


def _metrics(matrix: Matrix, probability: np.ndarray[Any, np.dtype[np.float64]]) -> Metrics:
    estimates = evaluate(matrix.y, probability, weight=matrix.weight, group=matrix.lead, bootstrap=200)
    return {name: asdict(estimate) for name, estimate in estimates.items()}
