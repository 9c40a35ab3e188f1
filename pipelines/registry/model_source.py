"""Where a model comes from: a directory, the registry, or what the workspace holds."""

from pathlib import Path
from tempfile import TemporaryDirectory

from data_contracts.errors import ArtifactError
from models.storage.artifact import Artifact, load_artifact
from pipelines.workspace.workspace import Workspace

REGISTRY = "models:/"


def open_model(model: str | None, workspace: Workspace) -> Artifact:
    """Load an artifact from its directory or from the registry (``models:/whylead@champion``).

    None: the champion of the workspace, else the model that was last trained there. Raises ArtifactError where there
    is none, RegistryError where the registry does not have it.
    """
    if model is None or not model.startswith(REGISTRY):
        return load_artifact(_of_workspace(workspace) if model is None else Path(model))
    from models.storage.registry import fetch_artifact

    with TemporaryDirectory(prefix="whylead-model-") as directory:
        return load_artifact(fetch_artifact(model, Path(directory) / "model", root=workspace.root))


def _of_workspace(workspace: Workspace) -> Path:
    for directory in (workspace.champion, workspace.model):
        if directory.is_dir():
            return directory
    raise ArtifactError(
        f"{workspace.root} holds no model.",
        hint="Run `whylead train`, or name a model: --model DIR or --model models:/whylead@champion.",
    )
