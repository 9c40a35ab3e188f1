"""The registered model ``whylead`` in MLflow: versions, the aliases champion and challenger, and their artifacts."""

import io
import logging
import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from data_contracts.errors import RegistryError
from data_contracts.replacing import replacing
from models.storage.own_store import NoStoreError, artifact_root, is_own, own_uri, require_whole

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion
else:
    ModelVersion: TypeAlias = Any

MODEL_NAME = "whylead"
EXPERIMENT = "whylead"
OF_THE_MODEL = "Probability that a lead buys, with reasons. The alias champion answers, challenger waits for a person."
MODEL_TAG = "whylead.model"  # of a run and of a version: the checksum of the model that they are of
EVALUATION_TAG = "whylead.evaluation"  # of a run: the checksum of the metrics.json that was logged to it, set last
ARTIFACT_FOLDER = "model"  # MLflow keeps the name of the directory that was logged, Workspace.model
_LONG = 300  # letters of what MLflow says
Alias = Literal["champion", "challenger"]


@dataclass(frozen=True)
class Version:
    """A registered version, the run that made it, and the checksum of its model or how that begins; empty: unknown."""

    number: int
    run_id: str
    model: str = ""

    @property
    def uri(self) -> str:
        """The address that MLflow and ``whylead score --model`` understand."""
        return f"models:/{MODEL_NAME}/{self.number}"


def tracking_uri(root: Path) -> str:
    """``MLFLOW_TRACKING_URI`` where set, else a SQLite file in the workspace directory ``root``."""
    return os.environ.get("MLFLOW_TRACKING_URI") or own_uri(root)


