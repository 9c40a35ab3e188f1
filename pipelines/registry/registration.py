"""Registration: a trained model becomes a version, the challenger of the champion or the first champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from data_contracts.errors import ArtifactError, RegistryError, WhyleadError
from data_contracts.replacing import replacing
from models.storage import registry
from models.storage.artifact import Artifact, add_metrics, load_artifact
from models.storage.manifest import checksum_in, short
from models.storage.registry import Alias, Version
from pipelines.featurization.matrix import Matrix, read_matrix
from pipelines.registry.chain import evaluation_checksum, read_evaluation
from pipelines.registry.comparison import Comparison, compare, unmeasured
from pipelines.registry.model_source import open_model
from pipelines.registry.run import Run, run_of
from pipelines.registry.tracking import log_evaluation
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
    memory already. Raises RegistryError where nothing was trained, or the run or what it logged is of another model;
    FileError where the evaluation is.
    """
    artifact = artifact or load_artifact(workspace.model)
    run = run_of(workspace, artifact.checksum)
    _require_logged(workspace, run)
    _complete_run(workspace, run, artifact)
    champion = registry.find_version(workspace.root, "champion")
    version = _register(workspace, run, artifact)
    if champion is None:
        _crown(workspace, version)
        return Registration(version.number, "champion", version.uri, artifact.version, None)
    registry.set_alias(workspace.root, "challenger", version)
    if comparison is None:
        comparison = _compare(workspace, artifact, champion, matrix, resources)
    return Registration(version.number, "challenger", version.uri, artifact.version, comparison)


def _require_logged(workspace: Workspace, run: Run) -> None:
    """Raises RegistryError where what the run logged is not there, or not the model that it says."""
    hint = f"Run `{workspace.command('train')}`."
    with TemporaryDirectory(prefix="whylead-model-") as directory:
        try:
            logged = registry.fetch_artifact(run.model_uri, Path(directory) / "model", root=workspace.root)
            found = checksum_in(logged)
        except WhyleadError as error:
            raise RegistryError(
                f"What the run {run.run_id} logged cannot be used: {error.message}", hint=hint
            ) from error
    _require_model(found, run.model, run.model_uri, hint)


def _require_model(found: str, expected: str, where: str, hint: str) -> None:
    if not found.startswith(expected):
        raise RegistryError(
            f"{where} holds the model {short(found)}, where {short(expected)} was evaluated and registered.", hint=hint
        )


def _complete_run(workspace: Workspace, run: Run, artifact: Artifact) -> None:
    """Log the evaluation of this very model where its run does not have it, or only a part of it."""
    measured = read_evaluation(workspace, artifact)
    if measured is None:
        return
    logged = registry.tag_of(workspace.root, run.run_id, registry.EVALUATION_TAG)
    if logged != evaluation_checksum(workspace):
        log_evaluation(workspace, artifact.checksum, measured)


def _register(workspace: Workspace, run: Run, artifact: Artifact) -> Version:
    """The new version, with its main metrics beside it where it was evaluated."""
    tags = {"model_version": artifact.version, registry.MODEL_TAG: artifact.checksum}
    version = registry.register_version(workspace.root, run.model_uri, run.run_id, tags)
    text = description(artifact, registry.metrics_of(workspace.root, version, artifact.checksum))
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

    Raises RegistryError where there is no such version, no challenger, or another model at its place.
    """
    challenger = registry.find_version(workspace.root, "challenger")
    version = registry.get_version(workspace.root, number) if number else challenger
    if version is None:
        champion = registry.find_version(workspace.root, "champion")
        again = f"`whylead promote --version {champion.number if champion else 1}`"
        hint = f"{again} puts the champion in its place again." if champion else f"Name a version: {again}."
        raise RegistryError("There is no challenger to promote.", hint=hint)
    _crown(workspace, version)
    if challenger == version:
        registry.drop_alias(workspace.root, "challenger")
    return version


def _crown(workspace: Workspace, version: Version) -> None:
    """Fetch first: the alias moves only when the artifact is there, loads and is the one that was registered."""
    with replacing(workspace.champion) as (fresh,):
        registry.fetch_artifact(version.uri, fresh, root=workspace.root)
        checksum = load_artifact(fresh).checksum
        advice = f"Run `{workspace.command('train')}` and `{workspace.command('register')}`, or name another version."
        _require_model(checksum, version.model, version.uri, advice)
        add_metrics(fresh, registry.metrics_of(workspace.root, version, checksum))
        registry.set_alias(workspace.root, "champion", version)
