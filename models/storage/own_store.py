"""The MLflow store of a workspace: a SQLite file and artifacts beside it, also after the workspace was copied or moved.

The file is made whole or not at all. Half of one, which earlier versions could leave when they were killed, is known by
what it lacks and holds: no experiment of ours yet, and neither runs nor models. Nothing is lost when it is made anew.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from data_contracts.errors import RegistryError
from data_contracts.replacing import replacing_file

_SQLITE = "sqlite:///"
_RUNS_AND_MODELS = ("runs", "registered_models", "logged_models")
_BESIDE = ("-journal", "-wal", "-shm")  # what SQLite keeps beside a file

# The columns in which MLflow writes absolute locations.
_LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
)


class NoStoreError(RegistryError):
    """The workspace has no store yet, or half of one."""


def own_database(root: Path) -> Path:
    """The store's file in the workspace directory ``root``."""
    return (root / "mlflow.db").resolve()


def own_uri(root: Path) -> str:
    """How MLflow calls it."""
    return f"{_SQLITE}{own_database(root)}"


def is_own(uri: str, root: Path) -> bool:
    """Whether a store is the workspace's own file; a server decides for itself where artifacts go."""
    return uri.startswith(_SQLITE) and Path(uri.removeprefix(_SQLITE)).resolve() == own_database(root)


def artifact_root(root: Path) -> str:
    """The location of the artifacts of the workspace directory ``root``."""
    return (root / "mlartifacts").resolve().as_uri()


def require_whole(root: Path, experiment: str, *, make: bool) -> None:
    """Let the workspace have a whole store, whose artifacts lie beside it.

    With ``make``, which is for the one writer of the workspace, it is made where there is none or half of one. Raises
    NoStoreError where it is not to be made, RegistryError where the file cannot be read or written.
    """
    database = own_database(root)
    half = database.exists() and _is_half(database, experiment)
    if half or not database.exists():
        if not make:
            found = "is half made: the command that made it was stopped" if half else "does not exist yet"
            raise NoStoreError(f"The MLflow store {database} {found}.", hint="`whylead train` makes it.")
        _make(database, experiment, artifact_root(root))
    keep_artifacts(database, experiment, artifact_root(root))


def _is_half(database: Path, experiment: str) -> bool:
    """Whether the making of a store was stopped."""
    try:
        with closing(sqlite3.connect(database, timeout=60)) as store:
            tables = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            ours = "SELECT 1 FROM experiments WHERE name = ?"
            if "experiments" in tables and store.execute(ours, (experiment,)).fetchone():
                return False
            held = (store.execute(f"SELECT 1 FROM {each} LIMIT 1") for each in _RUNS_AND_MODELS if each in tables)  # noqa: S608
            return not any(each.fetchone() for each in held)
    except sqlite3.Error as error:
        raise _unusable(database, error) from error


def _make(database: Path, experiment: str, root: str) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with replacing_file(database) as fresh:
            store = SqlAlchemyStore(f"{_SQLITE}{fresh}", root)
            try:
                store.create_experiment(experiment, artifact_location=root)
            finally:
                store.engine.dispose()
            for suffix in _BESIDE:
                database.with_name(database.name + suffix).unlink(missing_ok=True)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise RegistryError(
            f"The MLflow store {database} cannot be made: {str(error).splitlines()[0]}.",
            hint="Is the disk full? Make room and run the command again: nothing was left half made.",
        ) from error


def keep_artifacts(database: Path, experiment: str, root: str) -> None:
    """Let every location in the store lie below ``root`` that lay below the experiment's own.

    A copied or moved workspace would otherwise read the artifacts of the original, and write over them. Raises
    RegistryError where the database cannot be read or written.
    """
    try:
        with closing(sqlite3.connect(database, timeout=60)) as store:
            found = store.execute("SELECT artifact_location FROM experiments WHERE name = ?", (experiment,)).fetchone()
            if found is not None and found[0] != root:
                with store:
                    _move(store, found[0], root)
    except sqlite3.Error as error:
        raise _unusable(database, error) from error


def _move(store: sqlite3.Connection, before: str, now: str) -> None:
    for table, column in _LOCATIONS:
        store.execute(
            f"UPDATE {table} SET {column} = ? || substr({column}, ?) "  # noqa: S608 - names of ours
            f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
            (now, len(before) + 1, before, len(before) + 1, f"{before}/"),
        )


def _unusable(database: Path, error: sqlite3.Error) -> RegistryError:
    return RegistryError(
        f"The MLflow store {database} cannot be used: {error}.",
        hint="Is it writable, and the disk not full? If the file is damaged, restore it or move it away:"
        " `whylead train` makes a new one, without the versions that were registered.",
    )
