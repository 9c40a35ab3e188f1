import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import mlflow
import pytest

from data_contracts.errors import RegistryError
from models.storage.artifact_root import artifact_root, keep_artifacts
from models.storage.registry import EXPERIMENT, connect

pytestmark = pytest.mark.filterwarnings("ignore")


def log(root: Path, text: str, run_id: str | None = None) -> str:
    """Log a text to a run of the workspace's store."""
    with connect(root), mlflow.start_run(run_id=run_id) as run:
        mlflow.log_text(text, "note.txt")
    return str(run.info.run_id)


def notes(root: Path) -> list[str]:
    return sorted(path.read_text() for path in (root / "mlartifacts").rglob("note.txt"))


@pytest.mark.parametrize("name", ["copy", "mi espacio ñ", "under/it"])
def test_what_is_logged_in_a_copied_workspace_stays_there(tmp_path: Path, name: str) -> None:
    original, copy = tmp_path / "original", tmp_path / name
    run_id = log(original, "first")
    shutil.copytree(original, copy)
    log(copy, "second")
    log(copy, "first, again", run_id)
    assert notes(original) == ["first"]
    assert notes(copy) == ["first, again", "second"]


def test_a_moved_workspace_finds_what_it_logged(tmp_path: Path) -> None:
    run_id = log(tmp_path / "here", "first")
    (tmp_path / "here").rename(tmp_path / "there")
    with connect(tmp_path / "there") as client:
        assert [each.path for each in client.list_artifacts(run_id)] == ["note.txt"]
        found = Path(mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="note.txt"))
    assert found.read_text() == "first"
    assert not (tmp_path / "here").exists()


def test_locations_elsewhere_stay(tmp_path: Path) -> None:
    database = tmp_path / "mlflow.db"
    tables = "experiments (name, artifact_location)", "runs (artifact_uri)", "logged_models (artifact_location)"
    with closing(sqlite3.connect(database)) as store, store:
        for each in (*tables, "model_versions (storage_location, source)"):
            store.execute(f"CREATE TABLE {each}")
        store.execute("INSERT INTO experiments VALUES (?, 'file:///a/b')", (EXPERIMENT,))
        store.executemany("INSERT INTO runs VALUES (?)", [("file:///a/b/1",), ("file:///a/bc/1",), ("s3://a/b",)])
    keep_artifacts(database, EXPERIMENT, artifact_root(tmp_path))
    with closing(sqlite3.connect(database)) as store:
        runs = [run for (run,) in store.execute("SELECT artifact_uri FROM runs")]
    assert runs == [f"{artifact_root(tmp_path)}/1", "file:///a/bc/1", "s3://a/b"]


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_text("not a database, but a text that is long enough to be taken for one" * 20)
    with pytest.raises(RegistryError, match=r"mlflow\.db cannot be used: file is not a database"):
        keep_artifacts(tmp_path / "mlflow.db", EXPERIMENT, artifact_root(tmp_path))