@contextmanager
def connect(root: Path, *, make: bool = False) -> Iterator["MlflowClient"]:
    """A client of the tracking store of a workspace, whose experiment exists.

    As long as it is used, MLflow's own log lines, bars, telemetry and third-party deprecation warnings are kept away
    from our output. ``make`` is for the one writer of the workspace: its own store is made where it has none. Raises
    NoStoreError where it is not to be made, RegistryError where the store cannot be reached or fails.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow
        from mlflow.exceptions import MlflowException
        from mlflow.tracking._tracking_service import utils
        from sqlalchemy.exc import SQLAlchemyError

        utils._artifact_repos_cache.clear()  # by run alone: a copied workspace has the same runs
        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        uri = tracking_uri(root)
        if is_own(uri, root):
            require_whole(root, EXPERIMENT, make=make)
        try:
            with _environment_kept():
                mlflow.set_tracking_uri(uri)
                mlflow.set_registry_uri(uri)
            if mlflow.get_experiment_by_name(EXPERIMENT) is None:
                location = artifact_root(root) if is_own(uri, root) else None
                mlflow.create_experiment(EXPERIMENT, artifact_location=location)
            mlflow.set_experiment(EXPERIMENT)
            yield mlflow.MlflowClient()
        except (MlflowException, SQLAlchemyError) as error:
            raise RegistryError(
                f"The MLflow store {_without_password(uri)} cannot be used: {_said(error)}",
                hint="Check MLFLOW_TRACKING_URI, or unset it to use a file in the workspace; is the disk full?",
            ) from error


def register_version(root: Path, model_uri: str, run_id: str, tags: Mapping[str, str]) -> Version:
    """Make a logged model the next version of ``whylead``, with tags that tell it from others."""
    with connect(root, make=True), redirect_stderr(io.StringIO()):  # where MLflow tells of every registration
        import mlflow

        version = mlflow.register_model(model_uri, MODEL_NAME, tags={**tags, "run_id": run_id})
    return _version(version)


def describe_version(root: Path, version: Version, text: str) -> None:
    """Say of a version, and once of the registered model, what it is."""
    with connect(root, make=True) as client:
        client.update_model_version(MODEL_NAME, str(version.number), text)
        client.update_registered_model(MODEL_NAME, OF_THE_MODEL)


def find_version(root: Path, alias: Alias) -> Version | None:
    """The version that an alias points at, None where there is none."""
    with suppress(NoStoreError), connect(root) as client:
        from mlflow.exceptions import MlflowException

        with suppress(MlflowException):
            return _version(client.get_model_version_by_alias(MODEL_NAME, alias))
    return None


def _version(found: ModelVersion) -> Version:
    tags = found.tags
    model = tags.get(MODEL_TAG) or tags.get("model_version", "")
    return Version(int(found.version), tags.get("run_id", found.run_id or ""), model)


def get_version(root: Path, number: int) -> Version:
    """A version by its number.

    Raises RegistryError, which lists the versions that exist.
    """
    versions: Sequence[ModelVersion] = ()
    with suppress(NoStoreError), connect(root) as client:
        versions = client.search_model_versions(f"name = '{MODEL_NAME}'")
    for version in versions:
        if int(version.version) == number:
            return _version(version)
    known = ", ".join(sorted((str(v.version) for v in versions), key=int)) or "none"
    raise RegistryError(f"There is no version {number} of the model {MODEL_NAME}; versions: {known}.")


def tag_of(root: Path, run_id: str, name: str) -> str | None:
    """A tag of a run; None where the store does not know the run, or the run has no such tag."""
    with suppress(NoStoreError), connect(root) as client:
        from mlflow.exceptions import MlflowException

        with suppress(MlflowException):
            tags: dict[str, str] = client.get_run(run_id).data.tags
            return tags.get(name)
    return None


def metrics_of(root: Path, version: Version, checksum: str) -> dict[str, dict[str, float]]:
    """What evaluation logged to the version's run of the model with this checksum, metric -> value, low, high.

    {} where it logged nothing, or the run does not say that it is of this model.
    """
    if tag_of(root, version.run_id, MODEL_TAG) != checksum:
        return {}
    with connect(root) as client:
        logged = client.get_run(version.run_id).data.metrics
    nested: dict[str, dict[str, float]] = {}
    for name, value in sorted(logged.items()):
        part, _, rest = name.partition(".")
        if part == "test":
            metric, _, bound = rest.partition(".")
            nested.setdefault(metric, {})[bound] = value
    return nested


def set_alias(root: Path, alias: Alias, version: Version) -> None:
    """Point an alias at a version."""
    with connect(root, make=True) as client:
        client.set_registered_model_alias(MODEL_NAME, alias, str(version.number))


def drop_alias(root: Path, alias: Alias) -> None:
    """Remove an alias, if it is there."""
    if find_version(root, alias) is not None:
        with connect(root, make=True) as client:
            client.delete_registered_model_alias(MODEL_NAME, alias)


def fetch_artifact(uri: str, directory: Path, *, root: Path = Path("workspace")) -> Path:
    """Copy the artifact of a registered model (``models:/whylead@champion``, ``models:/whylead/3``) to a directory,
    or of one that was only logged (``models:/m-...``).

    ``directory`` is replaced. ``root`` is the workspace whose store is asked where MLFLOW_TRACKING_URI is not set.
    Raises RegistryError where the registry has no such model.
    """
    with connect(root) as client:
        import mlflow
        from mlflow.exceptions import MlflowException

        try:
            downloaded = Path(mlflow.artifacts.download_artifacts(_inside(client, uri)))
        except (MlflowException, OSError) as error:
            raise RegistryError(
                f"The registry at {_without_password(tracking_uri(root))} has no model {uri!r}.",
                hint="`whylead register` registers a trained model, `whylead promote` makes it the champion.",
            ) from error
    with replacing(directory) as (fresh,):
        shutil.copytree(downloaded, fresh, dirs_exist_ok=True)
    return directory


def logged_id(uri: str) -> str | None:
    """The id of a logged model, ``m-...``; None for the address of a registered one."""
    name = uri.rstrip("/").removeprefix("models:/")
    return name if name.startswith("m-") else None


def _inside(client: "MlflowClient", uri: str) -> str:
    """Where the artifact is inside a model; MLflow takes no path behind the id of a logged one."""
    model_id = logged_id(uri)
    place = uri.rstrip("/") if model_id is None else client.get_logged_model(model_id).artifact_location
    return f"{place}/artifacts/{ARTIFACT_FOLDER}"


@contextmanager
def _environment_kept() -> Iterator[None]:
    """MLflow notes the store it was given in the environment, where the next workspace would take it for the user's."""
    names = ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI")
    before = {name: os.environ.get(name) for name in names}
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def _said(error: Exception) -> str:
    """The first line of what went wrong; the others are SQL with its values."""
    return (str(error).splitlines() or [type(error).__name__])[0][:_LONG]


def _without_password(uri: str) -> str:
    """The address without the credentials that it may hold."""
    scheme, separator, rest = uri.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
