"""Each stage opens the tables once, in one database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data_contracts.dataset import Dataset
from models.storage.artifact import load_artifact
from pipelines.demonstration import pick_scores
from pipelines.explanation.one_lead import score_one
from pipelines.featurization.matrix import read_matrix
from pipelines.featurization.stage import featurize
from pipelines.scoring.stage import score_dataset
from pipelines.tables.tables import Tables
from pipelines.workspace.params import FeaturesParams
from pipelines.workspace.workspace import Workspace
from tests.models.small_artifact import ATTRIBUTES, artifact, requests
from tests.pipelines.featurization.test_stage import company
from tests.pipelines.small_tables import write_tables
from tests.pipelines.small_workspace import trained_workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = trained_workspace(tmp_path_factory.mktemp("workspace"))
    write_tables(workspace.tables, requests(), ATTRIBUTES)
    return workspace


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    """One entry per database; a test ends with exactly one."""
    opened: list[None] = []
    connect = duckdb.connect

    def counted(*arguments: Any, **options: Any) -> duckdb.DuckDBPyConnection:
        opened.append(None)
        return connect(*arguments, **options)

    monkeypatch.setattr(duckdb, "connect", counted)
    yield opened
    assert len(opened) == 1


@pytest.mark.parametrize("events_per_bucket", [100_000, 150])
def test_features_open_one(events_per_bucket: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.tables.block_plan.EVENTS_PER_BUCKET", events_per_bucket)
    featurize(company(tmp_path / "tables"), tmp_path / "features", FeaturesParams())


def test_scoring_opens_one(workspace: Workspace, tmp_path: Path) -> None:
    score_dataset(artifact(), Dataset(workspace.tables), tmp_path / "scores.parquet")


def test_the_explanation_of_a_lead_opens_one(workspace: Workspace) -> None:
    score_one(load_artifact(workspace.model), Dataset(workspace.tables), str(requests()[0]["lead"]["lead_id"]))


def test_the_leads_of_the_demonstration_open_one(workspace: Workspace) -> None:
    with Tables(Dataset(workspace.tables)) as tables:
        pick_scores(read_matrix(workspace.features), artifact(), tables)
