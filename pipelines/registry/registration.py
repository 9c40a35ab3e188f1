"""Registration: a trained model becomes a version, the challenger of the champion or the first champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from data_contracts.errors import ArtifactError, RegistryError
from data_contracts.replacing import replacing
from models.storage import registry
from models.storage.artifact import Artifact, add_metrics, load_artifact
from models.storage.registry import Alias, Version
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.registry.comparison import Comparison, compare, unmeasured
from pipelines.registry.model_source import open_model
from pipelines.registry.tracking import read_run
from pipelines.workspace.resources import Resources
from pipelines.workspace.workspace import Workspace

MAIN = {"roc_auc": "ROC AUC", "log_loss": "log loss", "lift_at_10": "lift at 10%"}


@dataclass(frozen=True)
class Registration:
    """The new version, the alias it got, and how it compares with the champion that was there.

    ``version`` counts in the registry; ``model_version`` is the name that the model has everywhere else.
    """

    version: int
    alias: Alias
    model_uri: str
    model_version: str
    comparison: Comparison | None

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return vars(self) | {"comparison": self.comparison and self.comparison.to_json()}


def register_model(
    workspace: Workspace,
    resources: Resources | None = None,
    *,
    matrix: Matrix | None = None,
    artifact: Artifact | None = None,
    comparison: Comparison | None = None,
) -> Registration:
    """Register the model of the last training; it becomes the champion only where there is none.

    ``matrix``, ``artifact`` and the ``comparison`` with the champion are those of the workspace where they are in
    memory already. Raises RegistryError where nothing was trained.
    """
    run = read_run(workspace)
    artifact = artifact or load_artifact(workspace.model)
    champion = registry.find_version(workspace.root, "champion")
    version = _register(workspace, run, artifact)
    if champion is None:
        _crown(workspace, version)
        return Registration(version.number, "champion", version.uri, artifact.version, None)
    registry.set_alias(workspace.root, "challenger", version)
    if comparison is None:
        comparison = _compare(workspace, artifact, champion, matrix, resources)
    return Registration(version.number, "challenger", version.uri, artifact.version, comparison)


def _register(workspace: Workspace, run: Mapping[str, str], artifact: Artifact) -> Version:
    """The new version, with its main metrics beside it where it was evaluated."""
    version = registry.register_version(
        workspace.root, run["model_uri"], run["run_id"], {"model_version": artifact.version}
    )
    text = description(artifact, registry.metrics_of(workspace.root, version))
    registry.describe_version(workspace.root, version, text)
    return version


def description(artifact: Artifact, metrics: Mapping[str, Mapping[str, float]]) -> str:
    """What a person who looks through versions wants to know: from what it was learned, and how good it is."""
    learned = artifact.facts.get("features", {})
    horizon = learned.get("horizon_days")
    within = f" within {horizon:g} days" if isinstance(horizon, int | float) else ""
    of = f", learned from the export {learned['mapping']}" if "mapping" in learned else ""
    if "won_leads" in learned:
        of += f": {learned['won_leads']:,} won and {learned['lost_leads']:,} lost leads"
    measured = [
        f"{MAIN[name]} {each['value']:.3f} ({each['low']:.3f} to {each['high']:.3f})"
        for name, each in metrics.items()
        if name in MAIN
    ]
    on_test = f" On the test leads: {', '.join(measured)}." if measured else " It was not evaluated yet."
    return f"Model {artifact.version}: probability that a lead buys{within}{of}.{on_test}"


def _compare(
    workspace: Workspace, artifact: Artifact, champion: Version, matrix: Matrix | None, resources: Resources | None
) -> Comparison:
    test = matrix.rows("test") if matrix else read_matrix(workspace.features, "test")
    try:
        return compare(workspace, artifact, open_model(champion.uri, workspace), test, resources)
    except ArtifactError as error:
        return unmeasured(artifact, test, str(error))


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
