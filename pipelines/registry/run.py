"""The MLflow run of a training (``run.json``), and the model that it is of."""

import json
from dataclasses import asdict, dataclass

from data_contracts.errors import RegistryError
from data_contracts.replacing import replacing_file
from models.storage.manifest import checksum_in, short
from pipelines.workspace.workspace import Workspace


@dataclass(frozen=True)
class Run:
    """``model_uri`` is where the model was logged, ``model`` its checksum."""

    run_id: str
    model_uri: str
    model: str


def write_run(workspace: Workspace, run: Run) -> None:
    """Note the run of the model that was just trained."""
    with replacing_file(workspace.run_file) as fresh:
        fresh.write_text(json.dumps(asdict(run), indent=2) + "\n", encoding="utf-8")


def read_run(workspace: Workspace) -> Run:
    """The run of the last training, whichever model it is of.

    Raises RegistryError where nothing was trained, or the file does not say of which model.
    """
    path, hint = workspace.run_file, f"Run `{workspace.command('train')}`."
    if not path.exists():
        raise RegistryError(f"{path} does not exist: no training has ended in {workspace.root}.", hint=hint)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise RegistryError(f"{path} cannot be read: {error}.", hint=hint) from error
    names = Run.__dataclass_fields__
    values = {name: found.get(name) for name in names} if isinstance(found, dict) else dict.fromkeys(names)
    missing = [name for name, value in values.items() if not isinstance(value, str)]
    if missing:
        raise RegistryError(
            f"{path} does not say {' and '.join(missing)}: an earlier version of whylead wrote it, or it was changed.",
            hint=hint,
        )
    return Run(**{name: str(value) for name, value in values.items()})


def run_of(workspace: Workspace, checksum: str) -> Run:
    """The run of a model, which is that of the last training.

    Raises RegistryError where the last run is of another model: the training was stopped before its end, or files were
    copied from elsewhere.
    """
    run = read_run(workspace)
    if run.model != checksum:
        raise RegistryError(
            f"{workspace.run_file} is of the model {short(run.model)}, {workspace.model} holds {short(checksum)}: a"
            " training was stopped before its end, or one of them came from elsewhere.",
            hint=f"Run `{workspace.command('train')}`: it makes both anew.",
        )
    return run


def require_run(workspace: Workspace) -> Run:
    """The run of the model that the workspace holds.

    Raises RegistryError as run_of, ArtifactError where there is no model or it was changed.
    """
    return run_of(workspace, checksum_in(workspace.model))
