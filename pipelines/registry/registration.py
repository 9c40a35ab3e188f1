"""Registration: a trained model becomes a version, the challenger of the champion or the first champion."""

from dataclasses import dataclass

import numpy as np

from data_contracts.dataset import Dataset
from data_contracts.errors import ArtifactError, RegistryError
from data_contracts.replacing import replacing
from features.arrays import Floats
from features.labels.snapshots import Snapshots
from models.evaluation.metrics import evaluate
from models.evaluation.scored import Scored
from models.storage import registry
from models.storage.artifact import Artifact, add_metrics, load_artifact
from models.storage.registry import Alias, Version
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.featurization.matrix_blocks import compute_matrix
from pipelines.registry.model_source import open_model
from pipelines.registry.tracking import read_run
from pipelines.tables.tables import Tables
from pipelines.workspace.resources import Resources
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


def register_model(
    workspace: Workspace,
    resources: Resources | None = None,
    *,
    matrix: Matrix | None = None,
    artifact: Artifact | None = None,
) -> Registration:
    """Register the model of the last training; it becomes the champion only where there is none.

    ``matrix`` and ``artifact`` are those of the workspace where they are in memory already. Raises
    RegistryError where nothing was trained.
    """
    run = read_run(workspace)
    champion = registry.find_version(workspace.root, "champion")
    version = registry.register_version(workspace.root, run["model_uri"], run["run_id"])
    if champion is None:
        _crown(workspace, version)
        return Registration(version.number, "champion", version.uri, None)
    registry.set_alias(workspace.root, "challenger", version)
    test = matrix.rows("test") if matrix else read_matrix(workspace.features, "test")
    artifact = artifact or load_artifact(workspace.model)
    challenger = _metrics(test, artifact.model.probability(test.X))
    comparison = _compare(workspace, challenger, champion, test, resources)
    return Registration(version.number, "challenger", version.uri, comparison)


def promote(workspace: Workspace, number: int | None) -> Version:
    """Make a version (default: the challenger) the champion, and copy its artifact to where serving looks.

    Raises RegistryError where there is no such version, or no challenger.
    """
    challenger = registry.find_version(workspace.root, "challenger")
    version = registry.get_version(workspace.root, number) if number else challenger
    if version is None:
        raise RegistryError("There is no challenger to promote.", hint="Name a version: `whylead promote --version 3`.")
    _crown(workspace, version)
    if challenger == version:
        registry.drop_alias(workspace.root, "challenger")
    return version


def _crown(workspace: Workspace, version: Version) -> None:
    """Fetch first: the alias moves only when the artifact is there and loads."""
    with replacing(workspace.champion) as (fresh,):
        registry.fetch_artifact(version.uri, fresh, root=workspace.root)
        load_artifact(fresh)
        add_metrics(fresh, registry.metrics_of(workspace.root, version))
        registry.set_alias(workspace.root, "champion", version)


def _compare(
    workspace: Workspace, challenger: Metrics, champion: Version, test: Matrix, resources: Resources | None
) -> Comparison:
    try:
        artifact = open_model(champion.uri, workspace)
    except ArtifactError as error:
        return Comparison(challenger, None, f"The champion (version {champion.number}) cannot be measured: {error}")
    with Tables(Dataset(workspace.tables), resources) as tables:
        return Comparison(challenger, _metrics(test, champion_probability(tables, test, artifact)))


def champion_probability(tables: Tables, test: Matrix, artifact: Artifact) -> Floats:
    """The artifact's own features at the same moments of the same leads, block by block."""
    snapshots = Snapshots(tables.positions(test.snapshots["lead_id"].tolist()), test.at)
    with tables.blocks(leads=np.unique(snapshots.lead_index)) as blocks:
        slices = compute_matrix(blocks, snapshots, artifact.view, tables.resources.threads)
        return np.concatenate([artifact.model.probability(X) for X in slices])


def _metrics(matrix: Matrix, probability: Floats) -> Metrics:
    scored = Scored(matrix.y, probability, matrix.weight, matrix.kept_together)
    return {name: estimate._asdict() for name, estimate in evaluate(scored, bootstrap=200).items()}
