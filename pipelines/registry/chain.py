"""What belongs together in a workspace by its contents: tables -> features -> model -> run -> evaluation."""

import json
from typing import Any

from data_contracts.checksum import sha256
from data_contracts.dataset import Dataset
from data_contracts.errors import ArtifactError, FileError
from models.storage.artifact import Artifact
from models.storage.manifest import short
from pipelines.featurization.checksums import Checksums
from pipelines.tables.checksum import data_checksum
from pipelines.workspace.workspace import Workspace

MADE_FROM = "made_from"  # in the facts of a model, in metrics.json; made_from.json of an explanation
METRICS = "metrics.json"


def made_from(artifact: Artifact, features: Checksums) -> dict[str, str]:
    """What an evaluation or an explanation is made from, as it notes it."""
    return {"model": artifact.checksum, "features": features.checksum}


def require_tables(workspace: Workspace, features: Checksums) -> None:
    """Raises FileError where the features were computed from other tables than those of the workspace."""
    if data_checksum(Dataset(workspace.tables)) != features.tables:
        raise FileError(
            f"{workspace.features} was computed from other tables than those in {workspace.tables}: these were"
            " imported later, or changed.",
            hint=f"Run `{workspace.command('features')}`, then `{workspace.command('train')}`.",
        )


def require_features(workspace: Workspace, artifact: Artifact, features: Checksums) -> None:
    """Raises ArtifactError where the model was learned from other features than those of the workspace."""
    known = artifact.facts.get(MADE_FROM, {}).get("features")
    if known == features.checksum:
        return
    found = (
        f"The model {artifact.version} does not say from which features it was learned: an earlier version of whylead"
        " made it."
        if known is None
        else f"The model {artifact.version} was learned from other features than those in {workspace.features}: these"
        " were computed later, or one of them came from elsewhere."
    )
    raise ArtifactError(found, hint=f"Run `{workspace.command('train')}`.")


def read_evaluation(workspace: Workspace, artifact: Artifact) -> dict[str, Any] | None:
    """What the evaluation of this model measured; None where nothing was evaluated.

    Raises FileError where the evaluation is of another model, or of other features than the model's.
    """
    path, hint = workspace.evaluation / METRICS, f"Run `{workspace.command('evaluate')}`."
    if not path.exists():
        return None
    try:
        measured = json.loads(path.read_text(encoding="utf-8"))
        noted = measured.get(MADE_FROM) or {}
        model, features = noted.get("model"), noted.get("features")
    except (ValueError, RecursionError, AttributeError) as error:
        raise FileError(f"{path} cannot be read: {error}.", hint=hint) from error
    if model is None:
        raise FileError(f"{path} does not say of which model it is: an earlier version wrote it.", hint=hint)
    if model != artifact.checksum:
        raise FileError(
            f"{workspace.evaluation} is of the model {short(str(model))}, {workspace.model} holds {artifact.version}.",
            hint=hint,
        )
    if features != artifact.facts.get(MADE_FROM, {}).get("features"):
        raise FileError(
            f"{workspace.evaluation} was measured on other features than the model {artifact.version} was learned"
            " from.",
            hint=hint,
        )
    return dict(measured)


def evaluation_checksum(workspace: Workspace) -> str:
    """The checksum of the metrics that the workspace holds, which its run keeps when they are logged."""
    return sha256(workspace.evaluation / METRICS)
