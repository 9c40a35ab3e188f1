"""Where a model comes from: a directory, the registry, or what the workspace holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from data_contracts.errors import ArtifactError
from models.storage.artifact import Artifact, load_artifact
from pipelines.workspace.workspace import Workspace

REGISTRY = "models:/"


@contextmanager
def model_directory(model: str | None, workspace: Workspace) -> Iterator[Path]:
    """The artifact's directory: a path, or the copy of a registered model (``models:/whylead@champion``).

    None: the champion of the workspace, else the model that was last trained there. Raises ArtifactError where there
    is none, RegistryError where the registry does not have it.
    """
    if model is not None and model.startswith(REGISTRY):
        from models.storage.registry import fetch_artifact

        with TemporaryDirectory(prefix="whylead-model-") as directory:
            yield fetch_artifact(model, Path(directory) / "model", root=workspace.root)
        return
    yield Path(model) if model is not None else _of_workspace(workspace)


def open_model(model: str | None, workspace: Workspace) -> Artifact:
    """Load the artifact of ``model_directory``."""
    with model_directory(model, workspace) as directory:
        return load_artifact(directory)


def _of_workspace(workspace: Workspace) -> Path:
    for directory in (workspace.champion, workspace.model):
        if directory.is_dir():
            return directory
    raise ArtifactError(
        f"{workspace.root} holds no model.",
        hint="Run `whylead train`, or name a model: --model DIR or --model models:/whylead@champion.",
    )
