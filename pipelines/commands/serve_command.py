"""``whylead serve``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from data_contracts.errors import FileError
from pipelines.commands import options
from pipelines.workspace.workspace import Workspace


def command(
    workspace: options.Workspace = Path("workspace"),
    model: options.Model = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one (default: 8000).")] = None,
    workers: Annotated[int | None, typer.Option(help="Number of worker processes (default: 1).")] = None,
) -> None:
    """Answer score requests over HTTP; docs/http.md describes the requests, limits and settings.

    SIGTERM or Ctrl-C ends it when it has answered what it accepted. A worker that dies is replaced, with the model that
    the others have; a newly promoted champion is served after a restart.

    Example: `whylead serve --port 8000`
    """
    directory = find_model(Workspace(workspace), model or os.environ.get("WHYLEAD_MODEL"))
    settings = {"MODEL": directory.resolve(), "HOST": host, "PORT": port, "WORKERS": workers}
    environment = os.environ | {f"WHYLEAD_{name}": str(value) for name, value in settings.items() if value is not None}
    sys.stderr.write(f"Serving {directory}\n")
    # The server replaces this process: it handles signals itself, and loads nothing that it does not need.
    # -P: otherwise a folder in the current directory named like one of our packages would be imported instead.
    os.execve(sys.executable, [sys.executable, "-P", "-m", "serving"], environment)  # noqa: S606


def find_model(workspace: Workspace, model: str | None) -> Path:
    """The artifact directory to serve; a registered model is fetched into the workspace.

    Raises FileError where there is none, RegistryError where the registry does not have it.
    """
    if model is None:
        return _existing(workspace.champion, "`whylead run` makes the first champion, or name a model with --model.")
    if model.startswith("models:/"):
        from models.storage.registry import fetch_artifact

        return fetch_artifact(model, workspace.root / "served", root=workspace.root)
    return _existing(Path(model), "--model takes a directory that `whylead train` wrote, or models:/whylead@champion.")


def _existing(directory: Path, hint: str) -> Path:
    if not directory.is_dir():
        raise FileError(f"There is no model to serve: {directory} does not exist.", hint=hint)
    return directory
