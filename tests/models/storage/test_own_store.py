import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import mlflow
import pytest
from sqlalchemy.exc import OperationalError

from data_contracts.errors import RegistryError
from models.storage.own_store import NoStoreError, artifact_root, keep_artifacts, own_database
from models.storage.registry import EXPERIMENT, connect, find_version, get_version, tag_of

pytestmark = pytest.mark.filterwarnings("ignore")


def log(root: Path, text: str, run_id: str | None = None) -> str:
    """Log a text to a run of the workspace's store."""
    with connect(root, make=True), mlflow.start_run(run_id=run_id) as run:
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


def test_who_only_reads_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(NoStoreError, match=r"does not exist yet\. `whylead train` makes it"), connect(tmp_path / "w"):
        pass
    assert find_version(tmp_path / "w", "champion") is None
    assert tag_of(tmp_path / "w", "f" * 32, "mapping") is None
    with pytest.raises(RegistryError, match=r"no version 3 .* versions: none"):
        get_version(tmp_path / "w", 3)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose store holds a run."""
    root = tmp_path_factory.mktemp("whole") / "w"
    log(root, "first")
    return root


def run_sql(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as store, store:
        for each in statements:
            store.execute(each)


HALVES: dict[str, Callable[[Path], object]] = {
    "an empty file": lambda database: database.write_bytes(b""),
    "without tables": lambda database: run_sql(database, "PRAGMA user_version = 1"),
    "some tables": lambda database: run_sql(
        database,
        "CREATE TABLE experiments (experiment_id INTEGER, name TEXT)",
        "INSERT INTO experiments VALUES (0, 'Default')",
        "CREATE TABLE runs (run_uuid TEXT)",
    ),
    "an older version": lambda database: run_sql(
        database,
        "CREATE TABLE alembic_version (version_num TEXT)",
        "INSERT INTO alembic_version VALUES ('451aebb31d03')",
    ),
}


@pytest.mark.parametrize("half", HALVES)
def test_half_a_store_is_said_to_be_one_and_made_anew_by_who_writes(tmp_path: Path, half: str) -> None:
    HALVES[half](own_database(tmp_path))
    with (
        pytest.raises(NoStoreError, match=r"is half made: .* was stopped\. `whylead train` makes it"),
        connect(tmp_path),
    ):
        pass
    log(tmp_path, "first")
    assert notes(tmp_path) == ["first"]
    assert [each.name for each in tmp_path.iterdir() if "partial" in each.name] == []


def test_a_store_whose_making_fails_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as patched:
        patched.setattr("mlflow.store.tracking.sqlalchemy_store.SqlAlchemyStore.create_experiment", full)
        with pytest.raises(RegistryError, match=r"cannot be made: .*disk is full.*nothing was left half made"):
            log(tmp_path, "first")
    assert list(tmp_path.iterdir()) == []
    log(tmp_path, "first")


def test_a_damaged_store_that_holds_runs_is_kept_and_named(whole: Path, tmp_path: Path) -> None:
    content = own_database(whole).read_bytes()
    for damaged in (content[: len(content) // 2], b"x" * 5000):
        own_database(tmp_path).write_bytes(damaged)
        with pytest.raises(RegistryError, match=r"mlflow\.db cannot be used: .*restore it or move it away"):
            log(tmp_path, "second")
        assert own_database(tmp_path).read_bytes() == damaged


def test_what_fails_while_something_is_logged_is_an_error_of_the_store(tmp_path: Path) -> None:
    log(tmp_path / "w", "first")  # MLflow makes a table that is missing when it opens a store for the first time
    run_sql(own_database(tmp_path / "w"), "DROP TABLE tags")
    with pytest.raises(RegistryError, match=r"mlflow\.db cannot be used: .*is the disk full"):
        log(tmp_path / "w", "second")
