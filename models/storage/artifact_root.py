"""Where the local MLflow store keeps artifacts: beside its database, also after the workspace was copied or moved."""

import sqlite3
from contextlib import closing
from pathlib import Path

from data_contracts.errors import RegistryError

# The columns in which MLflow writes absolute locations.
_LOCATIONS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
    ("model_versions", "source"),
)


def artifact_root(root: Path) -> str:
    """The location of the artifacts of the workspace directory ``root``."""
    return (root / "mlartifacts").resolve().as_uri()


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
        raise RegistryError(
            f"The MLflow store {database} cannot be used: {error}.",
            hint="Artifacts of a copied workspace are to stay there, which the store must be told: make it writable.",
        ) from error


def _move(store: sqlite3.Connection, before: str, now: str) -> None:
    for table, column in _LOCATIONS:
        store.execute(
            f"UPDATE {table} SET {column} = ? || substr({column}, ?) "  # noqa: S608 - names of ours
            f"WHERE {column} = ? OR substr({column}, 1, ?) = ?",
            (now, len(before) + 1, before, len(before) + 1, f"{before}/"),
        )
